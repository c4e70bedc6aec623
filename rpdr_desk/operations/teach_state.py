"""What the Teach page shows: endpoints, agreement, what would be sent, what was sent. Plain values, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

KeyState = Literal["unknown", "kept", "environment", "session", "not_needed", "missing"]
Selection = Literal["varied", "frequent", "first"]
Examples = Literal["template", "decisions"]
MarkKind = Literal["mention", "masked", "flagged"]


@dataclass(frozen=True, slots=True)
class Redirect:
    """An environment variable that other programs would follow; `shown` is its value where that is an address. It is
    shown, not obeyed.
    """

    variable: str
    shown: str


@dataclass(frozen=True, slots=True)
class EndpointState:
    """One endpoint profile. `host` is shown, `place` (`name:port`) is what agreement and ledger name. `local`: its
    address is this machine's own, so nothing leaves it.
    """

    name: str
    preset: str
    base_url: str
    model: str
    host: str = ""
    place: str = ""
    key_name: str = ""
    key_env: str = ""
    key: KeyState = "unknown"
    local: bool = False


@dataclass(frozen=True, slots=True)
class Endpoints:
    """All profiles, the chosen one's name (empty for none), and the environment's redirections."""

    known: tuple[EndpointState, ...] = ()
    chosen: str = ""
    redirects: tuple[Redirect, ...] = ()

    @property
    def current(self) -> EndpointState | None:
        return next((one for one in self.known if one.name == self.chosen), None)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether this project's text may go to `host` and `model`, who agreed and when (ISO 8601, empty while off).

    `covers`: it is about the endpoint in use. `retention`: what is kept there, in the words of who agreed.
    `killed`: what keeps every project from any teacher: this user's switch, or an environment variable that only who
    started the program can take back. `credentialed`: the data's terms allow endpoints on this machine only.
    """

    on: bool = False
    host: str = ""
    model: str = ""
    who: str = ""
    at: str = ""
    window: int = 0
    retention: str = ""
    batch: bool = False
    covers: bool = False
    credentialed: bool = False
    killed: Literal["", "switch", "environment"] = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What to ask about, and how. A ceiling of None is none; money is in the price table's currency."""

    count: int = 200
    selection: Selection = "varied"
    template: str = "rerank_en"
    examples: Examples = "template"
    orders: int = 1
    batch: bool = False
    most_money: float | None = 1.0
    most_requests: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of a text, in code points from its start."""

    start: int
    end: int
    kind: MarkKind


@dataclass(frozen=True, slots=True)
class PlannedMention:
    """A mention as it would leave: masked, and with no more of its sentence than the window.

    `marks` stand in `shown`, which is the context, or the mention alone where it has none. `flagged` are the parts
    that a person should read: they look like names or numbers and are not masked.
    """

    mention_id: int
    text: str
    shown: str
    masked: int = 0
    flagged: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Money:
    """An amount and the day of the prices it was reckoned with; `amount` None: the model has no known price."""

    amount: float | None = None
    currency: str = "USD"
    prices_of: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be sent now. `waiting`: how many mentions could be asked about at all.

    `cached` of the `requests` have an answer already and are not sent. `cost` is what it probably comes to, `most` what
    it cannot exceed unless requests have to be repeated.
    """

    mentions: tuple[PlannedMention, ...] = ()
    waiting: int = 0
    masked: int = 0
    flagged: int = 0
    requests: int = 0
    cached: int = 0
    bytes: int = 0
    tokens: int = 0
    digest: str = ""
    cost: Money = Money()
    most: float | None = None

    @property
    def to_send(self) -> int:
        return self.requests - self.cached


BodyKind = Literal["asked", "shuffled", "plain", "plain_shuffled"]


@dataclass(frozen=True, slots=True)
class ExactBody:
    """The exact bytes of one body (as text, UTF-8), their SHA-256 (hex) and their number.

    `kind`: `asked`; `shuffled`: the same question with its candidates in another order; `plain` and `plain_shuffled`:
    what follows where the server refuses the answer format.
    """

    kind: BodyKind
    body: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class RequestBody:
    """What may be sent about one mention, the first body first."""

    mention_id: int
    url: str
    bodies: tuple[ExactBody, ...]


Hindrance = Literal[
    "",
    "preparing",
    "no_endpoint",
    "no_model",
    "killed",
    "credentialed",
    "no_consent",
    "no_batch_consent",
    "no_key",
    "no_candidates",
    "nothing_waits",
    "no_price",
    "worker",
    "busy",
    "failed",
]
"""Why nothing can be sent now; empty: it can."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many answers fell into a class."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Sending:
    """A run, while it goes on and after. `requests` of which `sent` left; `state` says whether more will.

    `maybe` requests left and their fate is unknown: they count as sent. `cost` is what the endpoint's own token counts
    come to, `per_thousand` what a thousand mentions cost that were answered by a request of this run. `by_user`: who
    stopped it. `batch` is the state of a batch at the endpoint, of which `batch_done` requests are done; empty for
    requests one by one. `seconds` since it began.
    """

    run: str = ""
    host: str = ""
    model: str = ""
    mentions: int = 0
    mentions_done: int = 0
    requests: int = 0
    sent: int = 0
    answered: int = 0
    failed: int = 0
    cached: int = 0
    maybe: int = 0
    on_the_way: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    rankings: int = 0
    cost: Money = Money()
    most_money: float | None = None
    most_requests: int | None = None
    classes: tuple[Count, ...] = ()
    state: Literal["idle", "running", "stopping", "done", "stopped", "failed"] = "idle"
    message: str = ""
    by_user: bool = False
    batch: str = ""
    batch_done: int = 0
    per_thousand: float | None = None
    seconds: float = 0.0

    @property
    def running(self) -> bool:
        return self.state in ("running", "stopping")


@dataclass(frozen=True, slots=True)
class WaitingBatch:
    """A batch at an endpoint whose answers are not here yet."""

    run: str
    host: str
    model: str
    mentions: int


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One request that left, or was about to: `status` is `answered`, `refused`, ..., or `maybe` while open."""

    number: int
    at: str
    run: str
    mention_id: int
    purpose: str
    host: str
    model: str
    bytes: int
    sha256: str
    status: str
    http: int = 0
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """The ledger, newest first. `broken_at`: the first row whose chain does not hold, 0 where all hold."""

    lines: tuple[LedgerLine, ...] = ()
    total: int = 0
    broken_at: int = 0
    requests: int = 0
    bytes: int = 0
    cost: Money = field(default_factory=Money)
