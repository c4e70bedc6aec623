"""A Ray cluster for the time of a run: one of our own on this machine, or one that this machine has joined.

Either way with token authentication, without Ray's statistics and dashboard. Ray keeps its settings per process, so a
process links with Ray once.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import secrets
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rpdr_core.errors import HostError, MissingExtraError, NotAllowedError, UserInputError
from rpdr_core.paths import cache_dir
from rpdr_core.workflow.linking_ray import probe
from rpdr_core.workflow.linking_ray.nodes import TOKEN, Equipment, Node, others, refuse_open, refuse_unlike

# A socket's path has at most 107 characters (103 on a Mac), of which Ray takes 66 below the folder and we 23 for it.
_LONGEST = (107 if sys.platform == "linux" else 103) - 66 - 23
_PREFIX = "rpdr"
_STORE = 256 << 20
_HEAD = "node:__internal_head__"
_PROBE_SECONDS = 120.0
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    # Else a thread that is late starts a cluster of its own once ours is left.
    "RAY_ENABLE_AUTO_CONNECT": "0",
    "RAY_DISABLE_IMPORT_WARNING": "1",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """`address`: of its head. `here`: the id of this machine's node. `cores`: of a device, whether it is a GPU (`gpus`)
    or not. `nodes`: all that can hold an actor; `others`: those of them that are other machines, and the head where it
    is one, even if it links nothing: it keeps account of what is done.
    """

    address: str
    here: str
    own: bool
    gpus: bool
    cores: int
    nodes: tuple[Node, ...]
    others: tuple[Node, ...]


def require_ray() -> None:
    """Raises `MissingExtraError` before any work."""
    missing = [name for name in ("ray", "pyarrow", "pandas") if importlib.util.find_spec(name) is None]
    if missing:
        message = f"{' and '.join(missing)} is not installed"
        raise MissingExtraError(message, hint='for --engine ray: pip install "rpdr-desk[worker,ray]"')


def check_address(address: str) -> None:
    """`HOST:PORT` of a head, or `auto`. Raises `UserInputError`."""
    if "://" in address:
        hint = "run it on a machine of the cluster (ray start --address=HOST:PORT there), and give HOST:PORT"
        raise UserInputError(f"{address} is not a cluster that this machine is part of", hint=hint)
    host, _, port = address.rpartition(":")
    if address != "auto" and not (host and port.isdigit()):
        raise UserInputError(f"{address} is no address", hint="give HOST:PORT of the cluster's head, or auto")
    if os.environ.get("RAY_AUTH_MODE", TOKEN) != TOKEN:
        raise NotAllowedError(
            f"RAY_AUTH_MODE is {os.environ['RAY_AUTH_MODE']}: a cluster without tokens lets anybody in",
            hint="start every node with RAY_AUTH_MODE=token, and set it here, too",
        )


@contextlib.contextmanager
def joined(address: str, *, gpus: bool, threads: int, need: int) -> Iterator[Cluster]:
    """The cluster at `address` (empty: one of our own, which ends with the block), looked at and found fit.

    `gpus`: a device is a GPU where the cluster has any, else as many cores as a worker has `threads` (or all of the
    smallest node). `need`: bytes of memory that a device takes.
    Raises `HostError` and `NotAllowedError`, each with what to do. What Ray prints is not shown: stdout is ours.
    """
    require_ray()
    with contextlib.ExitStack() as stack:
        stack.callback(_restore, dict(os.environ))
        os.environ |= {**_QUIET, "RAY_AUTH_MODE": TOKEN}
        folder = None if address else stack.enter_context(_private_folder())
        if folder is not None:
            os.environ |= {"RAY_AUTH_TOKEN": "", "RAY_AUTH_TOKEN_PATH": str(_new_token(folder))}
        elif not _has_token():
            hint = "put its token into a file that only you can read, and name it in RAY_AUTH_TOKEN_PATH"
            raise NotAllowedError(f"there is no token for the cluster at {address}", hint=hint)
        stack.enter_context(contextlib.redirect_stdout(stack.enter_context(Path(os.devnull).open("w"))))
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", module=r"ray(\.|$)")
        import ray

        stack.callback(ray.shutdown)
        _connect(address, folder)
        yield _looked_at(ray, own=not address, gpus=gpus, threads=threads, need=need)


def _connect(address: str, folder: Path | None) -> None:
    import ray

    settings: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    if folder is not None:
        # One below ours, for Ray lets everybody into its own.
        settings |= {"include_dashboard": False, "object_store_memory": _STORE, "_temp_dir": str(folder / "r")}
    try:
        with _stderr_aside():
            ray.init(address or "local", **settings)
    except Exception as error:  # noqa: BLE001 - Ray raises what it likes, and says why in words
        words = next(iter(str(error).splitlines()), "")
        where = f"the Ray cluster at {address} does not take this machine in" if address else "Ray does not start here"
        hint = (
            "is it running, is its token in RAY_AUTH_TOKEN_PATH, and is this machine part of it "
            "(ray start --address=HOST:PORT; with --num-cpus=0 it only sends)"
        )
        raise HostError(
            f"{where}: {words}", hint=hint if address else "see the memory and disk of this machine"
        ) from None


@contextlib.contextmanager
def _stderr_aside() -> Iterator[None]:
    """Ray's native half writes to the process's stderr as it starts; why it cannot start comes as an exception."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _looked_at(ray: Any, *, own: bool, gpus: bool, threads: int, need: int) -> Cluster:
    context = ray.get_runtime_context()
    alive = [node for node in ray.nodes() if node["Alive"]]
    with_gpus = gpus and any(node["Resources"].get("GPU") for node in alive)
    cores = cores_of_device([node["Resources"] for node in alive], gpus=with_gpus, threads=threads)
    nodes = [
        Node(
            node["NodeID"],
            node["NodeManagerAddress"],
            node["NodeManagerHostname"],
            devices(node["Resources"], gpus=with_gpus, threads=threads, need=need),
        )
        for node in alive
    ]
    equipped = list(zip(nodes, _probed(ray, nodes), strict=True))
    refuse_open(equipped)
    fit = [pair for pair in equipped if pair[0].devices]
    refuse_unlike(fit, Equipment(**{key: value for key, value in probe.described().items() if key != "host"}))
    if not fit:
        hint = "give it machines with a free core and memory" + (", and GPUs" if with_gpus else "")
        raise HostError("no node of the cluster can link", hint=hint)
    here = context.get_node_id()
    (mine,) = [node.address for node in nodes if node.id == here]
    usable = tuple(node for node, _ in fit)
    heads = {node["NodeID"] for node in alive if _HEAD in node["Resources"]}
    return Cluster(context.gcs_address, here, own, with_gpus, cores, usable, tuple(others(nodes, mine, heads)))


