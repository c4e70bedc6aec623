"""The composition root: every method has its room, and the world's faults are told as such."""

from __future__ import annotations

import errno
import importlib.util
import sys

import pytest

from rpdr_core.errors import Bug, MissingExtraError, NotFoundError, RpdrError, WorldError
from rpdr_core.protocol.messages import METHODS, PROTOCOL_VERSION, BuildIndex, Empty
from rpdr_worker.egress import EgressRefusedError
from rpdr_worker.job import Job, RecordingJob
from rpdr_worker.serve.dispatch import LONG
from rpdr_worker.serve.methods import build_handlers, describe_worker, explained


def test_every_method_is_served() -> None:
    assert set(build_handlers()) == set(METHODS) - {"initialize", "shutdown"}


def test_the_long_lane_is_for_methods_of_the_table() -> None:
    assert set(METHODS) >= LONG
    assert "retrieve" not in LONG


def test_the_worker_describes_itself() -> None:
    info = describe_worker()
    assert info.protocol == PROTOCOL_VERSION
    assert info.methods == tuple(METHODS)
    assert info.devices[0] == "cpu"
    assert info.rankers[0] == "retriever"


def test_a_ranker_without_its_library_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "peft" else object())
    assert describe_worker().rankers == ("retriever", "teacher")


def _raised_by(error: BaseException) -> RpdrError:
    def handler(_params: object, _job: Job) -> object:
        raise error

    with pytest.raises(RpdrError) as caught:
        explained(handler)(Empty(), RecordingJob())
    return caught.value


@pytest.mark.parametrize(
    ("library", "extra"), [("torch", "worker"), ("peft.tuners", "worker"), ("openai", "teacher"), ("hnswlib", "index")]
)
def test_a_missing_library_is_named_with_its_extra(library: str, extra: str) -> None:
    error = _raised_by(ModuleNotFoundError(f"No module named '{library}'", name=library))
    assert isinstance(error, MissingExtraError)
    assert library.partition(".")[0] in error.message
    assert error.hint == f'pip install "rpdr-desk[{extra}]"'


@pytest.mark.parametrize("name", ["rpdr_worker.ranking.teacher", None])
def test_a_missing_module_of_our_own_is_a_bug(name: str | None) -> None:
    assert isinstance(_raised_by(ModuleNotFoundError("", name=name)), Bug)


def test_a_full_disk_and_a_full_memory_are_the_worlds_fault() -> None:
    error = _raised_by(OSError(errno.ENOSPC, "No space left on device", "/data/index.npy"))
    assert type(error) is WorldError
    assert (error.message, error.file) == ("No space left on device", "/data/index.npy")
    assert "memory" in _raised_by(MemoryError()).message


@pytest.mark.parametrize("error", [NotFoundError("x"), EgressRefusedError("x")])
def test_our_own_errors_pass_as_they_are(error: RpdrError) -> None:
    assert _raised_by(error) is error


def test_the_retrieval_service_is_made_once_and_late() -> None:
    handlers = build_handlers()
    for method in ("retrieval.state", "index.build"):
        with pytest.raises(NotFoundError, match="not open"):
            handlers[method](BuildIndex("f" * 64), RecordingJob())
    assert "rpdr_worker.retrieval.service" in sys.modules
