"""`rpdr` in a process of its own with short chunks, so that a short file has many: for runs that a test disturbs."""

from __future__ import annotations

import sys

CHUNK = 100


def run() -> None:
    from rpdr_core.cli import link, main

    link.CHUNK = CHUNK  # type: ignore[misc]
    main(sys.argv[1:])


if __name__ == "__main__":
    run()
