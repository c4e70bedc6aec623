"""Imports of spoilt files, and what became of each: run by a child process that `mutated_files.py` watches.

An outcome is `refused` (with file and cure, nothing kept), `taken` (all that the file holds was kept), or a defect:
`foreign` (an exception that is not ours), `mute` (ours, without file or cure), `partial` (refused and something kept,
or taken and not all kept), `memory`.
"""

from __future__ import annotations

import json
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from helpers.importers import IMPORTERS, Importer, Partial
from helpers.mutations import spoil_path

from rpdr_core.errors import Bug, RpdrError

MEMORY_CAP = 3 << 30
DEFECTS = ("foreign", "mute", "partial", "memory")


@dataclass(frozen=True, slots=True)
class Outcome:
    number: int
    outcome: str
    what: str = ""
    seconds: float = 0.0


def spoilt(importer: Importer, seed: int, number: int, folder: Path) -> Path:
    """The file of that number: a sound one, spoilt."""
    rng = random.Random(f"{importer.name} {seed} {number}")
    sound = sorted(importer.seeds(folder / "sound"))
    path = folder / "spoilt" / rng.choice(sound).name
    path.parent.mkdir()
    source = next(one for one in sound if one.name == path.name)
    shutil.copytree(source, path) if source.is_dir() else shutil.copyfile(source, path)
    spoil_path(rng, path)
    return path


def take(importer: Importer, path: Path, folder: Path, number: int) -> Outcome:
    began = time.monotonic()

    def ended(outcome: str, what: str = "") -> Outcome:
        return Outcome(number, outcome, what[:2000], round(time.monotonic() - began, 3))

    try:
        importer.take(path, folder)
    except Partial as error:
        return ended("partial", str(error))
    except Bug as error:
        return ended("foreign", _traced(error))
    except RpdrError as error:
        told = error.file and error.hint and error.message
        return ended("refused", f"{type(error).__name__}: {error}") if told else ended("mute", _traced(error))
    except MemoryError as error:
        return ended("memory", _traced(error))
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return ended("foreign", _traced(error))
    return ended("taken")


def _traced(error: BaseException) -> str:
    return "".join(traceback.format_exception(error, limit=-4))


def outcomes(importer: Importer, seed: int, numbers: range) -> Iterator[Outcome]:
    for number in numbers:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "sound").mkdir()
            yield take(importer, spoilt(importer, seed, number, folder), folder / "kept", number)


def main() -> None:
    name, seed, first, last = sys.argv[1], *map(int, sys.argv[2:5])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_CAP, MEMORY_CAP))
    importer = next(one for one in IMPORTERS if one.name == name)
    print(json.dumps({"ready": True}), flush=True)
    for outcome in outcomes(importer, seed, range(first, last)):
        print(json.dumps(asdict(outcome)), flush=True)


if __name__ == "__main__":
    main()
