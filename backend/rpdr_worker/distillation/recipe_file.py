"""Finding and reading a recipe's file: what the recipes of all kinds have in common."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from rpdr_core.errors import NotFoundError
from rpdr_core.prompting.toml_file import decode_toml
from rpdr_core.resources import resource_path


class Named(Protocol):
    """What every kind of recipe says of itself."""

    @property
    def name(self) -> str: ...


_T = TypeVar("_T", bound=Named)


@dataclass(frozen=True, slots=True)
class RecipeFile(Generic[_T]):
    """`value` is the file as its type read it, `content` its bytes."""

    path: Path
    content: bytes
    text: str
    value: _T

    @property
    def id(self) -> str:
        """The recipe's name and the start of its file's SHA-256."""
        return f"{self.value.name}@{hashlib.sha256(self.content).hexdigest()[:12]}"


def read_recipe(reference: str, type_: type[_T]) -> RecipeFile[_T]:
    """By a bundled name or a .toml file. Raises `FileFormatError` with the line, `NotFoundError`."""
    path = recipe_path(reference)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotFoundError("no such recipe", hint="check the path", file=str(path)) from error
    text, value = decode_toml(path, content, type_, "recipe")
    return RecipeFile(path, content, text, value)


def recipe_path(reference: str) -> Path:
    """The file of a bundled recipe's name, or the path itself (ends in `.toml`)."""
    return Path(reference) if reference.endswith(".toml") else _bundled(reference)


def _bundled(name: str) -> Path:
    folder = resource_path("recipes")
    known = sorted(path.stem for path in folder.glob("*.toml"))
    if name not in known:
        raise NotFoundError(f"no recipe {name!r}", hint=f"one of {', '.join(known)}, or a .toml file")
    return folder / f"{name}.toml"
