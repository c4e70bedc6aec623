"""The mention is word for word the official name or synonym of an entity, and another was chosen."""

from __future__ import annotations

from collections.abc import Iterator

from rpdr_core.store.entity_search import EntityHit
from rpdr_core.workflow.lint.code_book import Case, CodeBook
from rpdr_core.workflow.lint.findings import Finding


def exact_names(case: Case, book: CodeBook) -> Iterator[Finding]:
    """Nothing where one of the entities so named, or a narrower one of it, is among the chosen."""
    hits = [hit for hit in book.named(case.text) if not _only_beside_another(hit)]
    if not hits or any(_is_or_is_below(code, hit.code, book) for code in case.codes for hit in hits):
        return
    first = _best(hits)
    suggested, name = (
        (first.code, first.name) if first.assignable and len({hit.code for hit in hits}) == 1 else ("", "")
    )
    words = (first.matched, first.code, case.codes[0])
    yield Finding("exact_name", case.codes[0], (case.mention_id,), words, (first.code, *case.basis), suggested, name)


def _only_beside_another(hit: EntityHit) -> bool:
    """ICD's manifestation codes: their inclusion terms leave out the disease that must be coded first."""
    return "classified elsewhere" in hit.name and hit.source != "name"


def _best(hits: list[EntityHit]) -> EntityHit:
    """A name before a synonym, what may be assigned before what may not."""
    return min(hits, key=lambda hit: (hit.source != "name", not hit.assignable))


def _is_or_is_below(code: str, above: str, book: CodeBook) -> bool:
    return code == above or any(one.code == above for one in book.path(code))
