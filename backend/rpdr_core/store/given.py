"""The codes that the imported files gave their mentions."""

from __future__ import annotations

from collections.abc import Sequence

from rpdr_core.store.database import Connection

_PAGE = 500


def given_codes(connection: Connection, mention_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """By mention; those that no file gave a code are left out."""
    found: dict[int, set[str]] = {}
    for start in range(0, len(mention_ids), _PAGE):
        page = mention_ids[start : start + _PAGE]
        marks = ", ".join("?" * len(page))
        sql = f"SELECT DISTINCT mention_id, code FROM mention_row WHERE code <> '' AND mention_id IN ({marks})"  # noqa: S608
        for mention_id, code in connection.rows(sql, *page):
            found.setdefault(mention_id, set()).add(code)
    return {mention_id: frozenset(codes) for mention_id, codes in found.items()}
