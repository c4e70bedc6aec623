"""The models behind the lists: honest to Qt's own tester, and quick on a hundred thousand rows."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import pytest
from helpers.desk_parts import ranking
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from rpdr_core.records import Candidate, Mention, Provenance, Ranking
from rpdr_desk.item_models.candidate_model import ROW, UNRANKED, CandidateModel, Column
from rpdr_desk.item_models.candidate_rows import CandidateRow, kept_in_place, leading, percent, rows_of
from rpdr_desk.item_models.opinions import Opinion, agreed, opinions_of
from rpdr_desk.item_models.queue_model import MENTION, PAGE, QueueModel

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
RANKERS = ("retriever", "teacher", "student:a")


class Reader:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.status = "unreviewed"

    def __call__(self, ids: Sequence[int]) -> list[Mention]:
        self.calls.append(len(ids))
        return [
            Mention(one, f"mention {one}", "", None, None, 1, "", self.status, False, "")  # type: ignore[arg-type]
            for one in ids
        ]


def queue(count: int) -> tuple[QueueModel, Reader]:
    reader = Reader()
    model = QueueModel(reader, lambda mention: f"{mention.text}!")
    model.set_snapshot(array("q", range(1, count + 1)))
    return model, reader


def test_queue_model_satisfies_qt(qapp: object) -> None:
    model, _ = queue(3)
    tester = QAbstractItemModelTester(model, FATAL)
    model.set_snapshot(array("q", range(5, 500)))
    model.refresh([7])
    model.set_snapshot(array("q"))
    assert tester.model() is model


def test_queue_model_reads_a_page_at_a_time(qapp: object) -> None:
    model, reader = queue(100_000)
    assert model.rowCount() == 100_000
    for row in range(50_000, 50_040):
        assert model.index(row).data() == f"mention {row + 1}"
    assert reader.calls == [PAGE]


def test_queue_model_keeps_only_some_pages(qapp: object) -> None:
    model, reader = queue(100_000)
    for row in range(0, 100_000, PAGE):
        model.mention(row)
    model.mention(0)
    assert len(reader.calls) == 100_000 // PAGE + 1
    assert sum(reader.calls) == 100_000 + PAGE


def test_queue_model_answers_only_the_roles_it_has(qapp: object) -> None:
    model, reader = queue(10)
    for role in (Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.BackgroundRole, Qt.ItemDataRole.FontRole):
        assert model.index(0).data(role) is None
    assert reader.calls == []
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "mention 1!"
    assert model.index(0).data(MENTION).id == 1


def test_queue_model_is_not_editable(qapp: object) -> None:
    model, _ = queue(2)
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsEditable
    assert model.flags(QModelIndex()) == Qt.ItemFlag.NoItemFlags


def test_queue_model_refresh_rereads_only_what_is_stale(qapp: object) -> None:
    model, reader = queue(1_000)
    model.mention(0)
    model.mention(900)
    reader.status = "accepted"
    model.refresh([901])
    assert model.mention(0).status == "unreviewed"  # type: ignore[union-attr]
    assert model.mention(900).status == "accepted"  # type: ignore[union-attr]
    assert model.row(901) == 900
    assert model.row(5_000) == -1


def candidate_model() -> CandidateModel:
    return CandidateModel(lambda column: (column.name, column.name.lower()), lambda number, row: f"{number} {row.code}")


def test_candidate_model_satisfies_qt(qapp: object) -> None:
    model = candidate_model()
    tester = QAbstractItemModelTester(model, FATAL)
    rows = rows_of([ranking(1)])
    model.set_rows(rows)
    model.fill((*rows, CandidateRow("Z", "last")))
    model.fill(rows[:2])
    model.set_rows(())
    assert tester.model() is model


def test_candidate_model_fills_without_a_reset(qapp: object) -> None:
    model = candidate_model()
    model.set_rows(rows_of([ranking(1)]))
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    model.fill(rows_of([ranking(1), ranking(1, "teacher", first=1)]))
    assert not resets
    assert model.index(0, Column.TEACHER).data() == "1"


@pytest.mark.parametrize(
    ("column", "words"),
    [(Column.KEY, "1"), (Column.CODE, "X"), (Column.NAME, "name"), (Column.RETRIEVER, "3"), (Column.TEACHER, ""),
     (Column.STUDENT, "1"), (Column.SURE, "88%")],
)  # fmt: skip
def test_candidate_model_texts(qapp: object, column: Column, words: str) -> None:
    model = candidate_model()
    model.set_rows([CandidateRow("X", "name", "m", "synonym", 3, None, 1, 1.0, 0.88)])
    index = model.index(0, column)
    assert index.data() == words
    assert index.data(ROW).code == "X"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "0 X"
    assert not model.flags(index) & Qt.ItemFlag.ItemIsEditable


def test_columns_of_ranks_come_and_go_by_qts_rules() -> None:
    model = CandidateModel(lambda column: (str(column), ""), lambda number, row: f"{number} {row.code}")
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows = [CandidateRow("A", "a", retriever=1), CandidateRow("B", "b")]
    for ranked, columns in ((False, UNRANKED), (True, len(Column)), (False, UNRANKED)):
        model.set_rows(rows, ranked=ranked)
        assert model.columnCount() == columns
        model.fill([*rows, CandidateRow("C", "c")])
        assert (model.rowCount(), model.columnCount()) == (3, columns)
        model.fill([CandidateRow("Z", "z")])
        assert (model.rowCount(), model.columnCount()) == (1, columns)


def ranked(ranker: str, codes: Sequence[str], confidence: float | None = None) -> Ranking:
    candidates = tuple(Candidate(code, f"name {code}", score=1 / (1 + at)) for at, code in enumerate(codes))
    return Ranking(1, ranker, candidates, Provenance(ranker, "m", "kb"), "", confidence)


def test_the_newest_student_leads_then_the_teacher() -> None:
    three = [ranked(name, "AB") for name in ("retriever", "teacher", "student:1")]
    newest = ranked("student:2", "BA")
    assert leading([*three, newest]) is newest
    assert leading(three[:2]) is three[1]
    assert leading([]) is None


def test_ranks_of_all_three_stand_in_one_row() -> None:
    rows = rows_of([ranked("retriever", "ABC"), ranked("teacher", "BA"), ranked("student:1", "CB", 0.9)])
    assert [row.code for row in rows] == ["C", "B", "A"]
    assert (rows[0].retriever, rows[0].teacher, rows[0].student) == (3, None, 1)
    assert rows[0].confidence == 0.9
    assert all(row.confidence is None for row in rows[1:])


def test_a_string_that_only_the_retriever_knows_is_kept() -> None:
    brought = Ranking(
        1, "retriever", (Candidate("A", "name", "lay term", "lexicon", 1.0),), Provenance("retriever", "", "")
    )
    assert rows_of([brought, ranked("teacher", "A")])[0].matched == "lay term"


def test_a_chance_stands_only_where_it_was_calibrated() -> None:
    rows = rows_of([ranked("retriever", "AB", 0.4), ranked("teacher", "BA"), ranked("student:1", "CA", 0.9)])
    assert {row.code: row.confidence for row in rows} == {"A": 0.4, "B": None, "C": 0.9}


def test_the_student_overrules_the_retriever_on_the_same_candidate() -> None:
    rows = rows_of([ranked("retriever", "AB", 0.4), ranked("student:1", "AB", 0.9)])
    assert rows[0].confidence == 0.9


def test_weights_are_the_retrievers_whoever_leads() -> None:
    rows = rows_of([ranked("retriever", "ABC", 0.4), ranked("teacher", "BD")])
    assert {row.code: row.weight for row in rows} == {"A": 0.4, "B": 0.2, "C": pytest.approx(0.4 / 3), "D": None}


@pytest.mark.parametrize(
    ("chance", "words"),
    [(1.0, ">99%"), (0.991, ">99%"), (0.99, "99%"), (0.5, "50%"), (0.01, "1%"), (0.0099, "<1%"), (0.0, "<1%")],
)
def test_nothing_is_quite_sure(chance: float, words: str) -> None:
    assert percent(chance) == words


@given(st.floats(0, 1))
def test_no_chance_is_shown_as_certain(chance: float) -> None:
    assert percent(chance) not in ("100%", "0%")


codes = st.lists(st.sampled_from("ABCDEFGH"), unique=True, max_size=8)


@given(st.lists(st.tuples(st.sampled_from(RANKERS), codes), max_size=4, unique_by=lambda one: one[0]))
def test_rows_hold_every_candidate_once(lists: list[tuple[str, list[str]]]) -> None:
    rankings = [ranked(name, found) for name, found in lists]
    rows = rows_of(rankings)
    assert len({row.code for row in rows}) == len(rows)
    assert {row.code for row in rows} == ({code for _, found in lists for code in found} if rankings else set())
    assert all(row.weight is None or 0 <= row.weight <= 1 for row in rows)


@given(codes, codes)
def test_rows_on_screen_never_move(first: list[str], later: list[str]) -> None:
    shown = rows_of([ranked("retriever", first)])
    rows = kept_in_place(shown, [ranked("retriever", first), ranked("student:1", later, 0.8)])
    assert [row.code for row in rows][: len(shown)] == [row.code for row in shown]
    assert {row.code for row in rows if row.confidence is not None} == set(later[:1])


def test_opinions_are_the_firsts_of_each_kind_of_ranker() -> None:
    taught = Ranking(
        1, "teacher", ranked("teacher", "BA").candidates, Provenance("teacher", "", "", recorded=True), "exact"
    )
    found = opinions_of(
        [ranked("retriever", "AB"), taught, ranked("student:1", "CA"), ranked("student:2", "BC"), ranked("odd", "Z")]
    )
    assert found == (Opinion("retriever", "A"), Opinion("teacher", "B", "exact", True), Opinion("student", "B"))
    assert not agreed(found)
    assert agreed(found[1:])


def test_a_ranking_without_candidates_is_no_opinion() -> None:
    assert opinions_of([ranked("retriever", "")]) == ()
    assert not agreed(())


def test_a_first_that_does_not_fit_is_no_agreement() -> None:
    assert not agreed([Opinion("retriever", "A"), Opinion("teacher", "A", "none")])
