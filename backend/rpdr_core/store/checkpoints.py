"""Moving what was committed from the write-ahead log into the file, so that no commit has to do it.

SQLite lets the commit that fills the log do this, which then takes as long as the drive needs: up to a second on a slow
one, for one decision in fifty. A connection of its own does it beside the writer, which goes on meanwhile
(https://www.sqlite.org/wal.html, "Checkpointing": PASSIVE waits for nobody and holds up nobody).
"""

from __future__ import annotations

from pathlib import Path

from rpdr_core.store.database import SMALL_CACHE_KIBIBYTES, Connection


class Checkpoints:
    """For a project that is open for writing in this process; may live in another thread than the writer."""

    def __init__(self, path: Path) -> None:
        self._connection = Connection(path, write=True, cache_kibibytes=SMALL_CACHE_KIBIBYTES)

    def run(self) -> int:
        """Move all that can be moved now; returns the pages still in the log, 0 also where there is no log."""
        row = self._connection.row("PRAGMA wal_checkpoint(PASSIVE)")
        _, logged, moved = row if row else (0, 0, 0)
        return max(0, int(logged) - int(moved))

    def close(self) -> None:
        self._connection.close()
