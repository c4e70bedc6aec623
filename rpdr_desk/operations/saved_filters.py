"""Filters that were given a name: kept in the project, so that whoever opens it finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from rpdr_core.errors import FileFormatError, UserInputError
from rpdr_core.records import Changes
from rpdr_desk.operations.asked import Asked
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from rpdr_core.store import Project, ProjectReader

SETTING = "saved_filters"
NAME_AT_MOST = 80


@dataclass(frozen=True, slots=True)
class SavedFilter:
    name: str
    asked: Asked


_Filters = tuple[SavedFilter, ...]


class SavedFilters:
    """Changes are settings of the project: audited, not undone by undo."""

    def __init__(self, store: StoreThread, reviewer: Callable[[], str]) -> None:
        self._store, self._reviewer = store, reviewer

    def read(self, done: Callable[[_Filters], None]) -> None:
        self._store.query(filters_of, done)

    def save(self, name: str, asked: Asked, failed: Failed) -> None:
        """Under a new name at the end; under one that is there in its place."""
        self._change("save", lambda kept: with_filter(kept, SavedFilter(cleaned(name), asked)), failed)

    def rename(self, before: str, name: str, failed: Failed) -> None:
        self._change("rename", lambda kept: renamed(kept, before, cleaned(name)), failed)

    def remove(self, name: str, failed: Failed) -> None:
        self._change("remove", lambda kept: tuple(one for one in kept if one.name != name), failed)

    def _change(self, what: str, change: Callable[[_Filters], _Filters], failed: Failed) -> None:
        reviewer = self._reviewer()

        def write(project: Project) -> Changes:
            kept = change(filters_of(project))
            detail = {"change": what, "filters": len(kept)}
            return project.set_setting(SETTING, encoded(kept), actor=reviewer, action=SETTING, detail=detail)

        self._store.change(write, None, failed)


def filters_of(reader: ProjectReader) -> _Filters:
    """The project's filters, in the order in which they were saved."""
    text = reader.setting(SETTING)
    try:
        return msgspec.json.decode(text, type=_Filters) if text else ()
    except msgspec.MsgspecError as error:
        raise FileFormatError(
            "the saved filters cannot be read",
            hint="update RPDR Desk; they may have been saved by a newer version",
            file=reader.path.name,
        ) from error


def encoded(filters: _Filters) -> str:
    """The same filters give the same text."""
    return msgspec.json.encode(filters, order="deterministic").decode()


def cleaned(name: str) -> str:
    """A name without white space around it; raises where nothing is left or it is too long for a line."""
    found = " ".join(name.split())
    if not found:
        raise UserInputError("the filter has no name", hint="give it one")
    if len(found) > NAME_AT_MOST:
        raise UserInputError("the name is too long", hint=f"use {NAME_AT_MOST} characters at most")
    return found


def with_filter(kept: _Filters, new: SavedFilter) -> _Filters:
    if any(one.name == new.name for one in kept):
        return tuple(new if one.name == new.name else one for one in kept)
    return (*kept, new)


def renamed(kept: _Filters, before: str, name: str) -> _Filters:
    """In its place. A name that another filter has is refused."""
    if name != before and any(one.name == name for one in kept):
        raise UserInputError(f"there is a filter of the name {name!r} already", hint="choose another name")
    return tuple(SavedFilter(name, one.asked) if one.name == before else one for one in kept)
