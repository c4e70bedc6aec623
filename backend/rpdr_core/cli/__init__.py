"""The `rpdr` command line."""

from rpdr_core.cli.main import main

__all__ = ["main"]
