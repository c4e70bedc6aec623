"""The Dashboard page: how far the project is, how good the rankers are, what may be accepted, what it costs."""
