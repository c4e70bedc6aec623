"""Training runs: detached processes with a folder each, that survive the worker that started them."""
