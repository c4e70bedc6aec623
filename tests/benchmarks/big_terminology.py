"""What a terminology of SNOMED CT's size costs: import, indexes, and how long a search of it takes.

`OMP_NUM_THREADS=1 python tests/benchmarks/big_terminology.py [--folder F] [--concepts 350000] [--searches 1200]`

A release is made (see tests/helpers/rf2_release.py; one that lies in `--folder` already is used), imported by
`Library.import_release`, indexed for the desk's search and for the worker's lexical retrieval, and searched. Each stage
is a process of its own: seconds by the clock and of the processor, and the most memory that it ever held. The judged
limits: import 360 s and 1.5 GiB, lexical index 180 s, a search 30 ms for 99 of 100.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers.rf2_release import Plan, make_release

from rpdr_core.knowledge_base.catalogue import read_entities
from rpdr_core.knowledge_base.importing import look
from rpdr_core.knowledge_base.library import Library
from rpdr_core.records import Entity
from rpdr_core.store import EntitySearch
from rpdr_core.store.search_index import search_key

if TYPE_CHECKING:
    from rpdr_worker.retrieval.space import Space

Figures = dict[str, object]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def stages() -> dict[str, Callable[[argparse.Namespace], Figures]]:
    return {
        "make": _make,
        "look": _look,
        "import": _import,
        "open": _open,
        "search index": _index,
        "search": _search,
        "worker, first": _worker,
        "worker, again": _worker,
        "retrieve": _retrieve,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--concepts", type=int, default=350_000)
    parser.add_argument("--searches", type=int, default=1_200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--full", action="store_true", help="make a Full instead of a Snapshot")
    parser.add_argument("--only", action="append", choices=sorted(stages()), help="stages to run (default: all)")
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        _run(options)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"{'stage':16}{'clock':>10}{'processor':>12}{'memory':>12}")
        for stage in options.only or stages():
            _start(stage, folder, options)


def _start(stage: str, folder: Path, options: argparse.Namespace) -> None:
    """Run one stage in a child and print what it came to."""
    command = [sys.executable, __file__, "--stage", stage, "--folder", str(folder)]
    command += ["--concepts", str(options.concepts), "--searches", str(options.searches), "--seed", str(options.seed)]
    command += ["--full"] if options.full else []
    done = subprocess.run(
        command, env={**os.environ, "RPDR_HOME": str(folder / "home")}, stdout=subprocess.PIPE, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    print(f"{stage:16}{found['clock']:>8.1f} s{found['processor']:>10.1f} s{found['memory']:>8.0f} MiB", flush=True)
    for line in found["lines"]:
        print(f"    {line}", flush=True)


def _run(options: argparse.Namespace) -> None:
    began, spent = time.monotonic(), time.process_time()
    lines = [f"{name}: {value}" for name, value in stages()[options.stage](options).items()]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    clock, processor = time.monotonic() - began, time.process_time() - spent
    print(json.dumps({"clock": clock, "processor": processor, "memory": memory, "lines": lines}))


def _release(options: argparse.Namespace) -> Path:
    return Path(options.folder / f"release-{options.concepts}-{options.seed}{'-full' if options.full else ''}.zip")


def _make(options: argparse.Namespace) -> Figures:
    path = _release(options)
    if path.exists():
        return {"used": path.name}
    plan = Plan(options.concepts, seed=options.seed, extension=options.concepts // 200, full=options.full)
    made = make_release(path, plan)
    return {"concepts": f"{made.concepts:,}", "descriptions": f"{made.descriptions:,}"}


def _look(options: argparse.Namespace) -> Figures:
    found = look(_release(options))
    return {"shown": f"{len(found.entities)} of {found.estimate:,} entities", "dialects": len(found.dialects)}


def _import(options: argparse.Namespace) -> Figures:
    info = Library().import_release(_release(options), id="big").info
    return {"entities": f"{info.entities:,}", "distinct terms": f"{info.terms:,}"}


def _open(options: argparse.Namespace) -> Figures:
    catalogue = Library().open("big")
    mapped = next(entity.code for entity in catalogue.entities() if catalogue.maps([entity.code]))
    return {"a map of one concept": catalogue.maps([mapped])[mapped][0].target}


def _index(options: argparse.Namespace) -> Figures:
    folder = Library().open("big").folder
    for old in folder.glob("search-*.sqlite"):
        old.unlink()
    began = time.process_time()
    EntitySearch(folder).close()
    size = sum(path.stat().st_size for path in folder.glob("search-*.sqlite"))
    return {"processor": f"{time.process_time() - began:.1f} s", "file": f"{size / (1 << 20):.0f} MiB"}


def _search(options: argparse.Namespace) -> Figures:
    """Every way of asking, each in equal number, of names drawn from the whole terminology."""
    folder = Library().open("big").folder
    chance = random.Random(options.seed)
    drawn = _drawn(read_entities(folder), max(options.searches, 1_000), chance)
    search = EntitySearch(folder)
    found: Figures = {}
    every: list[float] = []
    for kind, ask in _asking(chance).items():
        times = [_timed(search, ask(entity)) for entity in drawn[: options.searches // len(_asking(chance))]]
        every += times
        found[kind] = _spread(times)
    found[f"all {len(every):,}"] = _spread(every)
    search.close()
    return found


def _asking(chance: random.Random) -> dict[str, Callable[[Entity], str]]:
    def words(entity: Entity) -> list[str]:
        return search_key(entity.name).split()

    def longest(entity: Entity) -> str:
        return max(words(entity), key=len)

    return {
        "code": lambda entity: entity.code,
        "whole name": lambda entity: entity.name,
        "first 2 letters": lambda entity: entity.name[:2],
        "first 5 letters": lambda entity: entity.name[:5],
        "first 9 letters": lambda entity: entity.name[:9],
        "frequent word": lambda entity: min(words(entity), key=len),
        "rare word": longest,
        "two words": lambda entity: " ".join(chance.sample(words(entity) * 2, 2)),
        "three beginnings": lambda entity: " ".join(word[:3] for word in words(entity)[:3]),
        "part of a word": lambda entity: longest(entity)[2:7],
        "misspelt": lambda entity: _misspelt(longest(entity), chance),
        "name with a typo": lambda entity: entity.name.replace(longest(entity), _misspelt(longest(entity), chance)),
        "nothing there": lambda entity: "".join(chance.choices(_LETTERS, k=12)),
    }


def _misspelt(word: str, chance: random.Random) -> str:
    at = chance.randrange(max(1, len(word) - 1))
    return word[:at] + chance.choice(_LETTERS) + word[at + 1 :]


def _timed(search: EntitySearch, query: str) -> float:
    began = time.perf_counter()
    search.search(query)
    return time.perf_counter() - began


def _worker(options: argparse.Namespace) -> Figures:
    """What `rpdr retrieve` without dense vectors needs before its first answer."""
    space = _space()
    return {"strings": f"{len(space.segments[0]):,}"}


def _retrieve(options: argparse.Namespace) -> Figures:
    space, chance = _space(), random.Random(options.seed)
    drawn = _drawn(iter(space.terminology.entities), min(options.searches, 1_000), chance)
    times = []
    for entity in drawn:
        began = time.perf_counter()
        space.retriever.retrieve([_misspelt(entity.name, chance)], 10, mode="lexical")
        times.append(time.perf_counter() - began)
    return {f"{len(times):,} mentions": _spread(times)}


def _space() -> Space:
    from rpdr_worker.retrieval.space import Space

    catalogue = Library().open("big")
    return Space(
        catalogue.folder,
        catalogue.info.fingerprint,
        lexicons=catalogue.lexicons,
        tokens=catalogue.tokens,
        paraphrases=catalogue.paraphrases,
    )


def _drawn(entities: Iterator[Entity], count: int, chance: random.Random) -> list[Entity]:
    """A sample of active entities without holding all of them."""
    kept: list[Entity] = []
    for at, entity in enumerate(entity for entity in entities if entity.active):
        if len(kept) < count:
            kept.append(entity)
        elif (place := chance.randrange(at + 1)) < count:
            kept[place] = entity
    chance.shuffle(kept)
    return kept


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    figures = (statistics.median(ordered), p99, ordered[-1])
    return "p50 {:.1f} ms, p99 {:.1f} ms, slowest {:.1f} ms".format(*(1000 * figure for figure in figures))


if __name__ == "__main__":
    main()
