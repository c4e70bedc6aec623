"""Reviewed mentions are judged before they are remembered, and the promise holds with all of them remembered."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from rpdr_core.evaluation.risk import STEPS, controlled, percent, spread
from rpdr_core.records import Candidate, MemoryTerm, NewMention, Provenance, Ranking
from rpdr_core.workflow.linking_learned import BLOCKS, Judged, Memory, judge, judge_and_learn

PROVENANCE = Provenance("retriever", "m", "kb")
PROJECTS, REVIEWED, LEFT = 80, 320, 400
# 4 of 80 may break at 5 %; 10 is three standard deviations above that.
NOISE = 10


class Ranker:
    """Knows what it remembers by heart; the rest it guesses, right or wrong and as sure as a table says."""

    def __init__(self, guesses: dict[str, tuple[str, float]]) -> None:
        self.guesses = guesses
        self.terms: dict[int, MemoryTerm] = {}
        self.asked: list[tuple[int, tuple[str, ...]]] = []

    def link(self, batch: list[NewMention]) -> list[Ranking]:
        self.asked.append((len(self.terms), tuple(mention.text for mention in batch)))
        known: dict[str, Counter[str]] = {}
        for term in self.terms.values():
            known.setdefault(term.term, Counter())[term.code] += 1
        found = []
        for mention in batch:
            code, sure = self.guesses.get(mention.text, ("none", 0.5))
            if mention.text in known:
                code, sure = known[mention.text].most_common(1)[0][0], 0.99
            found.append(Ranking(0, "retriever", (Candidate(code, code, mention.text),), PROVENANCE, confidence=sure))
        return found

    def remember(self, terms: tuple[MemoryTerm, ...]) -> None:
        assert not self.terms.keys() & {term.decision_id for term in terms}
        self.terms |= {term.decision_id: term for term in terms}

    def forget(self, ids: tuple[int, ...]) -> None:
        for one in ids:
            del self.terms[one]

    def memory(self, chunk: int = 1_000, after: int = 0) -> Memory:
        return Memory(self.link, self.remember, self.forget, after, chunk)


def test_each_block_is_judged_by_those_before_it_and_all_are_remembered() -> None:
    reviewed = [NewMention(f"m{at}", code="" if at % 4 == 0 else f"C{at}") for at in range(40)]
    ranker = Ranker({})
    found = judge_and_learn(reviewed, ranker.memory(after=100))
    turns, again = ranker.asked[:BLOCKS], ranker.asked[BLOCKS:]
    assert [len(texts) for _, texts in turns] == [5] * BLOCKS
    coded = {mention.text for mention in reviewed if mention.code}
    before = 0
    for known, texts in turns:
        assert known == before
        before += sum(text in coded for text in texts)
    assert not any(right for _, right in found.cases), "none of them was answered by its own code"
    assert [term.decision_id for term in found.learned] == sorted(ranker.terms)
    assert min(ranker.terms) > 100
    assert {(term.term, term.code) for term in found.learned} == {(m.text, m.code) for m in reviewed if m.code}
    for known, texts in again:
        assert known == len(coded) - sum(text in coded for text in texts), "compared with the file without its own code"
    assert len(found.traits) == 40


def test_the_order_is_a_lot_and_the_same_every_time() -> None:
    reviewed = [NewMention(f"m{at:02}", code="C") for at in range(40)]
    rankers = [Ranker({}), Ranker({})]
    for ranker in rankers:
        judge_and_learn(reviewed, ranker.memory())
    assert rankers[0].asked == rankers[1].asked
    told = [text for _, texts in rankers[0].asked[:BLOCKS] for text in texts]
    assert sorted(told) == [mention.text for mention in reviewed] != told


@pytest.mark.parametrize("reviewed", [0, 1, 7, 9, 30])
def test_any_number_is_judged_once_and_in_chunks(reviewed: int) -> None:
    ranker = Ranker({})
    mentions = [NewMention(f"m{at}", code="C") for at in range(reviewed)]
    found = judge_and_learn(mentions, ranker.memory(chunk=2))
    assert (len(found.cases), len(found.traits), len(found.learned)) == (reviewed,) * 3
    assert all(len(texts) <= 2 for _, texts in ranker.asked)


def test_without_learning_nothing_is_remembered() -> None:
    ranker = Ranker({"a": ("C", 0.8), "b": ("D", 0.7)})
    found = judge([NewMention("a", code="C"), NewMention("b", code="E")], ranker.link, 1)
    assert found == Judged(((0.8, True), (0.7, False)), found.traits)
    assert len(found.traits) == 2
    assert not ranker.terms


def world(rng: random.Random, often: float, wrong: float) -> tuple[Ranker, list[NewMention]]:
    """Mentions of wordings that occur `often` times in a sample; some wordings are guessed wrong, surely or not."""
    wordings = max(1, round(REVIEWED / often))
    guesses, codes = {}, []
    for at in range(wordings):
        sure = rng.choice((0.97, 0.9, 0.6))
        codes.append(f"C{at}")
        guesses[f"m{at}"] = ("none" if rng.random() < wrong * (3 if sure < 0.8 else 1) else f"C{at}", sure)
    drawn = [rng.randrange(wordings) for _ in range(REVIEWED + LEFT)]
    return Ranker(guesses), [NewMention(f"m{at}", code=codes[at]) for at in drawn]


@pytest.mark.parametrize(("often", "wrong"), [(0.4, 0.06), (1, 0.1), (2, 0.25), (3, 0.6)])
def test_the_promise_is_broken_in_at_most_one_project_of_twenty(often: float, wrong: float) -> None:
    """Errors come in bundles here: a wording is wrong each time, until it is reviewed, and then right."""
    rng, broken = random.Random(f"{often} {wrong}"), 0
    for _ in range(PROJECTS):
        ranker, mentions = world(rng, often, wrong)
        judged = judge_and_learn(mentions[:REVIEWED], ranker.memory())
        left = judge(mentions[REVIEWED:], ranker.link, LEFT).cases
        others, rest = spread(left), [0] * STEPS
        for sure, _ in left:
            rest[percent(sure)] += 1
        threshold = controlled(spread(judged.cases), rest, 0.05).threshold
        if threshold is not None:
            at = round(threshold * STEPS)
            broken += others.wrong[at] > 0.05 * others.n[at]
    assert broken <= NOISE


def test_learning_accepts_more() -> None:
    """A promise that is never given is never broken: this says that it is given, and of more than without memory."""
    shares = []
    for learn in (True, False):
        rng, accepted = random.Random(5), 0
        for _ in range(30):
            ranker, mentions = world(rng, 2, 0.1)
            sample = mentions[:REVIEWED]
            judged = judge_and_learn(sample, ranker.memory()) if learn else judge(sample, ranker.link, REVIEWED)
            rest = [0] * STEPS
            for sure, _ in judge(mentions[REVIEWED:], ranker.link, LEFT).cases:
                rest[percent(sure)] += 1
            threshold = controlled(spread(judged.cases), rest, 0.05).threshold
            accepted += 0 if threshold is None else sum(rest[round(threshold * STEPS) :])
        shares.append(accepted / (30 * LEFT))
    assert shares[0] > 0.5
    assert shares[0] > shares[1] + 0.2
