"""Pinyin: what a person may type in Latin letters for a Chinese term."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rpdr_core.store.pinyin import MOST_READINGS, RARE, has_han, spellings, typed_key


def starts(term: str) -> dict[str, int]:
    return dict(spellings(term))


def test_whole_syllables_and_initials() -> None:
    found = starts("白内障")
    assert found["baineizhang"] == found["bnz"] == 0
    assert found["neizhang"] == found["nz"] == 1
    assert found["zhang"] == 2


def test_words_are_read_as_a_person_reads_them_and_otherwise_too() -> None:
    found = starts("重症肌无力")
    assert found["zhongzhengjiwuli"] == found["zzjwl"] == 0
    assert found["chongzhengjiwuli"] == found["czjwl"] == RARE
    assert starts("长期")["changqi"] == 0, "not zhangqi: the phrase decides"


def test_other_characters_stay() -> None:
    assert starts("2型糖尿病")["2xtnb"] == 0
    assert starts("女性")["nvxing"] == 0


def test_readings_are_bounded() -> None:
    assert sum(start == RARE for start in starts("重重重重重重重重重重重重").values()) <= 2 * MOST_READINGS


@pytest.mark.parametrize(
    ("query", "key"),
    [("bnz", "bnz"), ("fei yan", "feiyan"), ("2xtnb", "2xtnb"), ("b", ""), ("12", ""), ("肺炎", ""), ("fei炎", "")],
)
def test_what_can_be_pinyin(query: str, key: str) -> None:
    assert typed_key(query) == key


def test_han() -> None:
    assert has_han("2型糖尿病")
    assert not has_han("Ménière")
    assert not has_han("がん")


def test_searching_loads_no_dictionary() -> None:
    code = (
        "import sys, rpdr_core.store, rpdr_core.store.pinyin as p; p.typed_key('x'); print('pypinyin' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "False"
