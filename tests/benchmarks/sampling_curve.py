"""How much a student learns from n teacher's answers, by who was asked and with the noise filter off and on.

`python tests/benchmarks/sampling_curve.py FOLDER [--sizes 250,500,1000] [--strategies first,random,uncertain]
[--filters none,verdict] [--seed 0]`

FOLDER as for `student_askapatient.py`, with `train.tsv` too. The pool are the mentions of `teacher_rankings.jsonl`; how
often each occurs is counted in `train.tsv`, whose labels are not read. Choosing sees what it would see in a project:
the retriever's first candidate and confidence, texts and counts, never the teacher's answer. Each student is judged on
`validation.tsv`: acc@1 of our retriever's lists after re-ranking.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rpdr_core.folding import fold
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.protocol.messages import MentionText, RankByStudent, RankItem, TrainingRow, TrainingSpec
from rpdr_core.records import Candidate, Ranking
from rpdr_core.store import Askable
from rpdr_core.workflow.distilling import split
from rpdr_core.workflow.noise_filters import weighed
from rpdr_core.workflow.origins import WEIGHTS, Origin
from rpdr_core.workflow.recorded_rankings import RecordedRanking, read_rankings
from rpdr_core.workflow.sampling import pick
from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.entry import train
from rpdr_worker.egress import go_offline
from rpdr_worker.job import RecordingJob
from rpdr_worker.ranking import student
from rpdr_worker.retrieval.confidence import confidence
from rpdr_worker.retrieval.space import Space

_K = 10
_ORIGINS: dict[str, Origin] = {"exact": "teacher-exact", "close": "teacher-close", "none": "teacher-none"}


def main(options: argparse.Namespace) -> None:
    catalogue = Library().open(str(options.folder / "concepts.tsv"))
    space = Space(
        catalogue.folder, catalogue.info.fingerprint, tokens=catalogue.tokens, paraphrases=catalogue.paraphrases
    )
    space.build(lambda: None, lambda done, total: None)
    names = {entity.code: entity.name for entity in catalogue.entities()}
    lines = read_rankings(options.folder / "teacher_rankings.jsonl", names)
    pool = asked(space, lines, options.folder / "train.tsv")
    rows = rows_of(space, lines, names)
    items, codes = questions(space, options.folder / "validation.tsv")
    before = accuracy([item.candidates for item in items], codes)
    print(json.dumps({"retriever acc@1": before, "pool": len(pool), "judged on": len(codes)}), flush=True)
    for size in map(int, options.sizes.split(",")):
        for strategy in options.strategies.split(","):
            chosen = pool[:size] if strategy == "first" else pick(pool, size, strategy, options.seed)
            for name in options.filters.split(","):
                began = time.monotonic()
                acc = taught([rows[mention.id] for mention in chosen], name, catalogue, items, codes, options.seed)
                found = {"n": size, "strategy": strategy, "filter": name, "acc@1": acc, **described(chosen, lines)}
                print(json.dumps({**found, "seconds": round(time.monotonic() - began, 1)}), flush=True)


def asked(space: Space, lines: Sequence[RecordedRanking], train_file: Path) -> list[Askable]:
    """The pool, one entry a line of the rankings."""
    with train_file.open(encoding="utf-8", newline="") as file:
        counts = Counter(fold(row["mention"]) for row in csv.DictReader(file, delimiter="\t"))
    found = space.retriever.retrieve([line.mention for line in lines], _K, encoder=space.encoder())
    return [
        Askable(at, fold(line.mention), max(1, counts[fold(line.mention)]), confidence(one), one.candidates[0].code)
        for at, (line, one) in enumerate(zip(lines, found, strict=True))
    ]


def rows_of(space: Space, lines: Sequence[RecordedRanking], names: dict[str, str]) -> list[TrainingRow]:
    """The recorded rankings with our retriever's scores."""
    texts = [line.mention for line in lines]
    found = space.retriever.retrieve(texts, space.entities(), encoder=space.encoder())
    return [_row(line, names, one.candidates) for line, one in zip(lines, found, strict=True)]


def _row(line: RecordedRanking, names: dict[str, str], retrieved: Sequence[Candidate]) -> TrainingRow:
    known = {candidate.code: candidate for candidate in retrieved}
    lowest = retrieved[-1].score
    candidates = tuple(
        known.get(code) or Candidate(code, names[code], names[code], "name", lowest) for code in line.candidates
    )
    origin = _ORIGINS[line.verdict]
    order = tuple(number - 1 for number in line.order)
    return TrainingRow(line.mention, "", candidates, order, origin, WEIGHTS[origin], (), line.verdict)


def questions(space: Space, file: Path) -> tuple[tuple[RankItem, ...], list[str]]:
    gold = list(read_mentions(file))
    lists = space.retriever.retrieve([mention.text for mention in gold], _K, encoder=space.encoder())
    items = tuple(
        RankItem(MentionText(at, mention.text), found.candidates)
        for at, (mention, found) in enumerate(zip(gold, lists, strict=True))
    )
    return items, [mention.code for mention in gold]


def taught(
    rows: Sequence[TrainingRow],
    noise_filter: str,
    catalogue: Catalogue,
    items: tuple[RankItem, ...],
    codes: Sequence[str],
    seed: int,
) -> float:
    """acc@1 on validation of a student of these rows. One row in ten only tells it when to stop."""
    training, held = split(rows, seed=seed)
    kept, _ = weighed(training, noise_filter)  # type: ignore[arg-type]
    fingerprint = catalogue.info.fingerprint
    with tempfile.TemporaryDirectory() as folder:
        spec = TrainingSpec("encoder-student", fingerprint, seed=seed)
        info = train(spec, kept, held, Path(folder) / "adapter", PlainContext())
        job = RecordingJob()
        student.rank(RankByStudent(info.folder, fingerprint, items), job)
    ranked = [partial for partial in job.partials if isinstance(partial, Ranking)]
    return accuracy([ranking.candidates for ranking in ranked], codes)


def accuracy(lists: Sequence[Sequence[Candidate]], codes: Sequence[str]) -> float:
    hits = sum(bool(row) and row[0].code == code for row, code in zip(lists, codes, strict=True))
    return round(hits / max(1, len(codes)), 4)


def described(chosen: Sequence[Askable], lines: Sequence[RecordedRanking]) -> dict[str, object]:
    """What kind of answers were bought: by verdict, and how often the teacher moved another candidate to the front."""
    answers = [lines[mention.id] for mention in chosen]
    return {
        "verdicts": dict(sorted(Counter(answer.verdict for answer in answers).items())),
        "moved": round(sum(answer.order[0] != 1 for answer in answers) / max(1, len(answers)), 3),
        "entities": len({answer.candidates[answer.order[0] - 1] for answer in answers}),
    }


if __name__ == "__main__":
    go_offline()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", default="250,500,1000")
    parser.add_argument("--strategies", default="first,random,uncertain")
    parser.add_argument("--filters", default="none,verdict")
    parser.add_argument("--seed", type=int, default=0)
    main(parser.parse_args())
