"""The client's half of every request to a teacher: ledger row first, permit after; ceilings held on the way.

One object a run, used from the thread that owns the project. The worker's intents come to `permit`, its outcomes to
`close`. What a request may cost at most is reserved before it leaves, so that requests side by side cannot exceed the
ceiling either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rpdr_core.errors import NotAllowedError
from rpdr_core.protocol.messages import SendIntent, SendOutcome, SendPermit
from rpdr_core.records import Changes
from rpdr_core.store import EndEntry, LedgerLine, Project, SendEntry
from rpdr_core.workflow.consent import masked_names, require_consent
from rpdr_core.workflow.prices import Tariff
from rpdr_core.workflow.profiles import Profile

# About what an order and a verdict come to; used for the estimate in a row, never for a ceiling.
_ANSWER_TOKENS = 48


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What a run may come to, in the price table's currency and in requests that carry text. None: no ceiling."""

    cost: float | None = None
    requests: int | None = None


@dataclass(frozen=True, slots=True)
class SendTerms:
    """Under what a run sends: `masks` are (masked, flagged) by mention id, `batch` asks for the consent to batches.

    `width` and `names` are those that its text was cut and masked with: a consent to less, or a name that joined the
    list since, stops what was made before.
    """

    run: str
    profile: Profile
    tariff: Tariff
    ceiling: Ceiling
    actor: str = ""
    masks: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    batch: bool = False
    width: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Open:
    row: int
    intent: SendIntent
    reserved: float | None


class Gatekeeper:
    """Writes the ledger of one run and says which of its requests may leave.

    `sends` and `cost` count what left and what it came to; `stopped` says why the last permit was refused, empty if
    it was not. A worker that was refused may ask again when its other requests have ended.
    """

    def __init__(self, project: Project, terms: SendTerms) -> None:
        self._project, self._terms = project, terms
        self._open: dict[int, _Open] = {}
        self._held = 0.0
        self._lines = 0
        self.sends = 0
        self.cost = 0.0
        self.stopped = ""

    def permit(self, intent: SendIntent) -> SendPermit:
        """Commit the row of a request that wants to leave, or refuse. Raises when the row cannot be written."""
        reason = self._objection(intent)
        if reason:
            self.stopped = reason
            return SendPermit(self._terms.run, intent.number, False, reason)
        self.stopped = ""
        # An upload is asked what its batch may cost, and costs nothing itself.
        reserved = self._most(intent) if intent.purpose != "batch.upload" else 0.0 if self._terms.tariff.known else None
        entry = self._entry(intent, reserved)
        row = self._project.open_send(self._terms.run, intent.mention_id, entry, actor=self._terms.actor)
        self._open[intent.number] = _Open(row, intent, reserved)
        self._held += reserved or 0.0
        self._lines += _weight(intent)
        self.sends += 1
        return SendPermit(self._terms.run, intent.number, True)

    def close(self, outcome: SendOutcome) -> Changes:
        """Commit what became of a request; its reservation becomes its cost."""
        was = self._open.pop(outcome.number, None)
        if was is None:
            # It was refused, and has no row.
            return Changes(frozenset())
        cost, counted = self._cost(was, outcome)
        created = was.intent.purpose == "batch.create" and outcome.fate in ("answered", "no_answer")
        if not created:
            # A batch is paid for when its answers are fetched; until then its reservation stands.
            self._held -= was.reserved or 0.0
        self.cost += cost or 0.0
        self.sends -= outcome.fate == "not_sent"
        entry = EndEntry(
            outcome.fate,
            outcome.status,
            outcome.request_id,
            outcome.prompt_tokens,
            outcome.completion_tokens,
            round(outcome.seconds, 3),
            cost,
            counted,
        )
        return self._project.end_send(was.row, entry)

    def _objection(self, intent: SendIntent) -> str:
        terms = self._terms
        try:
            given = require_consent(self._project, terms.profile, batch=terms.batch)
        except NotAllowedError as error:
            return error.message
        if (intent.host, intent.model) != (given.host, given.model):
            return f"consent does not cover {intent.model} at {intent.host}"
        if _carries_text(intent) and terms.width > given.window:
            return f"consent is for {given.window} characters a side now, not for {terms.width}: prepare it anew"
        if _carries_text(intent) and not set(masked_names(self._project)) <= set(terms.names):
            return "names joined the list since this text was masked: prepare it anew"
        ceiling, most = terms.ceiling, self._most(intent)
        if ceiling.requests is not None and self._lines + _weight(intent) > ceiling.requests:
            return f"the ceiling of {ceiling.requests:,} requests is reached"
        if ceiling.cost is not None and most is None:
            return "a ceiling of money needs a price, and there is none for this model"
        # So written that an amount that is no number does not pass, either.
        if ceiling.cost is not None and not self.cost + self._held + (most or 0.0) <= ceiling.cost:
            return f"the ceiling of {ceiling.cost:g} {terms.tariff.currency}".rstrip() + " is reached"
        return ""

    def _most(self, intent: SendIntent) -> float | None:
        """A token is at least one byte of the body, and no answer is longer than what is asked for."""
        return self._terms.tariff.cost(
            intent.most_tokens, intent.most_answer_tokens, batch=intent.purpose in ("batch.upload", "batch.create")
        )

    def _cost(self, was: _Open, outcome: SendOutcome) -> tuple[float | None, bool]:
        tariff, purpose = self._terms.tariff, was.intent.purpose
        batch = purpose == "batch.fetch"
        if outcome.fate in ("refused", "unreached", "not_sent") or purpose not in ("rank", "batch.fetch"):
            return (0.0 if tariff.known else None), True
        if outcome.prompt_tokens is None or outcome.completion_tokens is None:
            # Answered without a count, or perhaps answered: what it costs at most. A batch's own price nobody knows.
            return (None if batch and outcome.fate == "answered" else was.reserved), False
        return tariff.cost(outcome.prompt_tokens, outcome.completion_tokens, batch=batch), True

    def _entry(self, intent: SendIntent, reserved: float | None) -> SendEntry:
        terms = self._terms
        masks = [
            terms.masks.get(id_, (0, 0)) for id_ in {intent.mention_id, *(line.mention_id for line in intent.lines)}
        ]
        return SendEntry(
            purpose=intent.purpose,
            host=intent.host,
            model=intent.model,
            sha256=intent.sha256,
            bytes=intent.bytes,
            number=intent.number,
            attempt=intent.attempt,
            order=intent.order,
            masked=sum(masked for masked, _ in masks),
            flagged=sum(flagged for _, flagged in masks),
            tokens=intent.tokens,
            estimate=terms.tariff.cost(intent.tokens, _ANSWER_TOKENS if intent.purpose == "rank" else 0),
            reserved=reserved,
            currency=terms.tariff.currency,
            prices=terms.tariff.version,
            lines=tuple(LedgerLine(line.mention_id, line.order, line.sha256, line.bytes) for line in intent.lines),
        )


def _carries_text(intent: SendIntent) -> bool:
    return intent.purpose in ("rank", "batch.upload")


def _weight(intent: SendIntent) -> int:
    """How many questions a request puts to the teacher."""
    return 1 if intent.purpose == "rank" else len(intent.lines)
