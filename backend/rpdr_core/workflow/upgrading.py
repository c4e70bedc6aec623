"""From one release of a terminology to the next: what changed, which decisions that touches, and the move itself.

Everything is counted before anything is touched. A decision is reopened where a code of it was retired; the release's
own replacement is then the first candidate. All other decisions stay in force, untouched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rpdr_core.errors import NotAllowedError, UserInputError
from rpdr_core.knowledge_base.differences import Differences, Glance, Loss, differences
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.knowledge_base.release import Watch, unwatched
from rpdr_core.knowledge_base.replacements import Proposal, Replacements
from rpdr_core.records import Candidate, Changes, Decision, KnowledgeBaseInfo, Ranking, Target
from rpdr_core.relations import sentence_of
from rpdr_core.store import Project, ProjectReader, Requeued, Upgrade
from rpdr_core.workflow.leading import by_role
from rpdr_core.workflow.scoping import measure_scope, scope_of
from rpdr_core.workflow.upgrade_words import comment_of, parameters_of

Outcome = Literal["replaced", "choice", "nothing", "renamed"]
"""What a change leaves to the reviewer: the release names one replacement; there are several entities to look at; there
is nothing near; only the name is another."""

_PAGE = 500
_LISTED = 10


@dataclass(frozen=True, slots=True)
class TargetChange:
    """A code that decisions name and that is another thing now. `name` is the old one, `new_name` empty where it is
    gone; `loss` why it can no longer be assigned. `mentions` and `occurrences`: of the decisions that name it.
    """

    code: str
    name: str
    outcome: Outcome
    loss: Loss = ""
    new_name: str = ""
    proposals: tuple[Proposal, ...] = ()
    mentions: int = 0
    occurrences: int = 0


@dataclass(frozen=True, slots=True)
class UpgradeCounts:
    """Codes: of the two releases. Decisions: of the project, each also in `.._occurrences`.

    `reopened`: decisions with a retired code, and disputed ones whose second answer has one; `replaced` of them get one
    replacement for each such code, the rest a choice or nothing. `renamed_decisions`: another name for the same code,
    reopened only on request. `kept`: all others that name a code; `foreign`: those of them with a code that the old
    release did not have either. `lists`: lists of undecided mentions that name a retired code. `no_match`: decisions
    that the old release had nothing for; the new one may.
    """

    unchanged: int = 0
    renamed: int = 0
    moved: int = 0
    retired: int = 0
    retired_with_replacement: int = 0
    added: int = 0
    reopened: int = 0
    reopened_occurrences: int = 0
    replaced: int = 0
    renamed_decisions: int = 0
    renamed_occurrences: int = 0
    kept: int = 0
    kept_occurrences: int = 0
    foreign: int = 0
    lists: int = 0
    no_match: int = 0


@dataclass(frozen=True, slots=True)
class UpgradePlan:
    """What an upgrade would do. `targets` are the codes that decisions name, most occurrences first.

    `kin`: these look like two releases of one terminology. `scope`: what the project's would be afterwards;
    `scope_problem`: why it does not fit the new release, empty where it does.
    """

    before: KnowledgeBaseInfo
    after: KnowledgeBaseInfo
    counts: UpgradeCounts
    targets: tuple[TargetChange, ...]
    requeued: tuple[Requeued, ...]
    lost: frozenset[str]
    kin: bool
    scope: str = ""
    scope_problem: str = ""


def plan_upgrade(
    reader: ProjectReader,
    old: Catalogue,
    new: Catalogue,
    watch: Watch = unwatched,
    *,
    renamed: bool = False,
    scope: str | None = None,
) -> UpgradePlan:
    """Compare the releases and count what an upgrade would touch; nothing is changed.

    `renamed`: reopen decisions whose code has another name now, too. `scope`: the project's afterwards, in place of the
    present one. Raises `NotAllowedError` where `old` is not the project's, or `new` is it already.
    """
    here = reader.knowledge_base().fingerprint
    if old.info.fingerprint != here:
        raise NotAllowedError("this is not the project's knowledge base", hint="open the one that it was made with")
    if new.info.fingerprint == here:
        raise NotAllowedError("the project is on this release already", hint="import the newer one first")
    found = differences(old, new, watch)
    survey = _Survey(
        found, Replacements(found, new.associations()), old.info, new.info, reader.rankings, renamed=renamed
    )
    seconds = {one.decision_id: (Target(one.code, one.name), *one.also) for one in reader.second_answers(found.lost)}
    for page in _pages(reader.decisions()):
        counts = {mention.id: mention.count for mention in reader.mentions([one.mention_id for one in page])}
        for decision in page:
            survey.add(decision, counts[decision.mention_id], seconds.get(decision.id, ()))
        watch("decisions", survey.seen, 0)
    lists = sum(1 for _ in reader.stale_lists(found.lost))
    wanted = scope_of(reader) if scope is None else scope
    scope_text, problem = _scope(new, wanted)
    return survey.plan(lists, scope_text, problem)


def apply_upgrade(project: Project, plan: UpgradePlan, reviewer: str, *, force: bool = False) -> Changes:
    """Do what was planned, as one step that undo takes back whole, knowledge base and scope included.

    Raises `NotAllowedError` where the project has changed since, the scope does not fit the new release, or these are
    two terminologies rather than two releases of one (unless `force`).
    """
    if plan.scope_problem:
        hint = "give another scope for the new release, or an empty one"
        raise NotAllowedError(f"the scope does not fit the new release: {plan.scope_problem}", hint=hint)
    if not plan.kin and not force:
        hint = "begin a new project for another terminology; if this is meant, say so expressly"
        raise NotAllowedError(
            f"most codes of {plan.before.title} are not in {plan.after.title}: this is no newer release of it",
            hint=hint,
        )
    counts = {name: getattr(plan.counts, name) for name in ("reopened", "reopened_occurrences", "kept", "lists")}
    step = Upgrade(plan.before.fingerprint, plan.after, plan.scope, plan.requeued, plan.lost, counts)
    return project.upgrade(step, reviewer=reviewer)


class _Survey:
    """Goes through the decisions in force once and adds up."""

    def __init__(
        self,
        found: Differences,
        replacements: Replacements,
        old: KnowledgeBaseInfo,
        new: KnowledgeBaseInfo,
        rankings: Callable[[int], Sequence[Ranking]],
        *,
        renamed: bool,
    ) -> None:
        self._found, self._replacements = found, replacements
        self._old, self._new = old, new
        self._rankings = rankings
        self._reopen_renamed = renamed
        self._changes: dict[str, TargetChange | None] = {}
        self._mentions: Counter[str] = Counter()
        self._occurrences: Counter[str] = Counter()
        self._tally: Counter[str] = Counter()
        self._requeued: list[Requeued] = []
        self.seen = 0

    def add(self, decision: Decision, count: int, second: Sequence[Target] = ()) -> None:
        """`second`: what a second reviewer answered, where that names a retired code: then both begin anew."""
        self.seen += 1
        self._tally["no_match"] += decision.kind == "no_match" and decision.reason == "not_in_terminology"
        first = (Target(decision.code, decision.name), *decision.also) if decision.kind in ("accept", "correct") else ()
        named = {one.code: one.name for one in (*first, *second) if one.code}
        if not named:
            return
        changes = {code: change for code in named if (change := self._change(code, named[code])) is not None}
        for code in changes:
            self._mentions[code] += 1
            self._occurrences[code] += count
        retired = [one for one in changes.values() if one.outcome != "renamed"]
        if changes and not retired:
            self._tally["renamed_decisions"] += 1
            self._tally["renamed_occurrences"] += count
        if retired or (changes and self._reopen_renamed):
            self._tally["reopened"] += 1
            self._tally["reopened_occurrences"] += count
            self._tally["replaced"] += bool(retired) and all(one.outcome == "replaced" for one in retired)
            self._requeued.append(self._requeue(decision, changes, named))
        else:
            self._tally["kept"] += 1
            self._tally["kept_occurrences"] += count
            self._tally["foreign"] += any(code not in self._found.before for code in named)

    def plan(self, lists: int, scope: str, problem: str) -> UpgradePlan:
        found = self._found
        told = {name: self._tally[name] for name in self._tally if name in UpgradeCounts.__dataclass_fields__}
        counts = UpgradeCounts(
            unchanged=found.unchanged,
            renamed=len(found.renamed),
            moved=len(found.moved),
            retired=len(found.lost),
            retired_with_replacement=sum(self._replacements.has_sure(code) for code in found.lost),
            added=len(found.added),
            lists=lists,
            **told,
        )
        return UpgradePlan(
            self._old, self._new, counts, self._targets(), tuple(self._requeued), found.lost, found.kin, scope, problem
        )

    def _targets(self) -> tuple[TargetChange, ...]:
        changes = [
            TargetChange(
                one.code, one.name, one.outcome, one.loss, one.new_name, one.proposals,
                self._mentions[one.code], self._occurrences[one.code],
            )
            for one in self._changes.values()
            if one is not None
        ]  # fmt: skip
        return tuple(sorted(changes, key=lambda one: (one.outcome == "renamed", -one.occurrences, one.code)))

    def _change(self, code: str, name: str) -> TargetChange | None:
        if code not in self._changes:
            self._changes[code] = self._changed(code, name)
        return self._changes[code]

    def _changed(self, code: str, name: str) -> TargetChange | None:
        was = self._found.before.get(code)
        loss = self._found.loss(code)
        if loss:
            proposals = self._replacements.of(code)
            outcome: Outcome = "nothing" if not proposals else "replaced" if proposals[0].sure else "choice"
            return TargetChange(code, was.name if was else name, outcome, loss, proposals=proposals)
        if was is not None and code in self._found.renamed:
            return TargetChange(code, was.name, "renamed", new_name=self._found.after[code].name)
        return None

    def _requeue(self, decision: Decision, changes: Mapping[str, TargetChange], named: Iterable[str]) -> Requeued:
        relation = sentence_of(decision.relation) if decision.relation != "equivalent" else ""
        comment = comment_of(changes.values(), self._new, relation)
        return Requeued(
            decision.mention_id,
            decision.id,
            comment,
            tuple(self._candidates(decision, changes, named)),
            parameters_of(changes.values(), self._old),
        )

    def _candidates(
        self, decision: Decision, changes: Mapping[str, TargetChange], named: Iterable[str]
    ) -> Iterator[Candidate]:
        """What takes the place of each code, a code that stayed keeping its own; then what the retriever had found.
        Empty where the main code has nothing in its place: then the retriever looks."""
        main = changes.get(decision.code)
        if main is not None and main.outcome == "nothing":
            return
        seen: set[str] = set()
        for code in named:
            for one in self._in_place(code, changes.get(code)):
                if one.code not in seen and len(seen) < _LISTED:
                    seen.add(one.code)
                    yield one
        for one in self._left(decision.mention_id):
            if one.code not in seen and len(seen) < _LISTED:
                seen.add(one.code)
                yield one

    def _left(self, mention_id: int) -> Iterator[Candidate]:
        """What the retriever had found and may still be assigned, under its name of today; without the old scores."""
        found = by_role(self._rankings(mention_id), "retriever")
        for one in found.candidates if found is not None else ():
            now = self._found.after.get(one.code)
            if now is not None and now.usable:
                yield replace(one, name=now.name, score=0.0)

    def _in_place(self, code: str, change: TargetChange | None) -> Iterable[Candidate]:
        now = self._found.after.get(code)
        if change is None or change.outcome == "renamed":
            return [_itself(now, change)] if now is not None else []
        was = f"{change.code} {change.name}"
        return [Candidate(one.code, one.name, was, "replaces" if one.sure else "instead") for one in change.proposals]


def _itself(now: Glance, change: TargetChange | None) -> Candidate:
    return Candidate(now.code, now.name, change.name if change is not None else now.name, "name")


def _scope(new: Catalogue, text: str) -> tuple[str, str]:
    try:
        return measure_scope(new, text).scope, ""
    except UserInputError as error:
        return text, str(error)


def _pages(decisions: Iterable[Decision]) -> Iterator[list[Decision]]:
    page: list[Decision] = []
    for decision in decisions:
        page.append(decision)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page
