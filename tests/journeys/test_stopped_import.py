"""An import of a terminology that is stopped half way, from outside: nothing is left, and the next one works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers.omop_download import write_large

pytestmark = pytest.mark.journey


@pytest.mark.skipif(os.name == "nt", reason="interrupts are sent otherwise")
def test_ctrl_c_leaves_nothing_and_a_kill_only_what_is_hidden(tmp_path: Path, rpdr_home: Path) -> None:
    folder = write_large(tmp_path / "athena", 60_000, 0)
    root = rpdr_home / "data" / "knowledge_bases"
    program = "from rpdr_core.cli import main; main()"
    command = [sys.executable, "-c", program, "kb", "import", str(folder), "--vocabulary", "SNOMED"]

    def stopped_by(number: signal.Signals) -> tuple[int, str]:
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("entities"):
                break
        deadline = time.monotonic() + 60
        while not any(root.glob(".staging-*/entities.jsonl")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(number)
        rest = process.stderr.read()
        process.stderr.close()
        return process.wait(timeout=120), rest

    code, said = stopped_by(signal.SIGINT)
    assert code == 130
    assert "Traceback" not in said
    assert list(root.iterdir()) == []
    code, _ = stopped_by(signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert [path for path in root.iterdir() if not path.name.startswith(".")] == []
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    assert any(path.name.startswith("omop-snomed-") for path in root.iterdir())
