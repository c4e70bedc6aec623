"""Mentions made ready for a teacher: chosen, given candidates, masked, cut, with examples. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rpdr_core.knowledge_base.library import Library
from rpdr_core.prompting.sharing import Shared
from rpdr_core.prompting.template import load_template
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import MentionText, RankItem, Retrieve
from rpdr_core.records import Ranking, WorkedExample
from rpdr_core.store import Project, ProjectReader
from rpdr_core.workflow.deciding import catalogue_of
from rpdr_core.workflow.leading import by_role
from rpdr_core.workflow.minimum import minimal_example, minimal_mention
from rpdr_core.workflow.retrieving import open_retrieval
from rpdr_core.workflow.scoping import is_current, scope_of

Strategy = Literal["uncertain", "least_sure", "diverse", "frequent", "first", "random"]


@dataclass(frozen=True, slots=True)
class Flag:
    """A span that looks like a name or a number and is not masked: for a person to read. Mention text: never log it."""

    mention_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the worker is given, masked and cut. `masked` counts spans, `masks` are (masked, flagged) by mention id.

    `width` and `names` are those that it was made with.
    """

    items: tuple[RankItem, ...]
    masked: int = 0
    flags: tuple[Flag, ...] = ()
    masks: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    width: int = 0
    names: tuple[str, ...] = ()


def choose_mentions(project: ProjectReader, limit: int, strategy: Strategy = "uncertain", seed: int = 0) -> list[int]:
    """Undecided mentions without a teacher's ranking, the most worthwhile first by `strategy` (see `sampling`).

    Before them come those that an earlier run asked about when it was cut off; after them those whose answer gave no
    ranking, or the same ones would come up run after run. What an open batch asks about is paid for, and left out.
    """
    from rpdr_core.workflow.sampling import choose

    before = _asked_before(project)
    others = choose(project, limit + len(before.waiting) + len(before.answered), strategy, seed)
    new = [id_ for id_ in others if id_ not in before.waiting | before.answered and id_ not in before.lost]
    again = [id_ for id_ in others if id_ in before.answered - before.waiting and id_ not in before.lost]
    return [*before.lost, *new, *again][:limit]


@dataclass(frozen=True, slots=True)
class _Before:
    """Mentions by what the ledger says of them: their last request has no end and nobody decided or ranked them since;
    they were answered once; they are in a batch that is open.
    """

    lost: tuple[int, ...]
    answered: frozenset[int]
    waiting: frozenset[int]


def _asked_before(project: ProjectReader) -> _Before:
    from rpdr_core.workflow.batches import open_batches

    open_ = {batch.run for batch in open_batches(project)}
    cut_off: dict[int, bool] = {}
    answered: set[int] = set()
    waiting: set[int] = set()
    for row in project.ledger():
        of_batch = {line.mention_id for line in row.send.lines}
        (waiting if row.run in open_ else answered).update(of_batch)
        if row.mention_id:
            cut_off[row.mention_id] = row.end is None
            if row.fate == "answered":
                answered.add(row.mention_id)
    lost = tuple(
        mention.id
        for mention in project.mentions([id_ for id_, lost in cut_off.items() if lost and id_ not in waiting])
        if mention.status in ("unreviewed", "deferred") and by_role(project.rankings(mention.id), "teacher") is None
    )
    return _Before(lost, frozenset(answered), frozenset(waiting))


def retrieve_missing(
    project: Project, worker: WorkerClient, library: Library, mention_ids: Sequence[int], k: int = 10
) -> int:
    """Give candidates to those that have none of the knowledge base and scope in force; how many were ranked."""
    mentions = project.mentions(mention_ids)
    bare = [mention for mention in mentions if not _is_retrieved(project, mention.id)]
    if not bare:
        return 0
    state = open_retrieval(worker, catalogue_of(library, project.knowledge_base()), memory=project.memory())
    texts = tuple(MentionText(mention.id, mention.text, mention.context) for mention in bare)
    found: list[Ranking] = []
    params = Retrieve(state.fingerprint, texts, k, scope=scope_of(project))
    worker.call("retrieve", params, on_partial=found.append)
    project.record_rankings(found)
    return len(found)


def _is_retrieved(project: ProjectReader, mention_id: int) -> bool:
    found = by_role(project.rankings(mention_id), "retriever")
    return found is not None and is_current(project, found)


def examples_from_decisions(
    project: Project, worker: WorkerClient, library: Library, mention_ids: Sequence[int], n: int, template: str
) -> Mapping[int, tuple[WorkedExample, ...]]:
    """Up to `n` decisions nearest to each mention, as worked examples; the template's own fill up."""
    from rpdr_core.workflow.examples import by_worker, examples_for

    state = open_retrieval(worker, catalogue_of(library, project.knowledge_base()), memory=project.memory())
    own = load_template(template).examples
    return examples_for(project, by_worker(worker, state.fingerprint), project.mentions(mention_ids), n, own)


def prepare(
    project: ProjectReader,
    mention_ids: Sequence[int],
    *,
    width: int,
    names: Sequence[str] = (),
    examples: Mapping[int, tuple[WorkedExample, ...]] | None = None,
) -> Prepared:
    """The mentions with the retriever's candidates, masked and cut to `width` characters on each side.

    A list of one candidate has no order to ask for. Mentions that the retriever has not ranked are left out.
    `examples` are shown with a mention in place of the template's own.
    """
    items: list[RankItem] = []
    flags: list[Flag] = []
    masks: dict[int, tuple[int, int]] = {}
    for mention in project.mentions(mention_ids):
        retrieved = by_role(project.rankings(mention.id), "retriever")
        if retrieved is None or len(retrieved.candidates) < 2:
            continue
        text, shown = minimal_mention(mention, width, names)
        worked = [minimal_example(one, width, names) for one in (examples or {}).get(mention.id, ())]
        parts: list[Shared] = [shown, *(part for _, part in worked)]
        found = dict.fromkeys(flag for part in parts for flag in part.flagged)
        items.append(RankItem(text, retrieved.candidates, tuple(example for example, _ in worked)))
        flags += [Flag(mention.id, flag) for flag in found]
        masks[mention.id] = (sum(part.masked for part in parts), len(found))
    total = sum(masked for masked, _ in masks.values())
    return Prepared(tuple(items), total, tuple(flags), masks, width, tuple(names))
