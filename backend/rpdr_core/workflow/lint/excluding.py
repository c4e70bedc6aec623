"""Excludes 1: two codes that the terminology says are never coded together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from rpdr_core.workflow.lint.code_book import Case, CodeBook, Forbidden
from rpdr_core.workflow.lint.findings import Finding


def excluding(case: Case, book: CodeBook) -> Iterator[Finding]:
    """Clashes among the codes of one mention."""
    for one, other in combinations(case.codes, 2):
        if line := clash(one, other, book):
            words = (one, other, line.origin, line.text)
            yield Finding("excludes1", one, (case.mention_id,), words, (one, other, *case.basis))


def excluding_records(records: Iterable[tuple[str, tuple[Case, ...]]], book: CodeBook) -> Iterator[Finding]:
    """Clashes among mentions of one record (rows of a source with one key): one finding for each pair of codes."""
    found: dict[tuple[str, str], tuple[Forbidden, dict[int, None]]] = {}
    known: dict[tuple[str, str], Forbidden | None] = {}
    for _key, cases in records:
        for one, other in combinations(cases, 2):
            for pair in {(min(a, b), max(a, b)) for a in one.codes for b in other.codes if a != b}:
                if pair not in known:
                    known[pair] = clash(*pair, book)
                if (line := known[pair]) is not None:
                    found.setdefault(pair, (line, {}))[1].update({one.mention_id: None, other.mention_id: None})
    for (one_code, other_code), (line, ids) in found.items():
        mention_ids = tuple(sorted(ids))
        basis = (one_code, other_code, *map(str, mention_ids))
        words = (one_code, other_code, line.origin, line.text)
        yield Finding("excludes1_record", one_code, mention_ids, words, basis)


def clash(one: str, other: str, book: CodeBook) -> Forbidden | None:
    """The line of Excludes 1 that stands between two codes, whichever of them it belongs to."""
    if one == other:
        return None
    for code, against in ((one, other), (other, one)):
        for line in book.forbidden(code):
            if line.exclusion.covers(against) and not line.exclusion.covers(code):
                return line
    return None
