"""A teacher on this machine: a real HTTP server whose answers and faults a test prescribes."""

from __future__ import annotations

import itertools
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

CHAT = "/v1/chat/completions"


@dataclass(frozen=True)
class Planned:
    """One HTTP answer. `content` is wrapped as a chat completion unless `body` is given; `think` makes it up from the
    last message of the request. `fault`: `hang` holds the answer back until the client leaves, `reset` cuts the
    connection after the request was read, `torn` cuts it in the middle of the answer.
    """

    content: str | None = '{"order": [2, 1, 3], "verdict": "exact"}'
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    finish: str = "stop"
    refusal: str | None = None
    delay: float = 0.0
    think: Callable[[str], str] | None = None
    fault: Literal["", "hang", "reset", "torn"] = ""
    usage: tuple[int, int] | None = (321, 12)

    def bytes(self, request: bytes) -> bytes:
        return self.body if self.body is not None else json.dumps(self.completion(json.loads(request))).encode()

    def completion(self, request: dict[str, Any]) -> dict[str, Any]:
        content = self.think(request["messages"][-1]["content"]) if self.think else self.content
        message = {"role": "assistant", "content": content, "refusal": self.refusal}
        completion: dict[str, Any] = {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": self.finish}],
        }
        if self.usage is not None:
            prompt, answer = self.usage
            completion["usage"] = {
                "prompt_tokens": prompt,
                "completion_tokens": answer,
                "total_tokens": prompt + answer,
            }
        return completion


@dataclass
class Received:
    path: str
    body: bytes
    headers: dict[str, str]
    method: str = "POST"


@dataclass
class TeacherServer:
    """Gives the planned answers in turn, the last one for ever. `received` holds every request's bytes.

    Batches are answered beside the plan: `looks` polls see them at work, then they are done. `batch_faults` are what
    the next requests of the batch interface get instead, by their path's beginning.
    """

    plan: list[Planned] = field(default_factory=lambda: [Planned()])
    received: list[Received] = field(default_factory=list)
    port: int = 0
    looks: int = 1
    files: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    batch_faults: dict[str, Planned] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def chats(self) -> list[Received]:
        return [one for one in self.received if one.path == CHAT]

    def take(self, received: Received) -> Planned:
        """Note a request and choose its answer."""
        with self.lock:
            if received.path == CHAT:
                planned = self.plan[min(len(self.chats), len(self.plan) - 1)]
            else:
                planned = self._batch_fault(received) or Planned(body=self._batch(received))
            self.received.append(received)
            return planned

    def _batch_fault(self, received: Received) -> Planned | None:
        name = next((name for name in self.batch_faults if f"{received.method} {received.path}".startswith(name)), None)
        if name is None:
            return None
        planned = self.batch_faults.pop(name)
        if planned.fault:
            self._batch(received)
        return planned

    def _batch(self, received: Received) -> bytes:
        parts = received.path.partition("?")[0].removeprefix("/v1/").split("/")
        if received.method == "POST" and parts == ["files"]:
            return json.dumps(self._upload(received)).encode()
        if received.method == "POST" and parts == ["batches"]:
            return json.dumps(self._create(json.loads(received.body))).encode()
        if parts == ["batches"]:
            return json.dumps({"object": "list", "data": list(self.batches.values())}).encode()
        if parts[0] == "batches":
            return json.dumps(self._look(parts[1])).encode()
        return self.files[parts[1]]

    def _upload(self, received: Received) -> dict[str, Any]:
        boundary = received.headers["content-type"].partition("boundary=")[2].encode()
        file = received.body.split(b"--" + boundary)[2].split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")
        name = f"file-{len(self.files) + 1}"
        self.files[name] = file
        return {"id": name, "object": "file", "purpose": "batch"}

    def _create(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = f"batch_{len(self.batches) + 1}"
        total = len(self.files[asked["input_file_id"]].splitlines())
        self.batches[name] = {
            "id": name,
            "object": "batch",
            "status": "validating",
            "input_file_id": asked["input_file_id"],
            "output_file_id": None,
            "metadata": asked.get("metadata"),
            "request_counts": {"total": total, "completed": 0, "failed": 0},
            "looks": 0,
        }
        return self.batches[name]

    def _look(self, name: str) -> dict[str, Any]:
        batch = self.batches[name]
        batch["looks"] += 1
        batch["status"] = "in_progress"
        if batch["looks"] > self.looks:
            self._finish(batch)
        return batch

    def _finish(self, batch: dict[str, Any]) -> None:
        planned = itertools.chain(self.plan, itertools.repeat(self.plan[-1]))
        lines = []
        for line, plan in zip(self.files[batch["input_file_id"]].splitlines(), planned, strict=False):
            asked = json.loads(line)
            response = {"status_code": plan.status, "request_id": "r", "body": plan.completion(asked["body"])}
            lines.append(json.dumps({"id": "b", "custom_id": asked["custom_id"], "response": response, "error": None}))
        output = f"{batch['id']}-output"
        # Results come in any order.
        self.files[output] = ("\n".join(reversed(lines)) + "\n").encode()
        batch |= {"status": "completed", "output_file_id": output}
        batch["request_counts"]["completed"] = len(lines)


def error_body(code: str, message: str = "no") -> bytes:
    return json.dumps({"error": {"code": code, "message": message, "type": "t"}}).encode()


def mention_of(body: bytes) -> str:
    """The mention that a request asks about."""
    found = re.search(r"^Mention: (.*)$", json.loads(body)["messages"][-1]["content"], re.M)
    assert found is not None
    return found[1]


class _Handler(BaseHTTPRequestHandler):
    """Bound to a server's plan by `_http`."""

    planner: TeacherServer
    closing: threading.Event

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self) -> None:
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        headers = {k.lower(): v for k, v in self.headers.items()}
        planned = self.planner.take(Received(self.path, body, headers, self.command))
        time.sleep(planned.delay)
        if planned.fault == "hang":
            self.closing.wait(60)
        if planned.fault in ("hang", "reset"):
            self._cut()
            return
        content = planned.bytes(body)
        try:
            self.send_response(planned.status)
            for name, value in planned.headers:
                self.send_header(name, value)
            self.send_header("x-request-id", f"req-{len(self.planner.received)}")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if planned.fault == "torn" else content)
        except OSError:
            # The client gave up waiting, as a test of timeouts wants.
            self.close_connection = True
        if planned.fault == "torn":
            self._cut()

    def _cut(self) -> None:
        """No farewell: the client sees its connection reset."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def shutdown_request(self, request: Any) -> None:
        try:
            super().shutdown_request(request)
        except OSError:
            self.close_request(request)


@contextmanager
def teacher_server(*plan: Planned) -> Iterator[TeacherServer]:
    server = TeacherServer(list(plan) or [Planned()])
    closing = threading.Event()
    handler = type("Handler", (_Handler,), {"planner": server, "closing": closing})
    http = _Http(("127.0.0.1", 0), handler)
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        closing.set()
        http.shutdown()
        http.server_close()
        thread.join()
