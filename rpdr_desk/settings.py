"""What the user has set: one readable JSON file, checked key by key, and Qt's own file for window geometry.

A bad value falls back to its default alone: one damaged key never loses the others.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_type_hints

import msgspec

from rpdr_core.paths import data_dir

Language = Literal["auto", "en", "zh_CN"]
Scheme = Literal["auto", "light", "dark"]
RECENT = 8
SMALLEST, LARGEST = 80, 200
"""The size of the text, in per cent."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """`shortcuts` maps an action id to its keys where they differ from the default (portable text, `Ctrl+K`).

    `text_size` is a percentage. `worker_command` starts the worker; empty means this installation's own.
    `teacher_endpoint` names the endpoint profile in use; profiles and keys are kept elsewhere. `record_seconds`: keep
    with each decision how long it took. `guided`: the guided review was done or left once. `columns`: which columns
    were chosen for files with such headers. `export_folder`: where the last export went.
    """

    language: Language = "auto"
    theme: Scheme = "auto"
    text_size: int = 100
    reviewer: str = ""
    shortcuts: dict[str, list[str]] = field(default_factory=dict)
    worker_command: list[str] = field(default_factory=list)
    teacher_endpoint: str = ""
    recent: list[str] = field(default_factory=list)
    record_seconds: bool = False
    guided: bool = False
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    export_folder: str = ""


class Settings:
    """The preferences in force. `change` saves at once and tells the listeners."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or data_dir() / "preferences.json"
        self.rejected: tuple[str, ...] = ()
        self._overrides: dict[str, Any] = {}
        self._values = self._load()
        self._listeners: list[Callable[[Preferences], None]] = []

    @property
    def values(self) -> Preferences:
        return replace(self._values, **self._overrides)

    def listen(self, listener: Callable[[Preferences], None]) -> None:
        self._listeners.append(listener)

    def change(self, **values: Any) -> None:
        """Set, save and announce. Unknown keys are a programming error; a failed save raises `OSError`."""
        for name in values:
            self._overrides.pop(name, None)
        self._values = replace(self._values, **values)
        self._save()
        for listener in self._listeners:
            listener(self.values)

    def override(self, **values: Any) -> None:
        """Other values for this run. The file keeps its own until they are changed for good."""
        self._overrides |= values

    def remember(self, project: Path) -> None:
        """Put a project at the head of the recent ones."""
        name = str(project.absolute())
        others = [path for path in self._values.recent if path != name]
        self.change(recent=[name, *others][:RECENT])

    def _load(self) -> Preferences:
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Preferences()
        if not isinstance(stored, dict):
            return Preferences()
        hints = get_type_hints(Preferences)
        good: dict[str, Any] = {}
        for name in (spec.name for spec in fields(Preferences)):
            if name in stored:
                try:
                    good[name] = _checked(name, stored[name], hints[name])
                except (msgspec.ValidationError, ValueError):
                    self.rejected = (*self.rejected, name)
        return Preferences(**good)

    def _save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self._values), ensure_ascii=False, indent=2) + "\n"
        handle, name = tempfile.mkstemp(prefix=".preferences-", dir=self.path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).replace(self.path)


def _checked(name: str, value: object, hint: Any) -> Any:
    checked = msgspec.convert(value, type=hint)
    if name == "text_size" and not SMALLEST <= checked <= LARGEST:
        raise ValueError("text size out of range")
    return checked
