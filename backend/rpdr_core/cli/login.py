"""Who is at the command line."""

from __future__ import annotations

import getpass


def login() -> str:
    """The name somebody is logged in with; empty where the system does not say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
