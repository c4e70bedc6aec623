"""What an endpoint sent back, read: a chat completion, or why there is none and whether to ask again."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from rpdr_core.errors import EndpointError
from rpdr_worker.ranking.connection import Exchange
from rpdr_worker.ranking.pacing import seconds_until

_RETRIED = frozenset({408, 409, 429})
_CURES = {
    400: "the server does not accept the request: check the model's name, and that it takes a temperature",
    401: "check the key",
    403: "the key may not use this model, or this place is not served",
    404: "check the address and the model's name",
    413: "show fewer candidates or a shorter context",
    422: "the server does not accept the request: check the model's name",
}
_FORM_REFUSED = frozenset({400, 415, 422, 501})


class Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Reply(msgspec.Struct, frozen=True):
    """The teacher's words. `cut_off`: the answer hit the length limit; `refused`: a filter or the model declined."""

    content: str
    cut_off: bool = False
    refused: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no reply. `retried`: another attempt may help; `form`: it may be the answer format's fault."""

    message: str
    hint: str
    retried: bool = False
    retry_after: float | None = None
    form: bool = False

    def error(self, attempts: int) -> EndpointError:
        often = f" ({attempts} attempts)" if attempts > 1 else ""
        return EndpointError(self.message + often, hint=self.hint)


class _Message(msgspec.Struct, frozen=True):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    message: _Message = field(default_factory=_Message)
    finish_reason: str | None = None


class _Completion(msgspec.Struct, frozen=True):
    choices: tuple[_Choice, ...]


class _Metered(msgspec.Struct, frozen=True):
    usage: Usage | None = None


class _Error(msgspec.Struct, frozen=True):
    code: str | int | None = None


class _Refusal(msgspec.Struct, frozen=True):
    error: _Error = field(default_factory=_Error)


def usage_of(body: bytes) -> Usage:
    """What the endpoint says it will bill for; nothing where it does not say."""
    try:
        found = msgspec.json.decode(body, type=_Metered).usage or Usage()
    except (msgspec.MsgspecError, RecursionError):
        return Usage()
    sound = all(count is None or count >= 0 for count in (found.prompt_tokens, found.completion_tokens))
    return found if sound else Usage()


def read_reply(exchange: Exchange) -> Reply | Failure:
    """The completion of an exchange. The server's own words stay out of failures: they may repeat the mention."""
    failed = failure_of(exchange)
    if failed is None:
        return completion(exchange.body)
    refused = exchange.status == 400 and _code(exchange.body) in ("content_filter", "content_policy_violation")
    return Reply("", refused=True) if refused else failed


def failure_of(exchange: Exchange) -> Failure | None:
    """What went wrong before there was a body to read; None where nothing did."""
    if exchange.fate == "unreached":
        return Failure("the teacher's server cannot be reached", "check the address and the network", True)
    if exchange.fate == "no_answer" and exchange.timed_out:
        return Failure("the teacher did not answer in time", "try again, or allow more time", True)
    if exchange.fate == "no_answer":
        return Failure("the teacher's server broke the connection off", "check the address and the network", True)
    status = exchange.status
    if 200 <= status < 300:
        return None
    if status == 429 and _code(exchange.body) == "insufficient_quota":
        return Failure("the account has no credit left", "check the account's billing")
    retried = status in _RETRIED or (status >= 500 and status != 501)
    hint = _CURES.get(status, "try again later" if retried else "check the address, the model and the key")
    asked_to_wait = seconds_until(exchange.retry_after)
    return Failure(f"the teacher's server answered {status}", hint, retried, asked_to_wait, status in _FORM_REFUSED)


def completion(body: bytes) -> Reply | Failure:
    """A chat completion's bytes, read."""
    try:
        read = msgspec.json.decode(body, type=_Completion)
    except (msgspec.MsgspecError, RecursionError):
        return Failure("the server's answer is no chat completion", "check the endpoint's address")
    if not read.choices:
        return Failure("the server's answer holds no choice", "check the model's name")
    choice, usage = read.choices[0], usage_of(body)
    return Reply(
        choice.message.content or choice.message.refusal or "",
        choice.finish_reason == "length",
        choice.message.refusal is not None or choice.finish_reason == "content_filter",
        usage.prompt_tokens or 0,
        usage.completion_tokens or 0,
    )


def _code(body: bytes) -> str | int | None:
    try:
        return msgspec.json.decode(body, type=_Refusal).error.code
    except (msgspec.MsgspecError, RecursionError):
        return None
