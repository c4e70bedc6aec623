"""Which rows a mention offers, which of them is selected first, and what an earlier answer brings back. No state."""

from __future__ import annotations

from collections.abc import Sequence

from rpdr_desk.item_models.candidate_rows import CandidateRow, loose_rows, rows_of, with_codes
from rpdr_desk.operations.eyes import Sight
from rpdr_desk.views.review.draft import Draft, draft_of


def is_open(sight: Sight | None) -> bool:
    """Whether the mention has no answer in force, as far as its reviewer may see."""
    return sight is not None and sight.mention.status in ("unreviewed", "deferred")


def candidates_of(sight: Sight | None) -> tuple[CandidateRow, ...]:
    """The candidates: ranked, or by their codes alone while an answer is owed."""
    if sight is None:
        return ()
    return loose_rows(sight.loose) if sight.standing.owes else rows_of(sight.rankings)


def listed(candidates: Sequence[CandidateRow], sight: Sight | None, draft: Draft) -> tuple[CandidateRow, ...]:
    """The candidates, then what was chosen or ticked beside them."""
    if sight is None:
        return ()
    mention, own = sight.mention, sight.standing.own
    chosen = [(mention.code, mention.name), *([(own.code, own.name)] if own is not None else [])]
    return with_codes(candidates, [*chosen, *((one.code, one.name) for one in draft.also)])


def first_choice(sight: Sight | None, rows: Sequence[CandidateRow]) -> int:
    """The row of what was decided or answered before, else the first. None (-1) while the reviewer's own answer is
    owed, and where that answer was that nothing matches.
    """
    if sight is None:
        return 0
    own = sight.standing.own if is_open(sight) else None
    if sight.standing.owes or (own is not None and own.kind == "no_match"):
        return -1
    code = own.code if own is not None else sight.mention.code
    return next((row for row, shown in enumerate(rows) if shown.code == code), 0)


def earlier(sight: Sight | None) -> Draft:
    """The relation and the further codes of the decision in force, else of the reviewer's own first answer."""
    if sight is None:
        return Draft()
    return draft_of(sight.decision or (sight.standing.own if is_open(sight) else None))
