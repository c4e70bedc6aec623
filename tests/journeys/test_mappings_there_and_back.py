"""The command line as another program runs it: mappings to other formats and back, and a kill on the way."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers.command_line import kb_home
from helpers.mapped_projects import said

from rpdr_core.formats.mappings.own_table import HEADERS
from rpdr_core.store import Project, open_reader

__all__ = ["kb_home"]

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

SAME = "the target means the same as the source"
COMMAND = [sys.executable, "-c", "from rpdr_core.cli import main; main()"]
ROWS = 30_000


def _rpdr(*words: object) -> str:
    done = subprocess.run([*COMMAND, *map(str, words)], capture_output=True, text=True, timeout=300, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def _table(path: Path, rows: int) -> Path:
    codes = (("H53.8", "corrected"), ("H54.7", "accepted"), ("", "no_match"), ("", "unreviewed"))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, HEADERS, restval="")
        writer.writeheader()
        for number in range(rows):
            code, status = codes[number % len(codes)]
            row = {"mention": f"mention {number}", "context": f"seen: mention {number}", "count": number % 5 + 1}
            row |= {"row id": f"r{number}", "status": status, "code": code, "relation": SAME if code else ""}
            row |= {
                "reason": "unreadable" if status == "no_match" else "",
                "start": 6,
                "end": 6 + len(f"mention {number}"),
            }
            if status != "unreviewed":
                row |= {"reviewer": f"reviewer {number % 3}", "decided at": "2026-01-02T03:04:05.678Z"}
                row |= {"how decided": "open", "decision comment": "=sure" if number % 7 == 0 else ""}
            writer.writerow(row)
    return path


def test_through_every_format_and_back(tmp_path: Path, kb_home: Path) -> None:
    first = tmp_path / "first.rpdr"
    _rpdr("import", first, _table(tmp_path / "list.csv", 40), "--as", "mappings")
    _rpdr("export", first, "-o", tmp_path / "first.csv")
    for form, name in (("usagi", "a.csv"), ("fhir-r4", "a4.json"), ("fhir-r5", "a5.json"), ("xlsx", "a.xlsx")):
        _rpdr("export", first, "-o", tmp_path / name, "--format", form)
        other = tmp_path / f"{form}.rpdr"
        told = json.loads(_rpdr("import", other, tmp_path / name, "--as", "mappings", "--json"))
        assert (told["format"], told["fates"]) in ((form, {"taken": 30}), ("fhir-r4", {"taken": 30}))
        _rpdr("export", other, "-o", tmp_path / "again.csv")
        assert said(tmp_path / "again.csv") == said(tmp_path / "first.csv")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_kill_leaves_nothing_half_taken(tmp_path: Path, kb_home: Path) -> None:
    project, table = tmp_path / "p.rpdr", _table(tmp_path / "list.csv", ROWS)
    _rpdr("import", project, _table(tmp_path / "few.csv", 4), "--as", "mappings")
    log = project.with_name("p.rpdr-wal")
    process = subprocess.Popen([*COMMAND, "import", str(project), str(table), "--as", "mappings"])
    before = log.stat().st_size if log.exists() else 0
    end = time.monotonic() + 200
    # The log grows once pages of the transaction no longer fit in memory, or the work has gone on for a while.
    started = time.monotonic()
    while process.poll() is None and time.monotonic() < end:
        grown = log.exists() and log.stat().st_size > before
        if grown or time.monotonic() - started > 6:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    with Project.open(project) as opened:
        found = len(opened.sources()), opened.progress().mentions
        assert found in ((1, 4), (2, ROWS))
        assert opened.verify_audit().ok
    _rpdr("import", project, table, "--as", "mappings")
    with open_reader(project) as reader:
        assert (reader.progress().mentions, reader.progress().decided) == (ROWS, ROWS // 4 * 3)