def cores_of_device(nodes: Sequence[Mapping[str, float]], *, gpus: bool, threads: int) -> int:
    """Cores that one actor is counted with: its threads, or all of the smallest node; one beside a GPU."""
    found = [int(node.get("CPU", 0)) for node in nodes if node.get("CPU", 0) >= 1]
    return 1 if gpus else min([threads, *found])


def devices(resources: Mapping[str, float], *, gpus: bool, threads: int, need: int) -> int:
    """How many actors a node of these resources (as Ray counts them; memory in bytes) holds: one for each of its GPUs,
    or for as many cores as there are threads, where there is a core; as many as its memory holds.
    """
    cores = int(resources.get("CPU", 0))
    places = int(resources.get("GPU", 0)) if gpus else max(1, cores // threads)
    return min(places if cores else 0, int(resources.get("memory", 0) // need))


def _probed(ray: Any, nodes: list[Node]) -> list[Equipment]:
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    # By value: a node without this program must be able to say so.
    ray.cloudpickle.register_pickle_by_value(probe)
    try:
        asked = [
            ray.remote(probe.described)
            .options(num_cpus=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node.id, soft=False))
            .remote()
            for node in nodes
        ]
        found: list[Equipment] = []
        for node, answer in zip(nodes, asked, strict=True):
            try:
                told = ray.get(answer, timeout=_PROBE_SECONDS)
            except ray.exceptions.RayError as error:
                message = f"node {node.name} of the cluster does not answer ({type(error).__name__})"
                raise HostError(message, hint="take it out of the cluster, or start it anew") from None
            found.append(Equipment(**{key: value for key, value in told.items() if key != "host"}))
        return found
    finally:
        ray.cloudpickle.unregister_pickle_by_value(probe)


def _has_token() -> bool:
    named = os.environ.get("RAY_AUTH_TOKEN", "") or os.environ.get("RAY_AUTH_TOKEN_PATH", "")
    return bool(named) or (Path.home() / ".ray" / "auth_token").is_file()


def _new_token(folder: Path) -> Path:
    path = folder / "token"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(secrets.token_hex(32))
    return path


@contextlib.contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder that only this user can read, gone afterwards; and those that a killed run has left."""
    rooms = (cache_dir() / "ray", Path(tempfile.gettempdir()))
    root = next((room for room in rooms if len(str(room)) <= _LONGEST), Path("/tmp"))  # noqa: S108 - ours is private
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob(f"{_PREFIX}*-*"):
        if not _lives(left.name.removeprefix(_PREFIX).partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lives(pid: str) -> bool:
    """Where that cannot be told without harm, yes."""
    if os.name == "nt" or not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _restore(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
