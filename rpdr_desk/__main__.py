"""`rpdr-desk [PROJECT]` opens the window."""

from __future__ import annotations

import argparse
import faulthandler
import sys
import time
from collections.abc import Sequence

STARTED = time.perf_counter()


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="rpdr-desk", description="Review mentions and their candidates.")
    made.add_argument("project", nargs="?", help="a .rpdr file, or `sample` for the sample project")
    made.add_argument("--theme", choices=("auto", "light", "dark"), help="for this run only")
    made.add_argument("--language", choices=("auto", "en", "zh_CN"), help="for this run only")
    made.add_argument("--size", metavar="WxH", help="size of the window, e.g. 1440x900")
    made.add_argument("--mention", type=int, metavar="N", help="show mention N")
    made.add_argument(
        "--page",
        choices=(
            "review",
            "teach",
            "train",
            "compare",
            "adjudicate",
            "lint",
            "dashboard",
            "terminologies",
            "import",
            "export",
        ),
        help="show this page of the project",
    )
    made.add_argument("--screenshot", metavar="FILE", help="save a picture of the window when it is ready, then exit")
    made.add_argument("--startup-report", metavar="FILE", help="write the milliseconds to a usable window, as JSON")
    made.add_argument("--exit-when-ready", action="store_true", help="close the window as soon as it is usable")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    if sys.stderr is not None:
        faulthandler.enable()
    # sqlite-utils takes numpy where it finds it; the desk has no use for it and would start later.
    sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]
    from rpdr_desk.run import run

    return run(options, STARTED)


if __name__ == "__main__":
    raise SystemExit(main())
