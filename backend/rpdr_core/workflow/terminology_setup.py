"""What a terminology needs once before it can be searched, made in a process of its own.

ICD-10-CM's catalogue at first use and the index of the search take seconds of the processor and 400 MiB, which the
process that makes them keeps. The window asks for them here, so that it loses neither the one nor the other.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.errors import Cancelled, NotFoundError, WireError, WorldError, from_wire, to_wire
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.process import own_command
from rpdr_core.store.search_index import LexiconPair, ensure_index

HINT = "close other programs and open the project again; the index is made anew"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the other process is told. `references`: tried in order until the library below `root` opens one.
    `folder`: of a catalogue whose index is wanted, with the lexicon's terms in it.
    """

    root: str = ""
    references: tuple[str, ...] = ()
    folder: str = ""
    lexicon: tuple[tuple[str, tuple[str, ...]], ...] = ()


class TerminologySetup:
    """Runs one thing at a time and waits for it; `stop` comes from another thread and ends it with `Cancelled`.

    What the other process cannot do is raised here. Two at once, in whatever process, do no harm: what they make
    appears whole, under one name, and is the same.
    """

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = list(command) or own_command(__name__)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def catalogue(self, library: Library, *references: str) -> None:
        """See to it that opening the first of these that the library knows makes nothing any more."""
        if not any(map(library.is_made, references)):
            self._run(Wanted(root=str(library.root), references=references))

    def index(self, folder: Path, lexicon: Sequence[LexiconPair]) -> None:
        """Make the index of a catalogue's search, with these terms in it."""
        pairs = tuple((term, tuple(codes)) for term, codes in lexicon)
        self._run(Wanted(folder=str(folder), lexicon=pairs))

    def stop(self) -> None:
        """End what is under way, and whatever is asked for later. Does not wait."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def _run(self, wanted: Wanted) -> None:
        with self._lock:
            if self._stopped:
                raise Cancelled("stopped")
            try:
                process = self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
            except OSError as error:
                raise WorldError("the terminology's search index cannot be made", hint=HINT) from error
        told, words = process.communicate(msgspec.json.encode(wanted))
        with self._lock:
            self._process = None
            if self._stopped:
                raise Cancelled("stopped")
        if told:
            raise from_wire(msgspec.json.decode(told, type=WireError))
        if process.returncode:
            last = words.decode("utf-8", "replace").strip().rpartition("\n")[2]
            hint = f"its last words: {last}" if last else HINT
            raise WorldError("the terminology's search index cannot be made", hint=hint)


def make(wanted: Wanted) -> None:
    """What is wanted, in this process. References that the library does not know are for the other side to tell of."""
    library = Library(Path(wanted.root) if wanted.root else None)
    for reference in wanted.references:
        with suppress(NotFoundError):
            library.open(reference)
            break
    if wanted.folder:
        ensure_index(Path(wanted.folder), wanted.lexicon).close()


def main() -> int:
    """The other process: what is wanted on stdin; on stdout nothing, or the error."""
    # What a library prints is no answer.
    answer, sys.stdout = sys.stdout.buffer, sys.stderr
    try:
        make(msgspec.json.decode(sys.stdin.buffer.read(), type=Wanted))
    except Exception as error:  # noqa: BLE001 - raised again in the process that asked
        answer.write(msgspec.json.encode(to_wire(error)))
        answer.flush()
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
