from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import DamagedFileError
from rpdr_core.training_texts import FILE, TrainingTexts, read_training_texts, write_training_texts

TEXTS = ("Blurry  vision", "白内障术后", "Ｍyalgia", "MI")


def test_texts_are_known_again_in_any_case_and_width(tmp_path: Path) -> None:
    write_training_texts(tmp_path, "ab" * 32, TEXTS)
    found = read_training_texts(tmp_path)
    assert found.known
    assert all(text in found for text in (*TEXTS, "blurry vision", " MYALGIA ", "ｍｉ"))
    assert not any(text in found for text in ("blurry", "", "cataract"))


def test_no_text_is_in_the_file_and_two_adapters_cannot_be_matched(tmp_path: Path) -> None:
    contents = []
    for salt in ("ab" * 32, "cd" * 32):
        write_training_texts(tmp_path, salt, TEXTS)
        contents.append((tmp_path / FILE).read_text("ascii"))
    assert not any(text.casefold() in content.casefold() for text in TEXTS[:2] for content in contents)
    first, second = (set(content.split()[1:]) for content in contents)
    assert len(first) == len(second) == len(TEXTS)
    assert not first & second


def test_an_adapter_that_says_nothing_is_told_from_one_that_knows_nothing(tmp_path: Path) -> None:
    assert read_training_texts(tmp_path) == TrainingTexts()
    assert "MI" not in read_training_texts(tmp_path)
    write_training_texts(tmp_path, "ab" * 32, [])
    assert read_training_texts(tmp_path).known


@pytest.mark.parametrize("meddle", ["cut", "change", "head", "bytes", "format"])
def test_a_damaged_list_is_never_believed(tmp_path: Path, meddle: str) -> None:
    write_training_texts(tmp_path, "ab" * 32, TEXTS)
    path = tmp_path / FILE
    content = path.read_bytes()
    head, _, body = content.partition(b"\n")
    path.write_bytes(
        {
            "cut": content[:-17],
            "change": content[:-2] + (b"0" if content[-2:-1] != b"0" else b"1") + b"\n",
            "head": b"{}\n" + body,
            "bytes": head + b"\n" + b"\xff" * 17,
            "format": head.replace(b'"format":1', b'"format":2') + b"\n" + body,
        }[meddle]
    )
    with pytest.raises(DamagedFileError) as caught:
        read_training_texts(tmp_path)
    assert "train it again" in caught.value.hint


@given(st.lists(st.text(max_size=8), max_size=20), st.text(max_size=8))
def test_membership(tmp_path_factory: pytest.TempPathFactory, texts: list[str], other: str) -> None:
    from rpdr_core.folding import fold

    folder = tmp_path_factory.mktemp("adapter")
    write_training_texts(folder, "00" * 32, texts)
    found = read_training_texts(folder)
    assert all(text in found for text in texts)
    assert (other in found) == (fold(other) in {fold(text) for text in texts})
