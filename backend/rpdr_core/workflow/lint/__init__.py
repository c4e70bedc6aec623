"""Map lint: rules that look at decisions and say where one may be wrong, and what would cure it. Nothing is blocked."""
