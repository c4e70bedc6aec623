"""Does a file look like what was reviewed? Exact tests, few false alarms, a warning in plain words."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rpdr_core.records import NewMention
from rpdr_core.workflow.linking_drift import FINE, LONGEST, Tally, Trait, drift, fisher, smirnov, trait_of

SPLITS = 500
# 5 of 500 may warn at 1 %; 12 is three standard deviations above that.
NOISE = 12


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 300), st.integers(0, 300))
def test_the_p_of_shares_is_fishers(n: int, one: int, m: int, other: int) -> None:
    one, other = min(one, n), min(other, m)
    exact = stats.fisher_exact([[one, n - one], [other, m - other]]).pvalue
    assert fisher(one, n, other, m) == pytest.approx(exact, abs=1e-6)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=80), st.lists(st.integers(0, 20), min_size=1, max_size=80))
def test_the_distance_is_smirnovs(one: list[int], other: list[int]) -> None:
    counts = [[values.count(at) for at in range(21)] for values in (one, other)]
    gaps = (sum(v <= at for v in one) / len(one) - sum(v <= at for v in other) / len(other) for at in range(21))
    assert smirnov(*counts)[0] == pytest.approx(max(map(abs, gaps)))


def test_the_p_of_distances_is_smirnovs() -> None:
    rng = random.Random(3)
    one, other = [rng.randrange(50) for _ in range(300)], [rng.randrange(55) for _ in range(400)]
    counts = [[values.count(at) for at in range(55)] for values in (one, other)]
    distance, p = smirnov(*counts)
    assert p == pytest.approx(stats.ks_2samp(one, other, method="asymp").pvalue, rel=0.2)
    assert 0 < distance < 1


def test_a_mentions_traits() -> None:
    assert trait_of(NewMention("Back  PAIN", "my back"), "back pain", 0.1234) == Trait(123, 9, True, False, True)
    assert trait_of(NewMention("白内障"), "cataract", None) == Trait(0, 3, False, True, False)
    assert trait_of(NewMention("x" * 999), "", 1.0) == Trait(FINE, LONGEST, False, False, False)


def drawn(rng: random.Random, n: int, *, exact: float = 0.6, chinese: float = 0.1, long: int = 10) -> list[Trait]:
    def one() -> Trait:
        hit = rng.random() < exact
        sure = 999 if hit else rng.randrange(1000)
        return Trait(
            sure, min(LONGEST, 3 + int(rng.expovariate(1 / long))), hit, rng.random() < chinese, rng.random() < 0.5
        )

    return [one() for _ in range(n)]


def test_files_like_the_reviewed_mentions_hardly_ever_warn() -> None:
    rng, warned = random.Random(11), 0
    for _ in range(SPLITS):
        warned += drift(Tally.of(drawn(rng, 200)), Tally.of(drawn(rng, 400))).warns
    assert warned <= NOISE


@pytest.mark.parametrize(
    ("shift", "told"),
    [
        ({"exact": 0.3}, "of the new mentions are exact names"),
        ({"chinese": 0.5}, "of the new mentions have letters beyond a to z"),
        ({"long": 40}, "half of the new mentions have up to"),
    ],
)
def test_what_differs_is_told(shift: dict[str, float], told: str) -> None:
    rng = random.Random(11)
    reviewed, file = drawn(rng, 300), drawn(rng, 3_000, **shift)  # type: ignore[arg-type]
    found = drift(Tally.of(reviewed), Tally.of(file))
    assert found.warns
    assert any(told in line for line in found.told())


def test_a_sentence_names_both_shares_and_the_least_likely_comes_first() -> None:
    reviewed, file = Tally.of(), Tally.of()
    reviewed.add(Trait(500, 5, True, False, False), 63)
    reviewed.add(Trait(500, 5, False, False, False), 37)
    file.add(Trait(500, 5, True, False, True), 410)
    file.add(Trait(500, 5, False, False, True), 590)
    found = drift(reviewed, file)
    assert found.told() == (
        "100% of the new mentions have a context, 0% of the reviewed ones",
        "41% of the new mentions are exact names, 63% of the reviewed ones",
    )
    assert (found.distance, found.p) == (0.0, 1.0)


def test_nothing_to_compare_is_no_difference() -> None:
    some = Tally.of([Trait(1, 1, True, True, True)])
    assert not drift(Tally.of(), some).warns
    assert not drift(some, Tally.of()).warns
    assert not drift(some, some).warns
