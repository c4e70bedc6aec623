"""Training rows out of a file of recorded rankings: a teacher's answers that were kept outside of any project.

One JSON object a line, in UTF-8::

    {"mention": "..", "context": "..", "candidates": ["code", ..], "order": [2, 1, 3], "verdict": "exact"}

`order` numbers the candidates from 1, best first. `verdict` is exact, close or none. `context` may be missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import Candidate
from rpdr_core.workflow.distilling import VALIDATION, TrainingRows, split
from rpdr_core.workflow.noise_filters import NoiseFilter, weighed
from rpdr_core.workflow.origins import WEIGHTS, Origin
from rpdr_core.workflow.retrieving import open_retrieval, with_scores

_ORIGINS: dict[str, Origin] = {"exact": "teacher-exact", "close": "teacher-close", "none": "teacher-none"}
_SHAPE = '{"mention": "..", "candidates": ["code", ..], "order": [2, 1, ..], "verdict": "exact"}'


@dataclass(frozen=True, slots=True)
class RecordedRanking:
    """One line of the file."""

    mention: str
    candidates: tuple[str, ...]
    order: tuple[int, ...]
    verdict: Literal["exact", "close", "none"]
    context: str = ""


def rows_from_rankings(
    path: Path,
    catalogue: Catalogue,
    worker: WorkerClient,
    *,
    encoder: str = "",
    noise_filter: NoiseFilter = "verdict",
    seed: int = 0,
    validation: float = VALIDATION,
) -> TrainingRows:
    """Rows for training and validation; the candidates get the scores of our retriever, found through `worker`.

    Raises NotFoundError if there is no such file, FileFormatError (file, line, cure) for a line that is none, that
    names an unknown code, or whose order is no permutation.
    """
    names = {entity.code: entity.name for entity in catalogue.entities()}
    lines = read_rankings(path, names)
    excluded: Counter[str] = Counter()
    usable = []
    for line in lines:
        if len(line.candidates) < 2:
            excluded["a single candidate has no order"] += 1
        else:
            usable.append(line)
    state = open_retrieval(worker, catalogue, encoder=encoder)
    found = with_scores(
        worker,
        state.fingerprint,
        [(line.mention, line.context) for line in usable],
        [[Candidate(code, names[code]) for code in line.candidates] for line in usable],
    )
    rows = [_row(line, candidates) for line, candidates in zip(usable, found, strict=True)]
    train, held = split(rows, seed=seed, validation=validation)
    # Rows to be judged by keep their plain weight: a filter must not choose its own judges.
    kept, dropped = weighed(train, noise_filter)
    origins = Counter(row.origin for row in rows)
    excluded.update(dropped)
    return TrainingRows(tuple(kept), held, dict(sorted(origins.items())), dict(sorted(excluded.items())))


def read_rankings(path: Path, known: Sequence[str] | dict[str, str]) -> list[RecordedRanking]:
    """All lines of the file; empty ones are passed over. `known`: the codes that candidates may have."""
    codes = set(known)
    decoder = msgspec.json.Decoder(RecordedRanking)
    found: list[RecordedRanking] = []
    for number, text in _lines(path):
        refuse = _refusal(path, number)
        try:
            line = decoder.decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise refuse(f"not a recorded ranking: {error}", f"write {_SHAPE}") from error
        strange = [code for code in line.candidates if code not in codes]
        if strange:
            raise refuse(f"the knowledge base has no code {strange[0]!r}", "give the knowledge base of the rankings")
        if len(set(line.candidates)) < len(line.candidates):
            raise refuse("a candidate is listed twice", "keep each candidate once")
        if sorted(line.order) != list(range(1, len(line.candidates) + 1)):
            raise refuse("the order does not name each candidate once", "number the candidates from 1, best first")
        if not line.mention.strip():
            raise refuse("the mention is empty", "remove the line")
        found.append(line)
    return found


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as stream:
            for number, text in enumerate(stream, 1):
                if text.strip():
                    yield number, text
    except FileNotFoundError as error:
        raise NotFoundError("no such file of rankings", hint="check the path", file=str(path)) from error


def _refusal(path: Path, line: int) -> Callable[[str, str], FileFormatError]:
    return lambda message, hint: FileFormatError(message, hint=hint, file=str(path), line=line)


def _row(line: RecordedRanking, candidates: tuple[Candidate, ...]) -> TrainingRow:
    order = tuple(number - 1 for number in line.order)
    origin = _ORIGINS[line.verdict]
    row = TrainingRow(line.mention, line.context, candidates, order, origin, WEIGHTS[origin])
    return replace(row, verdict=line.verdict)
