"""The engine: a shelf of chunks here, one actor a device there, and Ray Data between them, which does again what was
lost with a killed process or node.
"""

from __future__ import annotations

import itertools
import logging
import os
import queue
import secrets
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from rpdr_core.encoder_queries import VARIABLE
from rpdr_core.errors import HostError, from_wire
from rpdr_core.protocol.messages import OpenRetrieval, RetrievalState
from rpdr_core.records import NewMention, Ranking
from rpdr_core.workflow.linking_engine import Load, checked
from rpdr_core.workflow.linking_ray.agreeing import Sent, check_agreed, moment, write_down
from rpdr_core.workflow.linking_ray.cargo import packed
from rpdr_core.workflow.linking_ray.cluster import Cluster, joined
from rpdr_core.workflow.linking_ray.device import Chunk, LinkActor, Outcome
from rpdr_core.workflow.linking_ray.nodes import refuse_other_kind
from rpdr_core.workflow.linking_ray.shelf import Shelf, Task
from rpdr_core.workflow.linking_ray.threads import threads_here
from rpdr_core.workflow.linking_ray.watching import PATIENCE, Stand, Watch

# As Ray counts, two actors fit where we start one: the nodes that are left can take over those of a lost one.
_SHARE = 0.5
_BESIDE = 2
"""Chunks that each device may be ahead of the oldest one that is not linked."""
_STARTS = 4
"""Times that devices may begin, for each of them, and as many on top."""
_TICK = 1.0
_LEAVE = 5.0
"""Seconds that a thread has to end before Ray is left; it may wait for a result that nobody wants any more."""
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class RayEngine:
    """Links on the cluster at `address` (empty: one on this machine). `agreed`: the cluster that may have the texts
    even where it has other machines. `vectors`: files as `index.files` names them. `judged`: whether reviewed mentions
    were judged on this machine, on its GPU (`gpu`) or not. `tell`: for a line to a person. The rest is what the local
    engine's worker was opened and asked with.
    """

    address: str
    agreed: str
    opening: OpenRetrieval
    state: RetrievalState
    vectors: tuple[str, ...]
    adapter: str
    scope: str
    input_sha256: str
    judged: bool
    gpu: bool
    tell: Callable[[str], None]

    def linked(self, chunks: Iterator[list[NewMention]], load: Load) -> Generator[list[Ranking], None, None]:
        if not load.mentions:
            return
        cargo = packed(self.opening, self.vectors, self.adapter)
        # Some six times its files is what a terminology takes once it is open.
        need = _GIB + 6 * cargo.size
        threads = threads_here()
        with joined(self.address, gpus=bool(self.adapter), threads=threads, need=need) as cluster:
            refuse_other_kind(judged=self.judged and bool(self.adapter), gpu=self.gpu, gpus=cluster.gpus)
            nodes = frozenset(node.id for node in cluster.nodes)
            starts = _STARTS * (1 + sum(node.devices for node in cluster.nodes))
            # Whether int8 serves is measured, and may come out otherwise elsewhere: what was found here holds there.
            runtime = "int8" if "queries=int8" in self.state.inputs else os.environ.get(VARIABLE, "")
            task = Task(self.opening, self.state, cargo, self.adapter, self.scope, nodes, runtime, threads, starts)
            finished = 0
            if cluster.others:
                check_agreed(cluster.address, cluster.others, self.agreed, load, len(self.opening.memory), cargo)
            run = secrets.token_hex(8)
            self._record("begin", run, cluster, load.mentions, load.size, cargo.told)
            try:
                for rankings in _Run(cluster, task, chunks, load.chunks, need, self.tell).results():
                    finished += len(rankings)
                    yield rankings
            finally:
                self._record("end", run, cluster, finished, 0, ())

    def _record(self, event: str, run: str, cluster: Cluster, mentions: int, size: int, files: tuple[str, ...]) -> None:
        if not cluster.others:
            return
        machines = tuple(node.name for node in cluster.others)
        known = len(self.opening.memory)
        sha256 = self.input_sha256
        write_down(Sent(event, moment(), run, cluster.address, machines, mentions, size, known, sha256, files))


