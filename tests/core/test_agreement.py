"""Coefficients of agreement: published tables, plain references, and their laws."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.evaluation import Agreement, cohen, fleiss, krippendorff, rate, raw_agreement
from rpdr_core.evaluation.agreement import Label, Units

# Krippendorff 2011, Computing Krippendorff's alpha-reliability: example C, four observers, twelve units, gaps.
FOUR_OBSERVERS = ("123321412...", "12332241 25.3".replace(" ", ""), ".3332342251.", "12332441251.")
# Its example B: two observers, twelve units, five names.
TWO_OBSERVERS = ("aabbdcccedda", "babbbcccebdd")
# Its example A: two observers, ten units, two values.
BINARY = ("0100000010", "1110010000")
# Fleiss 1971, table 1: 30 patients, 6 psychiatrists each, five diagnoses.
DIAGNOSES = """00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006""".split()  # noqa: SIM905

FEWER = settings(max_examples=25, deadline=None)  # each coefficient comes with a thousand resamples
LABELS = st.sampled_from("abc")
PAIRS = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=30)
ROWS = st.lists(st.lists(st.none() | LABELS, min_size=3, max_size=3), min_size=1, max_size=20)


def units_of(*observers: str) -> list[list[str | None]]:
    return [[None if answer == "." else answer for answer in unit] for unit in zip(*observers, strict=True)]


def interval_distance(one: Label, other: Label) -> float:
    return (int(str(one)) - int(str(other))) ** 2


def test_krippendorffs_own_examples() -> None:
    assert krippendorff(units_of(*BINARY)).value == pytest.approx(0.095, abs=5e-4)
    assert krippendorff(units_of(*FOUR_OBSERVERS)).value == pytest.approx(0.743, abs=5e-4)
    assert krippendorff(units_of(*FOUR_OBSERVERS), interval_distance).value == pytest.approx(0.849, abs=5e-4)
    assert krippendorff(units_of(*FOUR_OBSERVERS)).n == 11, "the unit that one observer alone judged does not count"


def test_fleiss_own_example() -> None:
    rows = [
        [name for name, times in zip("abcde", map(int, row), strict=True) for _ in range(times)] for row in DIAGNOSES
    ]
    found = fleiss(rows)
    assert found.n == 30
    assert found.value == pytest.approx(0.430, abs=5e-4)


def test_cohen_by_hand() -> None:
    """Twenty agree on yes, fifteen on no, fifteen differ: observed 0.7, by chance 0.5."""
    units = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    found = cohen(units)
    assert (found.value, found.n) == (0.4, 50)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.4 < found.high
    assert raw_agreement(units).value == 0.7


@FEWER
@given(ROWS)
def test_alpha_is_its_definition(rows: list[list[str | None]]) -> None:
    """Over the table of coincidences, as the paper writes it."""
    table: Counter[tuple[str, str]] = Counter()
    weights: dict[tuple[str, str], float] = {}
    for row in rows:
        answers = [one for one in row if one is not None]
        for pair in permutations(answers, 2):
            weights[pair] = weights.get(pair, 0.0) + 1 / (len(answers) - 1)
    totals: Counter[str] = Counter()
    for (one, _), weight in weights.items():
        totals[one] += weight  # type: ignore[assignment]
    table.update(totals.keys())  # type: ignore[arg-type]
    n = sum(totals.values())
    found = krippendorff(rows)
    if not weights:
        assert found == Agreement(0, missing="empty")
        return
    expected = sum(totals[one] * totals[other] for one, other in permutations(totals, 2))
    if expected == 0:
        assert found.missing == "one_category"
        return
    observed = sum(weight for (one, other), weight in weights.items() if one != other)
    assert found.value == pytest.approx(1 - (n - 1) * observed / expected, abs=1e-4)


@FEWER
@given(PAIRS)
def test_cohen_of_two_is_its_definition(pairs: list[tuple[str, str]]) -> None:
    n = len(pairs)
    chance = sum(
        sum(one == label for one, _ in pairs) * sum(other == label for _, other in pairs) for label in "abc"
    ) / (n * n)
    found = cohen(pairs)
    if chance == 1:
        assert found.missing == "one_category"
    else:
        observed = sum(one == other for one, other in pairs) / n
        assert found.value == pytest.approx((observed - chance) / (1 - chance), abs=1e-4)


@FEWER
@given(PAIRS, st.randoms(use_true_random=False))
def test_order_names_and_sides_do_not_matter(pairs: list[tuple[str, str]], source: object) -> None:
    turned = [(other, one) for one, other in pairs]
    renamed = [tuple({"a": "c", "b": "a", "c": "b"}[label] for label in pair) for pair in pairs]
    shuffled = list(pairs)
    source.shuffle(shuffled)  # type: ignore[attr-defined]
    for coefficient in (raw_agreement, cohen, fleiss, krippendorff):
        value = coefficient(pairs).value
        for other in (turned, renamed, shuffled):
            assert coefficient(other).value == pytest.approx(value, abs=1.1e-4)


@FEWER
@given(ROWS)
def test_bounds(rows: list[list[str | None]]) -> None:
    for coefficient in (raw_agreement, fleiss, krippendorff):
        found = coefficient(rows)
        assert (found.value is None) == bool(found.missing)
        if found.value is not None:
            assert -1 <= found.value <= 1
        if found.low is not None and found.high is not None:
            assert -1 <= found.low <= found.high <= 1
        assert found == coefficient(rows), "the same every time"


@FEWER
@given(st.lists(LABELS, min_size=2, max_size=20).filter(lambda labels: len(set(labels)) > 1))
def test_perfect_agreement_is_one(labels: list[str]) -> None:
    twice, thrice = [(label, label) for label in labels], [(label, label, label) for label in labels]
    assert [one(twice).value for one in (raw_agreement, cohen, fleiss, krippendorff)] == [1, 1, 1, 1]
    assert [one(thrice).value for one in (raw_agreement, fleiss, krippendorff)] == [1, 1, 1]


@FEWER
@given(PAIRS)
def test_two_answers_each_order_the_coefficients(pairs: list[tuple[str, str]]) -> None:
    """With two answers a unit, alpha is Fleiss' kappa with a small sample's correction: (1 - k) shrinks by 1/2n."""
    kappa, alpha = fleiss(pairs).value, krippendorff(pairs).value
    if kappa is None or alpha is None:
        assert kappa is alpha
    else:
        n = 2 * len(pairs)
        assert 1 - alpha == pytest.approx((1 - kappa) * (n - 1) / n, abs=2e-4)


@FEWER
@given(PAIRS, st.floats(0.1, 0.9))
def test_a_forgiving_distance_never_says_less(pairs: list[tuple[str, str]], near: float) -> None:
    """Where only the pairs that occur as disagreements are near, alpha grows."""
    occurring = {frozenset(pair) for pair in pairs if pair[0] != pair[1]}

    def forgiving(one: Label, other: Label) -> float:
        return 0.0 if one == other else near if frozenset((one, other)) in occurring else 1.0

    plain, found = krippendorff(pairs).value, krippendorff(pairs, forgiving).value
    if plain is not None and found is not None:
        assert found >= plain - 2e-4


@pytest.mark.parametrize(
    ("coefficient", "units", "missing"),
    [
        (raw_agreement, [], "empty"),
        (raw_agreement, [("a", None)], "empty"),
        (cohen, [], "empty"),
        (cohen, [("a", "b", "c")], "raters"),
        (cohen, [("a",)], "raters"),
        (cohen, [("a", None)], "empty"),
        (cohen, [("a", "a"), ("a", "a")], "one_category"),
        (fleiss, [("a",), ("b",)], "empty"),
        (fleiss, [("a", "a", "a")], "one_category"),
        (krippendorff, [(None, "a")], "empty"),
        (krippendorff, [("a", "a")], "one_category"),
    ],
)
def test_what_is_not_defined_says_why(coefficient: object, units: Units, missing: str) -> None:
    found = coefficient(units)  # type: ignore[operator]
    assert (found.value, found.low, found.high, found.missing) == (None, None, None, missing)


def test_fleiss_leaves_out_units_with_another_number_of_answers() -> None:
    rows = [("a", "a", None), ("b", "a", None), ("b", "b", None), ("a", "a", "a")]
    assert fleiss(rows) == fleiss([row[:2] for row in rows[:3]])


def test_one_unit_has_no_interval() -> None:
    assert krippendorff([("a", "b")]) == Agreement(1, 0.0)


@FEWER
@given(st.integers(0, 60), st.integers(0, 60))
def test_a_rate_lies_inside_its_interval(one: int, other: int) -> None:
    count, n = min(one, other), max(one, other)
    found = rate(count, n)
    if n == 0:
        assert (found.value, found.low, found.high) == (None, None, None)
    else:
        assert found.value is not None
        assert found.low is not None
        assert found.high is not None
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.low < found.high


def test_wilsons_interval_of_few() -> None:
    """By hand: 2 of 24, z = 1.96."""
    found = rate(2, 24)
    assert (found.value, found.low, found.high) == (0.0833, 0.0232, 0.2585)
    assert [rate(0, 3).low, rate(3, 3).high] == [0.0, 1.0]


def test_distances_are_asked_of_each_pair_once() -> None:
    asked: Counter[frozenset[Label]] = Counter()

    def counted(one: Label, other: Label) -> float:
        asked[frozenset((one, other))] += 1
        return 1.0

    krippendorff([(str(number), str(number)) for number in range(20)], counted)
    assert all(asked[frozenset(pair)] == 1 for pair in combinations(map(str, range(20)), 2))
