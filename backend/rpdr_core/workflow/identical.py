"""Mentions that read the same, and what a decision about one of them would do to the others.

A preview groups them by what may make the same words mean something else: a cue ("no", "family history of"), the
department, the section, what was decided already, and the neighbouring words. Nothing is decided here: the reviewer
sees the groups and ticks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rpdr_core.errors import NotAllowedError
from rpdr_core.folding import fold
from rpdr_core.records import Decision, Mention, NewDecision, Status
from rpdr_core.workflow.surroundings import Cue, Surroundings, likeness, surroundings_of

ALIKE = 0.5
"""The neighbouring words that a member shares with its group's first one, at least (Dice). Half of them: two sentences
made from one template stay together, two sentences on different matters do not."""

_Placed = tuple[Mention, Surroundings]

UNDECIDED: frozenset[Status] = frozenset(("unreviewed", "deferred"))


@dataclass(frozen=True, slots=True)
class Group:
    """Mentions of one text that stand alike. `likeness` (0..1) is that of its first member's neighbouring words to
    those of the mention that the decision was made on; `same_cue`: they are negated, doubted, ... as that one is.
    `various`: what its members have in common ends with cue, department, section and decision; no two of them have
    like words around them. `elsewhere`: another department, and not one neighbouring word in common.
    """

    cue: Cue
    department: str
    section: str
    status: Status
    code: str
    likeness: float
    same_cue: bool
    members: tuple[Mention, ...]
    various: bool = False
    elsewhere: bool = False

    @property
    def proposed(self) -> tuple[int, ...]:
        """Whom a preview ticks: the undecided, where the cue is the same, and not elsewhere: "PVD" of the legs is not
        "PVD" of the eye.
        """
        if not self.same_cue or self.elsewhere:
            return ()
        return tuple(one.id for one in self.members if one.status in UNDECIDED)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a decision could be applied to. `outside`: so many more read the same, but are not in the queue on screen;
    `withheld`: so many are in it, but wait for an answer of their own.
    """

    origin: Mention
    decision: Decision
    groups: tuple[Group, ...]
    outside: int = 0
    withheld: int = 0

    @property
    def count(self) -> int:
        return sum(len(group.members) for group in self.groups)

    @property
    def proposed(self) -> tuple[int, ...]:
        return tuple(one for group in self.groups for one in group.proposed)


def groups_of(origin: Mention, others: Iterable[Mention]) -> tuple[Group, ...]:
    """Every other mention in one group, the groups most like the origin first."""
    here, home = surroundings_of(origin), fold(origin.department)
    apart: dict[tuple[object, ...], list[tuple[Mention, Surroundings]]] = defaultdict(list)
    for mention in others:
        around = surroundings_of(mention)
        department = fold(mention.department)
        elsewhere = department != home and not likeness(here, around)
        key = (elsewhere, around.cue, department, around.section, mention.status, mention.code)
        apart[key].append((mention, around))
    found = [group for key, pairs in apart.items() for group in _alike(here, pairs, elsewhere=bool(key[0]))]

    def order(group: Group) -> tuple[object, ...]:
        undecided = group.status in UNDECIDED
        near = (fold(group.department) != home, group.various, -group.likeness, -len(group.members))
        return (not undecided, not group.same_cue, *near)

    return tuple(sorted(found, key=order))


def decisions_for(origin: Decision, members: Sequence[Mention]) -> list[NewDecision]:
    """The decision in force on one mention, carried over to others; each keeps its own comment.

    It accepts where the code is a member's own first candidate, else it corrects. Nothing was on screen: `shown` is
    empty. Raises `NotAllowedError` where there is no mapping and no "no match" to carry over.
    """
    if origin.kind not in ("accept", "correct", "no_match"):
        raise NotAllowedError(
            f"a decision of kind {origin.kind} is not carried over",
            hint="map the mention first, or say that it has no match",
        )
    return [
        NewDecision(
            member.id,
            "no_match" if origin.kind == "no_match" else "accept" if member.guess == origin.code else "correct",
            origin.code,
            origin.name,
            origin.reason,  # type: ignore[arg-type]
            member.comment,
            relation=origin.relation,
            also=origin.also,
            mode="propagated",
            origin_id=origin.id,
            knowledge_base=origin.knowledge_base,
        )
        for member in members
    ]


def _alike(here: Surroundings, pairs: Sequence[_Placed], *, elsewhere: bool) -> Iterator[Group]:
    """Groups by neighbouring words; whoever is like nobody else is put with the others of that kind."""
    clusters = _clusters(pairs)
    alone = [cluster[0] for cluster in clusters if len(cluster) == 1]
    if len(alone) > 1:
        clusters = [cluster for cluster in clusters if len(cluster) > 1]
        yield _group(here, sorted(alone, key=lambda one: -likeness(here, one[1])), elsewhere, various=True)
    for cluster in clusters:
        yield _group(here, cluster, elsewhere)


def _group(here: Surroundings, cluster: Sequence[_Placed], elsewhere: bool, *, various: bool = False) -> Group:
    first, around = cluster[0]
    members = tuple(mention for mention, _ in cluster)
    like, same = likeness(here, around), around.cue == here.cue
    what = around.cue, first.department, around.section, first.status, first.code
    return Group(*what, like, same, members, various, elsewhere)


def _clusters(pairs: Sequence[_Placed]) -> list[list[_Placed]]:
    """Each joins the first cluster whose first member it is like enough, in the order given, else it begins one.

    Shared words are counted by an index from words to clusters, which is what makes five thousand a second's work.
    """
    clusters: list[list[_Placed]] = []
    exact: dict[frozenset[str], int] = {}
    by_word: dict[str, list[int]] = defaultdict(list)
    for mention, around in pairs:
        at = exact.get(around.words)
        if at is None:
            shared = Counter(number for word in around.words for number in by_word[word])
            total = len(around.words)
            near = (
                number
                for number, words in shared.items()
                if 2 * words >= ALIKE * (total + len(clusters[number][0][1].words))
            )
            at = min(near, default=None)
        if at is None:
            at = len(clusters)
            clusters.append([])
            for word in around.words:
                by_word[word].append(at)
        exact.setdefault(around.words, at)
        clusters[at].append((mention, around))
    return clusters
