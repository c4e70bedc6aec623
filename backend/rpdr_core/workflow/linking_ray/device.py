"""The actor on a device: it owns one worker, as the local engine does, and links the chunks whose numbers it gets."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from rpdr_core.encoder_queries import VARIABLE
from rpdr_core.errors import HostError, RpdrError, WireError, WorkerLostError, to_wire
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import BuildIndex, LinkMentions, MentionText, OpenRetrieval, RetrievalState
from rpdr_core.records import Ranking
from rpdr_core.workflow.linking_ray.cargo import bring_vectors, unpacked
from rpdr_core.workflow.linking_ray.shelf import Asker, Task
from rpdr_core.workflow.linking_ray.threads import VARIABLE as THREADS

if TYPE_CHECKING:
    import pyarrow

_START_SECONDS = 180.0
_LIVES = 3


class Outcome(msgspec.Struct, frozen=True):
    """What became of a chunk: its rankings, what went wrong, or neither where there was no such chunk."""

    rankings: tuple[Ranking, ...] | None = None
    error: WireError | None = None


class Chunk(msgspec.Struct, frozen=True):
    """The texts and contexts of a chunk: nothing else of a row leaves the machine."""

    texts: tuple[tuple[str, str], ...]


class LinkActor:
    """A callable for Ray Data's `map_batches`: a table of one number in, a table of number and outcome out.

    Whatever fails is handed back as an outcome: an exception would be written, with its words, to Ray's logs. `nodes`:
    ids of those that may have texts; elsewhere nothing is asked for.
    """

    def __init__(self, shelf: Any, nodes: frozenset[str]) -> None:
        self._shelf = shelf
        self._worker: WorkerClient | None = None
        self._trouble: WireError | None = None
        try:
            self._own = _own()
            if self._own.node not in nodes:
                raise HostError("it joined the cluster after texts were agreed to", hint="link again with this node")
            self._task, times = self._asked(shelf)
            if times > self._task.starts:
                hint = "is there memory for as many as there are cores? Ray's logs say how they ended"
                raise HostError("devices die again and again while they open the knowledge base", hint=hint)
            with suppress(WorkerLostError):
                # Lost as early as that, it is opened with the first chunk.
                self._open()
        except Exception as error:  # noqa: BLE001 - told as an outcome
            self._trouble = _told(error)

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        import pyarrow

        number = batch["number"][0].as_py()
        outcome = msgspec.json.encode(self._outcome(number))
        return pyarrow.table({"number": [number], "outcome": pyarrow.array([outcome], pyarrow.large_binary())})

    def _outcome(self, number: int) -> Outcome:
        if self._trouble is not None:
            return Outcome(error=self._trouble)
        try:
            chunk, times = _get(self._shelf.take.remote(self._own, number))
            if chunk is None:
                return Outcome()
            if times > _LIVES:
                raise HostError("a chunk has lost its device again and again", hint="is there memory enough?")
            return Outcome(tuple(self._linked(msgspec.json.decode(chunk, type=Chunk))))
        except Exception as error:  # noqa: BLE001 - told as an outcome
            return Outcome(error=_told(error))
        finally:
            self._shelf.rest.remote(self._own)

    def _linked(self, chunk: Chunk) -> list[Ranking]:
        """A worker that dies at work is started again, twice: then it is the chunk that kills it, or the machine."""
        items = tuple(MentionText(at, text, context) for at, (text, context) in enumerate(chunk.texts))
        params = LinkMentions(self._task.state.fingerprint, items, adapter=self._adapter, scope=self._task.scope)
        lives = _LIVES
        while True:
            found: list[Ranking] = []
            try:
                if self._worker is None:
                    self._open()
                assert self._worker is not None
                self._worker.call("link", params, on_partial=found.append)
                return found
            except WorkerLostError:
                self._close()
                lives -= 1
                if not lives:
                    raise

    def _open(self) -> None:
        task = self._task
        os.environ.pop(VARIABLE, None)
        os.environ |= {VARIABLE: task.runtime} if task.runtime else {}
        os.environ[THREADS] = str(task.threads)
        opening, self._adapter = unpacked(task.cargo, task.opening, task.adapter, self._file)
        worker = WorkerClient.start(timeout=_START_SECONDS)
        try:
            self._check(worker, opening)
        except BaseException:
            worker.close()
            raise
        self._worker = worker

    def _check(self, worker: WorkerClient, opening: OpenRetrieval) -> None:
        """Open the knowledge base. Raises `HostError` unless it opens to the very state that it has at the sender's."""
        task = self._task
        state = worker.call("retrieval.open", opening)
        if state.dense_done < task.state.dense_done:
            bring_vectors(task.cargo, self._file)
            state = worker.call("retrieval.open", opening)
        if state != task.state and task.state.dense == "ready":
            # Nothing is left to embed, but for a shard that was damaged; what follows a whole index is settled here.
            state = worker.call("index.build", BuildIndex(state.fingerprint))
        if state != task.state:
            hint = "use nodes with the same kind of processor, or give --encoder-runtime f32"
            message = f"the knowledge base opens to something else there: {_words(state)}; here {_words(task.state)}"
            raise HostError(message, hint=hint)

    def _asked(self, shelf: Any) -> tuple[Task, int]:
        task, times = _get(shelf.task.remote(self._own))
        return task, times

    def _file(self, path: str) -> Iterator[bytes]:
        start = 0
        while part := _get(self._shelf.part.remote(self._own, path, start)):
            yield part
            start += len(part)

    def _close(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None


def _words(state: RetrievalState) -> str:
    return f"{state.encoder} {state.dense_done}/{state.dense_total} {state.inputs}"


def _own() -> Asker:
    import ray

    context = ray.get_runtime_context()
    return Asker(str(context.get_node_id()), str(context.get_actor_id()))


def _get(reference: Any) -> Any:
    import ray

    return ray.get(reference)


def _told(error: Exception) -> WireError:
    """With the node's name in front, for a person must know where to look."""
    told = to_wire(error)
    known = error if isinstance(error, RpdrError) else None
    hint = known.hint if known is not None else "see the logs of Ray on that node"
    return WireError(told.code, f"on {socket.gethostname()}: {told.message}", hint, told.file, told.line)
