"""The bi-encoder at work: strings to unit vectors, in batches sorted by length.

Two runtimes give the same vectors: ONNX Runtime (starts without torch) and torch (makes the ONNX file once, and
takes over where ONNX Runtime is missing or the processor has bf16 matrix units). A third, ONNX Runtime in int8, is
for queries alone (see `query_check`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rpdr_core.encoder_queries import encoder_cache
from rpdr_core.errors import MissingExtraError
from rpdr_worker.retrieval.encoder_folder import EncoderFolder
from rpdr_worker.retrieval.precision import full_range, in_bf16
from rpdr_worker.retrieval.reading import (
    ContextReading,
    Readable,
    Tokens,
    reads_chinese,
    tokenizer_of,
    tokens_of,
)

Vectors = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
_TOKENS_PER_BATCH = 2048
_TOKENS_PER_CALL = 256


class Runtime(Protocol):
    """`hidden` maps ids and mask, both (batch, tokens), to hidden states (batch, tokens, width)."""

    def hidden(self, ids: Ids, mask: Ids) -> Vectors: ...


class Encoder:
    """Encodes strings to L2-normalised float32 vectors; the inner product of two is their cosine.

    Strings of an encoder that does not read them (`reads_chinese`) get no vectors: they would drown the lexical
    evidence. `contexts`: what it reads of a mention's context.
    """

    def __init__(self, folder: EncoderFolder, runtime: Runtime) -> None:
        self.folder = folder
        self._runtime = runtime
        self._tokenizer = tokenizer_of(folder)
        self.reads_chinese = reads_chinese(self._tokenizer)
        self.contexts = ContextReading(folder.context, self.reads_chinese)

    @classmethod
    def open(cls, folder: EncoderFolder) -> Encoder:
        """Load with the fastest runtime at hand. First use of a model makes its ONNX file (a few seconds)."""
        return cls(folder, _runtime(folder))

    @classmethod
    def open_int8(cls, folder: EncoderFolder) -> Encoder:
        """Load for queries in int8. First use of a model makes its graph (a few seconds).

        What flows through is measured for a whole batch, so a string's vector depends on what it is encoded with: the
        same texts always give the same vectors. Raises `MissingExtraError` where ONNX Runtime is missing.
        """
        return cls(folder, _int8(folder))

    def encode(self, texts: Sequence[Readable], check: Callable[[], None] = lambda: None) -> Vectors:
        """Vectors, shape (len(texts), width), in the order given. `check` is called between batches."""
        read = tokens_of(self._tokenizer, texts, self.folder.max_length)
        order = sorted(range(len(read)), key=lambda i: len(read[i].ids))
        pieces: list[Vectors] = []
        for batch in _batches([len(read[i].ids) for i in order]):
            check()
            ids, mask, own = _padded([read[i] for i in order[batch]])
            pieces.append(self._pooled(self._runtime.hidden(ids, mask), own))
        if not pieces:
            return np.zeros((0, 0), np.float32)
        found = np.concatenate(pieces)
        out = np.empty_like(found)
        out[order] = found
        return out

    def _pooled(self, hidden: Vectors, own: Ids) -> Vectors:
        if self.folder.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            weight = own[..., None].astype(np.float32)
            pooled = (hidden * weight).sum(1) / np.maximum(weight.sum(1), 1.0)
        norm = np.linalg.norm(pooled, axis=1, keepdims=True)
        return np.asarray(pooled / np.maximum(norm, 1e-9), np.float32)


def _batches(lengths: Sequence[int]) -> list[slice]:
    """Slices of a length-sorted list whose padded size stays within the token budget.

    One that is worth a call ends where the length changes: without padding attention needs no mask, which is faster.
    """
    slices: list[slice] = []
    start = 0
    for end in range(1, len(lengths) + 1):
        if (
            end == len(lengths)
            or (end + 1 - start) * lengths[end] > _TOKENS_PER_BATCH
            or (lengths[end] != lengths[start] and (end - start) * lengths[start] >= _TOKENS_PER_CALL)
        ):
            slices.append(slice(start, end))
            start = end
    return slices


def _padded(members: Sequence[Tokens]) -> tuple[Ids, Ids, Ids]:
    """Ids, which of them are read, and which of those make the vector."""
    width = max(len(member.ids) for member in members)
    ids = np.zeros((len(members), width), np.int64)
    mask, own = np.zeros_like(ids), np.zeros_like(ids)
    for row, member in enumerate(members):
        ids[row, : len(member.ids)] = member.ids
        mask[row, : len(member.ids)] = 1
        own[row, : member.own] = 1
    return ids, mask, own


def _runtime(folder: EncoderFolder) -> Runtime:
    from rpdr_worker.retrieval import onnx_runtime, torch_runtime

    if in_bf16():
        return torch_runtime.TorchRuntime(folder.path, bf16=True)
    try:
        return onnx_runtime.OnnxRuntime(_onnx_file(folder))
    except MissingExtraError:
        return torch_runtime.TorchRuntime(folder.path)


def _int8(folder: EncoderFolder) -> Runtime:
    from rpdr_worker.retrieval import onnx_runtime

    path = encoder_cache(folder.fingerprint) / int8_graph()
    if not onnx_runtime.is_sound(path):
        onnx_runtime.quantise(_onnx_file(folder), path, full_range=full_range())
    return onnx_runtime.OnnxRuntime(path)


def int8_graph() -> str:
    """The file's name: weights of eight bits, or of seven where products would overflow."""
    return "model.int8.onnx" if full_range() else "model.int7.onnx"


def _onnx_file(folder: EncoderFolder) -> Path:
    from rpdr_worker.retrieval import onnx_runtime

    path = encoder_cache(folder.fingerprint) / "model.onnx"
    if not onnx_runtime.is_sound(path):
        onnx_runtime.export(folder.path, path)
    return path
