"""Records the transcripts beside this file from real workers: `python tests/wire/record.py`.

One JSON object a line: `from` is `client` or `worker`, `line` is what it wrote. Record anew when the protocol
changes, and read the difference: it is what an outside implementer will have to change.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from helpers import odd_worker  # noqa: E402

from rpdr_core.knowledge_base.catalogue import read_manifest, write_catalogue  # noqa: E402
from rpdr_core.protocol import codec  # noqa: E402
from rpdr_core.protocol.messages import (  # noqa: E402
    PROTOCOL_VERSION,
    BuildIndex,
    Empty,
    Forget,
    Initialize,
    KnowledgeBaseRef,
    MentionText,
    NearestTexts,
    OpenRetrieval,
    Remember,
    Retrieve,
)
from rpdr_core.protocol.process import worker_command  # noqa: E402
from rpdr_core.records import Entity, MemoryTerm  # noqa: E402

HELLO = codec.request_line(1, "initialize", Initialize(PROTOCOL_VERSION, "transcript", 4321))
ENTITIES = [
    Entity("H25.1", "Age-related nuclear cataract", ("nuclear sclerosis cataract",)),
    Entity("H53.8", "Other visual disturbances", ("blurred vision",)),
    Entity("H54.6", "Unqualified visual loss, one eye"),
]


class Recorder:
    """A worker process and what is said to it and by it."""

    def __init__(self, command: list[str], home: Path) -> None:
        environment = {**os.environ, "RPDR_HOME": str(home / "home")}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        self._home = home
        self.entries: list[dict[str, str]] = []

    def say(self, line: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()
        self._keep("client", line)

    def hear(self) -> dict[str, object]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self._keep("worker", line)
        frame: dict[str, object] = json.loads(line)
        return frame

    def hear_end(self) -> None:
        while "method" in self.hear():
            pass

    def ask(self, number: int, method: str, params: object) -> None:
        self.say(codec.request_line(number, method, params))
        self.hear_end()

    def close(self) -> None:
        self._process.communicate(timeout=30)

    def _keep(self, side: str, line: bytes) -> None:
        self.entries.append({"from": side, "line": line.decode("ascii").rstrip("\n").replace(str(self._home), "/rpdr")})


def handshake(record: Recorder) -> None:
    record.say(HELLO)
    record.hear_end()
    record.ask(2, "shutdown", Empty())


def other_protocol(record: Recorder) -> None:
    record.say(b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocol":99,"client":"x","extra":true}}\n')
    record.hear_end()
    record.ask(2, "retrieval.state", BuildIndex("f"))


def broken_requests(record: Recorder) -> None:
    record.say(HELLO)
    record.hear_end()
    for line in (
        b'{"jsonrpc":"2.0","id":2,"method":"retrieve.everything","params":{}}',
        b'{"jsonrpc":"2.0","id":3,"method":"retrieve","params":{"fingerprint":"f","mentions":[{"id":"1","text":"a"}]}}',
        b'{"jsonrpc":"2.0","id":4,"method":"retrieve","params":{"fingerprint":"f","mentions":[],"speed":9}}',
        b'{"jsonrpc":"2.0","id":4,"method":"shutdown","params":{}}',
        b'{"jsonrpc":"2.0","id":5,"method":"retrieve"',
        b'{"jsonrpc":"2.0","method":"$/progress","params":{"id":2,"done":1,"total":2}}',
    ):
        record.say(line + b"\n")
        record.hear_end()
    record.ask(6, "retrieval.state", BuildIndex("f" * 64))


def cancel(record: Recorder) -> None:
    record.say(HELLO)
    record.hear_end()
    record.say(codec.request_line(2, "index.build", BuildIndex("f")))
    record.hear()
    record.hear()
    record.say(codec.cancel_line(2))
    record.hear_end()
    # Too late, and harmless.
    record.say(codec.cancel_line(2))
    record.ask(3, "retrieve", Retrieve("f", (MentionText(1, "白内障术后"),)))


def retrieval(record: Recorder, home: Path) -> None:
    folder = write_catalogue(home, ENTITIES, id="eye", title="Eye", version="1", source="transcript")
    fingerprint = read_manifest(folder).info.fingerprint
    record.say(HELLO)
    record.hear_end()
    reference = KnowledgeBaseRef(fingerprint, str(folder))
    record.ask(2, "retrieval.open", OpenRetrieval(reference))
    mentions = (MentionText(1, "blurry vision R eye", "seen with blurry vision R eye"), MentionText(2, "白内障术后"))
    record.ask(3, "retrieve", Retrieve(fingerprint, mentions, k=3, mode="lexical"))
    record.ask(4, "memory.remember", Remember(fingerprint, (MemoryTerm("白内障术后", "H25.1", 7),)))
    record.ask(5, "retrieve", Retrieve(fingerprint, mentions[1:], k=3, mode="lexical"))
    record.ask(6, "memory.forget", Forget(fingerprint, (7,)))
    record.ask(7, "retrieval.state", BuildIndex(fingerprint))
    pool = ("myopia", "blurred vision", "白内障手术后")
    record.ask(8, "texts.nearest", NearestTexts(fingerprint, ("blurry vision R eye", "白内障术后"), pool, k=2))
    record.ask(9, "retrieve", Retrieve(fingerprint, mentions[:1], k=3, mode="lexical", scope="H54.6 OR H25.1"))
    record.ask(10, "retrieve", Retrieve(fingerprint, mentions[:1], scope="H54.7"))
    record.ask(11, "retrieve", Retrieve(fingerprint, mentions[:1], scope="H54.6 H25.1"))


def record_one(name: str, command: list[str], talk: Callable[[Recorder, Path], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        record = Recorder(command, home)
        talk(record, home)
        record.close()
        lines = [json.dumps(entry) for entry in record.entries]
        (HERE / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


def main() -> None:
    odd = [sys.executable, "-P", str(Path(odd_worker.__file__))]
    record_one("handshake", worker_command(), lambda record, _home: handshake(record))
    record_one("other_protocol", worker_command(), lambda record, _home: other_protocol(record))
    record_one("broken_requests", worker_command(), lambda record, _home: broken_requests(record))
    record_one("cancel", odd, lambda record, _home: cancel(record))
    record_one("retrieval", worker_command(), retrieval)


if __name__ == "__main__":
    main()
