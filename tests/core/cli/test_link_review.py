"""What `rpdr link --max-error` is given to judge by: nothing in it is right by heart."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.students import adapter_folder

from rpdr_core.cli.link_review import given_review
from rpdr_core.errors import NotAllowedError

SAID = [f"complaint {at}" for at in range(20)]


@pytest.fixture
def reviewed(tmp_path: Path) -> Path:
    path = tmp_path / "reviewed.csv"
    path.write_text("mention,code\n" + "".join(f"{text},K1\n" for text in SAID), encoding="utf-8")
    return path


def test_what_is_reviewed_is_left_out_of_the_memory_however_its_file_is_written(
    reviewed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    memory = tmp_path / "memory.csv"
    lines = [f"K1,{text.upper()}" for text in SAID[:15]]
    memory.write_text("\n".join(["code,mention", *lines, "K2,something else"]) + "\n", encoding="utf-8")
    given = given_review(0.5, reviewed, None, memory, learn=True)
    assert [(term.term, term.code) for term in given.memory] == [("something else", "K2")]
    assert "15 entries of --memory are worded as reviewed mentions and left out" in capsys.readouterr().err
    assert len(given_review(None, None, None, memory, learn=True).memory) == 16, "nothing is judged by them"


def test_a_trained_ranker_is_asked_what_it_learned_from(
    reviewed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    knows = adapter_folder(tmp_path, "knows", texts=SAID[3:5]).folder
    silent = adapter_folder(tmp_path, "silent", texts=None).folder
    for student, encoder in ((knows, ""), ("", knows)):
        with pytest.raises(NotAllowedError, match="has learned from 2 of the reviewed mentions"):
            given_review(0.5, reviewed, None, None, learn=True, student=student, encoder=encoder)
    assert capsys.readouterr().err == ""
    assert given_review(0.5, reviewed, None, None, learn=True, student=silent).silent == ("student",)
    assert "which texts the student was trained on is not known" in capsys.readouterr().err
