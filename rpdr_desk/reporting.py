"""Unexpected exceptions: what a report of them says, where crashes of the interpreter go, and who is told.

A report holds types, places in our code and versions. It holds no values, no local variables and no message of an
exception, since any of these may carry a patient's text, and no folder, since folders carry names of people.
"""

from __future__ import annotations

import contextlib
import faulthandler
import platform
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import TracebackType

import PySide6
from PySide6.QtCore import qVersion

from rpdr_core import __version__
from rpdr_core.errors import Cancelled, RpdrError
from rpdr_core.paths import log_dir

_OURS = ("rpdr_desk", "rpdr_core", "rpdr_worker", "rpdr_resources")
_CRASH_FRAME = re.compile(r'^\s+File "(?P<path>.*)", line (?P<line>\d+) in (?P<name>\S+)')
_CRASH_HEAD = re.compile(r"^(Fatal Python error: [\w ]+|Windows fatal exception: [\w ]+)")
_DEEPEST = 20
MOST_CRASHES = 100_000
"""Bytes of the file of crashes; a fuller one is begun anew."""


def machine_text() -> str:
    """Versions alone."""
    return "\n".join(_machine())


def report_text(error: BaseException) -> str:
    """The redacted report of one error and of those behind it."""
    return "\n".join([*_machine(), "", *_chain(error)])


def crash_text(crashes: Path) -> str:
    """What an earlier run left when the interpreter itself went down, redacted alike; empty if nothing."""
    try:
        lines = crashes.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    told: list[str] = []
    for line in lines:
        if frame := _CRASH_FRAME.match(line):
            told.append(f"  {_shortened(frame['path'])}:{frame['line']} {frame['name']}")
        elif head := _CRASH_HEAD.match(line):
            told.append(head[1])
    return "\n".join([*_machine(), "", *told]) if told else ""


def crash_file() -> Path:
    return log_dir() / "crash.log"


@contextlib.contextmanager
def crashes_kept(path: Path) -> Iterator[None]:
    """Meanwhile the interpreter writes there where it was when it goes down. Only the last crashes are kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    full = path.exists() and path.stat().st_size > MOST_CRASHES
    with path.open("w" if full else "a", encoding="utf-8") as stream:
        faulthandler.enable(stream)
        try:
            yield
        finally:
            faulthandler.disable()


def install_excepthook(show: Callable[[BaseException], object]) -> None:
    """Show what escapes from a slot; Qt itself carries on. What fails while that is shown goes to the console."""
    busy: list[BaseException] = []

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt) or busy:
            sys.__excepthook__(kind, error, trace)
        elif not issubclass(kind, Cancelled):
            busy.append(error)
            try:
                show(error)
            finally:
                busy.clear()

    sys.excepthook = hook


def _machine() -> list[str]:
    return [
        f"RPDR Desk {__version__}, Python {platform.python_version()}, Qt {qVersion()}, PySide6 {PySide6.__version__}",
        f"{platform.system()} {platform.release()} {platform.machine()}",
    ]


def _chain(error: BaseException) -> Iterator[str]:
    one: BaseException | None = error
    for _ in range(_DEEPEST):
        if one is None:
            return
        yield type(one).__name__ + (f" [{one.code}]" if isinstance(one, RpdrError) else "")
        yield from _frames(one.__traceback__)
        one = one.__cause__ or one.__context__


def _frames(trace: TracebackType | None) -> Iterator[str]:
    # Walked, not extracted: that would read source lines, and this wants none.
    for frame, line in traceback.walk_tb(trace):
        yield f"  {_shortened(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"


def _shortened(name: str) -> str:
    """Whose folder it lies in is nobody's business: from the package on is enough, else the file's name."""
    parts = (PureWindowsPath(name) if "\\" in name else PurePosixPath(name)).parts
    ours = [number for number, part in enumerate(parts) if part in _OURS]
    return "/".join(parts[ours[-1] :] if ours and _is_ours(parts, ours[-1]) else parts[-1:])


def _is_ours(parts: Sequence[str], at: int) -> bool:
    """Whether these are folders of the package. Anybody's folder may have its name, e.g. that of a checkout."""
    if at == 0:
        return True
    package = sys.modules.get(parts[at])
    file = getattr(package, "__file__", None)
    return file is not None and Path(file).parent.joinpath(*parts[at + 1 : -1]).is_dir()
