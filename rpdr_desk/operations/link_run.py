"""The work of linking a file, in the thread of its job: what `rpdr link` does, with a worker that the desk has made."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from rpdr_core.errors import NotAllowedError, NotFoundError
from rpdr_core.folding import fold
from rpdr_core.knowledge_base.scope import SCOPE, scope_mark
from rpdr_core.protocol.messages import (
    Forget,
    KnowledgeBaseRef,
    LinkMentions,
    MentionText,
    OpenRetrieval,
    Remember,
    RetrievalState,
)
from rpdr_core.records import KnowledgeBaseInfo, MemoryTerm, NewMention, Ranking
from rpdr_desk.operations.calls import Call
from rpdr_desk.operations.following import Following
from rpdr_desk.operations.link_record import Kept, begun_now, journal_of, keep
from rpdr_desk.operations.link_state import Accepted, LinkResult, LinkWish, OtherRunError, Readiness, Reviewed, Unlike
from rpdr_desk.operations.students import StudentInUse, student_in_use

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader
    from rpdr_core.workflow.linking import Head
    from rpdr_core.workflow.linking_acceptance import Acceptance
    from rpdr_core.workflow.linking_distinct import Survey
    from rpdr_core.workflow.linking_journal import Journal
    from rpdr_core.workflow.linking_learned import Judged
    from rpdr_core.workflow.linking_provenance import Made
    from rpdr_core.workflow.linking_taught import Taught

LINKING = "linking"
"""The stage in which mentions are linked; the others are those of the core's workflow."""


@dataclass(frozen=True, slots=True)
class Base:
    """The knowledge base to link to, as the window knows it; `encoder`: folder, empty for the bundled one."""

    info: KnowledgeBaseInfo
    reference: KnowledgeBaseRef
    encoder: str


@dataclass(frozen=True, slots=True)
class Task:
    """All that a run depends on. `sample`: the reviewed mentions, none of which is in `memory` before it is judged.
    `silent`: trained rankers that do not say on which texts. `begun`: what is kept of a run that begins.
    """

    wish: LinkWish
    base: Base
    ranker: str
    adapter: str
    scope: str
    memory: tuple[MemoryTerm, ...]
    sample: Sequence[NewMention]
    silent: tuple[Taught, ...] = ()
    begun: Kept | None = None


def readiness(reader: ProjectReader) -> Readiness:
    """How the project stands for a linking; nothing of the worker's is in it."""
    from rpdr_core.workflow.random_check import check_of

    check = check_of(reader)
    waiting = sum(one.status == "unreviewed" for one in reader.mentions(check.ids)) if check is not None else 0
    reviewed = Reviewed(len(check.ids), len(check.ids) - waiting) if check is not None else Reviewed()
    return Readiness(reviewed, student_in_use(reader).id, len(reader.memory()))


def least(rate: float) -> int:
    """So many reviewed mentions are the fewest that can keep an error rate."""
    from rpdr_core.evaluation.risk import enough

    return enough(rate, 0)


def begin(project: Path, wish: LinkWish, base: Base, before: Kept | None) -> Task:
    """Read what the run depends on. `before`: the run that it goes on with."""
    from rpdr_core.store import open_reader
    from rpdr_core.workflow.linking_journal import refuse_being_linked
    from rpdr_core.workflow.linking_taught import refuse_learned

    refuse_being_linked(journal_of(wish.output))
    with open_reader(project) as reader:
        student = _student(reader, wish, before)
        last = before.last if before is not None else reader.last_decision()
        memory = [term for term in reader.memory() if term.decision_id <= last] if wish.memory else []
        scope = before.scope if before is not None else reader.setting(SCOPE)
    sample = _sample(project, wish)
    silent = refuse_learned(sample, student=student.folder, encoder=base.encoder)
    begun = Kept(str(project.absolute()), wish, student.id, scope, last, begun_now()) if before is None else None
    # What is remembered is right by heart, and says nothing of the rest.
    asked = {fold(mention.text) for mention in sample}
    known = tuple(term for term in memory if fold(term.term) not in asked)
    ranker = f"student:{student.id}" if student.id else "retriever"
    return Task(wish, base, ranker, student.folder, scope, known, sample, silent, begun)


