"""torch for encoders: float32, or bf16 where the processor multiplies bf16 matrices in hardware."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rpdr_core.errors import MissingExtraError
from rpdr_worker.retrieval.encoder import Ids, Vectors


class TorchRuntime:
    """Runs the model in this process; loading torch takes seconds."""

    def __init__(self, folder: Path, *, bf16: bool = False) -> None:
        try:
            import torch
            from transformers import AutoModel
        except ImportError as error:
            raise MissingExtraError("torch is not installed", hint='pip install "rpdr-desk[worker]"') from error
        dtype = torch.bfloat16 if bf16 else torch.float32
        model = AutoModel.from_pretrained(str(folder), dtype=dtype, local_files_only=True)
        self._model = model.eval()
        self._torch = torch

    def hidden(self, ids: Ids, mask: Ids) -> Vectors:
        torch = self._torch
        with torch.inference_mode():
            found = self._model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
            return np.asarray(found.last_hidden_state.float().numpy(), np.float32)
