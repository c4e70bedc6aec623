"""What is refused before anything leaves: open clusters, nodes unlike this machine, other machines nobody agreed to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from rpdr_core.errors import HostError, NotAllowedError, UserInputError
from rpdr_core.workflow.linking_engine import Load
from rpdr_core.workflow.linking_ray import probe
from rpdr_core.workflow.linking_ray.agreeing import Sent, check_agreed, moment, record_file, write_down
from rpdr_core.workflow.linking_ray.cargo import Cargo, Crate
from rpdr_core.workflow.linking_ray.cluster import check_address, cores_of_device, devices
from rpdr_core.workflow.linking_ray.nodes import (
    Equipment,
    Node,
    others,
    refuse_open,
    refuse_other_kind,
    refuse_unlike,
)

HERE = Node("a", "10.0.0.1", "desk", 2)
THERE = Node("b", "10.0.0.7", "gpu-1", 4)
OURS = Equipment("0.1.0", "0.1.0", "Python 3.11.7, torch 2.13.0", "token")
LOAD = Load(9_400, 1_300_000, 5)
GIB = 1 << 30
NOTHING = Cargo((), "", ())


def test_like_nodes_with_tokens_may_link() -> None:
    refuse_open([(HERE, OURS), (THERE, OURS)])
    refuse_unlike([(HERE, OURS), (THERE, OURS)], OURS)


@pytest.mark.parametrize("auth", ["", "disabled"])
def test_an_open_cluster_is_refused_with_the_node_and_the_cure(auth: str) -> None:
    with pytest.raises(NotAllowedError, match=r"gpu-1 \(10.0.0.7\).*anybody.*RAY_AUTH_MODE=token"):
        refuse_open([(HERE, OURS), (THERE, Equipment("0.1.0", "0.1.0", OURS.libraries, auth))])


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Equipment("", "", "Python 3.11.7", "token"), r"gpu-1 \(10.0.0.7\) has no rpdr-desk, here it is 0.1.0"),
        (Equipment("0.0.9", "0.0.9", OURS.libraries, "token"), r"gpu-1 .* has rpdr-desk 0.0.9, here it is 0.1.0"),
        (Equipment("0.1.0", "", OURS.libraries, "token"), "without its worker"),
        (
            Equipment("0.1.0", "0.1.0", "Python 3.11.7, torch 2.12.1", "token"),
            "torch 2.12.1; here it is .*torch 2.13.0",
        ),
    ],
)
def test_a_node_unlike_this_machine_is_named_with_both_versions(found: Equipment, words: str) -> None:
    with pytest.raises(HostError, match=words):
        refuse_unlike([(HERE, OURS), (THERE, found)], OURS)


def test_the_probe_describes_this_machine_and_imports_nothing_of_ours_to_do_so() -> None:
    found = probe.described()
    assert set(found) == {"host", "rpdr", "worker", "libraries", "auth", "processor"}
    assert found["rpdr"] == found["worker"] != ""
    assert "torch 2" in found["libraries"]
    assert not any(str(name).startswith("rpdr") for name in vars(probe))


def test_another_address_is_another_machine() -> None:
    assert others([HERE, THERE], "10.0.0.1", ()) == [THERE]


def test_a_head_is_another_machine_even_if_it_links_nothing() -> None:
    """The account of what is done is kept there."""
    idle = Node("c", "10.0.0.9", "head", 0)
    assert others([HERE, THERE, idle], "10.0.0.1", ()) == [THERE]
    assert others([HERE, THERE, idle], "10.0.0.1", {"c"}) == [THERE, idle]
    assert others([HERE, idle], "10.0.0.9", {"c"}) == [HERE]


@pytest.mark.parametrize(
    ("flags", "alike"), [("fpu avx2 avx512f avx512_vnni", True), ("avx2 avx512f", False), ("avx2", False)]
)
def test_a_processor_is_alike_by_the_instructions_that_results_depend_on(flags: str, alike: bool) -> None:
    text = "processor : 0\nvendor_id : GenuineIntel\nmodel name : A Processor\nflags : {}\n\nprocessor : 1\n"
    ours = replace(OURS, processor=probe.kind_of(text.format("sse avx2 avx512_vnni avx512f")))
    theirs = replace(OURS, processor=probe.kind_of(text.format(flags)))
    assert ours.processor.endswith("GenuineIntel avx2 avx512_vnni avx512f")
    if alike:
        refuse_unlike([(THERE, theirs)], ours)
        return
    with pytest.raises(HostError, match=r"gpu-1 .* another kind of processor .*link from a machine like"):
        refuse_unlike([(THERE, theirs)], ours)


def test_a_sample_judged_on_a_processor_says_nothing_of_gpus() -> None:
    for gpu, gpus in ((False, True), (True, False)):
        refuse_other_kind(judged=False, gpu=gpu, gpus=gpus)
        refuse_other_kind(judged=True, gpu=gpu, gpus=gpu)
        with pytest.raises(HostError, match="reviewed sample was judged on"):
            refuse_other_kind(judged=True, gpu=gpu, gpus=gpus)


@pytest.mark.parametrize("agreed", ["", "10.0.0.9", "10.0.0.1:6379"])
def test_texts_go_nowhere_unless_this_cluster_is_named(
    agreed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("entities.jsonl", "own.tsv")
    for name in names:
        (tmp_path / name).touch()
    cargo = Cargo(tuple(Crate(name, str(tmp_path), ((name, ""),), whole=False) for name in names), "", ())
    monkeypatch.setenv("RAY_USE_TLS", "1")
    with pytest.raises(NotAllowedError) as refused:
        check_agreed("10.0.0.1:6379", [THERE], agreed, LOAD, 12, cargo)
    words = str(refused.value)
    assert "9,400 mentions with their contexts (at most 1,270 KiB) and 12 remembered ones" in words
    assert "gpu-1 (10.0.0.7)" in words
    assert "what a machine lacks of 0 bytes of files: entities.jsonl, own.tsv" in words
    assert "--agree 10.0.0.1" in words
    assert ("is not this cluster" in words) == bool(agreed)


def test_agreed_texts_go_encrypted_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_USE_TLS", raising=False)
    with pytest.raises(NotAllowedError, match=r"unencrypted.*RAY_USE_TLS=1"):
        check_agreed("10.0.0.1:6379", [THERE], "10.0.0.1", LOAD, 0, NOTHING)
    monkeypatch.setenv("RAY_USE_TLS", "1")
    check_agreed("10.0.0.1:6379", [THERE], "10.0.0.1", LOAD, 0, NOTHING)


def test_the_record_only_grows() -> None:
    lines = [
        Sent(event, moment(), "ab", "10.0.0.1:6379", ("gpu-1",), 5, 90, 0, "f" * 64, ("own.tsv",))
        for event in ("begin", "end")
    ]
    for line in lines:
        write_down(line)
    assert [msgspec.json.decode(line, type=Sent) for line in record_file().read_bytes().splitlines()] == lines


@pytest.mark.parametrize("address", ["ray://gpu-1:10001", "gpu-1", ":6379", "gpu-1:", "gpu-1:abc"])
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(UserInputError):
        check_address(address)


def test_a_cluster_without_tokens_is_refused_before_it_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    check_address("gpu-1:6379")
    check_address("auto")
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    with pytest.raises(NotAllowedError, match="lets anybody in"):
        check_address("gpu-1:6379")


def test_devices_are_gpus_or_as_many_cores_as_threads_where_memory_is() -> None:
    node = {"CPU": 16.0, "GPU": 2.0, "memory": 64.0 * GIB}
    assert devices(node, gpus=True, threads=8, need=GIB) == 2
    assert devices(node, gpus=True, threads=8, need=40 * GIB) == 1
    assert devices({"GPU": 2.0, "memory": 64.0 * GIB}, gpus=True, threads=8, need=GIB) == 0
    assert devices(node, gpus=False, threads=8, need=GIB) == 2
    assert devices(node, gpus=False, threads=1, need=GIB) == 16
    assert devices(node, gpus=False, threads=1, need=10 * GIB) == 6
    assert devices(node, gpus=False, threads=32, need=GIB) == 1
    assert devices({"memory": 64.0 * GIB}, gpus=False, threads=1, need=GIB) == 0
    assert devices({"CPU": 4.0}, gpus=False, threads=1, need=GIB) == 0


def test_an_actor_is_counted_with_what_every_node_has() -> None:
    assert cores_of_device([{"CPU": 32.0}, {"CPU": 8.0}, {}], gpus=False, threads=16) == 8
    assert cores_of_device([{"CPU": 32.0}], gpus=False, threads=4) == 4
    assert cores_of_device([{"CPU": 32.0}], gpus=True, threads=4) == 1
