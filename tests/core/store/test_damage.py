"""Damaged and forged files: reported or harmless, never a crash, never a hang."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.projects import accept, correct, new_project, ranking

from rpdr_core.errors import Cancelled, DamagedFileError, FileFormatError
from rpdr_core.store import Project, database

ROUNDS = 400

CHILD = """
import random, sys
from collections import Counter
from pathlib import Path
from rpdr_core.errors import DamagedFileError, FileFormatError, NotAllowedError, RpdrError, WorldError
from rpdr_core.records import NewDecision
from rpdr_core.store import Project, QueueQuery

folder, seed, rounds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
good = (folder / "clinic.rpdr").read_bytes()
rng = random.Random(seed)
outcomes = Counter()

def mutated():
    data = bytearray(good)
    kind = rng.choice(["cut", "header", "bytes", "page", "swap", "text"])
    if kind == "cut":
        del data[rng.randrange(1, len(data)):]
    elif kind == "header":
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(16, 100)] = rng.randrange(256)
    elif kind == "bytes":
        for _ in range(rng.randint(1, 30)):
            data[rng.randrange(100, len(data))] = rng.randrange(256)
    elif kind == "page":
        at = rng.randrange(1, len(data) // 4096) * 4096
        data[at:at + 4096] = bytes(4096)
    elif kind == "swap":
        a, b = (rng.randrange(1, len(data) // 4096) * 4096 for _ in range(2))
        data[a:a + 4096], data[b:b + 4096] = data[b:b + 4096], data[a:a + 4096]
    else:
        at = data.find(b"blurry", rng.randrange(len(data)))
        if at >= 0:
            data[at:at + 2] = b"\\xff\\xfe"
    return bytes(data)

def exercise(project):
    for order in ("import", "frequent", "least_sure", "disagreement", "text"):
        ids = project.queue(QueueQuery(order=order))
    for mention in project.mentions(ids):
        project.rankings(mention.id)
        project.decision(mention.id)
    list(project.decisions()), project.memory(), project.progress(), project.knowledge_base(), project.verify_audit()
    list(project.source_rows(1)), project.shown(1), project.undo_text()
    project.undo(), project.redo()
    project.decide(NewDecision(2, "defer"))

for number in range(rounds):
    path = folder / f"m{number}.rpdr"
    path.write_bytes(mutated())
    try:
        with Project.open(path) as project:
            exercise(project)
        outcomes["unharmed"] += 1
    except (DamagedFileError, FileFormatError, NotAllowedError, WorldError) as error:
        outcomes[type(error).__name__] += 1
    except RpdrError as error:
        outcomes[f"OTHER {error.code} {error.message}"] += 1
    except Exception as error:
        outcomes[f"FOREIGN {type(error).__name__}"] += 1
    path.unlink()
for name, count in sorted(outcomes.items()):
    print(count, name)
"""


def test_mutated_files_never_take_the_process_down(tmp_path: Path) -> None:
    texts = [f"blurry vision {i}" for i in range(150)]
    with new_project(tmp_path, texts) as project:
        project.record_rankings([ranking(i, "retriever", "H1", "H2", confidence=0.5) for i in range(1, 60)])
        project.decide_many([accept(i) for i in range(1, 30)])
        project.decide(correct(40))
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), "20261121", str(ROUNDS)],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    outcomes = {line.split(" ", 1)[1]: int(line.split(" ", 1)[0]) for line in done.stdout.splitlines()}
    assert sum(outcomes.values()) == ROUNDS
    assert not [name for name in outcomes if name.startswith(("OTHER", "FOREIGN"))], outcomes
    assert outcomes["DamagedFileError"] > ROUNDS // 4, outcomes


def test_random_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.rpdr"
    path.write_bytes(random.Random(0).randbytes(50_000))
    with pytest.raises(FileFormatError):
        Project.open(path)


def test_a_large_file_is_checked_by_who_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with new_project(tmp_path, [f"mention {i}" for i in range(500)]) as project:
        project.check_file()
        root = int(project._connection.value("SELECT rootpage FROM sqlite_master WHERE name = 'mention_worth'"))
    data = bytearray(project.path.read_bytes())
    data[(root - 1) * 4096 + 8 : (root - 1) * 4096 + 200] = bytes(192)
    project.path.write_bytes(data)
    with pytest.raises(DamagedFileError):
        Project.open(project.path)
    monkeypatch.setattr(database, "SMALL_BYTES", 0)
    with Project.open(project.path) as large:
        with pytest.raises(DamagedFileError):
            large.check_file()
        monkeypatch.setattr(database, "STEPS_BETWEEN_STOPS", 1)
        with pytest.raises(Cancelled):
            large.check_file(lambda: True)
        assert large.progress().mentions == 500, "a stopped check leaves the connection as it was"
        with pytest.raises(DamagedFileError):
            large.backup(tmp_path / "backups")
