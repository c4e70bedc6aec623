"""A teacher on this machine: a real HTTP server whose answers a test prescribes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Planned:
    """One HTTP answer. `content` is wrapped as a chat completion unless `body` is given; `think` makes it up from the
    last message of the request."""

    content: str | None = '{"order": [2, 1, 3], "verdict": "exact"}'
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    finish: str = "stop"
    refusal: str | None = None
    delay: float = 0.0
    think: Callable[[str], str] | None = None

    def bytes(self, request: bytes) -> bytes:
        if self.body is not None:
            return self.body
        content = self.think(json.loads(request)["messages"][-1]["content"]) if self.think else self.content
        message = {"role": "assistant", "content": content, "refusal": self.refusal}
        completion = {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": self.finish}],
            "usage": {"prompt_tokens": 321, "completion_tokens": 12, "total_tokens": 333},
        }
        return json.dumps(completion).encode()


@dataclass
class Received:
    path: str
    body: bytes
    headers: dict[str, str]


@dataclass
class TeacherServer:
    """Gives the planned answers in turn, the last one for ever. `received` holds every request's bytes."""

    plan: list[Planned] = field(default_factory=lambda: [Planned()])
    received: list[Received] = field(default_factory=list)
    port: int = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


def error_body(code: str, message: str = "no") -> bytes:
    return json.dumps({"error": {"code": code, "message": message, "type": "t"}}).encode()


@contextmanager
def teacher_server(*plan: Planned) -> Iterator[TeacherServer]:
    server = TeacherServer(list(plan) or [Planned()])
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                planned = server.plan[min(len(server.received), len(server.plan) - 1)]
                server.received.append(Received(self.path, body, {k.lower(): v for k, v in self.headers.items()}))
            time.sleep(planned.delay)
            content = planned.bytes(body)
            try:
                self.send_response(planned.status)
                for name, value in planned.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                # The client gave up waiting, as a test of timeouts wants.
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
