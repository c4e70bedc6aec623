"""The Map lint page: decisions that may be wrong, by rule."""
