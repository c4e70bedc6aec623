"""Hosts: other machines with this program, reached through the system's own `ssh`.

A host is a line in `hosts.json` beside the user's settings. Its key is confirmed once by its fingerprint and kept in a
`known_hosts` of our own, under a name of our own (`HostKeyAlias`), so that the user's file is neither read nor written.
After that every connection is strict: another key is refused before anything is sent.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from rpdr_core.errors import DamagedFileError, NotAllowedError, NotFoundError, RpdrError, UserInputError, WorldError
from rpdr_core.paths import config_dir
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.process import WorkerProcess
from rpdr_core.protocol.run_messages import Cluster, Launcher
from rpdr_core.workflow.ssh_errors import explained

COMMAND = "rpdr worker"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SECONDS = 30.0
_OPTIONS = (
    "BatchMode=yes",
    "GlobalKnownHostsFile=none",
    "UpdateHostKeys=no",
    "ConnectTimeout=10",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=3",
    "ForwardAgent=no",
    "ForwardX11=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "ControlPath=none",
    "LogLevel=ERROR",
)
"""No question at a terminal, no forwarding, no sharing of a connection that others have opened; dead after 45 s."""


@dataclass(frozen=True, slots=True)
class Host:
    """`destination`: `[user@]name`, or a name of the user's ssh configuration. `port` 0, `identity` and `config` empty:
    as ssh has them. `command` is run by the host's shell and must become the worker.
    """

    name: str
    destination: str
    port: int = 0
    identity: str = ""
    config: str = ""
    command: str = COMMAND
    launcher: Launcher = "process"
    cluster: Cluster = field(default_factory=Cluster)


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public key as a line of `known_hosts`; `fingerprint` is `SHA256:..`, as ssh-keygen -l shows it."""

    line: str
    fingerprint: str


def list_hosts() -> tuple[Host, ...]:
    """The hosts in their order. Raises `DamagedFileError` when the file cannot be read."""
    path = config_dir() / "hosts.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Host, ...])
    except FileNotFoundError:
        return ()
    except msgspec.MsgspecError as error:
        raise DamagedFileError(f"not a list of hosts: {error}", hint="mend or delete it", file=str(path)) from error


def find_host(name: str) -> Host:
    for host in list_hosts():
        if host.name == name:
            return host
    known = ", ".join(host.name for host in list_hosts())
    raise NotFoundError(f"there is no host {name!r}", hint=f"one of {known}" if known else "rpdr host add")


def add_host(host: Host, key: HostKey) -> None:
    """Keep a host whose key somebody has confirmed. One of the same name is replaced."""
    check(host)
    _keep([one for one in list_hosts() if one.name != host.name] + [host])
    lines = [line for line in _known_lines() if not line.startswith(f"{alias(host)} ")]
    _write(known_hosts(), "".join(f"{line}\n" for line in [*lines, key.line]))


def remove_host(name: str) -> None:
    """Forget a host and its key."""
    host = find_host(name)
    _keep([one for one in list_hosts() if one.name != name])
    lines = [line for line in _known_lines() if not line.startswith(f"{alias(host)} ")]
    _write(known_hosts(), "".join(f"{line}\n" for line in lines))


def check(host: Host) -> None:
    """Raises `UserInputError` for a field that ssh would read as something else."""
    if not _NAME.fullmatch(host.name):
        raise UserInputError(f"{host.name!r} is no name for a host", hint="letters, digits, dots and hyphens")
    if not host.destination or host.destination.startswith("-") or re.search(r"[\s\0]", host.destination):
        raise UserInputError(f"{host.destination!r} is no ssh destination", hint="give [USER@]HOST")
    if not 0 <= host.port <= 65535:
        raise UserInputError(f"{host.port} is no port", hint="1 to 65535")
    if not host.command.strip() or re.search(r"[\r\n\0]", host.command):
        raise UserInputError("the host's command is one line", hint=f"for instance: {COMMAND}")


