"""`python -m rpdr_worker`: serve one client on stdin and stdout."""

from __future__ import annotations

import sys

from rpdr_worker.egress import go_offline
from rpdr_worker.serve import socket_guard


def main() -> int:
    go_offline()
    socket_guard.install()
    from rpdr_worker.serve.run import serve

    return serve()


if __name__ == "__main__":
    sys.exit(main())
