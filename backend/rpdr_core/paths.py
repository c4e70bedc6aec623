"""Where RPDR Desk keeps its files. `RPDR_HOME` moves everything (tests, portable installs)."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def data_dir() -> Path:
    """Knowledge bases, adapters and indexes: kept until the user deletes them."""
    home = os.environ.get("RPDR_HOME")
    return Path(home) / "data" if home else Path(platformdirs.user_data_dir("rpdr-desk", appauthor=False))


def cache_dir() -> Path:
    """Files that can be made again."""
    home = os.environ.get("RPDR_HOME")
    return Path(home) / "cache" if home else Path(platformdirs.user_cache_dir("rpdr-desk", appauthor=False))


def config_dir() -> Path:
    """What the user has set: endpoint profiles, prices. Never a key."""
    home = os.environ.get("RPDR_HOME")
    return Path(home) / "config" if home else Path(platformdirs.user_config_dir("rpdr-desk", appauthor=False))


def log_dir() -> Path:
    """The worker's logs and crash reports; no mention text goes there."""
    home = os.environ.get("RPDR_HOME")
    return Path(home) / "logs" if home else Path(platformdirs.user_log_dir("rpdr-desk", appauthor=False))
