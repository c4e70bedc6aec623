"""Queues and their counts against sorting in Python; reading by id; the plans that keep a million mentions quick."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from helpers.projects import SOURCE, accept, new_project, ranking
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import Bug, Cancelled, DamagedFileError, UserInputError
from rpdr_core.folding import fold
from rpdr_core.records import (
    FlagReason,
    Mention,
    NewDecision,
    NewMention,
    NewOpinion,
    NoMatchReason,
    Relation,
    ReviewPlan,
    ReviewState,
    Status,
    Target,
    Verdict,
)
from rpdr_core.store import Facets, Order, Project, QueueQuery, facets, packing, queue, reader, states, stretch, times
from rpdr_core.store.database import Connection, Row

TEXTS = [
    "Blurry vision",
    "blurry VISION left",
    "MI",
    "old mi",
    "白内障",
    "白内障术后",
    "Ménière",
    "İstanbul",
    "50 µg",
    "ß",
    "mi",
    "ﬁbrosis",
]
DEPARTMENTS = ["", "Eye", "Heart's", "眼科"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Something of everything that a queue may be asked for."""
    with new_project(tmp_path_factory.mktemp("queue"), TEXTS) as made:
        rows = [
            NewMention(text, f"seen with {text} today", department=DEPARTMENTS[number % 4])
            for number, text in enumerate(TEXTS)
        ]
        made.add_mentions(SOURCE, rows)
        for mention_id, codes, confidence in [(2, "AB", 0.9), (3, "AA", 0.1), (4, "AB", None), (5, "AA", 0.1)]:
            made.record_rankings(
                [
                    ranking(mention_id, "retriever", codes[0], "Z", confidence=confidence),
                    ranking(mention_id, "teacher", codes[1], "Z", verdict="close" if codes == "AB" else "exact"),
                ]
            )
        made.record_rankings(
            [ranking(4, "student:s", "C", "B", confidence=0.3), ranking(8, "teacher", "A", verdict="none")]
        )
        made.set_review_plan(ReviewPlan(double_share=1.0))
        made.decide_many([accept(2), replace(accept(6), relation="broader")], reviewer="anna")
        made.decide(replace(accept(7, "B"), also=(Target("C", "See"),)), reviewer="bo")
        made.decide(NewDecision(9, "no_match", reason="not_retrieved"), reviewer="bo")
        made.give_opinion(NewOpinion(9, "second", "no_match", reason="unreadable"), reviewer="anna")
        made.give_opinion(NewOpinion(6, "second", "correct", "H53.8", "Other", "broader"), reviewer="bo")
        made.decide(NewDecision(10, "defer"))
        made.set_flag(3, True, reason="guideline")
        made.set_flag(6, True)
        made.set_comment(1, "x")
        # Times that differ, so that they order.
        for number in range(1, len(TEXTS) + 1):
            made._connection.execute(
                "UPDATE mention SET changed_at = ? WHERE id = ? AND changed_at <> 0", 1_000_000 + number % 5, number
            )
        yield made


def meets(mention: Mention, query: QueueQuery) -> dict[str, bool]:
    """By facet, whether a mention meets what a query asks of it; `free` is everything that is no facet."""
    target = mention.code or mention.guess
    asked_by = (not query.reviewers or mention.reviewer in query.reviewers) and (
        not query.not_by or mention.reviewer not in ("", query.not_by)
    )
    return {
        "status": not query.statuses or mention.status in query.statuses,
        "flagged": query.flagged is None or mention.flagged == query.flagged,
        "verdict": not query.verdicts or mention.verdict in query.verdicts,
        "quarrel": not query.quarrel or bool(mention.quarrel & query.quarrel),
        "review": not query.review or mention.review in query.review,
        "reason": not query.reasons or mention.reason in query.reasons,
        "relation": not query.relations or mention.relation in query.relations,
        "flag_reason": not query.flag_reasons or mention.flag_reason in query.flag_reasons,
        "reviewer": asked_by,
        "department": not query.departments or mention.department in query.departments,
        "margin": query.margin_below is None or (mention.margin is not None and mention.margin < query.margin_below),
        "target": query.codes is None or target in query.codes,
        "free": fold(query.text) in fold(mention.text) and mention.changed_at >= query.changed_since,
    }


def expected(mentions: list[Mention], query: QueueQuery) -> list[int]:
    def unsure(mention: Mention) -> float:
        return 2.0 if mention.confidence is None else mention.confidence

    def worth(mention: Mention) -> float:
        return round(mention.disagreement * mention.count * (1000 - 1000 * (mention.margin or 0)))

    keys: dict[Order, Callable[[Mention], tuple[object, ...]]] = {
        "import": lambda m: (m.id,),
        "frequent": lambda m: (-m.count, m.id),
        "least_sure": lambda m: (unsure(m), -m.count, m.id),
        "disagreement": lambda m: (-m.disagreement, -m.count, m.id),
        "text": lambda m: (fold(m.text), m.id),
        "worth": lambda m: (-worth(m), -m.count, m.id),
        "recent": lambda m: (-times.millis(m.changed_at) if m.changed_at else 0, m.id),
    }
    kept = [mention for mention in mentions if all(meets(mention, query).values())]
    return [m.id for m in sorted(kept, key=keys[query.order])]  # type: ignore[type-var]


