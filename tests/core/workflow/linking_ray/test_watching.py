"""A run in which nothing comes: a slow chunk is waited for, a lost node without room ends it, a full one is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rpdr_core.errors import HostError
from rpdr_core.workflow.linking_ray.nodes import Node
from rpdr_core.workflow.linking_ray.watching import PATIENCE, Stand, Watch

A, B = Node("a", "10.0.0.1", "desk", 2), Node("b", "10.0.0.7", "gpu-1", 4)
BOTH = frozenset("ab")


class Cluster:
    """`working`: at work, `alive`: there, `lying`: whether there is work."""

    def __init__(self, working: str, alive: str = "ab", *, lying: bool = True) -> None:
        self.stand, self.alive = Stand(frozenset(working), lying), frozenset(alive)
        self.now = 0.0
        self.told: list[str] = []
        needs = "1 core and 2 GiB of memory"
        self.watch = Watch((A, B), needs, lambda: self.stand, lambda: self.alive, self.told.append, lambda: self.now)

    def passes(self, seconds: float, between: Callable[[], None] = lambda: None) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += 1.0
            self.watch.look()
            between()


def test_a_slow_chunk_is_waited_for_though_a_node_is_lost() -> None:
    cluster = Cluster("a", alive="a")
    cluster.passes(20 * PATIENCE)
    assert cluster.told == []


def test_a_lost_node_whose_work_nobody_takes_over_ends_the_run_with_its_name() -> None:
    cluster = Cluster("b", alive="a")
    cluster.passes(PATIENCE - 1)
    with pytest.raises(HostError, match=r"no room.*gpu-1 \(10.0.0.7\).*goes on from there"):
        cluster.passes(10)


def test_results_that_come_give_new_patience() -> None:
    cluster = Cluster("", alive="a")
    for _ in range(4):
        cluster.passes(PATIENCE - 10)
        cluster.watch.moved()
    assert cluster.told == []


def test_a_cluster_that_others_use_is_waited_for_and_that_is_told_once() -> None:
    cluster = Cluster("")
    cluster.passes(10 * PATIENCE)
    (line,) = cluster.told
    assert line == (
        "waiting until the cluster has room: 1 core and 2 GiB of memory on one of desk (10.0.0.1), gpu-1 (10.0.0.7)"
    )
    cluster.stand = Stand(BOTH, lying=True)
    cluster.passes(10)
    cluster.stand = Stand(frozenset(), lying=True)
    cluster.passes(2 * PATIENCE)
    assert len(cluster.told) == 2


def test_a_file_that_is_read_slowly_is_nobodys_fault() -> None:
    cluster = Cluster("", alive="a", lying=False)
    cluster.passes(10 * PATIENCE)
    assert cluster.told == []
