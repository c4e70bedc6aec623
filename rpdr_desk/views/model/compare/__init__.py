"""The Compare page: a student proves itself on held-out decisions before it is put in use."""
