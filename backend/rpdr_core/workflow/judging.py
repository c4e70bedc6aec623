"""The held-out decisions of a project as cases that every ranker can be judged on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rpdr_core.errors import NotAllowedError
from rpdr_core.folding import fold
from rpdr_core.protocol.messages import AdapterInfo, MentionText, RankItem
from rpdr_core.records import Decision, Mention, Ranking
from rpdr_core.store import ProjectReader
from rpdr_core.training_texts import TrainingTexts, read_training_texts
from rpdr_core.workflow.adapters import Student
from rpdr_core.workflow.held_out import HeldOut, held_out_of
from rpdr_core.workflow.labels import DISPUTED
from rpdr_core.workflow.leading import by_role, leading

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Case:
    """A held-out mention, the candidates that it was decided with, and the code that a person chose.

    `retrieved` gives the list that students re-rank; the choice may not be in it. `taught`: the teacher's ranking,
    where there is one. `seen`: the wording was known to memory when the list was made, or to the student in use.
    `also`: codes that were chosen beside the first; putting one of them first is as right.
    """

    item: RankItem
    gold: str
    retrieved: Ranking
    taught: Ranking | None
    seen: bool
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cases:
    """What a new student is judged on. `excluded` counts held-out decisions that judge nobody, by the reason.

    `seen_by_current`: cases whose text the student in use was trained on, None where that is not known;
    `new_is_known`: whether the new student says what it was trained on.
    """

    rule: HeldOut
    cases: tuple[Case, ...]
    excluded: Mapping[str, int]
    seen_by_current: int | None
    new_is_known: bool

    @property
    def items(self) -> tuple[RankItem, ...]:
        """The lists to rank, in the order of the cases."""
        return tuple(case.item for case in self.cases)


def held_out_cases(
    reader: ProjectReader, new: AdapterInfo, current: Student, check: Callable[[], None] = lambda: None
) -> Cases:
    """The cases for a comparison. Raises `NotAllowedError` if the new student was trained on any of their texts."""
    rule = held_out_of(reader)
    texts = read_training_texts(Path(new.folder))
    before = read_training_texts(Path(current.folder)) if current else TrainingTexts(known=True)
    excluded: Counter[str] = Counter()
    cases: list[Case] = []
    leaked: dict[str, str] = {}
    trained_before = 0
    for mention, decision in _decided(reader, rule, check):
        if mention.text in texts:
            leaked[fold(mention.text)] = mention.text
        case = _case(reader, mention, decision, known=mention.text in before)
        if isinstance(case, str):
            excluded[case] += 1
        else:
            cases.append(case)
            trained_before += mention.text in before
    _refuse(new, leaked)
    seen = trained_before if before.known else None
    return Cases(rule, tuple(cases), dict(sorted(excluded.items())), seen, texts.known)


def _refuse(new: AdapterInfo, leaked: Mapping[str, str]) -> None:
    if leaked:
        raise NotAllowedError(
            f"student {new.id} was trained on {len(leaked):,} of the held-out mention texts,"
            f" e.g. {min(leaked.values())!r}",
            hint="train one on rows selected anew; its accuracy on what it has seen says nothing",
            file=new.folder,
        )


def _decided(reader: ProjectReader, rule: HeldOut, check: Callable[[], None]) -> Iterator[tuple[Mention, Decision]]:
    decisions = list(reader.decisions())
    for start in range(0, len(decisions), _PAGE):
        check()
        page = decisions[start : start + _PAGE]
        mentions = {mention.id: mention for mention in reader.mentions([one.mention_id for one in page])}
        for decision in page:
            mention = mentions[decision.mention_id]
            if mention.text in rule:
                yield mention, decision


def _case(reader: ProjectReader, mention: Mention, decision: Decision, *, known: bool) -> Case | str:
    if not decision.code:
        return "no entity was chosen"
    if decision.mode == "agreed":
        return "accepted unseen"
    if decision.mode == "propagated":
        # The statistics take cases for independent: a hundred copies of one answer would count a hundred times.
        return "carried over from an identical mention"
    if mention.review == "disputed":
        return DISPUTED
    shown = reader.shown(decision.id)
    recorded = tuple(reader.rankings(mention.id))
    retrieved = by_role(shown or recorded, "retriever") or leading(shown or recorded)
    if retrieved is None or not retrieved.candidates:
        return "no candidates were on screen"
    remembered = any(one.source == "memory" and fold(one.matched) == fold(mention.text) for one in retrieved.candidates)
    if remembered and not shown:
        # The list was made after the decision, which put itself into it.
        return "the list remembers the decision itself"
    item = RankItem(MentionText(mention.id, mention.text, mention.context), retrieved.candidates)
    taught = by_role(shown, "teacher") or by_role(recorded, "teacher")
    also = tuple(further.code for further in decision.also)
    return Case(item, decision.code, retrieved, taught, remembered or known, also)
