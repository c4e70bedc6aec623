"""How a student grows with human corrections: `python tests/benchmarks/corrections_curve.py FOLDER [COUNT ..]`.

FOLDER holds `concepts.tsv` (code, name), `train.tsv` and `validation.tsv` (mention, code) and
`teacher_rankings.jsonl`. A correction is a distinct mention text of `train.tsv` with the code that most of its rows
give; COUNT of them (default: 0, 500, 2000 and `all`) come in an order shuffled with seed 0. Each correction overrides
the teacher's ranking of the same text; all other rankings of the teacher stay.

For each count a student is trained, and four rankers are judged on `validation.tsv`: the retriever and the student,
each without and with the corrections as memory. `seen`: the mention's text is among the corrections of that count;
`seen_in_train`: it is among all of them, whatever the count. Prints a JSON object for each count as it is done.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rpdr_core.folding import fold
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import MentionText, RankByStudent, RankItem, TrainingSpec
from rpdr_core.records import MemoryTerm, NewMention, Ranking
from rpdr_core.workflow.corrections import rows_from_corrections
from rpdr_core.workflow.distilling import TrainingRows
from rpdr_core.workflow.recorded_rankings import rows_from_rankings
from rpdr_core.workflow.retrieving import memory_of, open_retrieval, retrieve
from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.entry import train

_COUNTS = ("0", "500", "2000", "all")
_RECIPES = {True: "encoder-corrections", False: "encoder-student"}


def main(data: Path, counts: Sequence[str]) -> None:
    catalogue = Library().open(str(data / "concepts.tsv"))
    corrections = _in_random_order(list(read_mentions(data / "train.tsv")))
    gold = list(read_mentions(data / "validation.tsv"))
    texts = list(dict.fromkeys(fold(mention.text) for mention in corrections))
    with WorkerClient.start() as worker:
        teacher = rows_from_rankings(data / "teacher_rankings.jsonl", catalogue, worker)
        for count in counts:
            chosen = set(texts if count == "all" else texts[: int(count)])
            given = [mention for mention in corrections if fold(mention.text) in chosen]
            found = _one_count(worker, catalogue, gold, given, teacher)
            found["seen_in_train"] = _seen(gold, set(texts))
            print(json.dumps({"corrections": len(chosen), **found}, indent=2), flush=True)


def _one_count(
    worker: WorkerClient,
    catalogue: Catalogue,
    gold: Sequence[NewMention],
    given: Sequence[NewMention],
    teacher: TrainingRows,
) -> dict[str, Any]:
    rows = teacher
    if given:
        rows = rows_from_corrections(given, catalogue, worker, teacher=[*teacher.train, *teacher.validation])
    recipe = _RECIPES[bool(given)]
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        spec = TrainingSpec(recipe, catalogue.info.fingerprint)
        info = train(spec, rows.train, rows.validation, Path(folder) / "adapter", PlainContext(on_event=_show))
        seconds = time.monotonic() - began
        judged: dict[str, Any] = {}
        for name, memory in (("", []), ("+memory", memory_of(given))):
            lists = _retrieved(worker, catalogue, gold, memory)
            began = time.monotonic()
            ranked = _ranked(worker, catalogue, info.folder, gold, lists)
            judged |= {f"retriever{name}": lists, f"student{name}": ranked}
            judged[f"seconds{name}"] = round(time.monotonic() - began, 1)
    known = {fold(mention.text) for mention in given}
    scores = {name: _scores(gold, value, known) for name, value in judged.items() if not name.startswith("seconds")}
    return {
        "recipe": info.recipe,
        "rows": {"train": len(rows.train), "validation": len(rows.validation), **rows.origins},
        "validation_acc@1": {"before": info.acc_at_1_before, "after": info.acc_at_1},
        "seconds": {"train": round(seconds, 1), "rank": judged["seconds"], "rank+memory": judged["seconds+memory"]},
        **scores,
    }


def _retrieved(
    worker: WorkerClient, catalogue: Catalogue, gold: Sequence[NewMention], memory: Sequence[MemoryTerm]
) -> list[Ranking]:
    state = open_retrieval(worker, catalogue, memory=memory)
    return retrieve(worker, state.fingerprint, [(mention.text, mention.context) for mention in gold])


def _ranked(
    worker: WorkerClient, catalogue: Catalogue, adapter: str, gold: Sequence[NewMention], lists: Sequence[Ranking]
) -> list[Ranking]:
    """By the student, which reads the memory that the worker has open."""
    items = tuple(
        RankItem(MentionText(at, mention.text, mention.context), ranking.candidates)
        for at, (mention, ranking) in enumerate(zip(gold, lists, strict=True))
    )
    found: list[Ranking] = []
    params = RankByStudent(adapter, catalogue.info.fingerprint, items)
    worker.call("rank.student", params, on_partial=found.append)
    return found


def _scores(gold: Sequence[NewMention], rankings: Sequence[Ranking], known: set[str]) -> dict[str, Any]:
    parts: dict[str, Callable[[str], bool]] = {
        "overall": lambda text: True,
        "seen": lambda text: fold(text) in known,
        "unseen": lambda text: fold(text) not in known,
    }
    places = [
        (mention.text, next((at for at, c in enumerate(ranking.candidates) if c.code == mention.code), 99))
        for mention, ranking in zip(gold, rankings, strict=True)
    ]
    return {
        name: {
            "n": sum(chosen(text) for text, _ in places),
            **{f"acc@{k}": _share([place < k for text, place in places if chosen(text)]) for k in (1, 5, 10)},
        }
        for name, chosen in parts.items()
    }


def _share(flags: Sequence[bool]) -> float:
    return round(sum(flags) / len(flags), 4) if flags else 0.0


def _seen(gold: Sequence[NewMention], known: set[str]) -> int:
    return sum(fold(mention.text) in known for mention in gold)


def _in_random_order(mentions: list[NewMention]) -> list[NewMention]:
    """All rows, their texts in an order shuffled with seed 0."""
    texts = sorted({fold(mention.text) for mention in mentions})
    random.Random(0).shuffle(texts)
    place = {text: at for at, text in enumerate(texts)}
    return sorted((mention for mention in mentions if mention.code), key=lambda mention: place[fold(mention.text)])


def _show(event: object) -> None:
    print(event, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or _COUNTS)
