"""What re-rankers are given: mentions with the retriever's candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rpdr_core.protocol.messages import MentionText, RankItem

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader


def items_of(reader: ProjectReader, ids: Sequence[int]) -> tuple[RankItem, ...]:
    """One item per mention that the retriever has candidates for."""
    items: list[RankItem] = []
    for mention in reader.mentions(ids):
        ranking = next((one for one in reader.rankings(mention.id) if one.ranker == "retriever"), None)
        if ranking is not None and ranking.candidates:
            items.append(RankItem(MentionText(mention.id, mention.text, mention.context), ranking.candidates))
    return tuple(items)
