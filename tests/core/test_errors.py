from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core import errors
from rpdr_core.errors import (
    Bug,
    Cancelled,
    DamagedFileError,
    FileFormatError,
    NotFoundError,
    RpdrError,
    UserInputError,
    WireError,
    WorldError,
    from_wire,
    to_wire,
)
from rpdr_core.protocol.faults import ProtocolError
from rpdr_worker.egress import EgressRefusedError


def _tree(cls: type[RpdrError]) -> list[type[RpdrError]]:
    """What may cross the wire: of the core and the worker. The desk's own refinements stay in the desk."""
    sides = ("rpdr_core", "rpdr_worker")
    children = [child for child in cls.__subclasses__() if child.__module__.startswith(sides)]
    return [cls, *(leaf for child in children for leaf in _tree(child))]


# Two live in the rooms that raise them.
assert {ProtocolError, EgressRefusedError} <= set(_tree(RpdrError))
CLASSES = _tree(RpdrError)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn: list[tuple[int, str]] = [
        (match.start(1), match.group(1))
        for line in (errors.__doc__ or "").splitlines()
        if (match := re.match(r"^[\s│├└─]*([A-Z]\w+)(?:  |$)", line))
    ]
    parents: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for depth, name in drawn:
        while path and path[-1][0] >= depth:
            path.pop()
        if path:
            parents[name] = path[-1][1]
        path.append((depth, name))
    assert parents == {cls.__name__: cls.__mro__[1].__name__ for cls in CLASSES if cls is not RpdrError}


def test_every_class_has_a_code_of_its_own_below_its_parents() -> None:
    assert len({cls.code for cls in CLASSES}) == len(CLASSES)
    for cls in CLASSES:
        parent = cls.__mro__[1]
        if issubclass(parent, RpdrError) and parent is not RpdrError:
            assert cls.code.startswith(f"{parent.code}.")


def test_codes_are_a_contract_with_other_versions() -> None:
    assert sorted(cls.code for cls in CLASSES) == [
        "bug",
        "cancelled",
        "input",
        "input.format",
        "input.not_allowed",
        "input.not_allowed.egress",
        "input.not_allowed.host_key",
        "input.not_found",
        "rpdr",
        "world",
        "world.damaged",
        "world.endpoint",
        "world.host",
        "world.missing_extra",
        "world.protocol",
        "world.worker_lost",
    ]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({}, "bad cell"),
        ({"hint": "fill it"}, "bad cell (fill it)"),
        ({"file": "a.csv"}, "a.csv: bad cell"),
        ({"file": "a.csv", "line": 3, "hint": "fill it"}, "a.csv:3: bad cell (fill it)"),
        ({"line": 3}, "bad cell"),
    ],
)
def test_the_text_says_where_what_and_how_to_cure(place: dict[str, object], text: str) -> None:
    assert str(FileFormatError("bad cell", **place)) == text  # type: ignore[arg-type]


TEXT = st.text(max_size=30)


@given(st.sampled_from(CLASSES), TEXT, TEXT, TEXT, st.integers(0, 10**9))
def test_an_error_crosses_the_wire_whole(cls: type[RpdrError], message: str, hint: str, file: str, line: int) -> None:
    sent = cls(message, hint=hint, file=file, line=line)
    came = from_wire(to_wire(sent))
    assert type(came) is cls
    assert (came.message, came.hint, came.file, came.line) == (message, hint, file, line)
    assert str(came) == str(sent)


@pytest.mark.parametrize(
    ("code", "cls"),
    [
        ("input.format.csv.quote", FileFormatError),
        ("input.newly_invented", UserInputError),
        ("world.weather", WorldError),
        ("alien", Bug),
        ("", Bug),
        ("inputs", Bug),
    ],
)
def test_a_code_of_a_newer_version_becomes_its_nearest_known_parent(code: str, cls: type[RpdrError]) -> None:
    assert type(from_wire(WireError(code, "m"))) is cls


def test_a_foreign_exceptions_words_stay_out() -> None:
    """They may hold the text of a mention."""
    wire = to_wire(ValueError("blurry vision R eye"))
    assert wire == WireError("bug", "unexpected ValueError")


def test_what_may_be_tried_again() -> None:
    assert WorldError.retryable
    assert not any(cls.retryable for cls in (UserInputError, NotFoundError, DamagedFileError, Bug, Cancelled))


def test_a_refinement_without_a_code_of_its_own_is_never_rebuilt() -> None:
    class OfOneRoomError(FileFormatError):
        pass

    assert type(from_wire(to_wire(OfOneRoomError("m", hint="h")))) is FileFormatError
