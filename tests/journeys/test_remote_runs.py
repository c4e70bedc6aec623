"""A host over ssh: a real sshd on loopback, its own port, keys and home; the same worker behind it."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from helpers.command_line import rpdr
from helpers.training_runs import Leave, Watcher, folder_of, kill_left_over, start_small, wait_for

from rpdr_core.errors import HostError, HostKeyError, WorkerLostError
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.workflow.fetching import fetch_adapter
from rpdr_core.workflow.hosts import Host, add_host, connect, fetch_key, find_host, known_hosts
from rpdr_core.workflow.runs import control, follow

SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(SSHD is None or shutil.which("ssh-keygen") is None, reason="no OpenSSH server on this machine"),
    pytest.mark.timeout(600),
]


@dataclass
class Server:
    """A running sshd. `home` is the worker's RPDR_HOME behind it."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def home(self) -> Path:
        return self.folder / "far-home"

    def command(self) -> str:
        place = f"RPDR_HOME='{self.home}' OMP_NUM_THREADS=1"
        return f"env {place} '{sys.executable}' -P -m rpdr_worker"

    def host(self, name: str = "gpu") -> Host:
        user = getpass.getuser()
        key = str(self.folder / "user_key")
        return Host(name, f"{user}@127.0.0.1", self.port, key, "none", self.command())

    def fingerprint(self) -> str:
        done = subprocess.run(
            ["ssh-keygen", "-lf", self.folder / "host_key.pub"], capture_output=True, text=True, check=True
        )
        return done.stdout.split()[1]

    def change_key(self) -> None:
        """The host comes back with another key, as after an attack or a new installation."""
        self.stop()
        for path in self.folder.glob("host_key*"):
            path.unlink()
        make_key(self.folder / "host_key")
        self.process = run_sshd(self.folder, self.port)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def make_key(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def run_sshd(folder: Path, port: int) -> subprocess.Popen[bytes]:
    assert SSHD is not None
    with (folder / "sshd.log").open("ab") as log:
        process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=log, stdout=log)

    def listens() -> bool:
        if process.poll() is not None:
            pytest.skip("sshd does not start here: " + (folder / "sshd.log").read_text(errors="replace")[-300:])
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    wait_for(listens, 20)
    return process


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    for name in ("host_key", "user_key"):
        make_key(folder / name)
    (folder / "authorized_keys").write_text((folder / "user_key.pub").read_text())
    port = free_port()
    lines = {
        "ListenAddress": "127.0.0.1",
        "Port": port,
        "HostKey": folder / "host_key",
        "PidFile": folder / "pid",
        "AuthorizedKeysFile": folder / "authorized_keys",
        "UsePAM": "no",
        "StrictModes": "no",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "yes",
        "PermitUserEnvironment": "no",
    }
    (folder / "sshd_config").write_text("".join(f"{name} {value}\n" for name, value in lines.items()))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    found = Server(folder, port, run_sshd(folder, port))
    yield found
    kill_left_over(found.home)
    found.stop()


@pytest.fixture
def host(server: Server) -> Host:
    made = server.host()
    add_host(made, fetch_key(made))
    return made


def ssh_pid(worker: WorkerClient) -> int:
    return int(worker._transport.pid)  # type: ignore[attr-defined]


def test_a_run_on_a_host_survives_its_connection(server: Server, host: Host, tmp_path: Path, rpdr_home: Path) -> None:
    with connect(host) as worker:
        run = start_small(worker, tmp_path, epochs=240, name="far").run
        first = Watcher(3)
        with contextlib.suppress(Leave):
            follow(worker, run, first)
        assert first.training
        # The connection dies, in the middle of following.
        with pytest.raises(WorkerLostError):
            follow(worker, run, lambda _event: os.kill(ssh_pid(worker), signal.SIGKILL))
    with connect(host) as worker:
        again = Watcher(2)
        with contextlib.suppress(Leave):
            follow(worker, run, again, first.offset)
        assert again.training[0] > first.training[-1]
        began = time.monotonic()
        assert control(worker, run, "cancel").state == "cancelled"
        assert time.monotonic() - began < 60, "5 s on a machine that is not busy"
        control(worker, run, "resume")
    with connect(host) as worker:
        rest = Watcher()
        ended = follow(worker, run, rest, again.offset)
        assert (ended.state, ended.attempt) == ("done", 2)
        assert [event.lost_steps for event in rest.events if event.kind == "resumed"] == [0]
        info = fetch_adapter(worker, run, "far")
    assert info.id == ended.adapter_id
    assert Path(info.folder) == rpdr_home / "data" / "adapters" / "far"
    assert folder_of(server.home, run).is_dir()
    assert not (rpdr_home / "data" / "runs").exists(), "nothing trained on this side"


def test_a_host_is_added_by_its_fingerprint_and_says_what_it_has(server: Server, rpdr_home: Path) -> None:
    made = server.host()
    options = (
        "host", "add", "gpu", made.destination, "--port", made.port, "--identity", made.identity,
        "--ssh-config", "none", "--command", made.command,
    )  # fmt: skip
    wrong = rpdr(*options, "--fingerprint", "SHA256:" + "A" * 43)
    assert wrong.code == 2
    assert server.fingerprint() in wrong.err
    assert rpdr("host", "list", "--json").json == []
    unasked = rpdr(*options)
    assert unasked.code != 0
    assert server.fingerprint() in unasked.err
    assert rpdr("host", "list", "--json").json == []

    added = rpdr(*options, "--fingerprint", server.fingerprint(), "--json").json
    assert added["trains_on"] in ("cpu", "cuda")
    assert added["libraries"]["torch"]
    assert [one["name"] for one in rpdr("host", "list", "--json").json] == ["gpu"]
    assert "ready" in rpdr("host", "test", "gpu").out
    assert rpdr("runs", "list", "--host", "gpu", "--json").json == []
    assert known_hosts() == rpdr_home / "config" / "known_hosts"
    rpdr("host", "remove", "gpu")
    assert known_hosts().read_text() == ""


def test_a_key_that_nobody_confirmed_or_that_has_changed_is_refused(server: Server, host: Host) -> None:
    stranger = replace(host, name="stranger")
    with pytest.raises(HostKeyError, match="never confirmed") as caught:
        connect(stranger)
    assert "rpdr host add" in caught.value.hint
    server.change_key()
    with pytest.raises(HostKeyError, match="another key") as caught:
        connect(host)
    assert "rpdr host remove" in caught.value.hint
    assert not server.home.exists(), "no command ran"


def test_each_way_to_fail_is_told_apart(server: Server, host: Host) -> None:
    add_host(replace(host, name="x"), replace(fetch_key(host), line=fetch_key(replace(host, name="x")).line))
    host = find_host("x")
    with pytest.raises(HostError, match="cannot run") as caught:
        connect(replace(host, command="no-such-program worker"))
    assert "rpdr-desk[worker]" in caught.value.hint
    other = server.folder / "other_key"
    make_key(other)
    with pytest.raises(HostError, match="does not let you in"):
        connect(replace(host, identity=str(other)))
    with pytest.raises(HostError, match="cannot be reached"):
        connect(replace(host, port=free_port()))
