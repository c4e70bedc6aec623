"""Make the golden project file of the present schema: `PYTHONPATH=tests python tests/upgrades/make_golden.py`.

Run it once when a schema is released, commit the file, and never make that version's file again: it stands for the
files that users have. Its content is spelled out in `EXPECTED` and checked by `test_golden.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from helpers.projects import TEXTS, accept, correct, new_project, ranking

from rpdr_core.records import NewDecision
from rpdr_core.store.migrations import SCHEMA_VERSION

FOLDER = Path(__file__).parent


def make(folder: Path, name: str) -> Path:
    """A project with something in every table: undone and replaced decisions, a step to redo, old rankings."""
    with new_project(folder, TEXTS, name=name) as project:
        project.record_rankings(
            [ranking(i, "retriever", "H53.8", "H54.6", confidence=i / 10) for i in range(1, 5)]
            + [ranking(i, "teacher", "H54.6", "H53.8", verdict="close") for i in range(1, 3)]
        )
        project.record_rankings([ranking(1, "teacher", "H53.8", "H54.6", verdict="exact", model="m2")])
        project.record_rankings([ranking(2, "student:abc", "H00", "H53.8", confidence=0.75)])
        project.decide(accept(1), reviewer="anna")
        project.decide_many([correct(2), accept(3)], reviewer="bo", summary="two at once")
        project.decide(NewDecision(4, "no_match", reason="not_in_terminology", comment="ask", seconds=4.5))
        project.decide(correct(1, "H54.6"), reviewer="bo")
        project.set_flag(5, True)
        project.set_comment(6, "跌倒史")
        project.undo()
        project.set_setting("threshold", "0.7")
    return project.path


if __name__ == "__main__":
    target = FOLDER / f"schema-{SCHEMA_VERSION}.rpdr"
    if target.exists():
        raise SystemExit(f"{target.name} exists: a golden file is made once")
    sys.stdout.write(f"{make(FOLDER, target.name).name}\n")
