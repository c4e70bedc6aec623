"""What would be sent: the chosen mentions masked and cut, in words for the window and as items for the worker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from rpdr_desk.operations.teach_state import Choice, Mark, MarkKind, Money, Plan, PlannedMention

if TYPE_CHECKING:
    from rpdr_core.protocol.messages import PromptPreview, RankItem
    from rpdr_core.store import ProjectReader
    from rpdr_core.workflow.preparing import Prepared, Strategy
    from rpdr_core.workflow.prices import Tariff

MOST = 1_000_000
_STRATEGIES: dict[str, Strategy] = {"varied": "uncertain", "frequent": "frequent", "first": "first"}


@dataclass(frozen=True, slots=True)
class Drafted:
    """A plan without its figures, and the very items that it is about. `bare`: chosen, and without candidates yet."""

    plan: Plan
    prepared: Prepared
    bare: tuple[int, ...] = ()


def draft(reader: ProjectReader, choice: Choice) -> Drafted:
    """Choose mentions and make of each the least that a teacher needs, cut as the consent of now says. Reads the
    project; sends nothing.
    """
    from rpdr_core.prompting.template import load_template
    from rpdr_core.workflow.consent import WINDOW, consent_of, masked_names
    from rpdr_core.workflow.examples import examples_for
    from rpdr_core.workflow.letters import by_letters
    from rpdr_core.workflow.preparing import choose_mentions, prepare

    waiting = len(choose_mentions(reader, MOST, "first"))
    ids = choose_mentions(reader, choice.count, _STRATEGIES[choice.selection]) if waiting else []
    template = load_template(choice.template)
    examples = None
    if choice.examples == "decisions":
        examples = examples_for(reader, by_letters, reader.mentions(ids), own=template.examples)
    # The template keeps no more around a mention than it says, whatever was agreed.
    given = consent_of(reader)
    width = min(given.window if given is not None else WINDOW, template.window)
    prepared = prepare(reader, ids, width=width, names=masked_names(reader), examples=examples)
    bare = tuple(one for one in ids if one not in prepared.masks)
    flags: dict[int, list[str]] = {}
    for flag in prepared.flags:
        flags.setdefault(flag.mention_id, []).append(flag.text)
    mentions = tuple(
        planned(item, prepared.masks[item.mention.id][0], tuple(flags.get(item.mention.id, ())))
        for item in prepared.items
    )
    return Drafted(Plan(mentions, waiting, prepared.masked, len(prepared.flags)), prepared, bare)


def planned(item: RankItem, masked: int, flagged: tuple[str, ...]) -> PlannedMention:
    """An item as the window shows it."""
    text, shown = item.mention.text, item.mention.context or item.mention.text
    return PlannedMention(item.mention.id, text, shown, masked, flagged, tuple(marks(shown, text, flagged)))


def marks(shown: str, mention: str, flagged: tuple[str, ...]) -> Iterator[Mark]:
    """Where the mention stands, what is masked, what is to be read; no two overlap: the graver one is kept."""
    from rpdr_core.prompting.sight import TOKEN

    kinds: list[MarkKind | None] = [None] * len(shown)
    place = shown.casefold().find(mention.casefold()) if len(shown.casefold()) == len(shown) else shown.find(mention)
    if place >= 0:
        _put(kinds, place, len(mention), "mention")
    for part in flagged:
        at = shown.find(part)
        while at >= 0:
            _put(kinds, at, len(part), "flagged")
            at = shown.find(part, at + len(part))
    for found in TOKEN.finditer(shown):
        _put(kinds, found.start(), found.end() - found.start(), "masked")
    place = 0
    for kind, run in groupby(kinds):
        length = sum(1 for _ in run)
        if kind is not None:
            yield Mark(place, place + length, kind)
        place += length


def with_figures(plan: Plan, preview: PromptPreview, tariff: Tariff, *, batch: bool) -> Plan:
    """The plan with what the worker counted and what it costs."""
    from rpdr_core.workflow.teaching import estimate_of

    estimate = estimate_of(preview, tariff, len(plan.mentions), batch=batch)
    return replace(
        plan,
        requests=preview.requests,
        cached=preview.cached,
        bytes=preview.bytes,
        tokens=preview.tokens,
        digest=preview.digest,
        cost=Money(estimate.cost, estimate.currency or "USD", dated(estimate.prices)),
        most=estimate.most,
    )


def dated(version: str) -> str:
    """The day of a price table, without the hash that stands behind it; empty for prices without a table."""
    day, _, digest = version.rpartition(" ")
    return day if re.fullmatch("[0-9a-f]{8}", digest) else ""


def _put(kinds: list[MarkKind | None], start: int, length: int, kind: MarkKind) -> None:
    kinds[start : start + length] = [kind] * length