def some(values: list[str]) -> st.SearchStrategy[frozenset[str]]:
    """Mostly nothing asked, so that a query of many conditions still finds something."""
    return st.just(frozenset[str]()) | st.frozensets(st.sampled_from(values), min_size=1)


queries = st.builds(
    QueueQuery,
    some(list(get_args(Status))),
    st.sampled_from([None, None, True, False]),
    st.sampled_from(["", "", "MI", "blurry", "白内", "内", "i̇st", "SS", "µ", "%", "_", "'", " ", "nowhere"]),
    st.sampled_from(get_args(Order)),
    reviewers=some(["", "anna", "bo", "nobody"]),
    not_by=st.sampled_from(["", "", "anna", "bo"]),
    codes=st.sampled_from([None, None, frozenset(["A"]), frozenset(["B", "H53.8"]), frozenset(["Q"]), frozenset()]),
    reasons=some(["", *get_args(NoMatchReason)]),
    relations=some(["", *get_args(Relation)]),
    verdicts=some(list(get_args(Verdict))),
    departments=some(DEPARTMENTS),
    quarrel=st.sampled_from([0, 0, 1, 2, 4, 7]),
    margin_below=st.sampled_from([None, None, 0.0, 0.4, 0.5, 0.501, 2.0]),
    review=some(list(get_args(ReviewState))),
    flag_reasons=some(["", *get_args(FlagReason)]),
    changed_since=st.sampled_from(["", "", times.iso(1_000_003), times.iso(9_000_000)]),
)


@settings(max_examples=300, deadline=None)
@given(
    query=queries,
    few=st.sampled_from([-1, 2, queue.FEW]),
    in_index=st.sampled_from([-1, 2, queue.FEW_IN_INDEX]),
    most=st.sampled_from([0, 3, states.MOST]),
)
def test_a_queue_is_what_sorting_gives(project: Project, query: QueueQuery, few: int, in_index: int, most: int) -> None:
    everything = project.mentions(range(1, len(TEXTS) + 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue, "FEW", few)
        patch.setattr(queue, "FEW_IN_INDEX", in_index)
        patch.setattr(states, "MOST", most)
        found = project.queue(query)
        assert project.count(query) == len(found)
    assert isinstance(found, array)
    assert found.typecode == "q"
    assert list(found) == expected(everything, query)


@settings(max_examples=400, deadline=None)
@given(
    query=queries,
    few=st.sampled_from([-1, 2, queue.FEW]),
    walk=st.sampled_from([-1.0, 60.0]),
    rows=st.sampled_from([1, 2, 5, 20]),
    around=st.integers(0, len(TEXTS) + 1),
)
def test_a_stretch_is_cut_from_the_queue_around_a_mention(
    project: Project, query: QueueQuery, few: int, walk: float, rows: int, around: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue, "FEW", few)
        patch.setattr(queue, "FEW_IN_INDEX", few)
        patch.setattr(stretch, "ROWS", rows)
        patch.setattr(stretch, "_WALK_SECONDS", walk)
        patch.setattr(stretch, "_PASS_SECONDS", 60.0)
        found = project.stretch(query, around)
    whole = expected(project.mentions(range(1, len(TEXTS) + 1)), query)
    assert found is not None
    assert found.ids.typecode == "q"
    assert found.whole == (list(found.ids) == whole)
    if not found.whole:
        here = whole.index(around) if around in whole else 0
        assert list(found.ids) == whole[max(0, here - rows) : here + rows]


def test_a_queue_that_nobody_waits_for_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "FEW_STOPS", 1_000)
    with new_project(tmp_path, [f"text {number}" for number in range(5_000)]) as made:
        with pytest.raises(Cancelled):
            made.queue(QueueQuery(order="frequent"), lambda: True)
        for count in (made.facets, made.targets):
            with pytest.raises(Cancelled):
                count(QueueQuery(), lambda: True)
        assert len(made.queue(QueueQuery(), lambda: False)) == 5_000
        assert len(made.queue(QueueQuery())) == 5_000


def test_what_takes_too_long_is_left_to_the_whole_queue(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretch, "_WALK_SECONDS", -1.0)
    monkeypatch.setattr(stretch, "_PASS_SECONDS", -1.0)
    assert project.stretch(QueueQuery()) is None
    assert len(project.queue(QueueQuery())) == len(TEXTS), "the connection is as it was"


