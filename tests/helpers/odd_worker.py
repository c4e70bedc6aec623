"""A real worker whose retrieval misbehaves: it prints, reads stdin, hangs, dies or waits, as the text asks.

Run as a program. The wire and its loop are the shipped ones; only the table of handlers is another.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
import warnings

from rpdr_core.protocol.messages import BuildIndex, Done, RetrievalState, Retrieve
from rpdr_core.records import Candidate, Provenance, Ranking
from rpdr_worker.egress import go_offline
from rpdr_worker.job import Job
from rpdr_worker.serve import run, socket_guard
from rpdr_worker.serve.dispatch import Handler

STATE = RetrievalState("f", 1, 1, 1, 1, "ready", "odd")


def retrieve(params: Retrieve, job: Job) -> Done:
    for mention in params.mentions:
        job.check()
        behave(mention.text)
        candidate = Candidate("H53.8", "Other visual disturbances", mention.text)
        job.partial(Ranking(mention.id, "retriever", (candidate,), Provenance("retriever", "odd", params.fingerprint)))
    return Done(len(params.mentions))


def behave(text: str) -> None:
    if text == "print":
        print("progress 50 %", flush=True)
        sys.__stdout__.write("more\n")  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]
        os.write(1, b'{"jsonrpc":"2.0","id":2,"result":{}}\n')
        ctypes.CDLL(None).puts(b"from C")
        subprocess.run(["/bin/echo", "from a child"], check=True)
        warnings.warn("from a library", stacklevel=1)
    elif text == "read stdin":
        assert sys.stdin.read() == ""
        assert os.read(0, 10) == b""
        assert subprocess.run(["/bin/cat"], check=True, capture_output=True).stdout == b""
    elif text == "die":
        print("out of luck", file=sys.stderr, flush=True)
        os._exit(7)
    elif text == "break":
        raise ValueError("blurry vision R eye")
    elif text == "hang":
        time.sleep(3600)


def build(_params: BuildIndex, job: Job) -> RetrievalState:
    """Works until it is cancelled."""
    for number in range(100_000):
        job.check()
        job.progress(number, 100_000)
        time.sleep(0.02)
    return STATE


def handlers() -> dict[str, Handler]:
    return {"retrieve": retrieve, "index.build": build}


if __name__ == "__main__":
    go_offline()
    socket_guard.install()
    run.build_handlers = handlers
    sys.exit(run.serve())