def ssh_command(host: Host) -> list[str]:
    """The command that becomes the worker on the host, for `WorkerClient.start` or a process of one's own."""
    options = ["StrictHostKeyChecking=yes", f"UserKnownHostsFile={_quoted(known_hosts())}"]
    return [*_ssh(host, options), "--", host.destination, host.command]


def connect(host: Host) -> WorkerClient:
    """A worker on the host. Raises `HostKeyError` for an unknown or changed key, `HostError` for what else ssh reports,
    and the handshake's own errors; each says what to do.
    """
    check(host)
    process = WorkerProcess(ssh_command(host))
    try:
        return WorkerClient.connect(process)
    except RpdrError as error:
        raise explained(error, process, host.name, host.command) from error


def fetch_key(host: Host) -> HostKey:
    """The key that the host shows now, through the same ssh, with its jumps and names, that will be used later.

    Nothing is sent but the greeting: no way to log in is offered. The key is kept nowhere.
    """
    check(host)
    with tempfile.TemporaryDirectory(prefix="rpdr-key-") as folder:
        seen = Path(folder) / "known_hosts"
        options = [
            "StrictHostKeyChecking=accept-new",
            f"UserKnownHostsFile={_quoted(seen)}",
            "HashKnownHosts=no",
            "PreferredAuthentications=none",
        ]
        command = [*_ssh(host, options), "--", host.destination, "exit"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise WorldError("the host does not answer", hint="check name, port and network") from error
        line = seen.read_text(encoding="utf-8").strip() if seen.exists() else ""
    if not line:
        words = done.stderr.strip().splitlines()[-1:] or ["ssh gave no reason"]
        raise WorldError(f"the host shows no key: {words[0]}", hint="check name, port and network")
    line = line.splitlines()[0]
    return HostKey(line, fingerprint_of(line))


def fingerprint_of(line: str) -> str:
    """`SHA256:..` of a `known_hosts` line. Raises `UserInputError`."""
    try:
        blob = base64.b64decode(line.split()[2], validate=True)
    except (IndexError, binascii.Error) as error:
        raise UserInputError("not a line of known_hosts", hint="it has a name, a kind and a key") from error
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii").rstrip("=")


def confirm_key(key: HostKey, expected: str) -> None:
    """Raises `NotAllowedError` when the host shows another key than the one expected."""
    if key.fingerprint != expected:
        raise NotAllowedError(
            f"the host shows another key: {key.fingerprint}",
            hint="ask the host's administrator for its fingerprint (ssh-keygen -lf on the host's public key)",
        )


def alias(host: Host) -> str:
    """The host's name in our `known_hosts`."""
    return f"rpdr-{host.name}"


def known_hosts() -> Path:
    return config_dir() / "known_hosts"


def _ssh(host: Host, options: list[str]) -> list[str]:
    tool = shutil.which("ssh")
    if tool is None:
        raise WorldError("ssh is not installed", hint="install OpenSSH's client")
    words = [tool, "-T"]
    words += ["-F", host.config] if host.config else []
    words += ["-p", str(host.port)] if host.port else []
    words += ["-i", host.identity] if host.identity else []
    own = [*_OPTIONS, f"HostKeyAlias={alias(host)}", *options]
    own += ["IdentitiesOnly=yes"] if host.identity else []
    return words + [word for option in own for word in ("-o", option)]


def _quoted(path: Path) -> str:
    """A path as a value of ssh's configuration, which splits at blanks and expands percent signs."""
    return '"' + str(path).replace("%", "%%") + '"'


def _known_lines() -> list[str]:
    try:
        return known_hosts().read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _keep(hosts: list[Host]) -> None:
    text = msgspec.json.format(msgspec.json.encode(hosts), indent=2).decode()
    _write(config_dir() / "hosts.json", text + "\n")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    staging = path.with_name(f".{path.name}.{os.getpid()}")
    staging.write_text(text, encoding="utf-8")
    staging.replace(path)
