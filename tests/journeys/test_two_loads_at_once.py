"""An index build and a training that begin together both load their model: transformers' lazy import is guarded."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.journey

_PROGRAM = """
import threading
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder
from rpdr_worker.retrieval.torch_runtime import load_model
from rpdr_worker.ranking.student_model import load_base, with_lora

folder = open_encoder_folder("")
done = []
def index(): load_model(folder.path, attention="eager"); done.append("index")
def train():
    with_lora(load_base(folder), rank=2, alpha=4, dropout=0.0, targets=["query"]); done.append("train")
threads = [threading.Thread(target=work) for work in (index, train)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(done))
"""


def test_both_load() -> None:
    found = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=200)
    assert found.stdout.strip() == "['index', 'train']", found.stderr