def counted(
    mentions: list[Mention], query: QueueQuery, facet: str, values: Callable[[Mention], list[str]]
) -> dict[str, int]:
    """A facet's values under all other conditions."""
    others = [m for m in mentions if all(met for name, met in meets(m, query).items() if name != facet)]
    return dict(Counter(value for mention in others for value in values(mention)))


@settings(max_examples=200, deadline=None)
@given(query=queries)
def test_facets_are_what_counting_gives(project: Project, query: QueueQuery) -> None:
    everything = project.mentions(range(1, len(TEXTS) + 1))
    found = project.facets(query)
    assert found.total == len(project.queue(query))
    values: dict[str, tuple[str, Callable[[Mention], list[str]]]] = {
        "statuses": ("status", lambda m: [m.status]),
        "flagged": ("flagged", lambda m: ["yes" if m.flagged else "no"]),
        "verdicts": ("verdict", lambda m: [m.verdict]),
        "quarrels": ("quarrel", lambda m: [str(bit) for bit in (1, 2, 4) if m.quarrel & bit]),
        "reviews": ("review", lambda m: [m.review]),
        "reasons": ("reason", lambda m: [m.reason]),
        "relations": ("relation", lambda m: [m.relation]),
        "flag_reasons": ("flag_reason", lambda m: [m.flag_reason]),
        "reviewers": ("reviewer", lambda m: [m.reviewer]),
        "departments": ("department", lambda m: [m.department]),
        "margins": (
            "margin",
            lambda m: [
                f"{edge / 1000:g}" for edge in facets.MARGINS if m.margin is not None and m.margin < edge / 1000
            ],
        ),
    }
    assert set(values) == set(Facets.__dataclass_fields__) - {"total"}
    for field, (facet, of) in values.items():
        counts = {one.value: one.mentions for one in getattr(found, field)}
        assert counts == counted(everything, query, facet, of), field
    targets = counted(everything, query, "target", lambda m: [m.code or m.guess])
    assert dict(project.targets(query)) == {code: mentions for code, mentions in targets.items() if code}


def test_the_fixture_has_something_to_count(project: Project) -> None:
    found = project.facets(QueueQuery())
    assert {one.value for one in found.reviews} == {"", "waiting", "agreed", "disputed"}
    assert {one.value for one in found.quarrels} == {"1", "2", "4"}
    assert {one.value for one in found.verdicts} == {"", "close", "exact", "none"}
    assert [one.value for one in found.margins]
    assert project.facets(QueueQuery(flagged=True)).total == 2


def test_an_empty_project_has_empty_queues(tmp_path: Path) -> None:
    with new_project(tmp_path, []) as project:
        for order in get_args(Order):
            assert list(project.queue(QueueQuery(order=order, text="x", codes=frozenset(["A"])))) == []
        assert list(project.unranked("retriever", 5)) == []
        assert project.facets(QueueQuery()) == Facets(0, *[()] * 11)
        assert project.targets(QueueQuery()) == []


def test_what_is_asked_in_words_unknown_is_said(project: Project) -> None:
    with pytest.raises(Bug, match="unknown order"):
        project.queue(QueueQuery(order="random"))  # type: ignore[arg-type]
    with pytest.raises(UserInputError, match="status 'done' is unknown"):
        project.queue(QueueQuery(frozenset(["done"])))  # type: ignore[arg-type]
    with pytest.raises(UserInputError, match="no moment"):
        project.queue(QueueQuery(changed_since="yesterday"))


def steps_of(project: Project, query: QueueQuery, ask: Callable[[Connection, QueueQuery], object]) -> list[list[Row]]:
    """The byte code of everything that `ask` asks."""
    asked: list[str] = []
    raw = project._connection.database.conn
    raw.set_trace_callback(asked.append)
    try:
        ask(project._connection, query)
    finally:
        raw.set_trace_callback(None)
    assert asked
    return [raw.execute(f"EXPLAIN {sql}").fetchall() for sql in asked]


def reads_the_table(project: Project, steps: list[Row]) -> bool:
    """Whether a column is taken from a row of the table. (A plan does not call an index with a generated column
    covering, though nothing else is read: the seek is put off for ever.)"""
    root = project._connection.value("SELECT rootpage FROM sqlite_master WHERE name = 'mention'")
    cursors = {step[2] for step in steps if step[1] == "OpenRead" and step[3] == root}
    return any(step[1] == "Column" and step[2] in cursors for step in steps)


EVERYTHING = QueueQuery(
    frozenset(["unreviewed"]), flagged=False, reviewers=frozenset(["", "bo"]), not_by="anna", margin_below=0.5,
    reasons=frozenset([""]), relations=frozenset([""]), verdicts=frozenset(["close"]), departments=frozenset(["Eye"]),
    quarrel=1, review=frozenset([""]), flag_reasons=frozenset([""]), changed_since="2026-11-21", text="mi",
    codes=frozenset(["A", "B"]),
)  # fmt: skip


