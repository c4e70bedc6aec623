"""Files that appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from rpdr_core.errors import WorldError
from rpdr_core.store.staging import staged


def test_the_file_appears_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "a"
    with staged(target, "it") as staging:
        staging.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole"
    assert list(tmp_path.glob("[.a]*")) == [target]


def test_a_failure_keeps_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_text("old")

    def fail() -> None:
        with staged(target, "it") as staging:
            staging.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.glob("[.a]*")) == [target]


def test_two_may_write_at_once(tmp_path: Path) -> None:
    target = tmp_path / "a"
    with staged(target, "it") as first, staged(target, "it") as second:
        first.write_text("first")
        second.write_text("second")
    assert target.read_text() == "first", "the last to end wins"
    assert list(tmp_path.glob("[.a]*")) == [target]


def test_an_error_of_the_drive_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="it cannot be written") as caught, staged(tmp_path / "no" / "a", "it"):
        pass
    assert caught.value.file == str(tmp_path / "no")
