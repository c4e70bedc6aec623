"""`rpdr link --engine`: on this machine, or on a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from rpdr_core.errors import NotAllowedError, UserInputError
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import BuildIndex, OpenRetrieval, RetrievalState
from rpdr_core.records import MemoryTerm
from rpdr_core.store import open_reader
from rpdr_core.workflow.consent import is_credentialed
from rpdr_core.workflow.encoders import encoder_folder
from rpdr_core.workflow.linking_engine import Engine
from rpdr_core.workflow.retrieving import reference

_OPTIONS = (
    click.option(
        "--engine",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        help="local: one worker on this machine. ray: workers on the cores, or GPUs, of several machines (the extra "
        "ray); the output is the same. Use it where one machine takes hours: starting costs 17 s of processor time; "
        "on one machine local is quicker (by six for 6,000 mentions).",
    ),
    click.option(
        "--ray-address",
        default="",
        metavar="HOST:PORT",
        help="For --engine ray: the head of a cluster with token authentication that this machine has joined (auto: "
        "that one). Without it one is started here, for this run.",
    ),
    click.option(
        "--agree",
        "agreed",
        default="",
        metavar="HOST",
        help="For --ray-address: these texts may go to the machines of this cluster. Without it they stay here.",
    ),
)


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--engine`, `--ray-address`, `--agree`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def check_engine(engine: str, address: str, agreed: str, project: Path | None) -> None:
    """Before any work: options that do not fit each other, a missing extra, data that may not leave this machine."""
    if engine != "ray":
        if address or agreed:
            raise UserInputError("--ray-address and --agree are for a cluster", hint="add --engine ray")
        return
    if agreed and not address:
        raise UserInputError("--agree without --ray-address", hint="on this machine nobody needs to agree")
    from rpdr_core.workflow.linking_ray.cluster import check_address, require_ray

    require_ray()
    if address:
        check_address(address)
        if project is not None:
            with open_reader(project) as reader:
                if is_credentialed(reader):
                    message = "this project's data may not leave this machine"
                    raise NotAllowedError(message, hint="link without --ray-address")


def ray_engine(
    address: str,
    agreed: str,
    worker: WorkerClient,
    catalogue: Catalogue,
    memory: Sequence[MemoryTerm],
    encoder: str,
    state: RetrievalState,
    adapter: str,
    scope: str,
    input_sha256: str,
    *,
    judged: bool,
) -> Engine:
    """An engine whose workers are opened as `worker`, which gave `state`, was. It is closed: its memory is wanted for
    those of the cluster. `judged`: whether it has ranked reviewed mentions, by which the output is accepted.
    """
    vectors = worker.call("index.files", BuildIndex(state.fingerprint)).names
    worker.close()
    from rpdr_core.workflow.linking_ray.engine import RayEngine

    folder = encoder_folder(encoder, catalogue.info.fingerprint)
    opening = OpenRetrieval(reference(catalogue), tuple(memory), folder)
    return RayEngine(
        address, agreed, opening, state, vectors, adapter, scope, input_sha256, judged, _has_gpu(worker), _tell
    )


def ranked_on(worker: WorkerClient, adapter: str, address: str) -> str:
    """Where a student ranks, as a journal says it: another kind of device gives other last digits. Empty on a processor
    of this machine, and for the retriever, which computes on processors everywhere.
    """
    if not adapter:
        return ""
    return "ranked-on=cluster" if address else "ranked-on=gpu" if _has_gpu(worker) else ""


def _has_gpu(worker: WorkerClient) -> bool:
    return any(device.startswith("cuda") for device in worker.worker.devices)


def _tell(line: str) -> None:
    click.echo(line, err=True)
