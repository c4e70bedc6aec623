"""The worker's main loop: read the wire until it ends, then go quickly."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys

from rpdr_worker.serve.dispatch import Dispatcher
from rpdr_worker.serve.log import log_to_stderr
from rpdr_worker.serve.methods import build_handlers, describe_worker
from rpdr_worker.serve.stdio import end_process_after, take_stdio

GRACE = 1.2
"""Seconds that running work has to stop after the end of stdin, before the process ends without it."""


def serve() -> int:
    """Serve one client on stdin and stdout until either ends. Returns the exit code."""
    wire = take_stdio()
    log_to_stderr()
    faulthandler.enable(sys.stderr)
    dispatcher = Dispatcher(build_handlers(), describe_worker(), wire.write)
    try:
        while not dispatcher.stopped and (data := wire.read()):
            dispatcher.receive(data)
    except KeyboardInterrupt:
        pass
    end_process_after(GRACE + 0.3)
    if not dispatcher.close(GRACE):
        # Its threads may be deep in a library; nothing of theirs is kept that is not already on disk.
        logging.shutdown()
        os._exit(0)
    return 0
