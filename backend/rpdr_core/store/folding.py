"""`fold`, as the store's callers know it."""

from rpdr_core.folding import fold

__all__ = ["fold"]
