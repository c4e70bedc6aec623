"""Names get a lead over wordings, and never one that hides what is remembered word for word."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.records import Candidate, MemoryTerm
from rpdr_worker.ranking.student_lists import CandidateList
from rpdr_worker.ranking.student_memory import Remembered
from rpdr_worker.ranking.student_model import ListBatch, cosines_of
from rpdr_worker.ranking.student_texts import GREATEST, Reading

LEADS = Reading(0.0, name_lead=0.04, alone_lead=0.08)


def read(cosines: Sequence[Sequence[float]], official: Sequence[int], reading: Reading) -> list[float]:
    """One list; `cosines` of each candidate's strings, the first `official` of which are its own."""
    depth = max(map(len, cosines))
    rows = [cosine for one in cosines for cosine in (*one, *[0.0] * (depth - len(one)))]
    strings = torch.tensor([[cosine, 0.0] for cosine in rows])
    places = torch.arange(len(rows)).view(1, len(cosines), depth)
    present = torch.tensor([[[at < len(one) for at in range(depth)] for one in cosines]])
    own = torch.tensor([[[at < count for at in range(depth)] for count in official]])
    batch = ListBatch(("mention",), places, present, own, torch.zeros(1, len(cosines)))
    found: list[float] = cosines_of(torch.tensor([[1.0, 0.0]]), strings, batch, reading)[0].tolist()
    return found


def test_a_name_is_raised_and_more_so_where_nobody_has_spoken_of_the_entity() -> None:
    alone, named, called = read([[0.5], [0.5, 0.1], [0.1, 0.5]], [1, 1, 1], LEADS)
    assert alone == pytest.approx(0.62)
    assert named == pytest.approx(0.54)
    assert called == pytest.approx(0.5)


def test_all_of_an_entitys_own_strings_are_raised() -> None:
    assert read([[0.1, 0.5]], [2], LEADS) == pytest.approx([0.62])


@given(st.lists(st.floats(-1, 0.985), min_size=1, max_size=6), st.floats(0, 0.5), st.floats(0, 0.5))
def test_what_is_remembered_word_for_word_stays_first(others: list[float], name: float, alone: float) -> None:
    found = read([*([one] for one in others), [0.2, 1.0]], [1] * (len(others) + 1), Reading(0.0, name, alone))
    assert found[-1] == pytest.approx(1.0)
    assert max(found[:-1]) < found[-1]


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=6), st.floats(0, 0.5))
def test_a_lead_takes_nothing_away(cosines: list[float], lead: float) -> None:
    plain = read([[one] for one in cosines], [1] * len(cosines), GREATEST)
    found = read([[one] for one in cosines], [1] * len(cosines), Reading(0.0, lead, lead))
    assert all(after >= before for before, after in zip(plain, found, strict=True))
    assert read([[one] for one in cosines], [1] * len(cosines), Reading()) == plain


def test_which_strings_are_an_entitys_own() -> None:
    candidates = [
        Candidate("A", "Aching", "ache", "synonym", 1.0),
        Candidate("B", "Burning", "burns", "memory", 0.9),
        Candidate("C", "Cough", "Cough", "name", 0.8),
    ]
    told = [("sore", "A"), ("burns", "B"), ("it burns", "B"), ("COUGH", "C")]
    remembered = Remembered.of(MemoryTerm(text, code, at) for at, (text, code) in enumerate(told, 1))
    item = CandidateList.of("burns", "", candidates, width=0, gaps=(), remembered=remembered, besides="burns")
    assert item.strings == (("Aching", "ache", "sore"), ("Burning", "it burns"), ("Cough",))
    assert item.official == (2, 1, 1)


def test_half_of_the_leads() -> None:
    assert Reading(0.05, 0.04, 0.08).with_share(0.5) == Reading(0.05, 0.02, 0.04)
    assert Reading(0.05, 0.04, 0.08).with_share(0.0) == Reading(0.05)
