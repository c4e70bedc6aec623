"""The Train page: what a student learns from, how, where, and the run as it goes."""
