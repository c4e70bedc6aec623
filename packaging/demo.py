"""The main job on the sample project without a screen: import, retrieve, rank, link, export, screenshot.

    python packaging/demo.py [--out FOLDER] [--screenshots FOLDER]

Everything is synthetic. Nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from rpdr_core.cli import main as rpdr
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import BuildIndex, MentionText, OpenRetrieval, Retrieve
from rpdr_core.records import NewDecision, Ranking
from rpdr_core.store import Project, QueueQuery
from rpdr_core.workflow.exporting import export_decisions
from rpdr_core.workflow.retrieving import reference
from rpdr_core.workflow.sample import PRIORITY, create_sample, sample_gold, sample_mentions

ROOT = Path(__file__).resolve().parent.parent
# Name, theme, language, and the mention that shows most: rankers that differ, notes that forbid, a long way down.
SHOTS = (
    ("review-light", "light", "en", 14),
    ("review-dark", "dark", "en", 76),
    ("review-chinese", "light", "zh_CN", 127),
)
SIZE = "1440x900"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=ROOT / "out" / "demo")
    options.add_argument("--screenshots", type=Path)
    chosen = options.parse_args()
    shutil.rmtree(chosen.out, ignore_errors=True)
    chosen.out.mkdir(parents=True)
    path = chosen.out / "sample.rpdr"
    with Step("sample project"):
        project = create_sample(path)
    with Step("retrieval"):
        retrieve_all(project)
    decide_some(project)
    with Step("export"):
        export_decisions(project, chosen.out / "decisions.csv")
    project.close()
    with Step("linking the sample file"):
        rpdr(
            ["link", str(sample_mentions()), "-o", str(chosen.out / "linked.csv"), "--kb", "icd10cm"],
            standalone_mode=False,
        )
    with Step("scoring against the sample's gold codes"):
        rpdr(["evaluate", str(gold_in_context(chosen.out)), "--kb", "icd10cm"], standalone_mode=False)
    with Step("screenshots"):
        take(path, chosen.screenshots or chosen.out)
    print(f"\nResults: {chosen.out}")
    for file in sorted(chosen.out.iterdir()):
        if file.suffix in (".csv", ".png", ".rpdr"):
            print(f"  {file.name:<24} {file.stat().st_size:>10,} bytes")


def retrieve_all(project: Project) -> None:
    """Embed the eye chapter, then rank every mention and keep the rankings."""
    with WorkerClient.start() as worker:
        catalogue = Library().open("icd10cm")
        state = worker.call("retrieval.open", OpenRetrieval(reference(catalogue, PRIORITY)))
        worker.call("index.build", BuildIndex(state.fingerprint, priority_only=True))
        found: list[Ranking] = []
        mentions = project.mentions(project.queue(QueueQuery()))
        texts = tuple(MentionText(mention.id, mention.text, mention.context) for mention in mentions)
        worker.call("retrieve", Retrieve(state.fingerprint, texts), on_partial=found.append)
        project.record_rankings(found)


def decide_some(project: Project) -> None:
    """Decide the thirty most frequent mentions where retriever and teacher agree, as a reviewer would begin."""
    for mention in project.mentions(project.queue(QueueQuery(order="frequent"))[:40]):
        rankings = project.rankings(mention.id)
        firsts = {ranking.candidates[0].code for ranking in rankings if ranking.candidates}
        if len(rankings) > 1 and len(firsts) == 1:
            best = rankings[0].candidates[0]
            project.decide(
                NewDecision(mention.id, "accept", best.code, best.name, shown=tuple(rankings)), reviewer="demo"
            )


def gold_in_context(folder: Path) -> Path:
    """The sample's mentions with their contexts and gold codes, as one file."""
    with sample_gold().open(encoding="utf-8", newline="") as stream:
        gold = {row["id"]: row["code"] for row in csv.DictReader(stream, delimiter="\t")}
    path = folder / "gold.csv"
    with (
        sample_mentions().open(encoding="utf-8", newline="") as source,
        path.open("w", encoding="utf-8", newline="") as target,
    ):
        writer = csv.writer(target)
        writer.writerow(["id", "mention", "context", "code"])
        for row in csv.DictReader(source):
            writer.writerow([row["id"], row["mention"], row["context"], gold[row["id"]]])
    return path


def take(project: Path, folder: Path) -> None:
    """Screenshots of the review window by the real program."""
    folder.mkdir(parents=True, exist_ok=True)
    # The pictures are taken of the window itself, so no screen is needed.
    env = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    for name, theme, language, mention in SHOTS:
        command = [sys.executable, "-m", "rpdr_desk", str(project), "--screenshot", str(folder / f"{name}.png")]
        command += ["--theme", theme, "--language", language, "--size", SIZE, "--mention", str(mention)]
        subprocess.run(command, check=True, cwd=ROOT, env=env, timeout=180)


class Step:
    """Say what is going on and how long it took."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        print(f"\n== {self.name}", flush=True)
        self.began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        print(f"{self.name}: {time.monotonic() - self.began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
