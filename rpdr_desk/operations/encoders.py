"""The encoders that terminologies are searched with: which there are, which is in use, and one taking over."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import NotAllowedError, NotFoundError, RpdrError
from rpdr_core.protocol.messages import (
    AdapterInfo,
    BuildIndex,
    KnowledgeBaseRef,
    OpenRetrieval,
    ProgressEvent,
    RetrievalState,
)
from rpdr_core.records import KnowledgeBaseInfo
from rpdr_core.resources import resource_path
from rpdr_desk.operations.calls import Call, Calls, MakeWorker
from rpdr_desk.operations.encoder_state import (
    BUNDLED,
    EncoderLine,
    EncoderList,
    KeptSpec,
    Learned,
    Lesson,
    LessonRecipe,
    Lessons,
)
from rpdr_desk.operations.following import Moved
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.retrieving import Retrieval
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader
    from rpdr_core.workflow.encoders import TrainedEncoder

LESSONS: dict[str, Lesson] = {"self-alignment": "names", "retriever": "decisions"}
"""Kinds of recipes by what is learned from."""


class Encoders(QObject):
    """Its index is made by a worker of its own: until that is whole, everything is searched with the old one.

    `changed`: there are others, or another is in use. `learned` carries a `Learned`, `moved` a `Moved` of the index
    being made, `failed` an error of one taking over by itself.
    """

    changed = Signal()
    learned = Signal(object)
    moved = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        info: KnowledgeBaseInfo,
        store: StoreThread,
        jobs: Jobs,
        retrieval: Retrieval,
        make_worker: MakeWorker,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._info, self._store, self._jobs, self._retrieval, self._make = info, store, jobs, retrieval, make_worker
        self._thread, self._reading = OneThread("encoders", self), OneThread("encoder shelf", self)
        self._calls: Calls | None = None

    @property
    def busy(self) -> bool:
        """One is taking over: its index is being made."""
        return self._calls is not None

    def read(self, about: KnowledgeBaseInfo, done: Callable[[EncoderList], None], failed: Failed) -> None:
        self._reading.submit(lambda: shelf(about), done, failed)

    def terminologies(self, done: Callable[[tuple[KnowledgeBaseInfo, ...]], None], failed: Failed) -> None:
        """Those that are here and made, the project's own first."""
        own = self._info
        self._reading.submit(lambda: held(own), done, failed)

    def lessons(self, about: KnowledgeBaseInfo, done: Callable[[Lessons], None], failed: Failed) -> None:
        """What there is to teach about a terminology: decisions only about the project's own."""
        own = about.fingerprint == self._info.fingerprint
        self._store.query(lambda reader: lessons(reader, about, own=own), done, failed)

    def use(self, about: KnowledgeBaseInfo, name: str, failed: Failed) -> None:
        """Search a terminology with this encoder once its index is made; `bundled` goes back at once."""
        self._take_over(about, name, None, failed)

    def remove(self, name: str, failed: Failed) -> None:
        from rpdr_core.workflow.encoders import remove_encoder

        self._reading.submit(lambda: remove_encoder(name), lambda _gone: self.changed.emit(), failed)

    def received(self, lesson: KeptSpec, info: AdapterInfo) -> None:
        """A lesson has ended: its encoder takes over if it has won, and only then."""
        fingerprint = lesson.knowledge_base

        def found(answer: tuple[TrainedEncoder, KnowledgeBaseInfo]) -> None:
            encoder, about = answer
            check = encoder.manifest.check
            ended = Learned(encoder.name, about.title, check, "won" if check.wins else "lost")
            if not check.texts:
                ended = Learned(encoder.name, about.title, check, "unchecked")
            self.changed.emit()
            self.learned.emit(ended)
            if check.wins:
                self._take_over(about, encoder.name, ended, self.failed.emit)

        self._reading.submit(lambda: arrived(info.folder, fingerprint), found, self.failed.emit)

    def cancel(self) -> None:
        """End the making of an index; what is made of it is kept, and the old encoder serves."""
        if self._calls is not None:
            self._calls.stop()

    def close(self) -> None:
        if self._calls is not None:
            self._calls.stop()
        self._thread.close()
        self._reading.close()
        if self._calls is not None:
            self._calls.close()

    def _take_over(self, about: KnowledgeBaseInfo, name: str, ended: Learned | None, failed: Failed) -> None:
        if self.busy:
            failed(NotAllowedError("an encoder is taking over already", hint="wait until its index is made"))
            return
        calls = self._calls = Calls(self._make, self)
        job = self._jobs.start("index", note=name, cancel=calls.stop)
        known = self._retrieval.reference

        def moved(event: ProgressEvent) -> None:
            self._jobs.progress(job, event.done, event.total, event.seconds_left)
            self.moved.emit(Moved("index", event.done, event.total, event.seconds_left))

        def work() -> None:
            put_in_use(about, name, known, calls.call, moved)

        def over() -> None:
            self._calls = None
            calls.close()
            calls.deleteLater()
            self.changed.emit()

        def finished(_nothing: None) -> None:
            over()
            self._jobs.finish(job, name)

            def serves() -> None:
                if ended is not None:
                    self.learned.emit(Learned(ended.name, ended.title, ended.check, "in use"))
                self.changed.emit()

            if about.fingerprint == self._info.fingerprint:
                self._retrieval.search_anew(serves, failed)
            else:
                serves()

        def broke(error: RpdrError) -> None:
            over()
            self._jobs.fail(job, error)
            failed(error)

        self.changed.emit()
        if name != BUNDLED:
            self.moved.emit(Moved("index", 0, 0))
        self._thread.submit(work, finished, broke)


