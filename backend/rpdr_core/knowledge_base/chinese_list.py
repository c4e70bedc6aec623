"""What is particular to Chinese lists of diagnoses: GB/T 14396, the national clinical and insurance versions of ICD-10.

They give a code and a name, repeat a code for each variant of its name, write the hierarchy into the code
(`A00.000x001` below `A00.000` below `A00.0` below `A00`) or into columns of chapters, blocks and categories, and follow
WHO's ICD-10, from which they differ beyond the fourth character. Daggers and asterisks (`A17.000+G01*`) are part of a
code.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from rpdr_core.knowledge_base.table_columns import plain

# An x stands for a fourth character that ICD-10 does not have (I10.x00).
_ICD10 = re.compile(r"([A-Z]\d{2})(?:\.([\dx])(\d{1,2})?)?(x\d{1,4})?([+*†].*)?")
# Of tumours; these lists give them after the diagnoses.
_MORPHOLOGY = re.compile(r"M\d{4,5}/\d.*")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_SHARE = 0.9
_LEVELS = (
    ("chapter", ("章代码范围", "章代码", "章编码"), ("章的名称", "章名称")),
    ("block", ("节代码范围", "节代码", "节编码"), ("节的名称", "节名称")),
    ("category", ("类目代码", "类目编码"), ("类目名称",)),
    ("subcategory", ("亚目代码", "亚目编码"), ("亚目名称",)),
)


@dataclass(frozen=True, slots=True)
class Level:
    """A pair of columns that names what a row stands below; `type` is the type of the entity made of it."""

    type: str
    code: int
    name: int


def is_chinese_icd10(pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether (code, name) pairs, some thousand at most, are those of a Chinese list of ICD-10 diagnoses."""
    seen = [(code, name) for code, name in pairs if code and name]
    codes = sum(any(form.fullmatch(code) for form in (_ICD10, _MORPHOLOGY)) for code, _ in seen)
    names = sum(is_han(name) for _, name in seen)
    return bool(seen) and min(codes, names) >= _SHARE * len(seen)


def is_han(name: str) -> bool:
    return _HAN.search(name) is not None


def levels(headers: Sequence[str]) -> tuple[Level, ...]:
    """The columns of chapters, blocks and categories, the widest first."""
    at = {plain(header): index for index, header in reversed(list(enumerate(headers)))}
    found = []
    for kind, codes, names in _LEVELS:
        code = next((at[name] for name in codes if name in at), None)
        name = next((at[name] for name in names if name in at), None)
        if code is not None and name is not None:
            found.append(Level(kind, code, name))
    return tuple(found)


def parent_by_code(code: str, known: Container[str]) -> str:
    """The nearest wider code of the list: without dagger, without extension, four characters, three. Empty if none."""
    return next((wider for wider in wider_codes(code) if wider in known), "")


def wider_codes(code: str) -> tuple[str, ...]:
    """Codes that this one may stand below, the nearest first; none for what is no ICD-10 code."""
    match = _ICD10.fullmatch(code)
    if match is None:
        return ()
    category, fourth, more, extension, dagger = match.groups()
    subcategory = f"{category}.{fourth}" if fourth else category
    full = f"{subcategory}{more}" if more else subcategory
    steps = (f"{full}{extension}" if dagger and extension else "", full, subcategory, category)
    return tuple(dict.fromkeys(step for step in steps if step and step != code))


def type_by_code(code: str) -> str:
    """By the code's length, in ICD-10-CM's words: category (A00), subcategory (A00.0), extension (A00.000)."""
    match = _ICD10.fullmatch(code)
    if match is None:
        return ""
    _, fourth, more, extension, _ = match.groups()
    return "extension" if more or extension else "subcategory" if fourth else "category"
