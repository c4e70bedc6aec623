"""Chinese lists of diagnoses, as GB/T 14396-2016 and the national clinical and insurance versions are laid out."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.terminologies import small_table
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError
from rpdr_core.knowledge_base.catalogue import write_release
from rpdr_core.knowledge_base.chinese_list import is_chinese_icd10, parent_by_code, type_by_code, wider_codes
from rpdr_core.knowledge_base.recognising import open_release
from rpdr_core.records import Entity

# The layout of the clinical version: extensions of six characters, with variants of a name on rows of their own.
LIST = """编码,名称
A00,霍乱
A00.0,古典生物型霍乱
A00.000,古典生物型霍乱
A00.000x001,霍乱轻型
A00.000x001,轻型霍乱
A17.000+G01*,结核性脑膜炎
B99.x00,感染性疾病
M80000/0,良性肿瘤
"""

INSURANCE = """章,章代码范围,章的名称,节代码范围,节名称,类目代码,类目名称,亚目代码,亚目名称,诊断代码,诊断名称
1,A00-B99,某些传染病和寄生虫病,A00-A09,肠道传染病,A00,霍乱,A00.0,古典霍乱,A00.000,古典生物型霍乱
1,A00-B99,某些传染病和寄生虫病,A00-A09,肠道传染病,A00,霍乱,A00.0,古典霍乱,A00.000x001,轻型霍乱
1,A00-B99,某些传染病和寄生虫病,A00-A09,肠道传染病,A09,腹泻,,,A09,感染性腹泻
"""


def read(path: Path) -> dict[str, Entity]:
    return {entity.code: entity for entity in open_release(path).entities()}


def test_the_hierarchy_is_in_the_codes(tmp_path: Path) -> None:
    path = small_table(tmp_path, LIST, "国家临床版.csv")
    release = open_release(path)
    found = {entity.code: entity for entity in release.entities()}
    assert {code: one.parents for code, one in found.items() if one.parents} == {
        "A00.0": ("A00",),
        "A00.000": ("A00.0",),
        "A00.000x001": ("A00.000",),
    }
    assert [found[code].type for code in ("A00", "A00.0", "A00.000", "M80000/0")] == [
        "category", "subcategory", "extension", "",
    ]  # fmt: skip
    assert [found[code].assignable for code in ("A00", "A00.0", "A00.000", "A00.000x001")] == [False, False, True, True]
    assert found["A00.000x001"].synonyms == ("轻型霍乱",)
    assert len(list(release.remarks())) == 2
    assert write_release(tmp_path / "kb", release, source="s").name.startswith("国家临床版-")


def test_columns_of_levels_become_entities_above(tmp_path: Path) -> None:
    found = read(small_table(tmp_path, INSURANCE, "医保版.csv"))
    assert {code: (one.name, one.parents, one.type) for code, one in found.items()} == {
        "A00-B99": ("某些传染病和寄生虫病", (), "chapter"),
        "A00-A09": ("肠道传染病", ("A00-B99",), "block"),
        "A00": ("霍乱", ("A00-A09",), "category"),
        "A00.0": ("古典霍乱", ("A00",), "subcategory"),
        "A00.000": ("古典生物型霍乱", ("A00.0",), "extension"),
        "A00.000x001": ("轻型霍乱", ("A00.000",), "extension"),
        "A09": ("感染性腹泻", ("A00-A09",), "category"),
    }
    assert [found[code].assignable for code in ("A00-B99", "A00", "A00.0", "A00.000", "A09")] == [
        False, False, False, True, True,
    ]  # fmt: skip


def test_a_category_has_one_name(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="'A00' is called '伤寒'") as caught:
        read(small_table(tmp_path, INSURANCE.replace("A00,霍乱,A00.0,古典霍乱,A00.000x001", "A00,伤寒,,,A00.000x001")))
    assert caught.value.line == 3


def test_an_english_list_is_left_as_it_is(tmp_path: Path) -> None:
    found = read(small_table(tmp_path, "code,name\nA00,Cholera\nA00.0,Classical cholera\n"))
    assert found["A00.0"] == Entity("A00.0", "Classical cholera")


@pytest.mark.parametrize(
    ("code", "wider"),
    [
        ("A00.000x001", ("A00.000", "A00.0", "A00")),
        ("A00.000", ("A00.0", "A00")),
        ("A00.0", ("A00",)),
        ("A00", ()),
        ("I10.x00x002", ("I10.x00", "I10.x", "I10")),
        ("A17.000x003+G01*", ("A17.000x003", "A17.000", "A17.0", "A17")),
        ("A17.0†", ("A17.0", "A17")),
        ("H26.9x001", ("H26.9", "H26")),
        ("M80000/0", ()),
        ("a00.0", ()),
        ("", ()),
    ],
)
def test_wider_codes(code: str, wider: tuple[str, ...]) -> None:
    assert wider_codes(code) == wider


@given(st.from_regex(r"[A-Z]\d\d(\.\d{1,3})?(x\d{1,3})?", fullmatch=True), st.data())
def test_the_nearest_code_that_is_there_is_the_parent(code: str, data: st.DataObject) -> None:
    known = data.draw(st.sets(st.sampled_from([*wider_codes(code), code, "Z99"])))
    parent = parent_by_code(code, known)
    assert parent == next((wider for wider in wider_codes(code) if wider in known), "")
    assert not parent or (parent != code and code.startswith(parent))
    assert type_by_code(code)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("A00", "霍乱")], True),
        ([("A00", "Cholera")], False),
        ([("甲", "霍乱")], False),
        ([("A00", "霍乱")] * 9 + [("V0001", "其他")], True),
        ([("A00", "霍乱")] * 8 + [("V0001", "其他")] * 2, False),
        ([], False),
        ([("", "霍乱"), ("A00", "")], False),
    ],
)
def test_what_is_a_chinese_list_of_icd10(pairs: list[tuple[str, str]], expected: bool) -> None:
    assert is_chinese_icd10(pairs) is expected
