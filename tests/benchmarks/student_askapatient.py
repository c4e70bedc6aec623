"""Distil the recorded teacher into a student and judge it.

    python tests/benchmarks/student_askapatient.py FOLDER [--curve] [--recipe NAME] [--seed N]

FOLDER holds `concepts.tsv` (code, name), `validation.tsv` (mention, code) and `teacher_rankings.jsonl` (mention,
candidates, order, verdict). The student is trained on the teacher's rankings alone, no label; it is judged by
`validation.tsv`: our retriever's lists before and after, and lists of other retrievers, without scores, before and
after (see `foreign_lists`). `seen`: the mention's text (case folded) is among the teacher's; `distinct`: each text
once. With the noise filter off and on; `--curve` also with 250, 500 and 1,000 rankings. Prints JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foreign_lists import Lists, foreign_lists

from rpdr_core.folding import fold
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import AdapterInfo, MentionText, RankByStudent, RankItem, TrainingEvent, TrainingSpec
from rpdr_core.records import Candidate, Ranking
from rpdr_core.workflow.noise_filters import NOISE_FILTERS
from rpdr_core.workflow.recorded_rankings import rows_from_rankings
from rpdr_core.workflow.retrieving import open_retrieval, retrieve, with_scores
from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.entry import train
from rpdr_worker.job import RecordingJob
from rpdr_worker.ranking import student
from rpdr_worker.ranking.adapter import read_manifest

_K = 10
_SIZES = (250, 500, 1000)


@dataclass(frozen=True, slots=True)
class Gold:
    """Mentions to judge by, their codes, and the lists to rank, each kind in the same order."""

    texts: list[str]
    codes: list[str]
    seen: list[bool]
    lists: dict[str, Lists]

    def scores(self, lists: Sequence[Sequence[Candidate]]) -> dict[str, Any]:
        first = [text not in map(fold, self.texts[:at]) for at, text in enumerate(map(fold, self.texts))]
        unseen = [not flag for flag in self.seen]
        parts = {"overall": [True] * len(self.seen), "distinct": first, "seen": self.seen, "unseen": unseen}
        return {name: _part(lists, self.codes, flags) for name, flags in parts.items()}


def main(data: Path, recipe: str, seed: int, curve: bool) -> None:
    catalogue = Library().open(str(data / "concepts.tsv"))
    rankings = data / "teacher_rankings.jsonl"
    with WorkerClient.start() as worker, tempfile.TemporaryDirectory() as folder:
        fingerprint = open_retrieval(worker, catalogue).fingerprint
        names = {entity.code: entity.name for entity in catalogue.entities()}
        gold = _gold(worker, fingerprint, data, names)
        before = {name: gold.scores(lists) for name, lists in gold.lists.items()}
        found: dict[str, Any] = {"before": before, "after": {}, "curve": {}}
        for noise_filter in NOISE_FILTERS:
            for size in (*(_SIZES if curve else ()), 0):
                part = _first(rankings, size, Path(folder)) if size else rankings
                rows = rows_from_rankings(part, catalogue, worker, noise_filter=noise_filter, seed=seed)  # type: ignore[arg-type]
                spec = TrainingSpec(recipe, fingerprint, seed=seed)
                began = time.monotonic()
                info = train(spec, rows.train, rows.validation, Path(folder) / "adapter", PlainContext(on_event=_show))
                result = _judged(info, gold, fingerprint) | {"seconds_training": round(time.monotonic() - began, 1)}
                if not size:
                    found["after"][noise_filter] = result
                brief = {name: scores["overall"] for name, scores in result["lists"].items()}
                found["curve"].setdefault(noise_filter, {})[size or 2000] = brief
                print(noise_filter, size, brief, file=sys.stderr, flush=True)
    print(json.dumps(found, indent=2))


def _gold(worker: WorkerClient, fingerprint: str, data: Path, names: dict[str, str]) -> Gold:
    mentions = list(read_mentions(data / "validation.tsv"))
    texts, codes = [m.text for m in mentions], [m.code for m in mentions]
    lines = (data / "teacher_rankings.jsonl").read_text(encoding="utf-8").splitlines()
    known = {fold(json.loads(line)["mention"]) for line in lines}
    pairs = [(text, "") for text in texts]
    own: Lists = [ranking.candidates for ranking in retrieve(worker, fingerprint, pairs, _K)]
    foreign = foreign_lists(worker, fingerprint, texts, codes, names)
    scored = {name: with_scores(worker, fingerprint, pairs, lists) for name, lists in foreign.items()}
    # What a student makes of a list of which it knows codes and names alone.
    bare = {f"{name}, no scores at all": lists for name, lists in foreign.items() if name == "strong"}
    return Gold(texts, codes, [fold(text) in known for text in texts], {"own": own, **scored, **bare})


def _first(path: Path, size: int, folder: Path) -> Path:
    """A file of `size` lines, always the same: in the order of their hashes, so that sizes are nested."""
    lines = sorted(
        path.read_text(encoding="utf-8").splitlines(), key=lambda line: hashlib.sha256(line.encode()).digest()
    )
    part = folder / f"{size}.jsonl"
    part.write_text("\n".join(lines[:size]) + "\n", encoding="utf-8")
    return part


def _judged(info: AdapterInfo, gold: Gold, fingerprint: str) -> dict[str, Any]:
    judgement = read_manifest(Path(info.folder)).judgement
    found: dict[str, Any] = {
        "train_rows": info.train_rows,
        "held_out_rows": info.validation_rows,
        "held_out_agreement": {"retriever": info.acc_at_1_before, "student": info.acc_at_1},
        "reliability_in_manifest": judgement.reliability if judgement else None,
        "lists": {},
        "confidence_ece": {},
        "verdicts": {},
    }
    for name, lists in gold.lists.items():
        items = tuple(
            RankItem(MentionText(at, text), candidates)
            for at, (text, candidates) in enumerate(zip(gold.texts, lists, strict=True))
        )
        job = RecordingJob()
        seconds = student.rank(RankByStudent(info.folder, fingerprint, items), job).seconds
        after = [ranking for ranking in job.partials if isinstance(ranking, Ranking)]
        found["lists"][name] = gold.scores([ranking.candidates for ranking in after]) | {"seconds": round(seconds, 1)}
        found["confidence_ece"][name] = round(_calibration_error(after, gold.codes), 4)
        found["verdicts"][name] = _verdicts(after, gold.codes)
    return found


def _part(lists: Sequence[Sequence[Candidate]], codes: Sequence[str], flags: Sequence[bool]) -> dict[str, Any]:
    chosen = [([c.code for c in row], code) for row, code, flag in zip(lists, codes, flags, strict=True) if flag]
    hits = {f"acc@{k}": round(sum(code in row[:k] for row, code in chosen) / max(1, len(chosen)), 4) for k in (1, 5)}
    return {"n": len(chosen), **hits}


def _verdicts(rankings: Sequence[Ranking], codes: Sequence[str]) -> dict[str, Any]:
    """How often each verdict is given, the share of right first candidates under it, and of lists without the right."""
    found: dict[str, Any] = {}
    for verdict in ("exact", "close", "none"):
        rows = [(r, code) for r, code in zip(rankings, codes, strict=True) if r.verdict == verdict]
        right = sum(r.candidates[0].code == code for r, code in rows)
        missing = sum(code not in {c.code for c in r.candidates} for r, code in rows)
        count = max(1, len(rows))
        found[verdict] = {"n": len(rows), "right": round(right / count, 3), "missing": round(missing / count, 3)}
    return found


def _calibration_error(rankings: Sequence[Ranking], codes: Sequence[str], bins: int = 10) -> float:
    """Expected calibration error of the student's confidence."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for ranking, code in zip(rankings, codes, strict=True):
        sure = ranking.confidence or 0.0
        groups.setdefault(min(bins - 1, int(sure * bins)), []).append((sure, ranking.candidates[0].code == code))
    return sum(abs(sum(sure - right for sure, right in group)) for group in groups.values()) / len(rankings)


def _show(event: TrainingEvent) -> None:
    print(event, file=sys.stderr, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recipe", default="encoder-student")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--curve", action="store_true", help="also with fewer rankings")
    given = parser.parse_args()
    main(given.folder, given.recipe, given.seed, given.curve)
