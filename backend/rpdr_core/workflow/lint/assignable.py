"""Codes that may not be the target of a mapping: unknown, retired, without their seventh character, not billable."""

from __future__ import annotations

from collections.abc import Iterator

from rpdr_core.records import Entity
from rpdr_core.store.search_index import code_key
from rpdr_core.workflow.lint.code_book import Case, CodeBook
from rpdr_core.workflow.lint.findings import Finding, RuleId
from rpdr_core.workflow.lint.sides import sides_of

_MOST_LEAVES = 400
_SEVENTH = 7


def assignable(case: Case, book: CodeBook) -> Iterator[Finding]:
    """One finding for each code that cannot stand."""
    for code in case.codes:
        entity = book.entity(code)
        if entity is None:
            yield _finding("unknown_code", case, code, _same_code(code, book))
        elif not entity.active:
            yield _finding("retired_code", case, code, _heir(entity, book))
        elif not entity.assignable and lacks_seventh(book.children(code)):
            yield _finding("seventh_character", case, code, None)
        elif not entity.assignable:
            yield _finding("not_billable", case, code, _leaf(code, case.text, book))


def _finding(rule: RuleId, case: Case, code: str, cure: tuple[str, str] | None) -> Finding:
    suggested, name = cure or ("", "")
    return Finding(rule, code, (case.mention_id,), (code,), (code, *case.basis), suggested, name)


def lacks_seventh(children: tuple[Entity, ...]) -> bool:
    """Whether the codes below complete this one by their seventh character."""
    return any(child.type == "extension" and len(code_key(child.code)) == _SEVENTH for child in children)


def _same_code(code: str, book: CodeBook) -> tuple[str, str] | None:
    """The code written with or without its point."""
    hits = book.search.search(code, 1)
    same = hits and code_key(hits[0].code) == code_key(code)
    return (hits[0].code, hits[0].name) if same else None


def _heir(retired: Entity, book: CodeBook) -> tuple[str, str] | None:
    """The one active entity that bears the retired one's name or one of its synonyms."""
    found = {
        (hit.code, hit.name)
        for text in (retired.name, *retired.synonyms)
        for hit in book.named(text)
        if hit.assignable and hit.code != retired.code
    }
    return found.pop() if len(found) == 1 else None


def _leaf(code: str, text: str, book: CodeBook) -> tuple[str, str] | None:
    """The only billable code below; of several the one on the mention's side, else the one that leaves all open."""
    leaves = _leaves(code, book)
    if len(leaves) == 1:
        return leaves[0].code, leaves[0].name
    said, children = sides_of(text), book.children(code)
    sided = [one for one in children if said and sides_of(one.name) == said and one.assignable]
    open_ = [one for one in children if one.assignable and "unspecified" in one.name.lower()]
    for few in (sided, open_ if not said else []):
        if len(few) == 1:
            return few[0].code, few[0].name
    return None


def _leaves(code: str, book: CodeBook) -> list[Entity]:
    """Two at most: more need not be known."""
    found: list[Entity] = []
    waiting = list(book.children(code))
    while waiting and len(found) < 2 and len(waiting) < _MOST_LEAVES:
        one = waiting.pop()
        if one.assignable and one.active:
            found.append(one)
        else:
            waiting += book.children(one.code)
    return found
