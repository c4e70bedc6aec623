"""Hosts: what is kept of them, how ssh is called, what its failures mean."""

from __future__ import annotations

import base64
import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rpdr_core.errors import (
    DamagedFileError,
    HostError,
    HostKeyError,
    NotAllowedError,
    NotFoundError,
    RpdrError,
    UserInputError,
    WorkerLostError,
    WorldError,
)
from rpdr_core.protocol.process import WorkerProcess
from rpdr_core.workflow import hosts
from rpdr_core.workflow.hosts import (
    Host,
    HostKey,
    add_host,
    confirm_key,
    connect,
    fetch_key,
    find_host,
    fingerprint_of,
    known_hosts,
    list_hosts,
    remove_host,
    ssh_command,
)
from rpdr_core.workflow.ssh_errors import explained, of_words

HOST = Host("gpu", "ana@gpu.hospital.example")
LINE = "rpdr-gpu ssh-ed25519 " + base64.b64encode(b"key").decode()
KEY = HostKey(LINE, fingerprint_of(LINE))


@pytest.fixture(autouse=True)
def ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts.shutil, "which", lambda _name: "/usr/bin/ssh")


def options_of(command: list[str]) -> dict[str, str]:
    pairs = [command[at + 1].partition("=") for at, word in enumerate(command) if word == "-o"]
    return {name: value for name, _, value in pairs}


def test_hosts_are_kept_with_their_keys(rpdr_home: Path) -> None:
    assert list_hosts() == ()
    other = Host("slurm", "hpc", 2222, "/keys/id", "none", "/opt/rpdr worker", "slurm")
    for host in (HOST, other):
        add_host(host, replace(KEY, line=LINE.replace("gpu", host.name)))
    assert list_hosts() == (HOST, other)
    assert find_host("slurm") == other
    add_host(replace(HOST, port=99), KEY)
    assert [host.name for host in list_hosts()] == ["slurm", "gpu"]
    assert sorted(line.split()[0] for line in known_hosts().read_text().splitlines()) == ["rpdr-gpu", "rpdr-slurm"]
    remove_host("gpu")
    assert list_hosts() == (other,)
    assert "rpdr-gpu" not in known_hosts().read_text()
    with pytest.raises(NotFoundError, match="gpu"):
        find_host("gpu")
    assert rpdr_home in known_hosts().parents


def test_a_broken_list_is_told(rpdr_home: Path) -> None:
    add_host(HOST, KEY)
    (rpdr_home / "config" / "hosts.json").write_text("[{")
    with pytest.raises(DamagedFileError, match="not a list of hosts"):
        list_hosts()


def test_ssh_is_strict_and_asks_nothing() -> None:
    command = ssh_command(Host("gpu", "ana@gpu", 2222, "/keys/my id", "/etc/site config", "nice rpdr worker"))
    assert command[-3:] == ["--", "ana@gpu", "nice rpdr worker"]
    assert command[:2] == ["/usr/bin/ssh", "-T"]
    for word, value in (("-p", "2222"), ("-i", "/keys/my id"), ("-F", "/etc/site config")):
        assert command[command.index(word) + 1] == value
    options = options_of(command)
    assert options.items() >= {
        ("BatchMode", "yes"),
        ("StrictHostKeyChecking", "yes"),
        ("ConnectTimeout", "10"),
        ("ServerAliveInterval", "15"),
        ("ServerAliveCountMax", "3"),
        ("ForwardAgent", "no"),
        ("ClearAllForwardings", "yes"),
        ("GlobalKnownHostsFile", "none"),
        ("HostKeyAlias", "rpdr-gpu"),
        ("IdentitiesOnly", "yes"),
    }
    assert options["UserKnownHostsFile"] == f'"{known_hosts()}"'


def test_a_home_with_odd_signs_is_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RPDR_HOME", "/home/a b/100%h")
    assert options_of(ssh_command(HOST))["UserKnownHostsFile"] == '"/home/a b/100%%h/config/known_hosts"'


@pytest.mark.parametrize(
    "bad",
    [
        {"destination": "-oProxyCommand=touch /tmp/owned"},
        {"destination": ""},
        {"destination": "a b"},
        {"destination": "a\nb"},
        {"name": "../x"},
        {"name": "-x"},
        {"name": ""},
        {"port": 70000},
        {"port": -1},
        {"command": "rpdr worker\nrm -rf /"},
        {"command": " "},
    ],
)
def test_what_ssh_would_read_as_something_else_is_refused(bad: dict[str, object]) -> None:
    host = replace(HOST, **bad)  # type: ignore[arg-type]
    for refuse in (lambda: add_host(host, KEY), lambda: connect(host), lambda: fetch_key(host)):
        with pytest.raises(UserInputError):
            refuse()
    assert list_hosts() == ()


def test_a_fingerprint_is_the_one_that_ssh_shows() -> None:
    digest = base64.b64encode(hashlib.sha256(b"key").digest()).decode().rstrip("=")
    assert fingerprint_of(LINE) == f"SHA256:{digest}"
    confirm_key(KEY, f"SHA256:{digest}")
    with pytest.raises(NotAllowedError, match="another key"):
        confirm_key(KEY, "SHA256:" + "A" * 43)
    for line in ("", "rpdr-gpu ssh-ed25519", "rpdr-gpu ssh-ed25519 %%%"):
        with pytest.raises(UserInputError):
            fingerprint_of(line)


CHANGED = ("@@@@@", "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @", "Host key verification failed.")
UNKNOWN = ("No ED25519 host key is known for rpdr-gpu and you have requested strict checking.",)


@pytest.mark.parametrize(
    ("code", "words", "kind", "said", "cure"),
    [
        (255, CHANGED, HostKeyError, "another key", "rpdr host remove"),
        (255, (*UNKNOWN, "Host key verification failed."), HostKeyError, "never confirmed", "rpdr host add"),
        (255, ("ana@gpu: Permission denied (publickey).",), HostError, "does not let you in", "--identity"),
        (255, ("ssh: connect to host gpu port 22: Connection refused",), HostError, "Connection refused", "port"),
        (255, ("ssh: Could not resolve hostname gpu: Name or service not known",), HostError, "resolve", "name"),
        (255, (), HostError, "no reason", "network"),
        (127, ("bash: line 1: rpdr: command not found",), HostError, "cannot run 'rpdr worker'", "--command"),
        (126, ("Permission denied",), HostError, "cannot run", "--command"),
    ],
)
def test_each_failure_of_ssh_has_its_cure(
    code: int, words: tuple[str, ...], kind: type[RpdrError], said: str, cure: str
) -> None:
    error = of_words(code, words, "gpu", "rpdr worker")
    assert type(error) is kind
    assert said in error.message
    assert cure in error.hint


def test_what_is_not_of_ssh_stays_as_it_is() -> None:
    assert of_words(1, ("Traceback",), "gpu", "rpdr worker") is None
    assert of_words(None, (), "gpu", "rpdr worker") is None
    process = WorkerProcess([sys.executable, "-c", "pass"])
    for error in (NotAllowedError("other release"), WorkerLostError("the worker ended")):
        assert explained(error, process, "gpu", "rpdr worker") is error


def test_without_ssh_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts.shutil, "which", lambda _name: None)
    with pytest.raises(WorldError, match="ssh is not installed"):
        ssh_command(HOST)
