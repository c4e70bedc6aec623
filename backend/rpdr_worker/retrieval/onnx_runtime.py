"""ONNX Runtime for encoders: the graph is exported once per model and kept with its SHA-256."""

from __future__ import annotations

import hashlib
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from rpdr_core.errors import MissingExtraError
from rpdr_worker.retrieval.encoder import Ids, Vectors
from rpdr_worker.retrieval.torch_runtime import load_model


class OnnxRuntime:
    """Float32 on the CPU."""

    def __init__(self, path: Path) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError("onnxruntime is not installed", hint='pip install "rpdr-desk[worker]"') from error
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def hidden(self, ids: Ids, mask: Ids) -> Vectors:
        found = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return np.asarray(found, np.float32)


def is_sound(path: Path) -> bool:
    """Whether the exported graph is there and matches the hash written beside it."""
    note = path.with_suffix(".sha256")
    if not path.is_file() or not note.is_file():
        return False
    return note.read_text(encoding="ascii") == _sha256(path)


def export(model_folder: Path, path: Path) -> None:
    """Write the encoder's graph (ids, mask -> last hidden state) with dynamic batch and length."""
    try:
        import onnx  # noqa: F401 - the exporter needs it and fails late without
        import torch
    except ImportError as error:
        raise MissingExtraError("torch or onnx is not installed", hint='pip install "rpdr-desk[worker]"') from error
    with warnings.catch_warnings():
        # The exporter that follows the traced graph is deprecated but the only one that needs no further package.
        warnings.simplefilter("ignore")
        _export(torch, load_model(model_folder, attention="eager"), path)


def _export(torch: Any, model: Any, path: Path) -> None:
    class LastHidden(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    example = torch.ones((2, 6), dtype=torch.int64)
    dynamic = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        LastHidden(),
        (example, example),
        str(temporary),
        input_names=["input_ids", "attention_mask"],
        output_names=["hidden"],
        dynamic_axes={"input_ids": dynamic, "attention_mask": dynamic, "hidden": dynamic},
        opset_version=17,
        dynamo=False,
    )
    digest = _sha256(temporary)
    temporary.replace(path)
    path.with_suffix(".sha256").write_text(digest, encoding="ascii")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
