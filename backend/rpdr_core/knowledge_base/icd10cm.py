"""ICD-10-CM out of the `simple-icd-10-cm` library: April 2026 release, no download.

Source: ICD-10-CM tabular list (CDC/NCHS, public domain) as packaged by the library. Inclusion terms become
synonyms; includes, excludes, code-first and seventh-character instructions become notes of their own entity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version

from rpdr_core.records import Entity, Note

ID = "icd10cm"
TITLE = "ICD-10-CM"
RELEASE = "April 2026"
BUILDER = 2
_RANGE = re.compile(r"\s*\([A-Z][0-9A-Z.]*(-[A-Z][0-9A-Z.]*)?\)$")


def source_key() -> str:
    """Identifies library, release and this reader, without loading the library's data."""
    return f"simple-icd-10-cm=={version('simple-icd-10-cm')} ({RELEASE}) reader {BUILDER}"


def entities() -> Iterator[Entity]:
    """All chapters, blocks and codes in tabular order. Loading the library takes about 2 s.

    Some blocks hold a single category of the same code (B20): the category stands for both, below the block's chapter.
    """
    import simple_icd_10_cm as cm

    for code in dict.fromkeys(cm.get_all_codes(with_dots=True)):
        kind = _type(code)
        name = cm.get_description(code)
        parent = cm.get_parent(code)
        if parent == code:
            parent = cm.get_parent(code, prioritize_blocks=True)
        yield Entity(
            code=code,
            name=_RANGE.sub("", name) if kind in ("chapter", "block") else name,
            synonyms=tuple(dict.fromkeys(cm.get_inclusion_term(code))),
            parents=(parent,) if parent else (),
            type=kind,
            active=True,
            assignable=kind not in ("chapter", "block") and cm.is_leaf(code),
            notes=tuple(_notes(code)),
        )


def _type(code: str) -> str:
    import simple_icd_10_cm as cm

    if cm.is_chapter(code):
        return "chapter"
    if cm.is_category(code):
        return "category"
    if cm.is_block(code):
        return "block"
    return "extension" if cm.is_extended_subcategory(code) else "subcategory"


def _notes(code: str) -> Iterator[Note]:
    import simple_icd_10_cm as cm

    yield from (Note("includes", text) for text in cm.get_includes(code))
    yield from (Note("excludes1", text) for text in cm.get_excludes1(code))
    yield from (Note("excludes2", text) for text in cm.get_excludes2(code))
    for text, kind in (
        (cm.get_code_first(code), "code_first"),
        (cm.get_use_additional_code(code), "use_additional"),
        (cm.get_code_also(code), "code_also"),
        (cm.get_seven_chr_note(code), "seventh_character"),
        (cm.get_notes(code), "note"),
    ):
        if text:
            yield Note(kind, text)  # type: ignore[arg-type]
    for character, meaning in cm.get_seven_chr_def(code).items():
        yield Note("seventh_character", f"{character}: {meaning}")
