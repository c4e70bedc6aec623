"""The pages beside the review: teach, train, compare."""
