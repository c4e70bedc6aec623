"""A project that two reviewers and an adjudicator have worked in for some days, for pictures of it.

Everything is invented: the people, their days, their slips. The codes are the sample's gold codes where nobody slips.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

from rpdr_core.knowledge_base.library import Library
from rpdr_core.records import Mention, NewDecision, NewMention, NewOpinion, Ranking, Reviewer, ReviewPlan, Target
from rpdr_core.store import Project, QueueQuery, SourceFile
from rpdr_core.workflow.sample import sample_gold

FIRST, SECOND, THIRD = "A. Meyer", "J. Lin", "K. Osei"
DAYS = 8
A_DAY = 12
# A slip of each kind that the map lint knows: no side, not billable, a stage that the sentence names.
SLIPS = {
    "keratoconus OD>OS": "H18.609",
    "OHT OU": "H40.05",
    "droopy lid L": "H02.409",
    "severe NPDR OU": "E11.3493",
    "lazy eye": "H53.009",
    "floaters": "H43.399",
    "POAG OD": "H40.1190",
    "角膜异物": "T15.02",
}


# The same words in other sentences, for "apply to identical mentions": like ones, an unlike one, a negated one.
TWICE = "dry eyes"
SENTENCES = (
    ("Screen work all day, short tear break-up time. Has dry eyes, drops as needed.", "Ophthalmology clinic"),
    ("Burning since the winter, both sides. Has dry eyes, tear film thin.", "Ophthalmology clinic"),
    ("Short tear break-up time on both sides, has dry eyes and uses lubricants.", "Ophthalmology clinic"),
    ("Long flight last week, since then dry eyes on waking.", "Family medicine"),
    ("Dry mouth and dry eyes for years, antibodies sent.", "Rheumatology"),
    ("Lids clean, cornea clear, no dry eyes.", "Retina clinic"),
)


def repeated(path: Path) -> None:
    """Add the sentences that hold `TWICE` to the project at `path`; nobody has looked at them yet."""
    with Project.open(path) as project:
        known = next(one for one in project.mentions(project.queue(QueueQuery(text=TWICE))) if one.text == TWICE)
        rows = [
            NewMention(TWICE, text, text.index(TWICE), text.index(TWICE) + len(TWICE), count=3, department=where)
            for text, where in SENTENCES
        ]
        project.add_mentions(SourceFile("second_list.csv", "1" * 64, "csv", "utf-8"), rows)
        again = [one for one in project.mentions(project.queue(QueueQuery(text=TWICE))) if one.id > known.id]
        rankings = [one for one in project.rankings(known.id) if one.ranker == "retriever"]
        project.record_rankings(replace(one, mention_id=mention.id) for mention in again for one in rankings)


def reviewed(path: Path) -> None:
    """Let the people work in the project at `path`, which holds the sample's mentions and rankings."""
    with sample_gold().open(encoding="utf-8", newline="") as stream:
        gold = [row["code"] for row in csv.DictReader(stream, delimiter="\t")]
    names = {entity.code: entity.name for entity in Library().open("icd10cm").entities()}
    with Project.open(path) as project:
        by_import = project.mentions(project.queue(QueueQuery(order="import")))
        right = {mention.id: code for mention, code in zip(by_import, gold, strict=True)}
        _Work(project, right, names).days()


class _Clock:
    """The store's clock, which goes as the work does."""

    def __init__(self) -> None:
        self._at = datetime.now(UTC).replace(hour=8, minute=30, second=0, microsecond=0) - timedelta(days=2 * DAYS)

    def next_day(self) -> None:
        self._at = self._at.replace(hour=8, minute=30) + timedelta(days=1)
        while self._at.weekday() > 4:
            self._at += timedelta(days=1)

    def work(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)

    def now(self) -> str:
        return self._at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @contextmanager
    def in_the_store(self) -> Iterator[None]:
        with mock.patch("rpdr_core.store.times.now", self.now), mock.patch("rpdr_core.store.audit.now", self.now):
            yield


