"""The one way to read a file from `rpdr_resources`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from rpdr_core.errors import Bug


def resource_path(*parts: str) -> Path:
    """Path of a bundled file or folder, e.g. `resource_path("prompts", "rerank_en.toml")`."""
    path = Path(str(files("rpdr_resources"))).joinpath(*parts)
    if not path.exists():
        raise Bug(f"bundled file {'/'.join(parts)} is missing from the installation")
    return path


def resource_text(*parts: str) -> str:
    """Text (UTF-8) of a bundled file."""
    return resource_path(*parts).read_text(encoding="utf-8")
