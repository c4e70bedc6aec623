"""One HTTP request to an endpoint and what became of it. Nothing is taken from the environment, nothing sent twice.

Of the request's headers only those needed leave; a variable such as `OPENAI_BASE_URL`, `OPENAI_ORG_ID` or
`HTTPS_PROXY` changes neither address nor headers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rpdr_core.addresses import Address, address_of
from rpdr_core.errors import MissingExtraError
from rpdr_core.protocol.messages import Endpoint, Fate
from rpdr_worker.egress import allow_host

if TYPE_CHECKING:
    import openai

_CONNECT_SECONDS = 10.0
_HEADERS = frozenset(
    {"host", "accept", "accept-encoding", "connection", "content-type", "content-length", "user-agent"}
)
_AGENT = "rpdr-desk"
# Carries the content type past the library; it does not leave.
_FORM = "x-rpdr-content-type"
JSON = "application/json"
# A vendor's id for a request is printable and short; anything else is not kept.
_LONGEST_ID = 128


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request's fate, and the answer's body where there is one."""

    fate: Fate
    status: int = 0
    body: bytes = b""
    request_id: str = ""
    retry_after: str = ""
    timed_out: bool = False


class Connection:
    """A client for one endpoint with one key. Thread-safe."""

    def __init__(self, endpoint: Endpoint, key: str) -> None:
        self.address = address_of(endpoint.base_url, endpoint.kind)
        self._client = _client(endpoint, self.address, key)

    def close(self) -> None:
        self._client.close()

    def exchange(
        self, method: Literal["GET", "POST"], path: str, body: bytes = b"", content_type: str = JSON
    ) -> Exchange:
        """Send once. `path` is below the base URL."""
        import httpx2
        import openai

        try:
            with allow_host(self.address.host, self.address.port):
                response = self._request(method, path, body, content_type)
        except openai.APIStatusError as error:
            return _read("refused", error.response, error.response.content)
        except openai.APITimeoutError as error:
            reached = not isinstance(error.__cause__, httpx2.ConnectTimeout | httpx2.PoolTimeout)
            return Exchange("no_answer" if reached else "unreached", timed_out=True)
        except openai.APIConnectionError as error:
            return Exchange("unreached" if isinstance(error.__cause__, httpx2.ConnectError) else "no_answer")
        except httpx2.HTTPError:
            return Exchange("no_answer")
        return _read("answered", response, response.content)

    def _request(self, method: str, path: str, body: bytes, content_type: str) -> Any:
        import httpx2

        if method == "GET":
            return self._client.get(path, cast_to=httpx2.Response)
        # The library insists on writing forms itself; ours must be the bytes whose hash is in the ledger.
        options: Any = {"headers": {"Content-Type": JSON, _FORM: content_type}}
        return self._client.post(path, cast_to=httpx2.Response, content=body, options=options)


def _read(fate: Fate, response: Any, body: bytes) -> Exchange:
    headers = response.headers
    named = headers.get("x-request-id") or headers.get("apim-request-id") or ""
    request_id = named if named.isascii() and named.isprintable() and len(named) <= _LONGEST_ID else ""
    return Exchange(fate, response.status_code, body, request_id, headers.get("retry-after") or "")


def _client(endpoint: Endpoint, address: Address, key: str) -> openai.OpenAI:
    try:
        import httpx2
        import openai
    except ImportError as error:
        hint = 'pip install "rpdr-desk[teacher]"'
        raise MissingExtraError("the library for the teacher is not installed", hint=hint) from error
    allowed = {"api-key": key} if endpoint.kind == "azure" else {"authorization": f"Bearer {key}"}
    if not key:
        allowed = {}

    def keep_only_ours(request: Any) -> None:
        if _FORM in request.headers:
            request.headers["content-type"] = request.headers[_FORM]
        for name in set(request.headers) - _HEADERS:
            del request.headers[name]
        request.headers.update(allowed | {"user-agent": _AGENT})

    timeout = httpx2.Timeout(endpoint.timeout, connect=min(_CONNECT_SECONDS, endpoint.timeout))
    http = httpx2.Client(
        trust_env=False,
        follow_redirects=False,
        timeout=timeout,
        event_hooks={"request": [keep_only_ours]},
    )
    return openai.OpenAI(
        api_key=key or "none",
        base_url=f"{address.base_url}/",
        max_retries=0,
        timeout=timeout,
        http_client=http,
    )