class _Work:
    def __init__(self, project: Project, right: dict[int, str], names: dict[str, str]) -> None:
        self._project, self._right, self._names = project, right, names
        self._luck, self._clock = random.Random(11), _Clock()
        self._knowledge_base = project.knowledge_base().fingerprint

    def days(self) -> None:
        with self._clock.in_the_store():
            for one in (Reviewer(FIRST), Reviewer(SECOND), Reviewer(THIRD, "adjudicator")):
                self._project.set_reviewer(one, actor=THIRD)
            self._project.set_review_plan(ReviewPlan(0.35, 0.2, 7), actor=THIRD)
            queue = self._project.mentions(self._project.queue(QueueQuery(order="frequent")))[: DAYS * A_DAY]
            slips = [one for one in self._project.mentions(self._project.queue(QueueQuery())) if one.text in SLIPS]
            # Of equal texts the first alone: the others are left for "apply to identical mentions".
            todo = list({mention.text: mention for mention in reversed([*queue, *slips])}.values())[::-1]
            for day in range(DAYS):
                self._clock.next_day()
                for mention in todo[day * len(todo) // DAYS : (day + 1) * len(todo) // DAYS]:
                    self._first_answer(mention)
            self._clock.next_day()
            self._second_answers()
            self._reversals()
            self._marks()

    def _first_answer(self, mention: Mention) -> None:
        seconds = round(self._luck.uniform(2.5, 19), 1)
        self._clock.work(seconds + self._luck.uniform(0, 20))
        shown = tuple(self._project.rankings(mention.id))
        independent = self._project.drawn(mention.id).independent
        decision = self._answer(mention, shown, seconds)
        if independent and decision.kind in ("accept", "correct"):
            own = self._own_answer(decision, shown)
            self._project.give_opinion(own, reviewer=FIRST)
            decision = replace(decision, mode="independent")
        self._project.decide(decision, reviewer=FIRST)

    def _answer(self, mention: Mention, shown: tuple[Ranking, ...], seconds: float) -> NewDecision:
        codes = [code for code in self._right[mention.id].split("|") if code]
        if mention.text in SLIPS:
            codes = [SLIPS[mention.text]]
        if not codes:
            return NewDecision(mention.id, "no_match", reason="not_a_mention", shown=shown, seconds=seconds)
        first, *more = codes
        best = shown[-1].candidates[0].code if shown and shown[-1].candidates else ""
        return NewDecision(
            mention.id,
            "accept" if first == best else "correct",
            first,
            self._names[first],
            shown=shown,
            seconds=seconds,
            also=tuple(Target(code, self._names[code]) for code in more),
            knowledge_base=self._knowledge_base,
        )

    def _own_answer(self, decision: NewDecision, shown: tuple[Ranking, ...]) -> NewOpinion:
        """What was said before any ranking was there: mostly the same."""
        code, name = decision.code, decision.name
        others = [one for ranking in shown for one in ranking.candidates if one.code != code]
        if others and self._luck.random() < 0.25:
            code, name = others[0].code, others[0].name
        return NewOpinion(
            decision.mention_id, "independent", "correct", code, name, knowledge_base=self._knowledge_base
        )

    def _second_answers(self) -> None:
        waiting = self._project.mentions(self._project.queue(QueueQuery(review=frozenset(("waiting",)))))
        for number, mention in enumerate(waiting[: len(waiting) * 3 // 4]):
            self._clock.work(self._luck.uniform(5, 40))
            decision = self._project.decision(mention.id)
            assert decision is not None
            code, name, comment = decision.code, decision.name, ""
            others = [one for ranking in self._project.rankings(mention.id) for one in ranking.candidates]
            other = next((one for one in others if one.code != code), None)
            if decision.kind in ("accept", "correct") and other is not None and number % 4 == 1:
                code, name, comment = other.code, other.name, "The sentence does not say more than that."
            opinion = NewOpinion(
                mention.id, "second", decision.kind, code, name, also=decision.also if code == decision.code else (),
                reason=decision.reason, comment=comment, seconds=round(self._luck.uniform(3, 15), 1),
            )  # fmt: skip
            self._project.give_opinion(opinion, reviewer=SECOND)
        disputed = self._project.mentions(self._project.queue(QueueQuery(review=frozenset(("disputed",)))))
        for mention in disputed[:2]:
            self._clock.work(60)
            code = self._right[mention.id].split("|")[0]
            settled = NewDecision(mention.id, "correct", code, self._names[code], mode="adjudicated")
            self._project.adjudicate(settled, reviewer=THIRD)

    def _reversals(self) -> None:
        """Two mentions that nobody can make up their mind about."""
        open_ = self._project.mentions(self._project.queue(QueueQuery(frozenset(("accepted",)), order="frequent")))
        free = [mention for mention in open_ if not mention.review][:2]
        for mention in free:
            ranking = self._project.rankings(mention.id)[0]
            one, other = ranking.candidates[0], ranking.candidates[1]
            for candidate in (other, one, other):
                self._clock.work(3600)
                decision = NewDecision(mention.id, "correct", candidate.code, candidate.name, shown=(ranking,))
                self._project.decide(decision, reviewer=FIRST)

    def _marks(self) -> None:
        left = self._project.mentions(self._project.queue(QueueQuery(frozenset(("unreviewed",)))))
        for mention, reason in zip(left[3:6], ("needs_expert", "source_unclear", "guideline"), strict=True):
            self._project.set_flag(mention.id, True, reason=reason, reviewer=FIRST)
        for mention in left[8:11]:
            self._project.decide(NewDecision(mention.id, "defer"), reviewer=FIRST)
        self._project.set_comment(left[3].id, "Ask the retina clinic.", reviewer=FIRST)
