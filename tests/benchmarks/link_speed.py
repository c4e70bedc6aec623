"""Linking a whole file beside what people use: `python tests/benchmarks/link_speed.py DATA_FOLDER [--rows 10000]`.

DATA_FOLDER holds `concepts.tsv` and `train.tsv` (AskAPatient). Two files are made from the training mentions and seeded
variations of them (letter case, typing errors, words before and behind): one where mentions repeat by Zipf's law with
20 % distinct, one all distinct. Each method reads the file, links each row to a concept, and writes it; only the
1,036 names are known, no training mention. All run with one thread, each in a process of its own, after the model is
loaded, the names are indexed and a few mentions were linked. Processor time of all processes, least of the repeats.

 ours        `link_file` with its worker, as `rpdr link` does, with the bundled encoder in what a check has found the
             fastest that is as good here; -bf16, -f32, -int8: forced
 st+faiss    sentence-transformers `encode` and `faiss.IndexFlatIP`, as their documents show, same encoder
 tf-idf      3-grams of characters and nearest neighbours, as scispaCy's candidate generator (scikit-learn, exact)
 rapidfuzz   `process.extractOne`

Needs `faiss-cpu` and `rapidfuzz` besides what the worker needs.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rpdr_core.encoder_queries import VARIABLE

if TYPE_CHECKING:
    from rpdr_core.records import NewMention, Ranking
    from rpdr_core.workflow.linking import Head, Linker

METHODS = ("ours", "ours-bf16", "ours-f32", "ours-int8", "st+faiss", "tf-idf", "rapidfuzz")
BEFORE = ("bad", "some", "very bad", "my", "slight", "constant", "mild", "really")
BEHIND = ("again", "at night", "all day", "since last week", "after taking it", "every morning")
Rows = list[tuple[str, str]]
Step = Callable[[Path, Path], None]


def variations(train: Rows, distinct: int, rng: random.Random) -> Rows:
    """So many distinct mentions with their codes: half as written, half varied."""
    found: dict[str, str] = {}
    while len(found) < distinct:
        text, code = rng.choice(train)
        found.setdefault(text if rng.random() < 0.5 else varied(text, rng), code)
        if len(found) == distinct // 2:
            train = [(varied(one, rng), code) for one, code in train]
    return list(found.items())


def varied(text: str, rng: random.Random) -> str:
    kind = rng.randrange(4)
    if kind == 0:
        return text.upper() if rng.random() < 0.5 else text.capitalize()
    if kind == 1 and len(text) > 4:
        at = rng.randrange(1, len(text) - 1)
        return (
            text[:at] + text[at + 1] + text[at] + text[at + 2 :] if rng.random() < 0.5 else text[:at] + text[at + 1 :]
        )
    return f"{rng.choice(BEFORE)} {text}" if kind == 2 else f"{text} {rng.choice(BEHIND)}"


def zipf(distinct: Rows, rows: int, rng: random.Random) -> Rows:
    """Each at least once, the rest by 1/rank."""
    weights = [1 / rank for rank in range(1, len(distinct) + 1)]
    drawn = [*distinct, *rng.choices(distinct, weights, k=rows - len(distinct))]
    rng.shuffle(drawn)
    return drawn


def linker(folder: Path) -> tuple[Linker, Head]:
    """A worker that links to the folder's concepts, as `rpdr link` has it."""
    from rpdr_core.knowledge_base.library import Library
    from rpdr_core.protocol.client import WorkerClient
    from rpdr_core.protocol.messages import LinkMentions, MentionText
    from rpdr_core.workflow.linking import CHUNK, Head
    from rpdr_core.workflow.retrieving import open_retrieval

    worker = WorkerClient.start()
    state = open_retrieval(worker, Library().open(str(folder / "concepts.tsv")))

    def link(batch: list[NewMention]) -> list[Ranking]:
        found: list[Ranking] = []
        items = tuple(MentionText(at, item.text, item.context) for at, item in enumerate(batch))
        worker.call("link", LinkMentions(state.fingerprint, items), on_partial=found.append)
        return found

    return link, Head(folder.name, state.fingerprint, "retriever", state.inputs, CHUNK)


def ours(folder: Path) -> tuple[Step, Callable[[], list[int]]]:
    from rpdr_core.formats.mentions import read_mentions
    from rpdr_core.workflow.linking import link_file

    link, head = linker(folder)

    def step(source: Path, target: Path) -> None:
        link_file(lambda: read_mentions(source), target, head, link, restart=True, on_progress=lambda _, __: None)

    return step, lambda: [os.getpid(), *children(os.getpid())]


def st_faiss(folder: Path) -> tuple[Step, Callable[[], list[int]]]:
    import faiss
    from sentence_transformers import SentenceTransformer

    from rpdr_worker.retrieval.encoder_folder import open_encoder_folder

    model = SentenceTransformer(str(open_encoder_folder("").path), device="cpu")
    names = concepts(folder)
    vectors = model.encode([name for name, _ in names], normalize_embeddings=True)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)

    def nearest(mentions: list[str]) -> list[int]:
        _, found = index.search(model.encode(mentions, normalize_embeddings=True), 1)
        return [int(one) for one in found[:, 0]]

    return simple(names, nearest)


def tf_idf(folder: Path) -> tuple[Step, Callable[[], list[int]]]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.neighbors import NearestNeighbors

    names = concepts(folder)
    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), min_df=1)
    neighbours = NearestNeighbors(n_neighbors=1, metric="cosine", algorithm="brute")
    neighbours.fit(vectoriser.fit_transform([name for name, _ in names]))

    def nearest(mentions: list[str]) -> list[int]:
        found = neighbours.kneighbors(vectoriser.transform(mentions), return_distance=False)
        return [int(one) for one in found[:, 0]]

    return simple(names, nearest)


