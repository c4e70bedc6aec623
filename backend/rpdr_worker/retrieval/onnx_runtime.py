"""ONNX Runtime for encoders: the graph is exported once per model, in int8 where wanted, and kept with its SHA-256."""

from __future__ import annotations

import hashlib
import logging
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from rpdr_core.errors import MissingExtraError
from rpdr_worker.retrieval.encoder import Ids, Vectors
from rpdr_worker.retrieval.torch_runtime import load_model


class OnnxRuntime:
    """A graph on the CPU, with as many threads as OMP_NUM_THREADS says (as torch does), else one for each core."""

    def __init__(self, path: Path) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError("onnxruntime is not installed", hint='pip install "rpdr-desk[worker]"') from error
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        threads = os.environ.get("OMP_NUM_THREADS", "")
        options.intra_op_num_threads = int(threads) if threads.isdecimal() else 0
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


def quantise(graph: Path, path: Path, *, full_range: bool) -> None:
    """Write a graph in int8: weights by channel, what flows through it by tensor, measured as it flows.

    `full_range` False leaves the weights seven bits.
    """
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise MissingExtraError("onnx is not installed", hint='pip install "rpdr-desk[worker]"') from error
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    # It advises steps for graphs of other kinds, as a warning to whoever listens.
    logging.getLogger().addFilter(_unadvised)
    try:
        quantize_dynamic(graph, temporary, per_channel=True, reduce_range=not full_range, weight_type=QuantType.QInt8)
    finally:
        logging.getLogger().removeFilter(_unadvised)
    _keep(temporary, path)


def _unadvised(record: logging.LogRecord) -> bool:
    return "pre-processing" not in record.getMessage()


def version() -> str:
    """Of ONNX Runtime; raises `MissingExtraError`."""
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError("onnxruntime is not installed", hint='pip install "rpdr-desk[worker]"') from error
    return str(onnxruntime.__version__)


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
    _keep(temporary, path)


def _keep(temporary: Path, path: Path) -> None:
    digest = _sha256(temporary)
    temporary.replace(path)
    path.with_suffix(".sha256").write_text(digest, encoding="ascii")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
