"""The retriever on the real ICD-10-CM with its lexical index: what a clinician types finds its code."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rpdr_core.errors import Cancelled
from rpdr_core.records import MemoryTerm
from rpdr_core.workflow.linking_journal import CALIBRATION
from rpdr_worker.retrieval import retriever
from rpdr_worker.retrieval.confidence import calibration, confidence
from rpdr_worker.retrieval.retriever import Retrieved
from rpdr_worker.retrieval.space import Space


def codes(space: Space, text: str, k: int = 10) -> list[str]:
    return [candidate.code for candidate in space.retriever.retrieve([text], k)[0].candidates]


@pytest.mark.parametrize(
    ("text", "prefix", "within"),
    [
        ("heart attack", "I21", 5),
        ("blurry vision", "H53.8", 3),
        ("catarct, nuclear", "H25.1", 5),
        ("心肌梗死", "I21", 5),
        ("NS cat OU", "H25.13", 5),
        ("POAG", "H40.11", 5),
        ("白内障", "H26.9", 5),
        ("h2513", "H25.13", 1),
        ("H25.13", "H25.13", 1),
        ("I21", "I21", 1),
        ("s0230xa", "S02.30XA", 1),
        ("nuclear cataract right eye", "H25.11", 3),
        ("myocardial infraction", "I21", 5),
        ("high blood pressure", "I10", 3),
        ("Ménière’s disease", "H81.0", 3),
    ],
)
def test_what_is_typed_finds_its_code(icd10cm_space: Space, text: str, prefix: str, within: int) -> None:
    found = codes(icd10cm_space, text)
    assert any(code.startswith(prefix) for code in found[:within]), found


@pytest.mark.parametrize("text", ["heart attack", "POAG", "zzz", "白内障"])
def test_a_list_is_as_long_as_asked_without_repeats(icd10cm_space: Space, text: str) -> None:
    for k in (1, 6, 10, 25):
        found = codes(icd10cm_space, text, k)
        assert len(found) <= k
        assert len(set(found)) == len(found)
    assert codes(icd10cm_space, text, 6) == codes(icd10cm_space, text, 10)[:6]


def test_scores_fall_and_say_what_matched(icd10cm_space: Space) -> None:
    (found,) = icd10cm_space.retriever.retrieve(["blurry vision"], 10)
    scores = [candidate.score for candidate in found.candidates]
    assert scores == sorted(scores, reverse=True)
    assert (found.candidates[0].matched.casefold(), found.candidates[0].source) == ("blurry vision", "lexicon")
    assert found.exact == "lexicon"
    assert found.margin > 0


def test_a_batch_answers_as_one_by_one_would(icd10cm_space: Space) -> None:
    texts = ["heart attack", "", "白内障", "heart attack", "POAG OD"]
    together = icd10cm_space.retriever.retrieve(texts, 5)
    assert together == [icd10cm_space.retriever.retrieve([text], 5)[0] for text in texts]
    assert together[0] == together[3]


def test_nothing_to_go_by_gives_nothing(icd10cm_space: Space) -> None:
    for text in ("", "   ", "...", "\u200b"):
        assert codes(icd10cm_space, text) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_no_text_makes_it_fail(icd10cm_space: Space, text: str) -> None:
    (found,) = icd10cm_space.retriever.retrieve([text], 10)
    known = icd10cm_space.terminology.position
    assert all(candidate.code in known for candidate in found.candidates)
    sure = confidence(found)
    assert sure is None if not found.candidates else sure is not None and 0 <= sure <= 1


def test_the_side_in_the_context_chooses_the_child(icd10cm_space: Space) -> None:
    contexts = ("seen today with nuclear cataract OD", "seen today with nuclear cataract of the left eye", "")
    found = icd10cm_space.retriever.retrieve(["nuclear cataract"] * 3, 10, contexts=contexts)
    places = [[candidate.code for candidate in one.candidates] for one in found]
    assert places[0].index("H25.11") < places[0].index("H25.12")
    assert places[1].index("H25.12") < places[1].index("H25.11")


def test_a_correction_is_first_at_the_next_query(icd10cm_space: Space) -> None:
    before = codes(icd10cm_space, "heart attack")
    icd10cm_space.memory.remember([MemoryTerm("Heart attack", "I25.2", 1)])
    try:
        assert codes(icd10cm_space, "heart attack")[0] == "I25.2"
        assert "I25.2" in codes(icd10cm_space, "hart attack")[:3]
    finally:
        icd10cm_space.memory.forget([1])
    assert codes(icd10cm_space, "heart attack") == before


def test_a_cancelled_job_stops_between_blocks(icd10cm_space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retriever, "_BLOCK", 2)
    left = [2]

    def check() -> None:
        if not left[0]:
            raise Cancelled("stopped on request")
        left[0] -= 1

    with pytest.raises(Cancelled):
        icd10cm_space.retriever.retrieve([f"a{at}" for at in range(10)], 5, check=check)


def test_confidence_grows_with_the_evidence(icd10cm_space: Space) -> None:
    exact, vague = icd10cm_space.retriever.retrieve(["Age-related nuclear cataract, bilateral", "eye thing"], 5)
    assert (confidence(exact) or 0) > 0.9 > (confidence(vague) or 0)
    assert confidence(Retrieved((), 1.0, "")) is None


def test_the_constants_of_the_confidence_have_the_name_that_journals_carry() -> None:
    """Fitted anew, name them anew in `linking_journal.CALIBRATION`: a run begun with the old ones is begun anew."""
    assert calibration() == CALIBRATION