def rapidfuzz(folder: Path) -> tuple[Step, Callable[[], list[int]]]:
    from rapidfuzz import process, utils

    names = concepts(folder)
    choices = [name for name, _ in names]

    def nearest(mentions: list[str]) -> list[int]:
        return [int(process.extractOne(one, choices, processor=utils.default_process)[2]) for one in mentions]

    return simple(names, nearest)


def simple(names: Rows, nearest: Callable[[list[str]], list[int]]) -> tuple[Step, Callable[[], list[int]]]:
    def step(source: Path, target: Path) -> None:
        with source.open(encoding="utf-8", newline="") as stream:
            mentions = [row["mention"] for row in csv.DictReader(stream)]
        with target.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("mention", "code", "name"))
            for mention, at in zip(mentions, nearest(mentions), strict=True):
                writer.writerow((mention, names[at][1], names[at][0]))

    return step, lambda: [os.getpid()]


def concepts(folder: Path) -> Rows:
    with (folder / "concepts.tsv").open(encoding="utf-8", newline="") as stream:
        return [(row["name"], row["code"]) for row in csv.DictReader(stream, delimiter="\t")]


def child(method: str, folder: Path, files: list[Path]) -> None:
    """Run one method over the files; prints processor seconds, seconds, accuracy of each, and peak memory."""
    make = dict(zip(METHODS, (ours, ours, ours, ours, st_faiss, tf_idf, rapidfuzz), strict=True))[method]
    step, pids = make(folder)
    out: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as work:
        step(files[0], Path(work) / "warm.csv")
        for file in files[1:]:
            target = Path(work) / f"{file.stem}.out.csv"
            spent, wall = sum(map(cpu, pids())), time.perf_counter()
            step(file, target)
            spent, wall = sum(map(cpu, pids())) - spent, time.perf_counter() - wall
            out[file.stem] = {"cpu_s": spent, "wall_s": wall, "acc@1": _accuracy(file, target)}
    out["peak_mib"] = round(sum(map(peak, pids())) / 1024)
    print("RESULT " + json.dumps(out), flush=True)
    os._exit(0)


def _accuracy(gold: Path, found: Path) -> float:
    with gold.open(encoding="utf-8", newline="") as one, found.open(encoding="utf-8", newline="") as other:
        right = [a["answer"] == b["code"] for a, b in zip(csv.DictReader(one), csv.DictReader(other), strict=True)]
    return round(sum(right) / len(right), 4)


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in found for child in file.read_text().split()]


def cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--rows", type=int, default=10_000, help="rows of the file with repetition; a fifth is distinct"
    )
    parser.add_argument("--distinct", type=int, default=3_000, help="rows of the file without")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--child", choices=METHODS)
    parser.add_argument("--files", nargs="*", type=Path, default=[])
    given = parser.parse_args()
    if given.child:
        child(given.child, given.folder, given.files)
    with tempfile.TemporaryDirectory() as work:
        files = made(given.folder, Path(work), given.rows, given.distinct)
        runs: dict[str, list[dict[str, object]]] = {method: [] for method in METHODS}
        for _ in range(given.repeats):
            for method in METHODS:
                runs[method].append(measured(method, given.folder, files))
    table(runs, {"zipf": given.rows, "distinct": given.distinct})


def made(folder: Path, work: Path, rows: int, distinct: int) -> list[Path]:
    train, rng = train_of(folder), random.Random(6)
    data = {
        "warm": variations(train, 100, rng),
        "zipf": zipf(variations(train, rows // 5, rng), rows, rng),
        "distinct": variations(train, distinct, rng),
    }
    for name, mentions in data.items():
        with (work / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("mention", "answer"))
            writer.writerows(mentions)
    return [work / f"{name}.csv" for name in data]


def train_of(folder: Path) -> Rows:
    with (folder / "train.tsv").open(encoding="utf-8", newline="") as stream:
        return [(row["mention"], row["code"]) for row in csv.DictReader(stream, delimiter="\t")]


def measured(method: str, folder: Path, files: list[Path]) -> dict[str, object]:
    command = [sys.executable, __file__, str(folder), "--child", method, "--files", *map(str, files)]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    if method.startswith("ours-"):
        env[VARIABLE] = method.removeprefix("ours-")
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    found: dict[str, object] = json.loads(line.removeprefix("RESULT "))
    print(method, json.dumps(found), file=sys.stderr, flush=True)
    return found


def table(runs: dict[str, list[dict[str, object]]], rows: dict[str, int]) -> None:
    for name, count in rows.items():
        best = {m: min((one[name] for one in found), key=lambda r: r["cpu_s"]) for m, found in runs.items()}  # type: ignore[index]
        print(f"\n{name}: {count:,} rows")
        print("| method | mentions per cpu-s | times st+faiss | acc@1 | peak MiB |\n|---|---|---|---|---|")
        for method, one in best.items():
            ratio = best["st+faiss"]["cpu_s"] / one["cpu_s"]  # type: ignore[index]
            peak = min(int(run["peak_mib"]) for run in runs[method])  # type: ignore[call-overload]
            print(f"| {method} | {count / one['cpu_s']:,.0f} | {ratio:.1f} | {one['acc@1']:.3f} | {peak:,} |")  # type: ignore[index]


if __name__ == "__main__":
    main()
