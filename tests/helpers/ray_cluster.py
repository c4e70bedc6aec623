"""A Ray cluster of several nodes on this machine, as `ray start` makes it: token authentication, TLS, nothing else.

Each node has an address of its own in 127.0.0.0/8, so that to us they are different machines.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SECONDS = 180
QUICK = {"OMP_NUM_THREADS": "1", "RPDR_ENCODER_RUNTIME": "f32"}
"""ONNX Runtime starts in a fraction of the time that torch takes, and there are many starts."""


class RayCluster:
    """Nodes as processes of ours, each in a group of its own. `environment` is what a driver needs to join."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        token = folder / "token"
        token.write_text(secrets.token_hex(32), encoding="ascii")
        token.chmod(0o600)
        self.environment = {
            **os.environ,
            "RPDR_HOME": str(home),
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(token),
            "RAY_USAGE_STATS_ENABLED": "0",
            **QUICK,
            **certificates(folder),
        }
        self.nodes: list[subprocess.Popen[bytes]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.2:{probe.getsockname()[1]}"

    def start(self, address: str, *more: str) -> subprocess.Popen[bytes]:
        """Add a node of one core at an address; the first is the head. Returns when it is up; `more` is for ray."""
        head = not self.nodes
        port = self.address.rpartition(":")[2]
        where = ["--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={self.folder / 'ray'}"]
        command = [str(Path(sys.executable).with_name("ray")), "start", "--block", "--num-cpus=1", "--num-gpus=0"]
        command += [f"--node-ip-address={address}", "--object-store-memory=80000000", "--disable-usage-stats"]
        command += [*(where if head else [f"--address={self.address}"]), *more]
        if head:
            self.address = f"{address}:{port}"
        log = self.folder / f"node-{address}.log"
        with log.open("wb") as out:
            node = subprocess.Popen(
                command, env=self.environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
            )
        self.nodes.append(node)
        until = time.monotonic() + SECONDS
        while b"--block" not in log.read_bytes():
            assert node.poll() is None, log.read_text(encoding="utf-8")[-2000:]
            assert time.monotonic() < until, log.read_text(encoding="utf-8")[-2000:]
            time.sleep(0.2)
        return node

    def stop(self) -> None:
        """End every node with all its processes, whatever state they are in."""
        for node in reversed(self.nodes):
            if node.poll() is None:
                node.terminate()
        for node in reversed(self.nodes):
            try:
                node.wait(20)
            except subprocess.TimeoutExpired:
                node.kill()
                node.wait()
        until = time.monotonic() + 30
        while (left := processes(str(self.folder))) and time.monotonic() < until:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.2)

    def raylet(self, address: str) -> int:
        """The process id of a node's raylet."""
        (pid,) = [
            pid
            for pid in processes(str(self.folder))
            if (words := words_of(pid))[0].endswith("/raylet") and f"--node_ip_address={address}" in words
        ]
        return pid


def processes(mark: str) -> list[int]:
    """The living processes whose environment holds `mark`, but for this one."""
    return sorted(
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and int(entry.name) != os.getpid() and _has(entry, mark.encode())
    )


def _has(process: Path, mark: bytes) -> bool:
    try:
        ended = (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
        return not ended and mark in (process / "environ").read_bytes()
    except OSError:
        return False


def words_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
    except OSError:
        return [""]


def certificates(folder: Path) -> dict[str, str]:
    """A certificate for 127.0.0.2 to 127.0.0.9 and this machine's own address, signed by itself; as Ray's variables."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rpdr-test")])
    now = datetime.datetime.now(datetime.UTC)
    addresses = [x509.IPAddress(ipaddress.ip_address(f"127.0.0.{n}")) for n in range(1, 10)]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([*addresses, x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "node.crt", folder / "node.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    private.chmod(0o600)
    return {
        "RAY_USE_TLS": "1",
        "RAY_TLS_SERVER_CERT": str(certificate),
        "RAY_TLS_SERVER_KEY": str(private),
        "RAY_TLS_CA_CERT": str(certificate),
    }
