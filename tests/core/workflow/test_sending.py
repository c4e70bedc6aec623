"""The client's half of each request: no row, no permit; no ceiling is passed, whatever the endpoint bills."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from helpers.projects import new_project
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import NotAllowedError
from rpdr_core.protocol.messages import Fate, SendIntent, SendOutcome, SentLine
from rpdr_core.store import Project
from rpdr_core.teacher_switch import VARIABLE, switch
from rpdr_core.workflow.consent import consent_of, grant, require_consent, revoke, set_credentialed, set_masked_names
from rpdr_core.workflow.prices import Price, Tariff
from rpdr_core.workflow.profiles import Profile
from rpdr_core.workflow.sending import Ceiling, Gatekeeper, SendTerms

PROFILE = Profile("t", "compatible", "https://models.example.org/v1", "m")
TARIFF = Tariff(Price("m", 1.0, 10.0, batch=0.5), "USD", "2026-03")
PLACE = "models.example.org:443"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = new_project(tmp_path)
    grant(project, PROFILE, "Dr A", "Clinic")
    return project


def intent(number: int = 1, **more: object) -> SendIntent:
    values: dict[str, object] = {"mention_id": 1, "tokens": 700, "most_tokens": 2_000, "most_answer_tokens": 100}
    return replace(SendIntent(number, "rank", PLACE, "m", "ab" * 32, 2_000), **{**values, **more})  # type: ignore[arg-type]


def gate(project: Project, ceiling: Ceiling | None = None, **more: object) -> Gatekeeper:
    terms = SendTerms("run", PROFILE, TARIFF, ceiling or Ceiling(), "Dr A", {1: (2, 1)})
    return Gatekeeper(project, replace(terms, **more))  # type: ignore[arg-type]


def test_a_permit_has_its_row_on_disk(project: Project) -> None:
    keeper = gate(project)
    assert keeper.permit(intent()).granted
    with project.reader() as reader:
        (row,) = reader.ledger()
    assert (row.end, row.send.sha256, row.actor, row.send.masked, row.send.flagged) == (None, "ab" * 32, "Dr A", 2, 1)
    assert row.send.reserved == pytest.approx(0.003)
    assert row.send.estimate == pytest.approx((700 + 480) / 1e6)
    assert row.send.prices == "2026-03"
    keeper.close(SendOutcome(1, "answered", 200, "r", 500, 20, 0.1))
    (row,) = project.ledger()
    assert row.end is not None
    assert (row.end.cost, row.end.counted) == (pytest.approx(0.0007), True)
    assert project.verify_ledger().ok


@pytest.mark.parametrize(
    ("fate", "cost", "counted"),
    [("no_answer", 0.003, False), ("answered", 0.003, False), ("refused", 0.0, True), ("unreached", 0.0, True)],
)
def test_what_is_not_counted_is_taken_at_its_most(project: Project, fate: Fate, cost: float, counted: bool) -> None:
    keeper = gate(project)
    keeper.permit(intent())
    keeper.close(SendOutcome(1, fate))
    (row,) = project.ledger()
    assert row.end is not None
    assert (row.end.cost, row.end.counted) == (pytest.approx(cost), counted)


def test_a_refused_request_has_no_row(project: Project) -> None:
    keeper = gate(project, Ceiling(requests=1))
    assert keeper.permit(intent(1)).granted
    refused = keeper.permit(intent(2))
    assert not refused.granted
    assert "1 requests" in refused.reason
    assert keeper.stopped == refused.reason
    assert keeper.close(SendOutcome(2, "not_sent")).kinds == frozenset()
    assert len(list(project.ledger())) == 1


def test_consent_withdrawn_stops_the_next_request(project: Project) -> None:
    keeper = gate(project)
    assert keeper.permit(intent(1)).granted
    revoke(project, "Dr B")
    assert not keeper.permit(intent(2)).granted
    assert "off for this project" in keeper.stopped


def test_the_switch_stops_the_next_request(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = gate(project)
    switch(False)
    assert not keeper.permit(intent(1)).granted
    switch(True)
    assert keeper.permit(intent(2)).granted
    monkeypatch.setenv(VARIABLE, "1")
    assert not keeper.permit(intent(3)).granted


def test_an_intent_for_another_host_or_model_is_refused(project: Project) -> None:
    keeper = gate(project)
    assert not keeper.permit(replace(intent(1), host="elsewhere.example:443")).granted
    assert not keeper.permit(replace(intent(2), model="other")).granted
    assert list(project.ledger()) == []


def test_text_cut_for_a_wider_consent_stays(project: Project) -> None:
    keeper = gate(project, width=80)
    assert keeper.permit(intent(1)).granted
    grant(project, PROFILE, "Dr B", "Clinic", window=20)
    assert not keeper.permit(intent(2)).granted
    assert "20 characters" in keeper.stopped
    assert gate(project, width=20).permit(intent(1)).granted


@pytest.mark.parametrize("purpose", ["rank", "batch.upload"])
def test_text_masked_before_a_name_joined_the_list_stays(project: Project, purpose: str) -> None:
    set_masked_names(project, ("Zbigniew",))
    keeper = gate(project, names=("Zbigniew", "Ewa"))
    assert keeper.permit(intent(1, purpose=purpose)).granted
    set_masked_names(project, ("Zbigniew", "Marek"))
    assert not keeper.permit(intent(2, purpose=purpose)).granted
    assert keeper.permit(intent(3, purpose="batch.fetch")).granted, "carries no text"


def test_a_ceiling_or_a_price_that_is_no_number_lets_nothing_out(project: Project) -> None:
    nan = float("nan")
    assert not gate(project, Ceiling(cost=nan)).permit(intent()).granted
    assert not gate(project, Ceiling(cost=1.0), tariff=Tariff(Price("m", nan, nan))).permit(intent()).granted
    assert list(project.ledger()) == []


def test_a_batch_above_the_ceiling_is_not_even_uploaded(project: Project) -> None:
    grant(project, PROFILE, "Dr A", "Clinic", batch=True)
    upload, create = intent(1, purpose="batch.upload", mention_id=0), intent(2, purpose="batch.create", mention_id=0)
    assert not gate(project, Ceiling(cost=0.001), batch=True).permit(upload).granted
    keeper = gate(project, Ceiling(cost=0.002), batch=True)
    assert keeper.permit(upload).granted
    (row,) = project.ledger()
    assert row.send.reserved == 0.0
    keeper.close(SendOutcome(1, "answered", 200))
    assert keeper.permit(create).granted


def test_a_batch_that_nobody_counted_is_not_told_as_free(project: Project) -> None:
    grant(project, PROFILE, "Dr A", "Clinic", batch=True)
    keeper = gate(project, batch=True)
    assert keeper.permit(intent(1, purpose="batch.fetch", mention_id=0, most_tokens=0, most_answer_tokens=0)).granted
    keeper.close(SendOutcome(1, "answered", 200))
    (row,) = project.ledger()
    assert row.end is not None
    assert (row.end.cost, row.end.counted, project.spent().unpriced) == (None, False, 1)


def test_a_ceiling_without_a_price_lets_nothing_out(project: Project) -> None:
    assert not gate(project, Ceiling(cost=5.0), tariff=Tariff(None)).permit(intent()).granted
    assert gate(project, Ceiling(requests=5), tariff=Tariff(None)).permit(intent()).granted


BILLS = st.tuples(st.integers(0, 2_000), st.integers(0, 100))


@settings(max_examples=40, deadline=None)
@given(
    ceiling=st.floats(0.0, 0.03),
    fates=st.lists(st.tuples(st.sampled_from(["answered", "no_answer", "refused"]), BILLS, st.booleans()), max_size=30),
    parallel=st.integers(1, 5),
)
def test_no_order_of_requests_side_by_side_passes_the_ceiling(
    tmp_path_factory: pytest.TempPathFactory,
    ceiling: float,
    fates: list[tuple[Fate, tuple[int, int], bool]],
    parallel: int,
) -> None:
    """Bills stay within what each request can cost at most; `parallel` requests are on their way at once."""
    with new_project(tmp_path_factory.mktemp("gate")) as project:
        grant(project, PROFILE, "Dr A", "Clinic")
        keeper, open_ = gate(project, Ceiling(cost=ceiling)), list[SendOutcome]()
        for number, (fate, (prompt, answer), told) in enumerate(fates, 1):
            if keeper.permit(intent(number)).granted:
                counted = fate == "answered" and told
                open_.append(SendOutcome(number, fate, 0, "", prompt if counted else None, answer if counted else None))
            if len(open_) == parallel:
                keeper.close(open_.pop(0))
        for outcome in open_:
            keeper.close(outcome)
        spent = project.spent("run")
        assert spent.cost <= ceiling + 1e-12
        # Where one was refused, the rest would not have paid for another at its most with all others on their way.
        if keeper.stopped:
            assert spent.cost + parallel * 0.003 > ceiling - 1e-12


def test_a_batch_is_reserved_until_it_is_fetched(project: Project) -> None:
    grant(project, PROFILE, "Dr A", "Clinic", batch=True)
    keeper = gate(project, Ceiling(cost=0.002), batch=True)
    lines = (SentLine(1, 0, "cd" * 32, 1_000), SentLine(2, 0, "ef" * 32, 1_000))
    upload = SendIntent(1, "batch.upload", PLACE, "m", "ab" * 32, 3_000, lines=lines)
    assert keeper.permit(upload).granted
    keeper.close(SendOutcome(1, "answered", 200))
    create = SendIntent(2, "batch.create", PLACE, "m", "ab" * 32, 90, most_tokens=2_000, most_answer_tokens=200)
    assert keeper.permit(create).granted
    keeper.close(SendOutcome(2, "answered", 200))
    assert not keeper.permit(replace(create, number=3)).granted, "half the price: 0.002 are reserved"
    assert keeper.permit(SendIntent(4, "batch.fetch", PLACE, "m", "ab" * 32, 0)).granted
    keeper.close(SendOutcome(4, "answered", 200, "", 1_000, 40))
    assert keeper.cost == pytest.approx(0.5 * (1_000 + 400) / 1e6)
    first = next(iter(project.ledger()))
    assert [line.sha256 for line in first.send.lines] == ["cd" * 32, "ef" * 32]
    assert first.send.masked == 2


def test_batches_need_their_own_consent(project: Project) -> None:
    with pytest.raises(NotAllowedError, match="batches"):
        require_consent(project, PROFILE, batch=True)
    assert not gate(project, batch=True).permit(intent()).granted


def test_credentialed_data_stay_on_this_machine(project: Project) -> None:
    local = Profile("here", "compatible", "http://127.0.0.1:8000/v1", "m")
    set_credentialed(project, True, "Dr A", "Clinic")
    assert consent_of(project) is None, "the consent to another machine ended"
    with pytest.raises(NotAllowedError, match="may not leave this machine"):
        grant(project, PROFILE, "Dr A", "Clinic")
    grant(project, local, "Dr A", "Clinic")
    assert require_consent(project, local).host == "127.0.0.1:8000"
