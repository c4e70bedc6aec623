"""Which column of a terminology's table holds what: guessed from the headers, or given by the user."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rpdr_core.errors import FileFormatError

FIELDS = ("code", "name", "synonyms", "parents", "type", "active", "replaced_by")
"""What a table may say of an entity. `code` and `name` must be there; several columns may hold synonyms."""

# Of several columns that fit, the one whose name stands first is taken; of synonyms all.
ALIASES: dict[str, tuple[str, ...]] = {
    "code": (
        "code", "主要编码", "诊断编码", "诊断代码", "疾病编码", "疾病代码", "疾病分类编码", "疾病分类代码", "icd编码",
        "icd 10编码", "icd10编码", "icd 10代码", "icd10代码", "编码", "代码", "concept code", "icd code", "icd 10 code",
        "icd10 code", "icd 10 cm code", "icd 10", "icd10", "icd", "conceptid", "concept id", "sctid", "snomed code",
    ),
    "name": (
        "name", "诊断名称", "疾病名称", "疾病分类名称", "主要名称", "中文名称", "名称", "术语", "preferred name",
        "preferred term", "concept name", "description", "long description", "title", "label", "term", "display", "fsn",
    ),
    "synonyms": (
        "synonyms", "synonym", "别名", "同义词", "其他名称", "曾用名", "俗称", "英文名称", "英文名",
        "alternative names", "alternative labels", "aliases", "short description",
    ),
    "parents": (
        "parents", "parent", "parent code", "上级编码", "上级代码", "父级编码", "父级代码", "父编码", "父代码",
        "上位编码",
    ),
    "type": ("type", "semantic type", "类型", "类别", "concept class", "class"),
    "active": ("active", "是否有效", "有效", "有效标志", "是否启用", "启用"),
    "replaced_by": ("replaced by", "替代编码", "替换编码", "新编码"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TableColumns:
    """Index of each field's cell, -1 where the table has none. `synonyms` may be several."""

    code: int
    name: int
    synonyms: tuple[int, ...] = ()
    parents: int = -1
    type: int = -1
    active: int = -1
    replaced_by: int = -1


def guess(headers: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Field and header of the columns that the headers name, each column once."""
    by_name: dict[str, str] = {}
    for header in headers:
        by_name.setdefault(plain(header), header)
    found: list[tuple[str, str]] = []
    for field, aliases in ALIASES.items():
        fitting = [by_name.pop(alias) for alias in aliases if alias in by_name]
        found += [(field, header) for header in (fitting if field == "synonyms" else fitting[:1])]
        by_name |= {plain(header): header for header in fitting[1:] if field != "synonyms"}
    return tuple(found)


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row names at least the columns of codes and of names."""
    return {"code", "name"} <= {field for field, _ in guess(cells)}


def resolve(headers: Sequence[str], given: tuple[tuple[str, str], ...], file: str, line: int = 1) -> TableColumns:
    """Where the fields are: as given, else as guessed. `FileFormatError` names what is missing."""
    pairs = tuple((field, header) for field, header in given if header) or guess(headers)
    at: dict[str, list[int]] = {field: [] for field in FIELDS}
    for field, header in pairs:
        if field not in at:
            raise FileFormatError(
                f"a terminology has no field {field[:40]!r}", hint=f"one of {', '.join(FIELDS)}", file=file
            )
        at[field].append(_index(headers, header, file, line))
    missing = [field for field in ("code", "name") if not at[field]]
    if missing:
        named = " and no column ".join(map(repr, missing))
        raise FileFormatError(
            f"the header has no column {named}",
            hint=f"name the columns {', '.join(FIELDS)}, or say which column holds what",
            file=file,
            line=line,
        )
    double = next((field for field in FIELDS if field != "synonyms" and len(at[field]) > 1), None)
    if double is not None:
        raise FileFormatError(
            f"{len(at[double])} columns are given for {double!r}",
            hint="give one; only synonyms may be several",
            file=file,
            line=line,
        )
    single = {field: places[0] for field, places in at.items() if places and field != "synonyms"}
    return TableColumns(**single, synonyms=tuple(at["synonyms"]))


def plain(header: str) -> str:
    """A header without its case, width and punctuation."""
    text = unicodedata.normalize("NFKC", header)
    return re.sub(r"[\s_.\-]+", " ", re.sub(r"[(（].*?[)）]", "", text)).strip().casefold()


def _index(headers: Sequence[str], wanted: str, file: str, line: int) -> int:
    same = [index for index, header in enumerate(headers) if header == wanted]
    same = same or [index for index, header in enumerate(headers) if plain(header) == plain(wanted)]
    if len(same) != 1:
        shown = ", ".join(repr(header[:40]) for header in headers[:12])
        message = f"{len(same)} columns are called {wanted!r}" if same else f"no column {wanted!r} among {shown}"
        raise FileFormatError(message, hint="check the column's name", file=file, line=line)
    return same[0]
