"""The gate: who may be reached, and the guard before Python's sockets that asks it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from rpdr_core.errors import NotAllowedError, from_wire, to_wire
from rpdr_worker import egress
from rpdr_worker.egress import OFFLINE, EgressRefusedError, Gate, go_offline
from rpdr_worker.serve import socket_guard


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A guarded process, for the time of a test."""
    gate = Gate()
    uninstall = socket_guard.install(gate)
    yield gate
    uninstall()


@pytest.fixture
def server() -> Iterator[tuple[str, int]]:
    """A server on loopback that says hello over HTTP."""
    listener = socket.create_server(("127.0.0.1", 0))
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(body)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def fetch(address: tuple[str, int]) -> bytes:
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        return connection.recv(65536)


def test_without_a_permit_not_even_loopback_is_reached(gate: Gate, server: tuple[str, int]) -> None:
    with pytest.raises(EgressRefusedError, match=r"127\.0\.0\.1"):
        fetch(server)
    assert gate.refused == 1


def test_a_permit_opens_one_host_and_port_for_its_time(gate: Gate, server: tuple[str, int]) -> None:
    host, port = server
    with gate.allow_host(host, port):
        assert b"hello" in fetch(server)
        with pytest.raises(EgressRefusedError):
            fetch((host, port + 1))
    with pytest.raises(EgressRefusedError):
        fetch(server)
    assert gate.refused == 2


def test_a_permitted_name_brings_its_addresses(gate: Gate, server: tuple[str, int]) -> None:
    port = server[1]
    with gate.allow_host("LocalHost.", port):
        assert b"hello" in fetch(("localhost", port))
        # The same address under its number, while the name is permitted.
        assert b"hello" in fetch(("127.0.0.1", port))
        with pytest.raises(EgressRefusedError):
            fetch(("127.0.0.1", port + 1))
    with pytest.raises(EgressRefusedError):
        fetch(("127.0.0.1", port))


@pytest.mark.parametrize("lookup", [socket.getaddrinfo.__name__, "gethostbyname", "gethostbyname_ex"])
def test_a_name_is_not_even_looked_up(gate: Gate, lookup: str) -> None:
    arguments = ("example.invalid", 443) if lookup == "getaddrinfo" else ("example.invalid",)
    with pytest.raises(EgressRefusedError, match=r"example\.invalid"):
        getattr(socket, lookup)(*arguments)
    assert gate.refused == 1


def test_numbers_and_no_host_are_looked_up_freely(gate: Gate) -> None:
    assert socket.getaddrinfo("127.0.0.1", 80)
    assert socket.getaddrinfo(None, 0)
    assert socket.gethostbyname("127.0.0.1") == "127.0.0.1"
    assert gate.refused == 0


def test_every_way_of_a_socket_is_guarded(gate: Gate, server: tuple[str, int]) -> None:
    with socket.socket() as stream, pytest.raises(EgressRefusedError):
        stream.connect_ex(server)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        with pytest.raises(EgressRefusedError):
            datagram.sendto(b"x", server)
        with pytest.raises(EgressRefusedError):
            datagram.sendto(b"x", 0, server)
        with pytest.raises(EgressRefusedError):
            datagram.sendmsg([b"x"], [], 0, server)
    with socket.socket(socket.AF_INET6) as six, pytest.raises(EgressRefusedError):
        six.connect(("::1", 9, 0, 0))
    assert gate.refused == 5


def test_sockets_within_the_machine_pass(gate: Gate) -> None:
    left, right = socket.socketpair()
    with left, right:
        left.sendmsg([b"hello"])
        assert right.recv(5) == b"hello"
    assert gate.refused == 0


def test_a_pair_over_loopback_passes_and_leaves_the_gate_shut(gate: Gate, server: tuple[str, int]) -> None:
    with gate.aside():
        assert b"hello" in fetch(server)
    with pytest.raises(EgressRefusedError):
        fetch(server)


def test_asyncio_is_guarded(gate: Gate, server: tuple[str, int]) -> None:
    async def fetch_async() -> bytes:
        reader, writer = await asyncio.open_connection(*server)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    with pytest.raises(EgressRefusedError):
        asyncio.run(fetch_async())
    with gate.allow_host(*server):
        assert b"hello" in asyncio.run(fetch_async())


def test_the_http_client_of_the_teacher_is_guarded(gate: Gate, server: tuple[str, int]) -> None:
    httpx2 = pytest.importorskip("httpx2")
    url = f"http://127.0.0.1:{server[1]}/"
    with httpx2.Client(trust_env=False) as client:
        with pytest.raises(httpx2.ConnectError):
            client.get(url)
        with gate.allow_host(*server):
            assert client.get(url).text == "hello"
    assert gate.refused >= 1


def test_permits_add_up_over_threads(gate: Gate, server: tuple[str, int]) -> None:
    failures: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(20):
                with gate.allow_host(*server):
                    fetch(server)
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    with pytest.raises(EgressRefusedError):
        fetch(server)


def test_refusals_of_many_threads_are_all_counted(gate: Gate) -> None:
    def work() -> None:
        for _ in range(200):
            with pytest.raises(EgressRefusedError):
                gate.check_address(socket.AF_INET, ("10.0.0.1", 80))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert gate.refused == 800


def test_uninstall_puts_everything_back() -> None:
    names = ("connect", "connect_ex", "sendto", "sendmsg")
    before = [vars(socket.socket).get(name) for name in names] + [socket.getaddrinfo, socket.socketpair]
    socket_guard.install(Gate())()
    assert before == [vars(socket.socket).get(name) for name in names] + [socket.getaddrinfo, socket.socketpair]


def test_a_refusal_is_ours_and_the_networks() -> None:
    error = EgressRefusedError("the worker may not connect to x", hint="offline")
    assert isinstance(error, NotAllowedError)
    assert isinstance(error, ConnectionError)
    assert "may not connect" in str(error)
    assert isinstance(from_wire(to_wire(error)), NotAllowedError)


def test_the_process_has_one_gate(server: tuple[str, int]) -> None:
    uninstall = socket_guard.install()
    before = egress.refusals()
    try:
        with pytest.raises(EgressRefusedError):
            fetch(server)
        assert egress.refusals() == before + 1
        with egress.allow_host(*server):
            assert b"hello" in fetch(server)
    finally:
        uninstall()


def test_the_libraries_are_told_to_stay_offline() -> None:
    environment = {"HF_HUB_OFFLINE": "0", "PATH": "/bin"}
    go_offline(environment)
    assert environment == {"PATH": "/bin", **OFFLINE}
    assert OFFLINE["HF_HUB_OFFLINE"] == OFFLINE["TRANSFORMERS_OFFLINE"] == "1"
