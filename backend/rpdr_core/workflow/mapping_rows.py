"""Mappings of a file as rows for a project to take, with what was the trouble with their codes on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from rpdr_core.errors import FileFormatError, UserInputError
from rpdr_core.formats.mappings.record import Mapping
from rpdr_core.formats.mentions import find
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.knowledge_base.release import Watch
from rpdr_core.records import (
    DecisionKind,
    DecisionMode,
    NewDecision,
    NewMention,
    NoMatchReason,
    SourceRow,
    Status,
    Target,
)
from rpdr_core.store import Taking, answers, times

NOTED = 1_000
EVERY = 2_000
"""Rows between two words to whoever watches."""
_KINDS: dict[Status, DecisionKind] = {
    "accepted": "accept",
    "corrected": "correct",
    "no_match": "no_match",
    "deferred": "defer",
}
UNKNOWN_REASON: NoMatchReason = "not_in_terminology"
"""What a file without reasons means by "no match": the format's own sense of a source term without a target."""


@dataclass(frozen=True, slots=True)
class CodeNote:
    """A code at a line of the file that the project's terminology does not have (`unknown`: the row's decision was left
    out), or has and would not propose (`inactive`, `unassignable`: it was taken).
    """

    line: int
    code: str
    trouble: Literal["unknown", "inactive", "unassignable"]


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    active: bool
    assignable: bool


@dataclass(frozen=True, slots=True)
class Book:
    """Of the codes that a file names, those that the terminology has. Bounded by the file, not by the terminology."""

    entities: dict[str, _Known]

    @classmethod
    def of(cls, catalogue: Catalogue, mappings: Callable[[], Iterator[Mapping]], watch: Watch) -> Book:
        codes: set[str] = set()
        for number, mapping in enumerate(mappings(), 1):
            codes.update(target.code for target in mapping.targets)
            if number % EVERY == 0:
                watch("reading", number, 0)
        return cls(
            {
                entity.code: _Known(entity.name, entity.active, entity.assignable)
                for entity in (catalogue.entities() if codes else ())
                if entity.code in codes
            }
        )


class MappingRows:
    """Mappings as rows to take, with what was the trouble on the way."""

    def __init__(self, path: Path, book: Book, *, anywhere: bool) -> None:
        self._path = path
        self._book = book
        self._anywhere = anywhere
        self.codes: Counter[str] = Counter()
        self.code_notes: list[CodeNote] = []
        self.proposals = self.reasonless = 0
        self.reviewers: Counter[str] = Counter()

    def rows(self, mappings: Iterator[Mapping]) -> Iterator[Taking]:
        for number, mapping in enumerate(mappings, 1):
            yield self._row(mapping, number)

    def _row(self, mapping: Mapping, number: int) -> Taking:
        decision = self._decision(mapping)
        if decision is not None:
            self.reviewers[mapping.reviewer] += 1
        return Taking(
            new=self._mention(mapping, number),
            decision=decision,
            reviewer=mapping.reviewer,
            made_at=self._time(mapping) if decision else "",
            flagged=mapping.flagged,
            flag_reason=mapping.flag_reason,
            remark=mapping.remark,
            anywhere=self._anywhere and not mapping.context,
            line=mapping.line,
        )

    def _mention(self, mapping: Mapping, number: int) -> NewMention:
        text = mapping.text.strip()
        if not text:
            raise self._refusal(mapping, "a mapping without a source text", "fill the cell or remove the row")
        start, end = mapping.start, mapping.end
        if start is None or end is None or mapping.context[start:end] != text:
            start, end = find(text, mapping.context)
        return NewMention(
            text=text,
            context=mapping.context,
            start=start,
            end=end,
            count=mapping.count,
            code=mapping.given,
            department=mapping.department,
            row=SourceRow(number, mapping.key),
        )

    def _decision(self, mapping: Mapping) -> NewDecision | None:
        kind = _KINDS.get(mapping.status)
        if kind is None or (kind in answers.MAPS and not mapping.targets):
            self.proposals += bool(mapping.targets)
            return None
        maps = kind in answers.MAPS
        targets = self._named(mapping) if maps else ()
        if maps and not targets:
            return None
        reason: NoMatchReason | Literal[""] = mapping.reason if kind == "no_match" else ""
        if kind == "no_match" and not reason:
            self.reasonless += 1
            reason = UNKNOWN_REASON
        main = targets[0] if targets else Target("", "")
        found = NewDecision(
            mention_id=0,
            kind=kind,
            code=main.code,
            name=main.name,
            reason=reason,
            comment=mapping.comment,
            seconds=mapping.seconds,
            relation=main.relation,
            also=targets[1:],
            mode=cast(DecisionMode, mapping.mode) if mapping.mode in get_args(DecisionMode) else "open",
            knowledge_base=mapping.knowledge_base,
        )
        try:
            answers.check(found)
        except UserInputError as error:
            raise self._refusal(mapping, error.message, error.hint) from error
        return found

    def _named(self, mapping: Mapping) -> tuple[Target, ...]:
        """The targets under the terminology's names; none where it lacks one, for the rest would say something else."""
        known = [(target, self._book.entities.get(target.code)) for target in mapping.targets]
        troubles: set[Literal["unknown", "inactive", "unassignable"]] = set()
        for target, entity in known:
            if entity is not None and entity.active and entity.assignable:
                continue
            trouble: Literal["unknown", "inactive", "unassignable"] = (
                "unknown" if entity is None else "inactive" if not entity.active else "unassignable"
            )
            troubles.add(trouble)
            if len(self.code_notes) < NOTED:
                self.code_notes.append(CodeNote(mapping.line, target.code, trouble))
        self.codes.update(troubles)
        return tuple(
            Target(target.code, entity.name, target.relation)
            for target, entity in known
            if entity is not None and "unknown" not in troubles
        )

    def _time(self, mapping: Mapping) -> str:
        """The time as the store writes it; empty where the file tells none."""
        if not mapping.made_at:
            return ""
        try:
            return times.iso(times.millis(mapping.made_at))
        except (UserInputError, OverflowError) as error:
            hint = "write it as 2026-11-21T18:30:00Z"
            raise self._refusal(mapping, f"{mapping.made_at[:40]!r} is no moment", hint) from error

    def _refusal(self, mapping: Mapping, message: str, hint: str) -> FileFormatError:
        return FileFormatError(message, hint=hint, file=str(self._path), line=mapping.line)
