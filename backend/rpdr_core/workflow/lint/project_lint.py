"""Lint of all mapped mentions of a project, in pieces, so that whoever runs it can stop between two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from rpdr_core.knowledge_base.lexicon import project_lexicons
from rpdr_core.knowledge_base.library import Library
from rpdr_core.records import Changes, KnowledgeBaseInfo, Mention, Status
from rpdr_core.store import EntitySearch, Project, ProjectReader, QueueQuery
from rpdr_core.store.lint_notes import Dismissal, encoded, setting_key
from rpdr_core.workflow.deciding import catalogue_of
from rpdr_core.workflow.lint.code_book import Case, CodeBook
from rpdr_core.workflow.lint.excluding import excluding_records
from rpdr_core.workflow.lint.findings import RULES, Finding
from rpdr_core.workflow.lint.rules import lint_case
from rpdr_core.workflow.lint.unlike import Targets

PAGE = 40
"""Mentions of one piece: some milliseconds of work, after which others have their turn."""
_MAPPED: frozenset[Status] = frozenset(("accepted", "corrected"))
_RECORDS = 200
MOST_IN_RECORD = 50
"""Mentions of one record that are compared; a key that more share is no record's."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding; `dismissal` where somebody will not hear of it."""

    finding: Finding
    dismissal: Dismissal | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """What a part of the work brought; `done` of `total` mentions."""

    done: int
    total: int
    found: tuple[Found, ...]


def open_book(project: Path, info: KnowledgeBaseInfo, library: Library) -> CodeBook:
    """The project's terminology through a search of its own, which the caller closes; the index is the window's."""
    known = catalogue_of(library, info)
    catalogue = library.open(known.info.fingerprint, lexicons=project_lexicons(project))
    lexicon = [(term.term, term.codes) for term in catalogue.lexicon_terms()]
    return CodeBook(EntitySearch(catalogue.folder, lexicon))


def lint_project(reader: ProjectReader, book: CodeBook, reviewer: str | None = None) -> Iterator[Piece]:
    """Everything that the rules have to say, mention by mention, then what only shows across mentions.

    With `reviewer` (empty for somebody without a name), decisions of others that this person is to review blindly are
    passed over; with None nothing is.
    """
    ids = reader.queue(QueueQuery(_MAPPED))
    dismissed = reader.lint_dismissals()
    targets = Targets()
    for start in range(0, len(ids), PAGE):
        page = [one for one in reader.mentions(ids[start : start + PAGE]) if not hidden(one, reviewer)]
        found = []
        for mention in page:
            found += lint_case(case_of(reader, mention), book)
            targets.add(mention.code, mention.id, mention.text)
        yield Piece(min(start + PAGE, len(ids)), len(ids), _with_dismissals(found, dismissed))
    across = [*excluding_records(_records(reader, reviewer), book), *targets.findings(book)]
    yield Piece(len(ids), len(ids), _with_dismissals(across, dismissed))


def lint_mentions(
    reader: ProjectReader, book: CodeBook, ids: Sequence[int], reviewer: str | None = None
) -> tuple[Found, ...]:
    """What the rules that look at one mention say of these; of one that is not mapped, nothing."""
    mentions = [one for one in reader.mentions(ids) if one.status in _MAPPED and not hidden(one, reviewer)]
    found = [finding for mention in mentions for finding in lint_case(case_of(reader, mention), book)]
    return _with_dismissals(found, reader.lint_dismissals())


def by_weight(found: Iterable[Found]) -> list[Found]:
    """Gravest rules first; within one by code and mention."""
    return sorted(found, key=lambda one: (RULES.index(one.finding.rule), one.finding.code, one.finding.mention_ids))


def case_of(reader: ProjectReader, mention: Mention) -> Case:
    """A mapped mention as the rules see it, its further codes included."""
    decision = reader.decision(mention.id) if mention.more else None
    also = tuple(target.code for target in decision.also) if decision else ()
    return Case(mention.id, mention.text, (mention.code, *also))


def hidden(mention: Mention, reviewer: str | None) -> bool:
    """Whether this person must not see the decision yet: it waits for a second, blind answer. None: nobody looks."""
    return reviewer is not None and mention.review == "waiting" and mention.reviewer != reviewer


def dismiss(project: Project, finding: str, reason: str, *, reviewer: str = "") -> Changes:
    """Keep that a finding (by its key) is not to be heard of again; it comes back when what it is about changes."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    value = encoded(Dismissal(reason, reviewer, at))
    return project.set_setting(setting_key(finding), value, actor=reviewer, action="dismiss_finding")


def restore(project: Project, finding: str, *, reviewer: str = "") -> Changes:
    """Take a dismissal back."""
    return project.set_setting(setting_key(finding), "", actor=reviewer, action="restore_finding")


def _with_dismissals(found: Iterable[Finding], dismissed: dict[str, Dismissal]) -> tuple[Found, ...]:
    return tuple(Found(finding, dismissed.get(finding.key)) for finding in found)


def _records(reader: ProjectReader, reviewer: str | None) -> Iterator[tuple[str, tuple[Case, ...]]]:
    shared = ((key, ids) for key, ids in reader.shared_records() if len(ids) <= MOST_IN_RECORD)
    while page := list(islice(shared, _RECORDS)):
        wanted = sorted({one for _, ids in page for one in ids})
        cases = {
            mention.id: case_of(reader, mention)
            for mention in reader.mentions(wanted)
            if mention.code and not hidden(mention, reviewer)
        }
        for key, ids in page:
            yield key, tuple(cases[one] for one in ids if one in cases)
