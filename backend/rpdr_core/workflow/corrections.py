"""Training rows out of coded mentions: a file of earlier decisions as corrections, with or without a teacher's rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rpdr_core.folding import fold
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import Candidate, NewMention, Ranking
from rpdr_core.workflow.distilling import VALIDATION, TrainingRows, split
from rpdr_core.workflow.origins import WEIGHTS, Origin
from rpdr_core.workflow.retrieving import memory_of, open_retrieval, retrieve

K = 10


def rows_from_corrections(
    corrections: Sequence[NewMention],
    catalogue: Catalogue,
    worker: WorkerClient,
    *,
    teacher: Iterable[TrainingRow] = (),
    encoder: str = "",
    seed: int = 0,
    validation: float = VALIDATION,
) -> TrainingRows:
    """Rows for training and validation. A correction overrides the `teacher`'s row for the same text.

    Each list is retrieved with the memory of all the other corrections, never with that of its own text: so will a
    student meet mentions that are new. A right entity that is not among the candidates is put behind them. Leaves the
    knowledge base open in the worker, with all of this memory.
    """
    chosen, excluded = _one_each(corrections, {entity.code for entity in catalogue.entities()})
    state = open_retrieval(worker, catalogue, memory=memory_of(chosen), encoder=encoder)
    texts = [(mention.text, mention.context) for mention in chosen]
    found = retrieve(worker, state.fingerprint, texts, K, own=False)
    names = {entity.code: entity.name for entity in catalogue.entities()}
    rows = [_row(mention, ranking, names) for mention, ranking in zip(chosen, found, strict=True)]
    rows = [row for row in rows if len(row.candidates) > 1]
    decided = {fold(mention.text) for mention in chosen}
    rows += [row for row in teacher if fold(row.mention) not in decided]
    train, held = split(rows, seed=seed, validation=validation)
    origins = Counter(row.origin for row in rows)
    return TrainingRows(train, held, dict(sorted(origins.items())), dict(sorted(excluded.items())))


def _one_each(corrections: Iterable[NewMention], known: set[str]) -> tuple[list[NewMention], Counter[str]]:
    """One correction for each text (see `fold`): the code that most of its rows give, the first of equals."""
    votes: dict[str, Counter[str]] = {}
    first: dict[str, NewMention] = {}
    excluded: Counter[str] = Counter()
    for mention in corrections:
        if mention.code not in known:
            excluded["no code" if not mention.code else "a code that the knowledge base does not have"] += 1
            continue
        first.setdefault(fold(mention.text), mention)
        votes.setdefault(fold(mention.text), Counter())[mention.code] += mention.count
    return [replace(mention, code=votes[key].most_common(1)[0][0]) for key, mention in first.items()], excluded


def _row(mention: NewMention, ranking: Ranking, names: dict[str, str]) -> TrainingRow:
    candidates = ranking.candidates
    codes = [candidate.code for candidate in candidates]
    if mention.code not in codes:
        lowest = min((candidate.score for candidate in candidates), default=0.0)
        name = names[mention.code]
        candidates = (*candidates[: K - 1], Candidate(mention.code, name, name, "name", lowest))
        codes = [candidate.code for candidate in candidates]
    right = codes.index(mention.code)
    order = (right, *(place for place in range(len(codes)) if place != right))
    origin: Origin = "accepted" if right == 0 else "corrected"
    return TrainingRow(mention.text, mention.context, candidates, order, origin, WEIGHTS[origin], verdict="exact")
