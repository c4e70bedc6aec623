"""`rpdr link --engine`: options that do not fit, and a machine without Ray."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from helpers.command_line import rpdr

from rpdr_core.cli.link_engine import ranked_on
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import Initialized

WITHOUT_RAY = """
import importlib.util, sys
known = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "ray" else known(name, package)
sys.modules["ray"] = None
from rpdr_core.cli import main
main(sys.argv[1:])
"""


@pytest.fixture
def mentions(tmp_path: Path) -> Path:
    path = tmp_path / "m.csv"
    path.write_text("mention\nache\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--ray-address", "gpu-1:6379"], "add --engine ray"),
        (["--agree", "gpu-1"], "add --engine ray"),
        (["--engine", "ray", "--agree", "gpu-1"], "--agree without --ray-address"),
        (["--engine", "ray", "--ray-address", "ray://gpu-1:10001"], "ray start --address"),
        (["--engine", "ray", "--ray-address", "gpu-1"], "HOST:PORT"),
    ],
)
def test_options_that_do_not_fit_are_refused_before_any_work(mentions: Path, given: list[str], words: str) -> None:
    pytest.importorskip("ray")
    refused = rpdr("link", mentions, "-o", mentions.with_name("o.csv"), "--kb", "no-such", *given)
    assert refused.code == 2
    assert words in refused.err


def test_the_local_engine_is_the_default_and_needs_no_ray(mentions: Path) -> None:
    kb = mentions.with_name("kb.csv")
    kb.write_text("code,name\nK1,ache\n", encoding="utf-8")
    given = ["link", str(mentions), "-o", str(mentions.with_name("o.csv")), "--kb", str(kb)]
    done = subprocess.run([sys.executable, "-c", WITHOUT_RAY, *given], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_without_the_extra_it_is_named(mentions: Path) -> None:
    given = ["link", str(mentions), "-o", str(mentions.with_name("o.csv")), "--kb", "no-such", "--engine", "ray"]
    done = subprocess.run([sys.executable, "-c", WITHOUT_RAY, *given], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == 'error: ray is not installed (for --engine ray: pip install "rpdr-desk[worker,ray]")\n'


@pytest.mark.parametrize(
    ("devices", "adapter", "address", "mark"),
    [
        (("cpu", "cuda:0 A"), "", "", ""),
        (("cpu", "cuda:0 A"), "", "head:6379", ""),
        (("cpu",), "student", "", ""),
        (("cpu", "cuda:0 A"), "student", "", "ranked-on=gpu"),
        (("cpu",), "student", "head:6379", "ranked-on=cluster"),
    ],
)
def test_a_journal_says_where_a_student_ranks(devices: tuple[str, ...], adapter: str, address: str, mark: str) -> None:
    """A run begun on a processor does not go on on GPUs: last digits differ."""
    worker = SimpleNamespace(worker=Initialized(1, "0", (), devices, ()))
    assert ranked_on(cast(WorkerClient, worker), adapter, address) == mark