class _Run:
    """One pass of chunks over the cluster's devices."""

    def __init__(
        self,
        cluster: Cluster,
        task: Task,
        chunks: Iterator[list[NewMention]],
        most: int,
        need: int,
        tell: Callable[[str], None],
    ) -> None:
        self._cluster = cluster
        self._chunks = chunks
        self._most = most
        self._need = need
        self._devices = min(most, sum(node.devices for node in cluster.nodes))
        self._shelf = _shelf(cluster.here, task)
        self._watch = Watch(cluster.nodes, _words(cluster, need), self._stand, _alive, tell)
        self._sizes: list[int] = []
        self._room = threading.Semaphore((1 + _BESIDE) * self._devices)
        self._stopped = threading.Event()
        self._failure: BaseException | None = None

    def results(self) -> Generator[list[Ranking], None, None]:
        """The rankings of each chunk in order. What goes wrong here or there is raised."""
        feeding = threading.Thread(target=self._feed, name="rpdr-link-feed", daemon=True)
        feeding.start()
        came: queue.Queue[tuple[int, Outcome] | BaseException | None] = queue.Queue(2)
        streaming = threading.Thread(target=self._stream, args=(came,), name="rpdr-link-ray", daemon=True)
        streaming.start()
        try:
            while (found := self._next(came)) is not None:
                number, outcome = found
                if outcome.error is not None:
                    raise from_wire(outcome.error)
                if outcome.rankings is None:
                    break
                self._shelf.drop.remote(number)
                self._room.release()
                yield checked(self._sizes[number], list(outcome.rankings))
        finally:
            self._stopped.set()
            self._room.release()
            streaming.join(_LEAVE)
        feeding.join()
        if self._failure is not None:
            raise self._failure

    def _feed(self) -> None:
        """Put chunks on the shelf, a bounded number ahead of what has come back."""
        import ray

        number = 0
        try:
            for number in itertools.count():
                self._room.acquire()
                chunk = None if self._stopped.is_set() else next(self._chunks, None)
                if chunk is None:
                    break
                self._sizes.append(len(chunk))
                content = msgspec.json.encode(Chunk(tuple((one.text, one.context) for one in chunk)))
                ray.get(self._shelf.put.remote(number, content))
        except BaseException as error:  # noqa: BLE001 - raised by the thread that asked
            self._failure = error
        with suppress(Exception):
            # Where Ray itself has gone, the thread that waits for results says so.
            ray.get(self._shelf.end.remote(number))

    def _stream(self, came: queue.Queue[tuple[int, Outcome] | BaseException | None]) -> None:
        try:
            for batch in _data(self._shelf, self._most, self._devices, self._cluster, self._need).iter_batches(
                batch_size=1, batch_format="pyarrow", prefetch_batches=0
            ):
                number = batch["number"][0].as_py()
                outcome = msgspec.json.decode(batch["outcome"][0].as_py(), type=Outcome)
                while not self._stopped.is_set():
                    with suppress(queue.Full):
                        came.put((number, outcome), timeout=_TICK)
                        break
                if self._stopped.is_set():
                    return
            came.put(None)
        except BaseException as error:  # noqa: BLE001 - raised by the thread that waits
            with suppress(queue.Full):
                came.put(error, timeout=PATIENCE)

    def _next(self, came: queue.Queue[tuple[int, Outcome] | BaseException | None]) -> tuple[int, Outcome] | None:
        from ray.exceptions import RayError

        while True:
            try:
                found = came.get(timeout=_TICK)
            except queue.Empty:
                # Where Ray itself has gone, the thread that streams says so.
                with suppress(RayError):
                    self._watch.look()
                continue
            self._watch.moved()
            if isinstance(found, BaseException):
                kind = type(found).__name__
                hint = "what is linked is kept; the same command goes on from there"
                raise HostError(f"the cluster has stopped linking ({kind})", hint=hint) from found
            return found

    def _stand(self) -> Stand:
        import ray

        stand: Stand = ray.get(self._shelf.stand.remote(), timeout=PATIENCE)
        return stand


def _alive() -> frozenset[str]:
    import ray

    return frozenset(node["NodeID"] for node in ray.nodes() if node["Alive"])


def _words(cluster: Cluster, need: int) -> str:
    """What a device takes."""
    cores = _SHARE * cluster.cores
    unit = "core" if cores <= 1 else "cores"
    return f"{cores:g} {unit}{' and a GPU' if cluster.gpus else ''} with {need / _GIB:.1f} GiB of memory"


def _shelf(here: str, task: Task) -> Any:
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    placed = NodeAffinitySchedulingStrategy(here, soft=False)
    shelf = ray.remote(Shelf).options(num_cpus=0, scheduling_strategy=placed, max_concurrency=1000).remote()
    # Not with its making: that is kept by the head. A call goes from this process to the shelf's.
    ray.get(shelf.lay.remote(task))
    return shelf


def _data(shelf: Any, chunks: int, devices: int, cluster: Cluster, need: int) -> Any:
    """A lazy dataset of outcomes, in order. What is not linked when the loop over it ends is dropped."""
    import ray
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.enable_auto_log_stats = False
    context.execution_options.preserve_order = True
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    nodes = frozenset(node.id for node in cluster.nodes)
    numbers = ray.data.from_items([{"number": number} for number in range(chunks)], override_num_blocks=chunks)
    return numbers.map_batches(
        LinkActor,
        fn_constructor_kwargs={"shelf": shelf, "nodes": nodes},
        batch_size=1,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=devices, max_tasks_in_flight_per_actor=2),
        num_cpus=_SHARE * cluster.cores,
        num_gpus=1 if cluster.gpus else 0,
        # Whole: a node with cores for more than its memory holds would lose them all.
        memory=need,
        # Not on one that was not looked at, nor on one that joins later.
        label_selector={"ray.io/node-id": f"in({','.join(sorted(nodes))})"},
    )
