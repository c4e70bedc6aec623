"""What ssh and the host's shell report, as errors of our tree.

ssh has one exit code (255) for all its own failures, so its words, which are not translated, tell them apart here and
nowhere else; 126 and 127 are the shell's: the command cannot be run, or is not there.
"""

from __future__ import annotations

from rpdr_core.errors import HostError, HostKeyError, RpdrError, WorkerLostError
from rpdr_core.protocol.faults import ProtocolError
from rpdr_core.protocol.process import WorkerProcess

SSH_FAILED = 255
_NOT_FOUND = (126, 127)


def explained(error: RpdrError, process: WorkerProcess, host: str, command: str) -> RpdrError:
    """The error to raise for a connection that did not come about; one that is clear already stays."""
    if not isinstance(error, WorkerLostError | ProtocolError):
        return error
    return of_words(process.exit_code, process.last_words, host, command) or error


def of_words(code: int | None, words: tuple[str, ...], host: str, command: str) -> RpdrError | None:
    """The error for an exit code and the last lines of stderr; None where ssh and the shell did their work."""
    if code in _NOT_FOUND:
        return HostError(
            f"host {host} cannot run {command!r}",
            hint="install rpdr-desk[worker] there, and give its full path: rpdr host add --command",
        )
    if code != SSH_FAILED:
        return None
    said = "\n".join(words)
    if "HOST IDENTIFICATION HAS CHANGED" in said:
        return HostKeyError(
            f"host {host} shows another key than the one that was confirmed; nothing was sent",
            hint="ask its administrator why; if it is right: rpdr host remove, then rpdr host add",
        )
    if "Host key verification failed" in said or "host key is known" in said:
        return HostKeyError(
            f"the key of host {host} was never confirmed; nothing was sent",
            hint="rpdr host add shows its fingerprint and asks",
        )
    if "Permission denied" in said:
        return HostError(
            f"host {host} does not let you in",
            hint="load your key into ssh-agent, or name it: rpdr host add --identity",
        )
    last = next((line for line in reversed(words) if line.strip()), "ssh gave no reason")
    return HostError(f"host {host} cannot be reached: {last}", hint="check name, port and network")
