"""torch for encoders: float32, or bf16 where the processor multiplies bf16 matrices in hardware."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import threading
from pathlib import Path
from typing import Any, Literal

import numpy as np

from rpdr_core.errors import MissingExtraError
from rpdr_worker.retrieval.encoder import Ids, Vectors

# transformers imports its parts lazily: two threads that do so at once (an index build and a training) find half a
# module. Held while it or peft is imported and a model is made.
LOADING = threading.Lock()
_MODELS = "transformers.modeling_utils"

# oneDNN keeps the code that it makes for each shape of a batch, 1,024 of them unless told otherwise: some 700 MiB after
# a hundred thousand mentions. A batch needs a dozen, and making them again costs nothing that can be measured.
_KEPT = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")


def load_library() -> None:
    """torch, and transformers with what every model of it needs; under `LOADING`. `ImportError` where one is missing.

    These are three thousand modules, and no garbage among them: the collector rests meanwhile and leaves them alone
    from then on. Looking through them again and again took a fifth of the time.
    """
    if _MODELS in sys.modules:
        return
    collects = gc.isenabled()
    gc.disable()
    try:
        importlib.import_module("torch")
        importlib.import_module(_MODELS)
    finally:
        gc.freeze()
        if collects:
            gc.enable()


def load_model(folder: Path, *, bf16: bool = False, attention: Literal["eager", "sdpa"] = "sdpa") -> Any:
    """The transformers model of a checked folder, in evaluation mode on the CPU."""
    os.environ.setdefault(*_KEPT)
    with LOADING:
        try:
            load_library()
            import torch
            from transformers import AutoModel
        except ImportError as error:
            raise MissingExtraError("torch is not installed", hint='pip install "rpdr-desk[worker]"') from error
        model = AutoModel.from_pretrained(
            str(folder),
            dtype=torch.bfloat16 if bf16 else torch.float32,
            attn_implementation=attention,
            local_files_only=True,
        )
    return model.eval()


class TorchRuntime:
    """Runs the model in this process; loading torch takes seconds."""

    def __init__(self, folder: Path, *, bf16: bool = False) -> None:
        self._model = load_model(folder, bf16=bf16)

    def hidden(self, ids: Ids, mask: Ids) -> Vectors:
        import torch

        with torch.inference_mode():
            found = self._model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
            return np.asarray(found.last_hidden_state.float().numpy(), np.float32)
