"""Distil the recorded teacher into a student and judge it: `python tests/benchmarks/student_askapatient.py FOLDER`.

FOLDER holds `concepts.tsv` (code, name), `validation.tsv` (mention, code) and `teacher_rankings.jsonl` (mention,
candidates, order, verdict). The student is trained on the teacher's exact and close rankings alone, no label; what it
is judged by is `validation.tsv`: the retriever's lists before and after re-ranking. `seen`: the mention's text (case
folded) is among the teacher's. Prints JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.messages import Distill, MentionText, RankByStudent, RankItem, TrainingEvent, TrainingRow
from rpdr_core.records import Candidate, Ranking
from rpdr_core.store.folding import fold
from rpdr_core.workflow.distilling import WEIGHTS, Origin, split
from rpdr_worker.distillation.trainer import distill
from rpdr_worker.egress import go_offline
from rpdr_worker.job import RecordingJob
from rpdr_worker.ranking import student
from rpdr_worker.retrieval.space import Space

_K = 10
_ORIGINS: dict[str, Origin] = {"exact": "teacher-exact", "close": "teacher-close"}


def main(data: Path, recipe: str = "encoder-student", output: str = "", seed: int = 0) -> None:
    space, names = opened(data)
    rows = list(training_rows(space, names, data / "teacher_rankings.jsonl"))
    train, held = split(rows, seed=seed)
    gold = list(read_mentions(data / "validation.tsv"))
    lists = space.retriever.retrieve([mention.text for mention in gold], _K, encoder=space.encoder())
    items = tuple(
        RankItem(MentionText(at, mention.text), found.candidates)
        for at, (mention, found) in enumerate(zip(gold, lists, strict=True))
    )
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        params = Distill(recipe, output or f"{folder}/adapter", space.fingerprint, train, held, seed=seed)
        info = distill(params, RecordingJob(on_partial=show))
        trained = time.monotonic()
        job = RecordingJob()
        student.rank(RankByStudent(info.folder, space.fingerprint, items), job)
        ranked = time.monotonic()
    after = [ranking for ranking in job.partials if isinstance(ranking, Ranking)]
    codes = [mention.code for mention in gold]
    known = {fold(row.mention) for row in rows}
    seen = [fold(mention.text) in known for mention in gold]
    found = {
        "recipe": info.recipe,
        "train_rows": len(train),
        "held_out_rows": len(held),
        "held_out_agreement": {"retriever": info.acc_at_1_before, "student": info.acc_at_1},
        "seconds": {"train": round(trained - began, 1), "rank": round(ranked - trained, 1)},
        "retriever": scores([item.candidates for item in items], codes, seen),
        "student": scores([ranking.candidates for ranking in after], codes, seen),
        "confidence_ece": round(calibration_error(after, codes), 4),
    }
    print(json.dumps(found, indent=2))


def opened(data: Path) -> tuple[Space, dict[str, str]]:
    catalogue = Library().open(str(data / "concepts.tsv"))
    space = Space(
        catalogue.folder, catalogue.info.fingerprint, tokens=catalogue.tokens, paraphrases=catalogue.paraphrases
    )
    space.build(lambda: None, lambda done, total: None)
    return space, {entity.code: entity.name for entity in catalogue.entities()}


def training_rows(space: Space, names: dict[str, str], path: Path) -> Iterator[TrainingRow]:
    """The teacher's lists with the scores that our retriever gives to the same candidates."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line["verdict"] in _ORIGINS]
    everything = space.retriever.retrieve(
        [line["mention"] for line in lines], space.entities(), encoder=space.encoder()
    )
    for line, found in zip(lines, everything, strict=True):
        known = {candidate.code: candidate for candidate in found.candidates}
        lowest = found.candidates[-1].score
        candidates = tuple(
            known.get(code) or Candidate(code, names[code], names[code], "name", lowest) for code in line["candidates"]
        )
        origin = _ORIGINS[line["verdict"]]
        order = tuple(number - 1 for number in line["order"])
        yield TrainingRow(line["mention"], "", candidates, order, origin, WEIGHTS[origin])


def scores(lists: Sequence[Sequence[Candidate]], codes: Sequence[str], seen: Sequence[bool]) -> dict[str, Any]:
    parts = {"overall": [True] * len(seen), "seen": list(seen), "unseen": [not flag for flag in seen]}
    return {name: part(lists, codes, flags) for name, flags in parts.items()}


def part(lists: Sequence[Sequence[Candidate]], codes: Sequence[str], flags: Sequence[bool]) -> dict[str, Any]:
    chosen = [([c.code for c in row], code) for row, code, flag in zip(lists, codes, flags, strict=True) if flag]
    hits = {f"acc@{k}": round(sum(code in row[:k] for row, code in chosen) / max(1, len(chosen)), 4) for k in (1, 5)}
    return {"n": len(chosen), **hits}


def calibration_error(rankings: Sequence[Ranking], codes: Sequence[str], bins: int = 10) -> float:
    """Expected calibration error of the student's confidence."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for ranking, code in zip(rankings, codes, strict=True):
        sure = ranking.confidence or 0.0
        groups.setdefault(min(bins - 1, int(sure * bins)), []).append((sure, ranking.candidates[0].code == code))
    gaps = (abs(sum(sure - right for sure, right in group)) for group in groups.values())
    return sum(gaps) / len(rankings)


def show(event: object) -> None:
    if isinstance(event, TrainingEvent):
        print(event, file=sys.stderr, flush=True)


if __name__ == "__main__":
    go_offline()
    main(Path(sys.argv[1]), *sys.argv[2:4])
