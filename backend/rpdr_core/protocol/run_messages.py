"""Training runs: detached jobs on the worker's machine, and what that machine is. Part of the table in `messages`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rpdr_core.protocol.training_messages import AdapterInfo, TrainingEvent, TrainingSpec

RunStateName = Literal["queued", "running", "paused", "cancelled", "failed", "done", "lost"]
"""`lost`: the process is gone without having said why (killed, reboot). All but `done` can be resumed."""

ENDED: frozenset[RunStateName] = frozenset({"cancelled", "failed", "done", "lost"})

RunFileName = Literal["recipe.toml", "rows.jsonl"]
Launcher = Literal["process", "slurm"]


@dataclass(frozen=True, slots=True)
class RunRef:
    run: str


@dataclass(frozen=True, slots=True)
class RunPart:
    """A part of a file that a run will read: base64 of at most 1 MB. What was held from `offset` on is replaced;
    empty `data` only asks how much is held. `rows.jsonl` has a `RunRow` a line.
    """

    run: str
    file: RunFileName
    offset: int
    data: str = ""


@dataclass(frozen=True, slots=True)
class HeldPart:
    """How many bytes of the file the worker holds now."""

    size: int


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """A checkpoint is due after so many seconds or steps, whichever comes first; 0: not by that."""

    seconds: float = 60.0
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Cluster:
    """What a job asks of SLURM. Empty or 0: the cluster's own default."""

    partition: str = ""
    account: str = ""
    gpus: int = 1
    cpus: int = 4
    memory_gb: int = 0
    minutes: int = 240


@dataclass(frozen=True, slots=True)
class StartRun:
    """Start a run whose files are uploaded, or resume it if it is there and does not run. `spec.recipe` is a name for
    people: the uploaded file is what counts. Hashes are SHA-256. `created_at`: ISO 8601, UTC. `processes`: how many
    train together; 0: one for each GPU, where the recipe's trainer can share.
    """

    run: str
    name: str
    spec: TrainingSpec
    recipe_sha256: str
    rows_sha256: str
    created_at: str = ""
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    launcher: Launcher = "process"
    cluster: Cluster = field(default_factory=Cluster)
    processes: int = 0


@dataclass(frozen=True, slots=True)
class RunState:
    """A run as it stands. `offset`: size of its events so far. `seconds`: since it was last started. `message` and
    `hint`: why it ended. `adapter_id` once it is done.
    """

    run: str
    name: str
    state: RunStateName
    created_at: str = ""
    recipe: str = ""
    offset: int = 0
    attempt: int = 0
    seconds: float = 0.0
    last: TrainingEvent | None = None
    message: str = ""
    hint: str = ""
    adapter_id: str = ""


@dataclass(frozen=True, slots=True)
class RunList:
    runs: tuple[RunState, ...]


@dataclass(frozen=True, slots=True)
class FollowRun:
    """Send the record from byte `offset` on, until the run has ended. A cancel ends the following alone."""

    run: str
    offset: int = 0


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One line of a run's record. `offset` is where the next one begins: follow from there. `at`: seconds since 1970.

    `training` for a step; `step` and `lost_steps` for `resumed` (from which step, how many are done again); `step` for
    `checkpoint`. `memory`, `gpu_memory`: peaks of the process in bytes, 0 where unknown.
    """

    offset: int
    at: float
    kind: Literal["state", "training", "note", "checkpoint", "resumed"]
    state: RunStateName | Literal[""] = ""
    training: TrainingEvent | None = None
    note: str = ""
    step: int = 0
    lost_steps: int = 0
    memory: int = 0
    gpu_memory: int = 0


@dataclass(frozen=True, slots=True)
class ControlRun:
    """`cancel` keeps the last checkpoint; `resume` lets a paused run go on and starts one that has ended again."""

    run: str
    action: Literal["pause", "resume", "cancel"]


@dataclass(frozen=True, slots=True)
class RunFile:
    """A file of the adapter: path in its folder (with /), bytes, SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class RunResult:
    info: AdapterInfo
    files: tuple[RunFile, ...]


@dataclass(frozen=True, slots=True)
class ReadPart:
    """Read a file of the adapter from `offset` on."""

    run: str
    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class FilePart:
    """Base64; empty at the file's end."""

    data: str


@dataclass(frozen=True, slots=True)
class Gpu:
    """Memory in bytes, 0 where the driver does not say."""

    name: str
    memory_total: int = 0
    memory_free: int = 0


@dataclass(frozen=True, slots=True)
class HostInfo:
    """A machine that can train. `libraries`: versions of those there; `missing`: those that training needs and lacks.
    `trains_on`: `cuda`, `mps`, `cpu`, or empty where torch is missing or does not load (`trouble` says why). Bytes.
    """

    name: str
    system: str
    worker: str
    python: str
    cores: int
    memory: int
    disk_free: int
    gpus: tuple[Gpu, ...] = ()
    libraries: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    trains_on: Literal["cuda", "mps", "cpu", ""] = ""
    trouble: str = ""
    slurm: bool = False


@dataclass(frozen=True, slots=True)
class RunRow:
    """A line of `rows.jsonl`; `row` is a `TrainingRow`, read by whoever trains."""

    part: Literal["train", "validation"]
    row: object