def put_in_use(
    about: KnowledgeBaseInfo,
    name: str,
    known: KnowledgeBaseRef | None,
    call: Call,
    moved: Callable[[ProgressEvent], None],
) -> None:
    """Make the encoder's index, then note that it is in use. In the thread of the job."""
    from rpdr_core.knowledge_base.library import Library
    from rpdr_core.workflow.encoders import find_encoder, use_encoder, verify_encoder
    from rpdr_core.workflow.retrieving import reference

    if name != BUNDLED:
        encoder = find_encoder(name)
        verify_encoder(encoder)
        own = known is not None and known.fingerprint == about.fingerprint
        ref: Any = known if own else reference(Library().open(about.fingerprint))
        state: RetrievalState = call("retrieval.open", OpenRetrieval(ref, (), str(encoder.folder)))
        if state.dense_done < state.dense_total:
            call("index.build", BuildIndex(state.fingerprint), progress=moved)
    use_encoder(about.fingerprint, name)


def shelf(about: KnowledgeBaseInfo) -> EncoderList:
    """The bundled encoder and those that were trained here, seen from a terminology: its own first."""
    from rpdr_core.workflow.encoders import encoder_folder, list_encoders

    gone = ""
    try:
        encoder_folder("", about.fingerprint)
    except NotFoundError as error:
        gone = error.message.split()[2] if error.message.startswith("the encoder ") else "?"
    titles = {info.fingerprint: f"{info.title} {info.version}".strip() for info in held(about)}
    lines = sorted(
        (_line(one, about.fingerprint, titles) for one in list_encoders()), key=lambda line: line.made_at, reverse=True
    )
    used = any(line.in_use for line in lines) or bool(gone)
    lines.sort(key=lambda line: not line.for_this)
    return EncoderList((EncoderLine(BUNDLED, in_use=not used), *lines), gone)


def held(own: KnowledgeBaseInfo) -> tuple[KnowledgeBaseInfo, ...]:
    from rpdr_core.knowledge_base.library import Library

    made = [info for info in Library().list() if info.fingerprint and info.fingerprint != own.fingerprint]
    return (own, *made)


def lessons(reader: ProjectReader, about: KnowledgeBaseInfo, *, own: bool) -> Lessons:
    from rpdr_desk.operations.encoder_runs import decided_rows

    rows = decided_rows(reader) if own else None
    return Lessons(
        len(rows.train) if rows is not None else 0,
        len(rows.validation) if rows is not None else 0,
        about.entities,
        about.terms,
        lesson_recipes(),
    )


def lesson_recipes() -> tuple[LessonRecipe, ...]:
    """The bundled ones, each lesson's usual one first."""
    found = [
        one for path in sorted(resource_path("recipes").glob("*.toml")) if (one := lesson_recipe(path)) is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.lesson, one.reference not in LESSONS, one.reference)))


def lesson_recipe(path: Path, reference: str = "") -> LessonRecipe | None:
    """None for a recipe of another kind. What is wrong in a file is told by the worker, with its line."""
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        lesson = LESSONS.get(str(read.get("kind", "")), "")
        if not lesson:
            return None
        training = read["training"]
        negatives = int(read.get("negatives", {}).get("count", 0))
        return LessonRecipe(
            reference or path.stem,
            path.stem,
            lesson,
            int(training["epochs"]),
            int(training["steps"]),
            int(training["batch"]),
            int(read["layers"]["top"]),
            negatives,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def arrived(folder: str, fingerprint: str) -> tuple[TrainedEncoder, KnowledgeBaseInfo]:
    from rpdr_core.knowledge_base.library import Library
    from rpdr_core.workflow.encoders import find_encoder

    return find_encoder(folder), Library().open(fingerprint).info


def _line(one: TrainedEncoder, fingerprint: str, titles: dict[str, str]) -> EncoderLine:
    manifest = one.manifest
    made = datetime.fromtimestamp((one.folder / "manifest.json").stat().st_mtime, UTC)
    return EncoderLine(
        one.name,
        one.id,
        manifest.info.recipe.partition("@")[0],
        made.isoformat(timespec="seconds"),
        titles.get(manifest.knowledge_base, ""),
        manifest.knowledge_base == fingerprint,
        manifest.check,
        fingerprint in one.in_use,
    )
