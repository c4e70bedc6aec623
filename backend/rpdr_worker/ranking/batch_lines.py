"""The files of a batch: requests out, one JSON object a line, and answers back. Each line bears its request's key.

The key is the one under which the answer cache keeps an answer, so a fetched file needs nothing else to be used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from rpdr_worker.ranking.reply import Reply, Usage, completion, usage_of
from rpdr_worker.ranking.teacher_request import TeacherRequest

ENDPOINT = "/v1/chat/completions"
_KEY = re.compile(r"[0-9a-f]{64}")


class _Response(msgspec.Struct, frozen=True):
    status_code: int = 0
    body: msgspec.Raw = msgspec.Raw(b"{}")


class _Line(msgspec.Struct, frozen=True):
    custom_id: str
    response: _Response | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """One line of a result file that holds an answer."""

    key: str
    reply: Reply


def batch_file(requests: Sequence[TeacherRequest]) -> bytes:
    """The upload. The body of each line is the previewed body, byte for byte."""
    return b"".join(_line(request) for request in requests)


def _line(request: TeacherRequest) -> bytes:
    head = json.dumps({"custom_id": request.key, "method": "POST", "url": ENDPOINT}, separators=(",", ":"))
    return head[:-1].encode() + b',"body":' + request.body + b"}\n"


def multipart(content: bytes, name: str) -> tuple[bytes, str]:
    """A form with the file and its purpose, and its content type. `name` is also the boundary."""
    head = (
        f'--{name}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
        f'--{name}\r\nContent-Disposition: form-data; name="file"; filename="{name}.jsonl"\r\n'
        "Content-Type: application/jsonl\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{name}--\r\n".encode(), f"multipart/form-data; boundary={name}"


def answers_in(content: bytes) -> Iterator[Answered]:
    """The usable lines of a result file. A line that is none of ours, or failed, is passed over."""
    for line in _lines(content):
        if line.response is None or line.response.status_code != 200 or not _KEY.fullmatch(line.custom_id):
            continue
        reply = completion(bytes(line.response.body))
        if isinstance(reply, Reply):
            yield Answered(line.custom_id, reply)


def usage_of_lines(content: bytes) -> Usage:
    """What the endpoint bills for all lines together; nothing where no line says so."""
    found = [usage_of(bytes(line.response.body)) for line in _lines(content) if line.response is not None]
    prompts = [usage.prompt_tokens for usage in found if usage.prompt_tokens is not None]
    completions = [usage.completion_tokens for usage in found if usage.completion_tokens is not None]
    return Usage(sum(prompts) if prompts else None, sum(completions) if completions else None)


def _lines(content: bytes) -> Iterator[_Line]:
    for line in content.splitlines():
        try:
            yield msgspec.json.decode(line, type=_Line)
        except (msgspec.MsgspecError, RecursionError):
            continue
