"""Encoder folders for tests, and a runtime that needs no model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ENGLISH = (*"abcdefghijklmnopqrstuvwxyz0123456789", *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz0123456789"))
WIDTH = 16


def encoder_folder(folder: Path, *, words: tuple[str, ...] = (), pooling: str = "mean", seed: int = 0) -> Path:
    """A folder that passes the check; its weights are bytes that only `TokenRuntime` can do without.

    `pooling` is `mean`, `cls`, another name, or empty for a plain folder without a pooling file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}), encoding="utf-8")
    (folder / "vocab.txt").write_text("\n".join((*SPECIAL, *ENGLISH, *words)) + "\n", encoding="utf-8")
    (folder / "model.safetensors").write_bytes(b"weights %d" % seed)
    if pooling:
        (folder / "1_Pooling").mkdir(exist_ok=True)
        config = {"pooling_mode": pooling}
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


class TokenRuntime:
    """Hidden states that depend on each token alone. `batches` are the shapes it was given."""

    def __init__(self, seed: int = 0) -> None:
        self._table = np.random.default_rng(seed).standard_normal((2000, WIDTH)).astype(np.float32)
        self.batches: list[tuple[int, int]] = []

    def hidden(self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        assert ids.shape == mask.shape
        self.batches.append((ids.shape[0], ids.shape[1]))
        found: npt.NDArray[np.float32] = self._table[ids]
        return found


def tiny_bert(folder: Path, *, words: tuple[str, ...] = ()) -> Path:
    """A real BERT with random weights: two layers, 32 wide."""
    import torch
    from transformers import BertConfig, BertModel

    encoder_folder(folder, words=words)
    torch.manual_seed(7)
    size = len((folder / "vocab.txt").read_text(encoding="utf-8").splitlines())
    config = BertConfig(
        vocab_size=size,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).eval().save_pretrained(folder)
    return folder
