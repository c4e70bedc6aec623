"""Rankings: kept, replaced, summed up in the mention's confidence and disagreement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.projects import KNOWLEDGE_BASE, accept, new_project, ranking, state
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import Bug, NotFoundError
from rpdr_core.knowledge_base.scope import scope_mark
from rpdr_core.records import Candidate, Provenance, Ranking
from rpdr_core.store import Project
from rpdr_core.store.rankings import answer_of, decode_candidates, encode_candidates, made_under
from rpdr_core.store.standing import Newest, Standing, margin_of, standing


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path) as created:
        yield created


def standing_of(project: Project, mention_id: int) -> Standing:
    (mention,) = project.mentions([mention_id])
    margin = None if mention.margin is None else round(mention.margin * 1000)
    first = (mention.confidence, mention.disagreement, mention.guess)
    return Standing(*first, margin, mention.verdict, mention.quarrel)


def test_what_goes_in_comes_out_in_the_order_of_the_columns(project: Project) -> None:
    given_rankings = [
        ranking(1, "student:b", "H1", "H2", verdict="exact", confidence=0.9),
        ranking(1, "student:a", "H2", "H1", confidence=0.8),
        ranking(1, "teacher", "H2", "H1", verdict="close"),
        ranking(1, "retriever", "H1", "H2", confidence=0.25),
    ]
    changes = project.record_rankings(given_rankings)
    assert changes.kinds == {"rankings", "mentions"}
    assert changes.mention_ids == (1,)
    stored = project.rankings(1)
    assert [r.ranker for r in stored] == ["retriever", "teacher", "student:b", "student:a"]
    assert sorted(stored, key=lambda r: r.ranker) == sorted(given_rankings, key=lambda r: r.ranker)
    assert project.rankings(2) == []


def test_the_newest_of_a_ranker_counts_and_the_older_is_kept(project: Project) -> None:
    old = ranking(1, "teacher", "H1", "H2")
    new = ranking(1, "teacher", "H2", "H1", model="m2")
    project.record_rankings([old])
    project.record_rankings([new])
    assert project.rankings(1) == [new]
    assert project._connection.value("SELECT count(*) FROM ranking") == 2


def test_an_equal_ranking_is_stored_once(project: Project) -> None:
    same = ranking(1, "retriever", "H1", "H2", confidence=0.5)
    project.record_rankings([same])
    before = state(project.path)
    project.record_rankings([same, same])
    assert state(project.path) == before


def test_equal_provenance_is_stored_once(project: Project) -> None:
    project.record_rankings(ranking(i, "retriever", f"H{i}") for i in range(1, 7))
    assert project._connection.value("SELECT count(*) FROM provenance") == 1
    project.record_rankings([replace(ranking(1, "retriever", "H9"), provenance=Provenance("retriever", "m2", "kb"))])
    assert project._connection.value("SELECT count(*) FROM provenance") == 2


@pytest.mark.parametrize(
    ("rankings", "expected"),
    [
        ([], (None, 0)),
        ([("retriever", "H1", 0.3)], (0.3, 0)),
        ([("retriever", "H1", 0.3), ("teacher", "H1", None)], (0.3, 0)),
        ([("retriever", "H1", 0.3), ("teacher", "H1", 0.6)], (0.6, 0)),
        ([("retriever", "H1", 0.3), ("teacher", "H2", 0.6)], (0.6, 1)),
        ([("retriever", "H1", 0.3), ("teacher", "", 0.6)], (0.6, 1)),
        ([("retriever", "H1", 0.3), ("teacher", "H2", 0.6), ("student:a", "H3", 0.1)], (0.1, 2)),
        ([("retriever", "H1", 0.3), ("teacher", "H2", 0.6), ("student:a", "H2", 0.1)], (0.1, 1)),
        ([("student:a", "H1", 0.1), ("retriever", "H2", 0.3), ("student:b", "H2", 0.7)], (0.7, 0)),
        ([("student:a", "H1", None), ("retriever", "H1", 0.3)], (0.3, 0)),
    ],
)
def test_confidence_and_disagreement(
    project: Project, rankings: list[tuple[str, str, float | None]], expected: tuple[float | None, int]
) -> None:
    found = standing([Newest(*one) for one in rankings])
    assert (found.confidence, found.disagreement) == expected
    for ranker, answer, confidence in rankings:
        verdict = "" if answer else "none"
        project.record_rankings([ranking(3, ranker, answer or "H1", verdict=verdict, confidence=confidence)])
    stored = standing_of(project, 3)
    assert (stored.confidence, stored.disagreement) == expected


@pytest.mark.parametrize(
    ("rankings", "guess", "verdict", "quarrel"),
    [
        ([("retriever", "H1", "")], "H1", "", 0),
        ([("retriever", "H1", ""), ("teacher", "H2", "close")], "H2", "close", 1),
        ([("retriever", "H1", ""), ("teacher", "H2", "close"), ("student:a", "H1", "exact")], "H1", "exact", 5),
        ([("retriever", "H1", ""), ("teacher", "H2", "close"), ("student:a", "H2", "")], "H2", "", 3),
        ([("retriever", "H1", ""), ("teacher", "H2", "close"), ("student:a", "H3", "")], "H3", "", 7),
        ([("retriever", "H1", ""), ("student:a", "", "none")], "", "none", 2),
        ([("student:a", "H1", ""), ("teacher", "", "none")], "H1", "", 4),
    ],
)
def test_guess_verdict_and_quarrel(
    project: Project, rankings: list[tuple[str, str, str]], guess: str, verdict: str, quarrel: int
) -> None:
    for ranker, answer, said in rankings:
        project.record_rankings([ranking(3, ranker, answer or "H1", verdict=said)])
    found = standing_of(project, 3)
    assert (found.guess, found.verdict, found.quarrel) == (guess, verdict, quarrel)


@pytest.mark.parametrize(
    ("ranker", "scores", "confidence", "margin"),
    [
        ("retriever", [], None, None),
        ("retriever", [0.4], None, 1.0),
        ("retriever", [0.9, 0.4], None, 0.5),
        ("retriever", [2.9, 0.4], None, 1.0),
        ("retriever", [0.9, 0.9, 0.1], None, 0.0),
        ("retriever", [0.0, 0.0], None, None),
        # A teacher leaves the retriever's scores on its list: it put a lower one first, or none has any.
        ("teacher", [0.4, 0.9], None, 0.0),
        ("teacher", [0.9, 0.8], None, 0.1),
        ("teacher", [0.0, 0.0], None, None),
        # A student's are logits; one that writes its order out numbers the places.
        ("student:a", [12.0, 12.0], 0.5, 0.0),
        ("student:a", [2.0, 1.0], 0.7, 0.632),
        ("student:a", [-0.01, -9.0], None, 1.0),
        ("student:a", [0.0, -1.0, -2.0], None, None),
        ("student:a", [0.0, -1.0, -2.0], 0.7, 0.632),
    ],
)
def test_the_margin_between_the_first_two(
    project: Project, ranker: str, scores: list[float], confidence: float | None, margin: float | None
) -> None:
    listed = tuple(Candidate(f"H{place}", "x", score=score) for place, score in enumerate(scores))
    project.record_rankings([replace(ranking(3, ranker, confidence=confidence), candidates=listed)])
    assert project.mentions([3])[0].margin == margin


@given(st.sampled_from(["retriever", "teacher", "student:a"]), st.lists(st.floats(-1e6, 1e6), max_size=4))
def test_a_margin_is_a_share(ranker: str, scores: list[float]) -> None:
    first, second = (*scores, None, None)[:2]
    margin = margin_of(Newest(ranker, "H1", None, "", len(scores), first, second))
    assert margin is None or 0 <= margin <= 1000


def test_another_guess_is_a_change_and_the_first_is_none(project: Project) -> None:
    project.record_rankings([ranking(3, "retriever", "H1", confidence=0.2)])
    assert project.mentions([3])[0].changed_at == ""
    project.record_rankings([ranking(3, "retriever", "H1", confidence=0.9)])
    assert project.mentions([3])[0].changed_at == ""
    project.record_rankings([ranking(3, "teacher", "H2")])
    first = project.mentions([3])[0].changed_at
    assert first
    project.record_rankings([ranking(3, "teacher", "H1", verdict="none", model="m2")])
    assert (project.mentions([3])[0].guess, project.mentions([3])[0].changed_at >= first) == ("", True)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["retriever", "teacher", "student:a", "student:b"]),
            st.sampled_from(["H1", "H2", ""]),
            st.none() | st.floats(0, 1),
        ),
        unique_by=lambda row: row[0],
    )
)
def test_disagreement_is_between_nought_and_two(newest: list[tuple[str, str, float | None]]) -> None:
    found = standing([Newest(*one) for one in newest])
    confidence, disagreement = found.confidence, found.disagreement
    assert (found.quarrel == 0) == (disagreement == 0)
    assert 0 <= disagreement <= min(2, max(0, len(newest) - 1))
    assert confidence is None or confidence in [row[2] for row in newest]
    if len({row[1] for row in newest}) <= 1:
        assert disagreement == 0


def test_none_of_these_is_an_answer_and_so_is_an_empty_list() -> None:
    assert answer_of(ranking(1, "teacher", "H1", verdict="none")) == ""
    assert answer_of(ranking(1, "retriever")) == ""
    assert answer_of(ranking(1, "teacher", "H1", verdict="close")) == "H1"


def test_all_or_none(project: Project) -> None:
    before = state(project.path)
    with pytest.raises(NotFoundError, match="mention 99"):
        project.record_rankings([ranking(1, "retriever", "H1"), ranking(99, "retriever", "H1")])
    assert state(project.path) == before


@pytest.mark.parametrize(
    "bad",
    [
        replace(ranking(1, "retriever", "H1"), ranker="oracle"),
        replace(ranking(1, "retriever", "H1"), confidence=float("nan")),
        replace(ranking(1, "retriever"), candidates=(Candidate("H1", "x", score=float("inf")),)),
    ],
)
def test_our_own_faults_are_bugs(project: Project, bad: Ranking) -> None:
    with pytest.raises(Bug):
        project.record_rankings([bad])


def test_no_rankings_are_no_change(project: Project) -> None:
    audited = project.verify_audit().rows
    assert project.record_rankings([]).kinds == frozenset()
    assert project.verify_audit().rows == audited


def test_a_ranker_that_fails_half_way_stores_nothing(project: Project) -> None:
    def answers() -> Iterator[Ranking]:
        yield ranking(1, "teacher", "H1")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        project.record_rankings(answers())
    assert project.rankings(1) == []


def test_unranked_gives_the_most_frequent_undecided_first(project: Project) -> None:
    assert list(project.unranked("retriever", 3)) == [1, 2, 3]
    project.record_rankings([ranking(1, "retriever", "H1"), ranking(3, "teacher", "H1")])
    assert list(project.unranked("retriever", 10)) == [2, 3, 4, 5, 6]
    assert list(project.unranked("teacher", 10)) == [1, 2, 4, 5, 6]
    assert list(project.unranked("student:x", 10)) == [1, 2, 3, 4, 5, 6]
    project.decide(accept(2))
    assert list(project.unranked("retriever", 2)) == [3, 4]


@pytest.mark.parametrize("scope", ["", "<< H25", 'type = "a]b" OR "x scope=[y"'])
@pytest.mark.parametrize("ranked_under", ["", "<< H25", "<< H2", 'type = "a]b" OR "x scope=[y"'])
@pytest.mark.parametrize("base", ["project's", "another"])
def test_what_was_retrieved_elsewhere_or_under_another_scope_counts_as_not_retrieved(
    project: Project, scope: str, ranked_under: str, base: str
) -> None:
    project.set_setting("scope", scope)
    parameters = " ".join(filter(None, ("mode=auto k=10", scope_mark(ranked_under))))
    fingerprint = KNOWLEDGE_BASE.fingerprint if base == "project's" else "00" * 32
    provenance = Provenance("retriever", "m", fingerprint, parameters)
    project.record_rankings([replace(ranking(1, "retriever", "H1"), provenance=provenance)])
    current = base == "project's" and scope == ranked_under
    assert made_under(provenance, KNOWLEDGE_BASE.fingerprint, scope) == current
    assert (1 not in project.unranked("retriever", 9)) == current
    # What a teacher said is not retrieved again: it was paid for.
    project.record_rankings([replace(ranking(1, "teacher", "H1"), provenance=replace(provenance, ranker="teacher"))])
    assert 1 not in project.unranked("teacher", 9)


candidates = st.builds(
    Candidate,
    st.text(),
    st.text(),
    st.text(),
    st.sampled_from(["name", "synonym", "lexicon", "memory", "code"]),
    st.floats(allow_nan=False, allow_infinity=False),
)


@given(st.lists(candidates, max_size=5).map(tuple))
def test_candidates_survive_the_codec(given_candidates: tuple[Candidate, ...]) -> None:
    assert decode_candidates(encode_candidates(given_candidates)) == given_candidates


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.sampled_from(["retriever", "teacher", "student:a", "student:b"]),
            st.sampled_from(["H1", "H2", "H3"]),
            st.none() | st.sampled_from([0.25, 0.5, 0.75]),
        ),
        max_size=20,
    )
)
def test_any_order_of_arrival_keeps_the_last_of_each_ranker(
    tmp_path_factory: pytest.TempPathFactory, arrivals: list[tuple[int, str, str, float | None]]
) -> None:
    with new_project(tmp_path_factory.mktemp("rankings")) as project:
        expected: dict[tuple[int, str], Ranking] = {}
        for mention_id, ranker, code, confidence in arrivals:
            new = ranking(mention_id, ranker, code, confidence=confidence)
            expected[mention_id, ranker] = new
            project.record_rankings([new])
        for mention_id in (1, 2, 3):
            found = {r.ranker: r for r in project.rankings(mention_id)}
            assert found == {ranker: r for (id_, ranker), r in expected.items() if id_ == mention_id}
            answers = [found[r].candidates[0].code for r in ("retriever", "teacher") if r in found]
            students = [r for r in project.rankings(mention_id) if r.ranker.startswith("student:")]
            answers += [students[-1].candidates[0].code] if students else []
            assert project.mentions([mention_id])[0].disagreement == max(0, len(set(answers)) - 1)
