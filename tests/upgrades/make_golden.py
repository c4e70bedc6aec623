"""Make the golden project file of the present schema: `PYTHONPATH=tests python tests/upgrades/make_golden.py`.

Run it once when a schema is released, commit the file, and never make that version's file again: it stands for the
files that users have. Its content is spelled out in `EXPECTED` and checked by `test_golden.py`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import msgspec
from helpers.projects import TEXTS, accept, correct, new_project, ranking
from helpers.students import adapter_info

from rpdr_core.protocol.messages import AdapterInfo
from rpdr_core.records import (
    AnnotatedDocument,
    NewDecision,
    NewDocument,
    NewMention,
    NewOpinion,
    Reviewer,
    ReviewPlan,
    SourceRow,
    Target,
)
from rpdr_core.store import Project, SourceFile, decisions
from rpdr_core.store.ledger import EndEntry, SendEntry
from rpdr_core.store.migrations import SCHEMA_VERSION
from rpdr_core.store.runs import StoredRun
from rpdr_core.workflow.adapters import register_adapter
from rpdr_core.workflow.comparing import comparison_of
from rpdr_core.workflow.held_out import HeldOut, hold_out
from rpdr_core.workflow.impact import ImpactCounts, ImpactGroup
from rpdr_core.workflow.judging import Cases
from rpdr_core.workflow.promotion import PromotionReport, roll_back
from rpdr_core.workflow.student_ranking import Ranked

FOLDER = Path(__file__).parent
BEGAN = "2026-11-21T12:00:00Z"
DOCUMENTS = SourceFile("notes.xml", "12" * 32, "bioc-xml", "utf-8")


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
        _third_schema(project)
        _fourth_schema(project)
        project.set_flag(5, True, reason="needs_expert")
        project.set_comment(6, "跌倒史")
        project.undo()
        project.set_setting("threshold", "0.7")
        _second_schema(project)
    return project.path


def _second_schema(project: Project) -> None:
    """Requests answered, unanswered and without an end; a run; two students, promoted and rolled back."""
    for mention, end in (
        (1, EndEntry("answered", 200, "req-1", 40, 9, 0.5, 0.25)),
        (2, EndEntry("no_answer")),
        (3, None),
    ):
        entry = SendEntry(
            "rank", "api.example", "m", "ab" * 32, 1200, mention, estimate=0.2, reserved=0.3, currency="USD"
        )
        number = project.open_send("teach-1", mention, entry, actor="anna")
        if end is not None:
            project.end_send(number, end)
    project.record_run(StoredRun("run-1", "first", "gpu", "done", BEGAN, BEGAN, "aaaa1111", "", '{"recipe":"r"}'))
    hold_out(project, 0.2)
    first, second = (adapter_info(name, f"/adapters/{name}") for name in ("aaaa1111", "bbbb2222"))
    register_adapter(project, first, run_id="run-1", actor="anna")
    # Past the workflow, which puts no student in use that is not on this machine.
    project.promote(first.id, report=msgspec.json.encode(golden_report(first)).decode(), reviewer="anna")
    register_adapter(project, second, actor="bo")
    project.promote(second.id, reviewer="bo")
    roll_back(project, reviewer="anna")


def _third_schema(project: Project) -> None:
    """A roster and a plan; a mention answered before rankings, decided with two codes, and disputed."""
    for reviewer in (Reviewer("anna"), Reviewer("bo"), Reviewer("cy", "adjudicator"), Reviewer("old", active=False)):
        project.set_reviewer(reviewer, actor="anna")
    project.set_review_plan(ReviewPlan(1.0, 1.0, seed=7), actor="anna")
    loss = ("H54.6", "Unqualified visual loss")
    project.give_opinion(NewOpinion(6, "independent", "correct", *loss, seconds=2.5), reviewer="anna")
    project.decide(
        NewDecision(
            6, "correct", *loss, comment="both", relation="broader", mode="independent", knowledge_base="ab" * 32,
            also=(Target("H53.8", "Other visual disturbances", "inexact"),), shown=(ranking(6, "retriever", "H54.6"),),
        ),
        reviewer="anna",
    )  # fmt: skip
    project.give_opinion(NewOpinion(6, "second", "no_match", reason="unreadable", comment="?"), reviewer="bo")


def _fourth_schema(project: Project) -> None:
    """Two documents, in one of them an occurrence of a mention that is known already; a decision from a file."""
    note = NewDocument("n1", "Seen with MI today. Ménière's.", "First note", "note", '{"infons":{"type":"note"}}')
    place = SourceRow(1, "T1", "n1", 10, 12, '{"type":"Disease"}')
    known = NewMention("MI", "seen with MI today", 10, 12, code="D009203", row=place)
    documents = [AnnotatedDocument(note, (known,)), AnnotatedDocument(NewDocument("n2", ""))]
    project.add_documents(DOCUMENTS, documents, lambda: '{"key":"k"}')
    taken = NewDecision(3, "correct", "H53.8", "Other visual disturbances", relation="narrower", taken_from=2)
    decisions.decide(project._connection, [taken], "cy", "taken over", "take")


def golden_report(info: AdapterInfo) -> PromotionReport:
    """What the first promotion was decided on: nothing was held out and decided yet."""
    comparison = comparison_of(Cases(HeldOut(0, 0.2), (), {"deferred": 1}, 0, new_is_known=True), info, Ranked(()))
    counts = ImpactCounts(
        mentions=6, occurrences=21, flips=1, flipped_occurrences=6, decided=3, lost=1, accepted_lost=1
    )
    return PromotionReport(replace(comparison, made_at=BEGAN), counts, (ImpactGroup("H", 1, 6, 0, 1),))


if __name__ == "__main__":
    target = FOLDER / f"schema-{SCHEMA_VERSION}.rpdr"
    if target.exists():
        raise SystemExit(f"{target.name} exists: a golden file is made once")
    sys.stdout.write(f"{make(FOLDER, target.name).name}\n")
