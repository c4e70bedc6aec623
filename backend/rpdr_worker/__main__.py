"""`python -m rpdr_worker`: serve one client on stdin and stdout. `.. run FOLDER`: be the process of a training run."""

from __future__ import annotations

import sys
from pathlib import Path

from rpdr_worker.egress import go_offline
from rpdr_worker.serve import socket_guard


def main() -> int:
    go_offline()
    socket_guard.install()
    match sys.argv[1:]:
        case ["run", folder]:
            return train(Path(folder))
        case []:
            from rpdr_worker.serve.run import serve

            return serve()
    print("usage: python -m rpdr_worker [run FOLDER]", file=sys.stderr)  # noqa: T201 - a person started it by hand
    return 2


def train(folder: Path) -> int:
    from rpdr_worker.runs.process import run
    from rpdr_worker.serve.log import log_to_stderr

    log_to_stderr()
    return run(folder)


if __name__ == "__main__":
    sys.exit(main())