def link(task: Task, call: Call, following: Following) -> LinkResult:
    """Link the file. What is done stays in the journal beside the output, whatever ends this."""
    from rpdr_core.formats.mentions import read_mentions
    from rpdr_core.workflow.linking import link_file
    from rpdr_core.workflow.linking_acceptance import acceptance
    from rpdr_core.workflow.linking_provenance import Provenance, promised, write_provenance

    began, wish, base = time.monotonic(), task.wish, task.base
    state: RetrievalState = call("retrieval.open", OpenRetrieval(base.reference, task.memory, base.encoder))
    linker = _linker(task, state, call)
    judged = _judged(task, linker, state, call, following)
    if judged.learned:
        # Opened anew, it is the same to the last digit each time that the run goes on.
        task = replace(task, memory=(*task.memory, *judged.learned))
        state = call("retrieval.open", OpenRetrieval(base.reference, task.memory, base.encoder))
    head = _head(task, state)
    _refuse_other(wish, head)
    if task.begun is not None:
        # Not before: the record of another run to this file is all that it can go on by.
        keep(task.begun)
    found: list[Acceptance] = []
    files = ExitStack()

    def read() -> Iterator[NewMention]:
        rows = read_mentions(wish.source, encoding=wish.encoding, columns=wish.columns)
        # Closed when the run ends, however it ends, and not when the collector comes by.
        files.callback(getattr(rows, "close", lambda: None))
        return rows

    def accept(journal: Journal, rows: Survey) -> float | None:
        found.append(acceptance(judged, journal, rows, wish.rate or 0.0, read, following.watch))
        return found[0].promise.threshold

    with files:
        done = link_file(
            read,
            wish.output,
            head,
            linker,
            restart=wish.restart,
            on_progress=lambda at, total: following.watch(LINKING, at, total),
            on_stage=following.watch,
            accept=accept if wish.rate is not None else None,
        )
    promise = promised(wish.rate or 0.0, len(task.sample), found[0], task.silent) if found else None
    write_provenance(wish.output, Provenance(_made(task, head, state), replace(done, resumed=0), promise))
    accepted = _accepted(task, done.accepted or 0, found[0]) if found else None
    return LinkResult(
        wish.source, wish.output, done.rows, done.distinct, done.unlinked, done.resumed,
        time.monotonic() - began, accepted,
    )  # fmt: skip


def _student(reader: ProjectReader, wish: LinkWish, before: Kept | None) -> StudentInUse:
    if wish.ranker == "retriever":
        return StudentInUse()
    found = student_in_use(reader)
    if not found.id:
        raise NotAllowedError("no student is in use", hint="train one, compare it, and put it in use")
    if before is not None and before.student != found.id:
        raise _other(wish)
    return found


def _sample(project: Path, wish: LinkWish) -> list[NewMention]:
    from rpdr_core.workflow.linking_acceptance import check_sample
    from rpdr_core.workflow.linking_reviewed import reviewed_file, reviewed_project

    if wish.rate is None:
        return []
    found = reviewed_file(wish.reviewed) if wish.reviewed is not None else reviewed_project(project)
    check_sample(len(found), wish.rate)
    return found


def _head(task: Task, state: RetrievalState) -> Head:
    from rpdr_core.workflow.linking import CHUNK, SLOW_CHUNK, Head

    wish = task.wish
    encoder = state.encoder if state.dense_done else "lexical"
    model = f"{task.ranker} {encoder} {state.dense_done}/{state.dense_total}"
    inputs = " ".join(filter(None, (state.inputs, scope_mark(task.scope))))
    try:
        with wish.source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
    except FileNotFoundError as error:
        raise NotFoundError("no such file", hint="check the path", file=str(wish.source)) from error
    # The same bytes read otherwise are another input.
    digest.update(msgspec.json.encode([wish.encoding, wish.columns]))
    return Head(digest.hexdigest(), state.fingerprint, model, inputs, SLOW_CHUNK if task.adapter else CHUNK)


