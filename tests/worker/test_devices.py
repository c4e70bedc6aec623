"""Devices, found without torch."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

import pytest

from rpdr_worker import devices


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_DRIVER", tmp_path / "gpus")
    monkeypatch.setattr(devices.shutil, "which", lambda _name: None)
    monkeypatch.delitem(sys.modules, "torch", raising=False)


def test_a_machine_without_a_device_has_its_processor() -> None:
    assert devices.list_devices() == ("cpu",)


def test_the_driver_names_its_devices(tmp_path: Path) -> None:
    for slot, name in (("0000:01:00.0", "NVIDIA A"), ("0000:02:00.0", "NVIDIA B")):
        folder = tmp_path / "gpus" / slot
        folder.mkdir(parents=True)
        (folder / "information").write_text(f"Model: \t\t {name}\nIRQ:   45\n", "utf-8")
    assert devices.list_devices() == ("cpu", "cuda:0 NVIDIA A", "cuda:1 NVIDIA B")


def test_the_drivers_tool_is_asked_where_there_is_no_such_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, "NVIDIA C\n\n", "")

    monkeypatch.setattr(devices.shutil, "which", lambda _name: "/bin/nvidia-smi")
    monkeypatch.setattr(devices.subprocess, "run", run)
    assert devices.list_devices() == ("cpu", "cuda:0 NVIDIA C")
    assert asked[0][0] == "/bin/nvidia-smi"


@pytest.mark.parametrize("error", [subprocess.TimeoutExpired("x", 2), subprocess.CalledProcessError(9, "x"), OSError()])
def test_a_tool_that_fails_means_no_device(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_command: list[str], **_options: object) -> None:
        raise error

    monkeypatch.setattr(devices.shutil, "which", lambda _name: "/bin/nvidia-smi")
    monkeypatch.setattr(devices.subprocess, "run", run)
    assert devices.list_devices() == ("cpu",)


def test_torch_is_asked_when_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = types.SimpleNamespace(device_count=lambda: 2, get_device_name=lambda place: f"card {place}")
    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(cuda=cuda))
    assert devices.list_devices() == ("cpu", "cuda:0 card 0", "cuda:1 card 1")
