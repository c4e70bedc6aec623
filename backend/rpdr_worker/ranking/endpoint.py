"""One request to an OpenAI-compatible endpoint: our own send loop, nothing taken from the environment.

The library's own retries are off: each send is counted here. Of the request's headers only those needed leave; a
variable such as `OPENAI_BASE_URL`, `OPENAI_ORG_ID` or `HTTPS_PROXY` changes neither address nor headers.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from rpdr_core.errors import EndpointError, MissingExtraError
from rpdr_core.protocol.messages import Endpoint
from rpdr_worker.egress import allow_host
from rpdr_worker.ranking.teacher_request import Target, TeacherRequest, target_of

if TYPE_CHECKING:
    import httpx2
    import openai

SENDS = 4
_RETRIED = frozenset({408, 409, 429})
_FIRST_WAIT, _LONGEST_WAIT, _LONGEST_RETRY_AFTER = 0.5, 8.0, 60.0
_TICK = 0.1
_CONNECT_SECONDS = 10.0
_HEADERS = frozenset(
    {"host", "accept", "accept-encoding", "connection", "content-type", "content-length", "user-agent"}
)
_AGENT = "rpdr-desk"
_CURES = {
    400: "the server does not accept the request: check the model's name, and that it takes a temperature",
    401: "check the key",
    403: "the key may not use this model, or this place is not served",
    404: "check the address and the model's name",
    413: "show fewer candidates or a shorter context",
    422: "the server does not accept the request: check the model's name",
}


class Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Reply(msgspec.Struct, frozen=True):
    """The teacher's words. `cut_off`: the answer hit the length limit; `refused`: a filter or the model declined."""

    content: str
    cut_off: bool = False
    refused: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Message(msgspec.Struct, frozen=True):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    message: _Message = field(default_factory=_Message)
    finish_reason: str | None = None


class _Completion(msgspec.Struct, frozen=True):
    choices: tuple[_Choice, ...]
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How the send loop waits between sends, in seconds. Tests make it quick."""

    first: float = _FIRST_WAIT
    longest: float = _LONGEST_WAIT
    retry_after: float = _LONGEST_RETRY_AFTER


class TeacherEndpoint:
    """Sends requests to one endpoint with one key. Thread-safe. `sends` counts every HTTP request made."""

    def __init__(self, endpoint: Endpoint, key: str, pace: Pace | None = None) -> None:
        self._target = target_of(endpoint)
        self._pace = pace or Pace()
        self._client = _client(endpoint, self._target, key)
        self.sends = 0

    def close(self) -> None:
        self._client.close()

    def ask(self, request: TeacherRequest, check: Callable[[], None]) -> Reply:
        """Send until there is an answer, at most `SENDS` times. Raises `EndpointError` with its cure."""
        for attempt in range(1, SENDS + 1):
            check()
            failure = self._send(request)
            if isinstance(failure, Reply):
                return failure
            if not failure.retried or attempt == SENDS:
                raise failure.error(attempt)
            _sleep(self._wait(attempt, failure.retry_after), check)
        raise AssertionError("unreachable")

    def _send(self, request: TeacherRequest) -> Reply | _Failure:
        import httpx2
        import openai

        self.sends += 1
        try:
            with allow_host(self._target.host, self._target.port):
                response = self._client.post(
                    "/chat/completions",
                    cast_to=httpx2.Response,
                    content=request.body,
                    options={"headers": {"Content-Type": "application/json"}},
                )
        except openai.APIStatusError as error:
            return _refused(error.status_code, error.code, error.response.headers.get("retry-after"))
        except openai.APITimeoutError:
            return _Failure("the teacher did not answer in time", "try again, or allow more time", retried=True)
        except openai.APIConnectionError:
            return _Failure("the teacher's server cannot be reached", "check the address and the network", retried=True)
        return _reply(response)

    def _wait(self, attempt: int, retry_after: float | None) -> float:
        if retry_after is not None:
            return min(retry_after, self._pace.retry_after)
        longest = min(self._pace.first * 2.0 ** (attempt - 1), self._pace.longest)
        return longest * (0.5 + random.random() / 2)  # noqa: S311 - spreads the sends, guards nothing


@dataclass(frozen=True, slots=True)
class _Failure:
    message: str
    hint: str
    retried: bool
    retry_after: float | None = None

    def error(self, sends: int) -> EndpointError:
        often = f" ({sends} attempts)" if sends > 1 else ""
        return EndpointError(self.message + often, hint=self.hint)


def _refused(status: int, code: object, retry_after: str | None) -> Reply | _Failure:
    """A status that is no success. The server's own words stay out: they may repeat the mention."""
    if status == 400 and code in ("content_filter", "content_policy_violation"):
        return Reply("", refused=True)
    if status == 429 and code == "insufficient_quota":
        return _Failure("the account has no credit left", "check the account's billing", retried=False)
    retried = status in _RETRIED or status >= 500
    hint = _CURES.get(status, "try again later" if retried else "check the address, the model and the key")
    return _Failure(f"the teacher's server answered {status}", hint, retried, _seconds(retry_after))


def _seconds(retry_after: str | None) -> float | None:
    try:
        return max(0.0, float(retry_after)) if retry_after else None
    except ValueError:
        return None


def _reply(response: httpx2.Response) -> Reply | _Failure:
    try:
        completion = msgspec.json.decode(response.content, type=_Completion)
    except msgspec.MsgspecError:
        return _Failure("the server's answer is no chat completion", "check the endpoint's address", retried=False)
    if not completion.choices:
        return _Failure("the server's answer holds no choice", "check the model's name", retried=False)
    choice, usage = completion.choices[0], completion.usage or Usage()
    return Reply(
        choice.message.content or choice.message.refusal or "",
        choice.finish_reason == "length",
        choice.message.refusal is not None or choice.finish_reason == "content_filter",
        usage.prompt_tokens,
        usage.completion_tokens,
    )


def _client(endpoint: Endpoint, target: Target, key: str) -> openai.OpenAI:
    try:
        import httpx2
        import openai
    except ImportError as error:
        hint = 'pip install "rpdr-desk[teacher]"'
        raise MissingExtraError("the library for the teacher is not installed", hint=hint) from error
    allowed = {"authorization": f"Bearer {key}"} if endpoint.kind == "openai" else {"api-key": key}
    if not key:
        allowed = {}

    def keep_only_ours(request: Any) -> None:
        for name in set(request.headers) - _HEADERS:
            del request.headers[name]
        request.headers.update(allowed | {"user-agent": _AGENT})

    http = httpx2.Client(
        trust_env=False,
        follow_redirects=False,
        timeout=httpx2.Timeout(endpoint.timeout, connect=min(_CONNECT_SECONDS, endpoint.timeout)),
        event_hooks={"request": [keep_only_ours]},
    )
    return openai.OpenAI(
        api_key=key or "none",
        base_url=f"{target.base_url}/",
        max_retries=0,
        timeout=endpoint.timeout,
        http_client=http,
    )


def _sleep(seconds: float, check: Callable[[], None]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        check()
        time.sleep(min(_TICK, left))
