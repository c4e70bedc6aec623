"""How the search learns: the encoders that are here, and two ways to teach another."""
