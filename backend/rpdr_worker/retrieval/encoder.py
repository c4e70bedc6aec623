"""The bi-encoder at work: strings to unit vectors, in batches sorted by length.

Two runtimes give the same vectors: ONNX Runtime (starts without torch) and torch (makes the ONNX file once, and
takes over where ONNX Runtime is missing or the processor has bf16 matrix units). A third, ONNX Runtime in int8, is
for queries alone (see `query_check`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from rpdr_core.encoder_queries import encoder_cache
from rpdr_core.errors import MissingExtraError
from rpdr_worker.retrieval.encoder_folder import EncoderFolder
from rpdr_worker.retrieval.precision import full_range, in_bf16
from rpdr_worker.retrieval.text import has_cjk

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Vectors = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
_TOKENS_PER_BATCH = 2048
_TOKENS_PER_CALL = 256


class Runtime(Protocol):
    """`hidden` maps ids and mask, both (batch, tokens), to hidden states (batch, tokens, width)."""

    def hidden(self, ids: Ids, mask: Ids) -> Vectors: ...


class Encoder:
    """Encodes strings to L2-normalised float32 vectors; the inner product of two is their cosine.

    `reads_chinese` is judged by the vocabulary: an English encoder gives Chinese strings near-equal vectors,
    which would drown the lexical evidence, so such strings get none.
    """

    def __init__(self, folder: EncoderFolder, runtime: Runtime) -> None:
        self.folder = folder
        self._runtime = runtime
        self._tokenizer = _tokenizer(folder)
        vocabulary = self._tokenizer.get_vocab()
        chinese = sum(1 for token in vocabulary if has_cjk(token))
        self.reads_chinese = chinese > len(vocabulary) // 5 or len(vocabulary) > 100_000

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

    def encode(self, texts: Sequence[str], check: Callable[[], None] = lambda: None) -> Vectors:
        """Vectors, shape (len(texts), width), in the order given. `check` is called between batches."""
        encodings = self._tokenizer.encode_batch(list(texts))
        order = sorted(range(len(encodings)), key=lambda i: len(encodings[i].ids))
        pieces: list[Vectors] = []
        for batch in _batches([len(encodings[i].ids) for i in order]):
            check()
            members = [encodings[i].ids for i in order[batch]]
            ids, mask = _padded(members)
            pieces.append(self._pooled(self._runtime.hidden(ids, mask), mask))
        if not pieces:
            return np.zeros((0, 0), np.float32)
        found = np.concatenate(pieces)
        out = np.empty_like(found)
        out[order] = found
        return out

    def _pooled(self, hidden: Vectors, mask: Ids) -> Vectors:
        if self.folder.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            weight = mask[..., None].astype(np.float32)
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


def _padded(members: list[list[int]]) -> tuple[Ids, Ids]:
    width = max(len(ids) for ids in members)
    ids = np.zeros((len(members), width), np.int64)
    mask = np.zeros_like(ids)
    for row, member in enumerate(members):
        ids[row, : len(member)] = member
        mask[row, : len(member)] = 1
    return ids, mask


def _tokenizer(folder: EncoderFolder) -> Tokenizer:
    from tokenizers import Tokenizer
    from tokenizers.implementations.bert_wordpiece import BertWordPieceTokenizer

    path = folder.path / "tokenizer.json"
    if path.is_file():
        tokenizer = Tokenizer.from_file(str(path))
    else:
        made = BertWordPieceTokenizer(str(folder.path / "vocab.txt"), lowercase=folder.lower_case)
        tokenizer = made._tokenizer
    tokenizer.no_padding()
    tokenizer.enable_truncation(folder.max_length)
    return tokenizer


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
