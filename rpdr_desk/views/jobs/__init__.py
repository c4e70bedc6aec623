"""Long work: start it, watch it, stop it."""
