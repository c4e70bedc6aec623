from __future__ import annotations

from pathlib import Path
from typing import Any

from helpers.terminologies import small_table

from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.messages import Done, OpenRetrieval, RetrievalState, Retrieve, TrainingRow
from rpdr_core.records import Candidate, NewMention, Provenance, Ranking
from rpdr_core.workflow.corrections import rows_from_corrections
from rpdr_core.workflow.distilling import TrainingRows

LISTED = (Candidate("E2", "Glaucoma", "Glaucoma", "name", 0.5), Candidate("E1", "Cataract", "Cataract", "name", 0.4))


class FakeWorker:
    """A retriever that knows E2 and E1 alone."""

    def __init__(self) -> None:
        self.opened: list[OpenRetrieval] = []
        self.asked: list[Retrieve] = []

    def call(self, method: str, params: Any, *, on_progress: object = None, on_partial: Any = None) -> object:
        if method == "retrieve":
            self.asked.append(params)
            for mention in params.mentions:
                on_partial(Ranking(mention.id, "retriever", LISTED, Provenance("retriever", "m", "kb")))
            return Done(len(params.mentions))
        self.opened.append(params)
        return RetrievalState("ab" * 32, 3, 5, 5, 5, "ready", "m")


def rows(folder: Path, *pairs: tuple[str, str], **options: Any) -> tuple[TrainingRows, FakeWorker]:
    worker = FakeWorker()
    catalogue = Library(folder / "library").open(str(small_table(folder)))
    mentions = [NewMention(text, code=code) for text, code in pairs]
    options = {"validation": 0.0} | options
    return rows_from_corrections(mentions, catalogue, worker, **options), worker  # type: ignore[arg-type]


def test_a_correction_becomes_a_row_with_its_entity_first(tmp_path: Path) -> None:
    found, _ = rows(tmp_path, ("grey star", "E1"), ("eye pressure", "E2"))
    first, second = found.train
    assert (first.mention, first.order, first.origin, first.verdict) == ("grey star", (1, 0), "corrected", "exact")
    assert (second.mention, second.order, second.origin) == ("eye pressure", (0, 1), "accepted")
    assert found.origins == {"accepted": 1, "corrected": 1}


def test_an_entity_that_was_not_found_is_put_behind_the_others(tmp_path: Path) -> None:
    found, _ = rows(tmp_path, ("heart attack", "E3"))
    (row,) = found.train
    assert [candidate.code for candidate in row.candidates] == ["E2", "E1", "E3"]
    assert row.candidates[2] == Candidate("E3", "Myocardial infarction", "Myocardial infarction", "name", 0.4)
    assert row.order == (2, 0, 1)


def test_no_list_is_made_with_its_own_answer_and_all_of_them_are_remembered(tmp_path: Path) -> None:
    _, worker = rows(tmp_path, ("grey star", "E1"), ("eye pressure", "E2"))
    (asked,) = worker.asked
    assert asked.own is False
    assert {(term.term, term.code) for opened in worker.opened for term in getattr(opened, "memory", ())} == {
        ("grey star", "E1"),
        ("eye pressure", "E2"),
    }


def test_one_row_for_a_text_by_the_majority_and_unknown_codes_are_counted(tmp_path: Path) -> None:
    found, _ = rows(
        tmp_path, ("Grey star", "E2"), ("grey  STAR", "E1"), ("grey star", "E1"), ("x", ""), ("y", "GONE"), ("y", "E2")
    )
    assert [(row.mention, row.candidates[row.order[0]].code) for row in found.train] == [
        ("Grey star", "E1"),
        ("y", "E2"),
    ]
    assert found.excluded == {"a code that the knowledge base does not have": 1, "no code": 1}


def test_a_correction_overrides_the_teacher_and_no_text_is_on_both_sides(tmp_path: Path) -> None:
    teacher = [
        TrainingRow(text, "", LISTED, (0, 1), "teacher-exact", verdict="exact")
        for text in ("GREY star", *(f"text {number}" for number in range(30)))
    ]
    pairs = [("grey star", "E1"), *((f"other {number}", "E1") for number in range(30))]
    found, _ = rows(tmp_path, *pairs, teacher=teacher, validation=0.3)
    assert found.origins == {"corrected": 31, "teacher-exact": 30}
    train, held = ({row.mention.casefold() for row in part} for part in (found.train, found.validation))
    assert held
    assert not train & held
