"""Every error that RPDR Desk raises on purpose.

::

    RpdrError
    ├── UserInputError        the user can cure it: message, hint, file, line
    │   ├── FileFormatError       a file is not what its reader expects
    │   ├── NotFoundError         a code, path, project or knowledge base does not exist
    │   └── NotAllowedError       the request is understood and refused (consent, leak, newer schema)
    │       ├── EgressRefusedError    a connection that nobody permitted (the worker's egress)
    │       └── HostKeyError          a host whose key is unknown or has changed
    ├── WorldError            disk, process, network, memory; `retryable` says whether to try again
    │   ├── DamagedFileError      a stored file fails its hash or integrity check
    │   ├── MissingExtraError     an optional library is not installed
    │   ├── WorkerLostError       the worker process went away
    │   ├── HostError             another machine cannot be reached, or cannot run the worker
    │   ├── ProtocolError         a line that is not of the wire (protocol.faults)
    │   └── EndpointError         the teacher's endpoint refused or failed
    ├── Cancelled             somebody asked to stop; shown to nobody
    └── Bug                   our fault; goes into a crash report

Each leaf has a stable `code`. The same code crosses the wire (`to_wire`, `from_wire`): errors are told
apart by code, never by the words of a message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


def remark(text: str) -> str:
    """Marks a sentence that is for the user's eyes and no error, so that translators find it."""
    return text


class RpdrError(Exception):
    """Base of all errors.

    `message` says what is wrong, `hint` how to cure it, `file` and `line` (1-based) where it is.
    """

    code: ClassVar[str] = "rpdr"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "", file: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.file = file
        self.line = line

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file and self.line else f"{self.file}: " if self.file else ""
        return f"{place}{self.message}" + (f" ({self.hint})" if self.hint else "")


class UserInputError(RpdrError):
    code = "input"


class FileFormatError(UserInputError):
    code = "input.format"


class NotFoundError(UserInputError):
    code = "input.not_found"


class NotAllowedError(UserInputError):
    code = "input.not_allowed"


class HostKeyError(NotAllowedError):
    code = "input.not_allowed.host_key"


class WorldError(RpdrError):
    code = "world"
    retryable = True


class DamagedFileError(WorldError):
    code = "world.damaged"
    retryable = False


class MissingExtraError(WorldError):
    code = "world.missing_extra"
    retryable = False


class WorkerLostError(WorldError):
    code = "world.worker_lost"


class HostError(WorldError):
    code = "world.host"


class EndpointError(WorldError):
    code = "world.endpoint"


class Cancelled(RpdrError):  # noqa: N818 - a cancelled job is no error to its user
    code = "cancelled"


class Bug(RpdrError):  # noqa: N818 - the word says it
    code = "bug"


@dataclass(frozen=True, slots=True)
class WireError:
    """An error as it crosses the wire."""

    code: str
    message: str
    hint: str = ""
    file: str = ""
    line: int = 0


def _leaves(cls: type[RpdrError]) -> dict[str, type[RpdrError]]:
    """By code. A refinement without a code of its own stays where it is raised: no other side knows it."""
    found = {cls.code: cls} if "code" in vars(cls) else {}
    for child in cls.__subclasses__():
        found |= _leaves(child)
    return found


def to_wire(error: BaseException) -> WireError:
    """Render any exception for the wire; one that is not ours becomes a `bug` with its type's name only.

    The text of a foreign exception may hold mention text, so it stays out of the message.
    """
    if isinstance(error, RpdrError):
        return WireError(error.code, error.message, error.hint, error.file, error.line)
    return WireError(Bug.code, f"unexpected {type(error).__name__}")


def from_wire(error: WireError) -> RpdrError:
    """Rebuild the near side's exception; an unknown code becomes its nearest known parent, at last a `Bug`."""
    known = _leaves(RpdrError)
    code = error.code
    while code not in known and "." in code:
        code = code.rpartition(".")[0]
    cls = known.get(code, Bug)
    return cls(error.message, hint=error.hint, file=error.file, line=error.line)
