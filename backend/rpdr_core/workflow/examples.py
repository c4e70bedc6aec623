"""Worked examples for a teacher's prompt: people's own decisions about mentions that read like the one asked about.

An example never is the mention itself, in whatever context, nor a held-out text: neither the answer nor a later
judgement may leak. What is masked in a mention is masked in an example too, by whoever sends it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rpdr_core.folding import fold
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import NearestTexts
from rpdr_core.records import Decision, Mention, WorkedExample
from rpdr_core.store import ProjectReader
from rpdr_core.workflow.held_out import held_out_of
from rpdr_core.workflow.labels import Label, label_of

Nearest = Callable[[Sequence[str], Sequence[str], int], Sequence[Sequence[int]]]
"""(queries, pool, k) -> for each query up to k indexes into the pool, nearest first; of equals the earlier first."""

EXAMPLES = 4
_PAGE = 500
# Some of the nearest teach nothing (no candidates were on screen): so many times more are looked at.
_SPARE = 4


def by_worker(worker: WorkerClient, fingerprint: str) -> Nearest:
    """Nearness as the worker's encoder has it, for an open knowledge base; by letters where there is no encoder.

    Without a worker `letters.by_letters` serves.
    """

    def nearest(queries: Sequence[str], pool: Sequence[str], k: int) -> Sequence[Sequence[int]]:
        return worker.call("texts.nearest", NearestTexts(fingerprint, tuple(queries), tuple(pool), k)).nearest

    return nearest


def choose_examples(
    reader: ProjectReader, nearest: Nearest, mention: Mention, n: int = EXAMPLES, own: Sequence[WorkedExample] = ()
) -> tuple[WorkedExample, ...]:
    """Up to `n` examples for one mention; as `examples_for`."""
    return examples_for(reader, nearest, [mention], n, own).get(mention.id, ())


def examples_for(
    reader: ProjectReader,
    nearest: Nearest,
    mentions: Sequence[Mention],
    n: int = EXAMPLES,
    own: Sequence[WorkedExample] = (),
) -> Mapping[int, tuple[WorkedExample, ...]]:
    """Examples by mention id, the nearest last: what stands next to the question weighs most.

    Where decisions do not suffice, those of `own` (the template's) fill up, before the others. A mention for which no
    decision was found is left out: the template's own examples stand for it as they are. The same project gives the
    same examples.
    """
    book = _Book(reader)
    if not book.texts or n < 1:
        return {}
    # The mention itself may be among the nearest.
    lists = nearest([mention.text for mention in mentions], book.texts, n * _SPARE + 1)
    chosen: dict[int, tuple[WorkedExample, ...]] = {}
    for mention, near in zip(mentions, lists, strict=True):
        found = book.examples(near, n, fold(mention.text))
        if found:
            filling = [example for example in own if fold(example.mention) != fold(mention.text)]
            chosen[mention.id] = (*filling[: n - len(found)], *reversed(found))
    return chosen


class _Book:
    """The decisions that may serve as examples, one for each text, in the order of their texts."""

    def __init__(self, reader: ProjectReader) -> None:
        self._reader = reader
        self._known: dict[int, WorkedExample | None] = {}
        self._entries = _entries(reader)
        self.texts = [mention.text for mention, _ in self._entries]

    def examples(self, near: Sequence[int], n: int, but: str) -> list[WorkedExample]:
        """Up to `n` of the entries, none with the text `but` (a search key)."""
        found: list[WorkedExample] = []
        for at in near:
            if len(found) == n:
                break
            if fold(self.texts[at]) != but and (example := self._example(at)) is not None:
                found.append(example)
        return found

    def _example(self, at: int) -> WorkedExample | None:
        if at not in self._known:
            self._known[at] = _worked(self._reader, *self._entries[at])
        return self._known[at]


def _entries(reader: ProjectReader) -> list[tuple[Mention, Decision]]:
    """Decisions of people about texts that are not held out; of several about one text the newest that somebody looked
    at. Two who differ set no example.
    """
    rule = held_out_of(reader)
    decisions = {decision.mention_id: decision for decision in reader.decisions() if _says(decision)}
    newest: dict[str, tuple[Mention, Decision]] = {}
    ids = list(decisions)
    for start in range(0, len(ids), _PAGE):
        for mention in reader.mentions(ids[start : start + _PAGE]):
            key, decision = fold(mention.text), decisions[mention.id]
            if mention.text in rule or mention.review == "disputed":
                continue
            if key not in newest or _weight(decision) > _weight(newest[key][1]):
                newest[key] = (mention, decision)
    return [newest[key] for key in sorted(newest)]


def _says(decision: Decision) -> bool:
    return decision.kind != "defer" and decision.mode != "agreed"


def _weight(decision: Decision) -> tuple[bool, int]:
    """What was carried over has no candidates of its own on record."""
    return decision.mode != "propagated", decision.id


def _worked(reader: ProjectReader, mention: Mention, decision: Decision) -> WorkedExample | None:
    label = label_of(decision, reader.shown(decision.id) or tuple(reader.rankings(mention.id)))
    if not isinstance(label, Label) or len(label.candidates) < 2:
        return None
    names = tuple(candidate.name for candidate in label.candidates)
    return WorkedExample(mention.text, mention.context, names, label.order, label.verdict)
