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
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from rpdr_core.cli import main as rpdr
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import BuildIndex, MentionText, OpenRetrieval, Retrieve
from rpdr_core.records import NewDecision, NewMention, Ranking
from rpdr_core.store import Project, QueueQuery, SourceFile, open_reader
from rpdr_core.workflow.consent import grant, set_masked_names
from rpdr_core.workflow.exporting import export_decisions
from rpdr_core.workflow.held_out import hold_out
from rpdr_core.workflow.importing import import_file
from rpdr_core.workflow.profiles import Profile
from rpdr_core.workflow.retrieving import reference
from rpdr_core.workflow.sample import PRIORITY, create_sample, sample_gold, sample_mentions

ROOT = Path(__file__).resolve().parent.parent
# Name, theme, language, page, and the mention that shows most: rankers that differ, notes that forbid, a long way down.
SHOTS = (
    ("review-light", "light", "en", "review", 14),
    ("review-dark", "dark", "en", "review", 76),
    ("review-chinese", "light", "zh_CN", "review", 127),
    ("teach-light", "light", "en", "teach", 1),
    ("teach-dark", "dark", "zh_CN", "teach", 1),
    ("train-light", "light", "en", "train", 1),
    ("compare-light", "light", "en", "compare", 1),
)
# Made up, as all of the sample: what a letter says around a mention, with what is masked and what is not.
LETTERS = (
    ("POAG OD", "Seen on 14 March 2026 with POAG OD, pressure 24; call 555-0137-442 with the result."),
    (
        "PSC cat L",
        "PSC cat L, for surgery on 2026-04-02; Mrs Osei will drive, told Dr Whitcombe by e-mail w@example.org.",
    ),
    ("CME after cat sx L", "MRN 00482913: CME after cat sx L, drops four times a day, next visit 12/05/2026."),
)
TEACHER = Profile("DeepSeek", "deepseek", "https://api.deepseek.com/v1", "deepseek-chat", key_env="DEEPSEEK_API_KEY")
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
    with Step("distilling the teacher into a student, and putting it in use"):
        distilled = distil(path, chosen.out / "distilled.rpdr")
    with Step("screenshots"):
        projects = {"teach": untaught(path, chosen.out / "untaught.rpdr"), "train": distilled, "compare": distilled}
        take(path, projects, chosen.screenshots or chosen.out)
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


def distil(sample: Path, path: Path) -> Path:
    """The sample decided by its gold codes, four in ten held out; a student trained on the rest, compared, promoted."""
    shutil.copyfile(sample, path)
    with sample_gold().open(encoding="utf-8", newline="") as stream:
        gold = [row["code"] for row in csv.DictReader(stream, delimiter="\t")]
    with Project.open(path) as project:
        hold_out(project, 0.4)
        for mention, code in zip(project.mentions(project.queue(QueueQuery(order="import"))), gold, strict=True):
            shown = tuple(project.rankings(mention.id))
            names = {one.code: one.name for ranking in shown for one in ranking.candidates}
            if not mention.code and code in names:
                kind = "accept" if shown[-1].candidates[0].code == code else "correct"
                project.decide(NewDecision(mention.id, kind, code, names[code], shown=shown), reviewer="demo")
    name = "eye-clinic"
    rpdr(["distill", str(path), "--name", name], standalone_mode=False)
    with open_reader(path) as reader:
        [adapter] = reader.adapters()
    rpdr(["adapters", "promote", str(path), adapter.id, "--yes"], standalone_mode=False)
    return path


def untaught(sample: Path, path: Path) -> Path:
    """The sample as it is before a teacher has seen it, with the consent to ask one. Nobody is asked."""
    with open_reader(sample) as reader:
        found = [one for id_ in reader.queue(QueueQuery()) for one in reader.rankings(id_) if one.ranker == "retriever"]
        info = reader.knowledge_base()
    with Project.create(path, name="Eye clinic", knowledge_base=info) as project:
        import_file(project, sample_mentions())
        ids = {mention.text: mention.id for mention in project.mentions(project.queue(QueueQuery()))}
        project.add_mentions(SourceFile("letters.csv", "0" * 64, "csv", "utf-8"), (NewMention(*one) for one in LETTERS))
        project.record_rankings(found)
        known = {ranking.mention_id: ranking for ranking in found}
        for mention in project.mentions(project.queue(QueueQuery())):
            if (mention.text, mention.context) in LETTERS:
                project.record_rankings([replace(known[ids[mention.text]], mention_id=mention.id)])
        set_masked_names(project, ("Osei",))
        grant(project, TEACHER, "demo", "Eye clinic", retention="30 days, by their terms")
    return path


def take(sample: Path, others: Mapping[str, Path], folder: Path) -> None:
    """Screenshots by the real program. The Teach page has a home of its own: the user's endpoints stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        config = Path(home) / "config" / "endpoints.json"
        config.parent.mkdir()
        config.write_bytes(msgspec.json.encode({"endpoints": [TEACHER]}))
        own = {"RPDR_HOME": home, "DEEPSEEK_API_KEY": "none"}
        for name, theme, language, page, mention in SHOTS:
            command = [sys.executable, "-m", "rpdr_desk", str(others.get(page, sample))]
            command += ["--screenshot", str(folder / f"{name}.png"), "--theme", theme, "--language", language]
            command += ["--size", SIZE, "--page", page, "--mention", str(mention)]
            # The pictures are taken of the window itself, so no screen is needed.
            env = {"QT_QPA_PLATFORM": "offscreen", **os.environ, **(own if page == "teach" else {})}
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