@pytest.mark.parametrize("order", get_args(Order))
def test_no_queue_sorts_or_reads_the_table(project: Project, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "FEW", -1)
    monkeypatch.setattr(queue, "FEW_IN_INDEX", -1)
    for steps in steps_of(project, replace(EVERYTHING, order=order), queue.ids):
        assert not reads_the_table(project, steps)
        assert not [step for step in steps if step[1] == "SorterOpen"]


@pytest.mark.parametrize("order", get_args(Order))
@pytest.mark.parametrize("asked", [EVERYTHING, QueueQuery(), replace(EVERYTHING, text="", codes=None)])
def test_no_stretch_sorts(project: Project, order: Order, asked: QueueQuery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "FEW", -1)
    monkeypatch.setattr(queue, "FEW_IN_INDEX", -1)
    for around in (0, 3):
        for steps in steps_of(project, replace(asked, order=order), lambda *both, a=around: stretch.stretch(*both, a)):
            assert not [step for step in steps if step[1] == "SorterOpen"]


@pytest.mark.parametrize("ask", [queue.targets, facets.facets])
def test_no_count_sorts_or_reads_the_table(project: Project, ask: Callable[[Connection, QueueQuery], object]) -> None:
    for steps in steps_of(project, EVERYTHING, ask):
        assert not reads_the_table(project, steps)
        assert not [step for step in steps if step[1] == "SorterOpen"]


def test_the_check_of_the_byte_code_can_fail(project: Project) -> None:
    def careless(connection: Connection, _query: QueueQuery) -> object:
        return connection.rows("SELECT id, text FROM mention ORDER BY text")

    (steps,) = steps_of(project, EVERYTHING, careless)
    assert reads_the_table(project, steps)
    assert [step for step in steps if step[1] == "SorterOpen"]


def test_the_packing_of_the_file_is_that_of_the_queries(project: Project) -> None:
    for mention in project.mentions(range(1, len(TEXTS) + 1)):
        packed = project._connection.value("SELECT facets FROM mention WHERE id = ?", mention.id)
        found = packing.unpacked(packed)
        assert found == {
            "status": mention.status,
            "flagged": "yes" if mention.flagged else "no",
            "verdict": mention.verdict,
            "quarrel": str(mention.quarrel),
            "review": mention.review,
            "reason": mention.reason,
            "relation": mention.relation,
            "flag_reason": mention.flag_reason,
        }


def test_the_packing_knows_every_word() -> None:
    words = {
        "status": get_args(Status), "verdict": get_args(Verdict), "review": get_args(ReviewState),
        "reason": ("", *get_args(NoMatchReason)), "relation": ("", *get_args(Relation)),
        "flag_reason": ("", *get_args(FlagReason)),
    }  # fmt: skip
    for name, known in words.items():
        field = packing.FIELDS[name]
        assert set(field.values) == set(known)
        assert len(field.values) <= 1 << field.bits
    edges = [(field.shift, field.shift + field.bits) for field in packing.FIELDS.values()]
    assert all(end <= start for (_, end), (start, _) in pairwise(edges))


def test_ids_beyond_all_reason_are_damage(tmp_path: Path) -> None:
    with new_project(tmp_path, ["a", "b"]) as project:
        project._connection.execute("DELETE FROM mention_row")
        project._connection.execute("UPDATE mention SET id = 1 << 60 WHERE id = 2")
        assert len(project.queue(QueueQuery())) == 2
        with pytest.raises(DamagedFileError, match="numbered"):
            project.queue(QueueQuery(text="b"))


def test_identical_text_is_found_but_for_case_and_space(project: Project) -> None:
    assert list(project.same_text(3)) == [11]
    assert list(project.same_text(11)) == [3]
    assert list(project.same_text(1)) == []
    assert list(project.same_text(999)) == []


def test_mentions_come_in_the_order_asked(project: Project) -> None:
    assert [m.id for m in project.mentions([9, 1, 77, 3, 1])] == [9, 1, 3, 1]
    assert project.mentions([]) == []
    assert [m.id for m in project.mentions(array("q", range(1, 2000)))] == list(range(1, len(TEXTS) + 1))
    assert all(type(m.flagged) is bool for m in project.mentions([1, 3]))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("  Blurry \t VISION\u00a0", "blurry vision"),
        ("ＭＩ", "mi"),
        ("Straße", "strasse"),
        ("µ", "μ"),
        ("½", "1⁄2"),
        ("e\u0301", "é"),
        ("白内障", "白内障"),
    ],
)
def test_folding(text: str, key: str) -> None:
    assert fold(text) == key


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
