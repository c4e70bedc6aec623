"""What is sent to the teacher: one URL and one body, built once, as bytes. Preview and send share them."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from rpdr_core.errors import NotAllowedError, UserInputError
from rpdr_core.protocol.messages import Endpoint, PromptPreview, RankItem
from rpdr_worker.ranking.prompts import Template, render

_OPENAI = "api.openai.com"
_AZURE_PATH = "/openai/v1"
# An order of 25 numbers and a verdict take about 100 tokens; the rest is for models that think aloud.
_LONGEST_ANSWER = 1024
TEMPERATURE = 0


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go: `base_url` without a slash at its end, its host and port."""

    base_url: str
    host: str
    port: int

    @property
    def url(self) -> str:
        return f"{self.base_url}/chat/completions"


@dataclass(frozen=True, slots=True)
class TeacherRequest:
    """The exact bytes of one request. `key` names the pair of URL and body (SHA-256, hex)."""

    url: str
    body: bytes

    @property
    def key(self) -> str:
        return hashlib.sha256(self.url.encode() + b"\n" + self.body).hexdigest()

    def preview(self) -> PromptPreview:
        return PromptPreview(self.url, self.body.decode("utf-8"), hashlib.sha256(self.body).hexdigest())


def target_of(endpoint: Endpoint) -> Target:
    """The endpoint's address, checked: http or https, and plain http on this machine only."""
    base = endpoint.base_url.strip().rstrip("/")
    parts = urlsplit(base)
    try:
        port = parts.port
    except ValueError as error:
        raise UserInputError("the endpoint's port is not a number", hint="check the address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UserInputError("the endpoint's address is not a web address", hint="such as https://api.openai.com/v1")
    if parts.username or parts.password:
        raise UserInputError("the endpoint's address holds a name or password", hint="give the key as the key")
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise NotAllowedError(
            "mentions would cross the network unencrypted", hint="use https, or a server on this machine"
        )
    if endpoint.kind == "azure" and not parts.path:
        base += _AZURE_PATH
    return Target(base, parts.hostname, port or (443 if parts.scheme == "https" else 80))


def build_request(endpoint: Endpoint, template: Template, item: RankItem) -> TeacherRequest:
    """Render the template for one item and fix the bytes of the request."""
    if len(item.candidates) < 1:
        raise UserInputError("there are no candidates to rank", hint="retrieve candidates first")
    target = target_of(endpoint)
    body: dict[str, object] = {
        "model": endpoint.model,
        "messages": [{"role": message.role, "content": message.content} for message in render(template, item)],
        "temperature": TEMPERATURE,
    }
    if target.host == _OPENAI:
        # Other servers refuse fields that they do not know.
        body |= {"max_completion_tokens": _LONGEST_ANSWER, "store": False}
    else:
        body["max_tokens"] = _LONGEST_ANSWER
    return TeacherRequest(target.url, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))


def parameters_of(endpoint: Endpoint) -> str:
    """Parameters that shape the answer, for a ranking's provenance. No key, no address beyond the host."""
    target = target_of(endpoint)
    return json.dumps(
        {"host": target.host, "kind": endpoint.kind, "temperature": TEMPERATURE, "max_tokens": _LONGEST_ANSWER},
        sort_keys=True,
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
