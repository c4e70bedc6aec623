"""sqlite-utils and the driver it chose, without pandas.

sqlite-utils loads pandas wherever it is installed, only to know one more column type: 120 MiB and most of a second
in every process that opens a project. Nothing here hands it a data frame, so it is told that there is none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Database", "Migrations", "sqlite3"]


@contextmanager
def _without(module: str) -> Iterator[None]:
    """`import module` fails in the block, unless it is loaded already: then nothing is saved by it."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # how Python's own import says "not there"
    try:
        yield
    finally:
        del sys.modules[module]


with _without("pandas"):
    from sqlite_utils import Database, Migrations
    from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]
