"""Rankers that learned from reviewed mentions do not judge themselves by them."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.students import adapter_folder

from rpdr_core.errors import NotAllowedError
from rpdr_core.records import NewMention
from rpdr_core.training_texts import write_training_texts
from rpdr_core.workflow.linking_taught import refuse_learned

SAMPLE = [NewMention("head ache", code="a"), NewMention("Sore Knee", code="b")]


def folder(root: Path, name: str, texts: list[str] | None) -> str:
    return adapter_folder(root, name, texts=texts).folder


def test_who_learned_from_a_reviewed_mention_is_refused(tmp_path: Path) -> None:
    knows, other = folder(tmp_path, "knows", ["sore  knee"]), folder(tmp_path, "other", ["cough"])
    with pytest.raises(NotAllowedError, match="the student has learned from 1 of the reviewed mentions"):
        refuse_learned(SAMPLE, student=knows, encoder="")
    with pytest.raises(NotAllowedError, match="the encoder has learned from 1 of the reviewed mentions") as caught:
        refuse_learned(SAMPLE, student=other, encoder=knows)
    assert "bundled encoder" in caught.value.hint
    assert refuse_learned(SAMPLE, student=other, encoder=other) == ()
    assert refuse_learned([], student=knows, encoder=knows) == (), "nobody is judged"


def test_who_does_not_say_is_named(tmp_path: Path) -> None:
    silent, names = folder(tmp_path, "silent", None), tmp_path / "names"
    names.mkdir()
    write_training_texts(names, "ab" * 32, [])
    assert refuse_learned(SAMPLE, student=silent, encoder=str(names)) == ("student",)
    assert refuse_learned(SAMPLE, student="", encoder=silent) == ("encoder",)
    assert refuse_learned(SAMPLE, student="", encoder="") == ()