def _refuse_other(wish: LinkWish, head: Head) -> None:
    from rpdr_core.workflow.linking_journal import refuse_being_linked

    path = journal_of(wish.output)
    refuse_being_linked(path)
    if wish.restart or not path.is_file():
        return
    with path.open("rb") as stream:
        first = stream.readline()
    if first.endswith(b"\n") and first != msgspec.json.encode(head) + b"\n":
        raise _other(wish)


def _other(wish: LinkWish) -> OtherRunError:
    return OtherRunError(
        "since it was begun, the file or its columns, decisions of this project, the model or the program have changed",
        hint="begin anew; what was done cannot be used",
        file=wish.output.name,
    )


def _linker(task: Task, state: RetrievalState, call: Call) -> Callable[[list[NewMention]], list[Ranking]]:
    def linked(batch: list[NewMention]) -> list[Ranking]:
        found: list[Ranking] = []
        items = tuple(MentionText(at, item.text, item.context) for at, item in enumerate(batch))
        params = LinkMentions(state.fingerprint, items, adapter=task.adapter, scope=task.scope)
        call("link", params, partial=found.append)
        return found

    return linked


def _judged(
    task: Task,
    linker: Callable[[list[NewMention]], list[Ranking]],
    state: RetrievalState,
    call: Call,
    following: Following,
) -> Judged:
    """Judge the reviewed mentions, each before it is remembered; where nothing is to be remembered they are not."""
    from rpdr_core.workflow.linking import CHUNK, SLOW_CHUNK
    from rpdr_core.workflow.linking_acceptance import check_judged
    from rpdr_core.workflow.linking_learned import Memory, judge, judge_and_learn

    if task.wish.rate is None:
        return judge((), linker, 1)
    following.watch("reviewed mentions", 0, len(task.sample))
    chunk = SLOW_CHUNK if task.adapter else CHUNK
    if task.wish.memory:
        memory = Memory(
            linker,
            lambda terms: call("memory.remember", Remember(state.fingerprint, terms)),
            lambda ids: call("memory.forget", Forget(state.fingerprint, ids)),
            max((term.decision_id for term in task.memory), default=0),
            chunk,
        )
        judged = judge_and_learn(task.sample, memory)
    else:
        judged = judge(task.sample, linker, chunk)
    check_judged(judged, task.wish.rate)
    return judged


def _made(task: Task, head: Head, state: RetrievalState) -> Made:
    from rpdr_core.workflow.linking_provenance import Made

    wish, info = task.wish, task.base.info
    remembered = hashlib.sha256(msgspec.json.encode(task.memory)).hexdigest() if task.memory else ""
    return Made(
        input=wish.source.name,
        input_sha256=_sha256(wish.source),
        output=wish.output.name,
        output_sha256=_sha256(wish.output),
        knowledge_base=head.knowledge_base,
        knowledge_base_title=info.title,
        knowledge_base_version=info.version,
        ranker=task.ranker,
        encoder=state.encoder if state.dense_done else "",
        vectors=f"{state.dense_done}/{state.dense_total}",
        inputs=head.memory,
        scope=task.scope,
        memory_sha256=remembered,
        worker="rpdr-desk",
        chunk=head.chunk,
    )


def _accepted(task: Task, rows: int, found: Acceptance) -> Accepted:
    promise, rate = found.promise, task.wish.rate or 0.0
    return Accepted(
        rate, rows, promise.threshold or 0.0, promise.n, promise.wrong, len(task.sample), found.drift.warns,
        tuple(Unlike(one.kind, float(one.reviewed), float(one.file)) for one in found.drift.differences), task.silent,
    )  # fmt: skip


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
