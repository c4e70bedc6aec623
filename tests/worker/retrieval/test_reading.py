"""A mention with its context: what is read of it, and by which encoder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.tiny_encoders import TokenRuntime, encoder_folder, tiny_bert
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import DamagedFileError
from rpdr_core.records import Entity
from rpdr_worker.ranking.student_model import TextEncoder
from rpdr_worker.retrieval import onnx_runtime, torch_runtime
from rpdr_worker.retrieval.encoder import Encoder
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder
from rpdr_worker.retrieval.lexical import LexicalIndex
from rpdr_worker.retrieval.memory import Memory
from rpdr_worker.retrieval.query_check import Query, read
from rpdr_worker.retrieval.reading import ALONE, ContextReading, InContext, tokens_of
from rpdr_worker.retrieval.retriever import Retriever
from rpdr_worker.retrieval.segment import Segment
from rpdr_worker.retrieval.terms import Terminology, TermTable
from rpdr_worker.retrieval.text import Expander

READING = ContextReading(40)


def reads(folder: Path, characters: int) -> Path:
    (folder / "manifest.json").write_text(json.dumps({"context": characters}), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "context", "around"),
    [
        ("MS", "Plaques, ms.", "Plaques, ms."),
        ("old  MS", "an old\nMS", "an old MS"),
        ("MS", "items and stems", ""),
        ("MS", "MS", ""),
        ("MS", "", ""),
        ("", "a context", ""),
        ("MS", "左眼 MS", ""),
        ("c(a", "b c(a d", "b c(a d"),
        ("MS", f"{'one ' * 30}MS{' two' * 30}", "one one one one MS two two two two"),
    ],
)
def test_what_stands_around_a_mention(text: str, context: str, around: str) -> None:
    assert READING.around(text, context) == around
    assert ALONE.read(text, context) == text


def test_an_encoder_that_reads_chinese_reads_a_third_of_the_signs() -> None:
    found = ContextReading(30, chinese=True).around("白内障", "左" * 20 + "白内障" + "右" * 20)
    assert len(found) == 10
    assert "白内障" in found


@given(st.text(max_size=40), st.text(max_size=200))
def test_any_text_in_any_context(text: str, context: str) -> None:
    found = ContextReading(30, chinese=True).read(text, context)
    assert found == text or (isinstance(found, InContext) and found.mention == text and found.around)


@pytest.mark.parametrize("words", [1, 40, 61, 62, 90])
def test_what_is_too_long_is_cut_from_the_context(tmp_path: Path, words: int) -> None:
    folder = open_encoder_folder(str(encoder_folder(tmp_path / "m")))
    tokenizer = Encoder(folder, TokenRuntime())._tokenizer
    mention = "a " * words
    alone, within = tokens_of(tokenizer, [mention, InContext(mention, "b " * 80)], 64)
    assert within.ids[: within.own] == alone.ids
    assert within.own == alone.own == len(alone.ids)
    assert len(within.ids) <= 64
    assert within.ids[-1] == alone.ids[-1]


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_all_runtimes_read_a_pair_alike(tmp_path: Path, pooling: str) -> None:
    tiny = tiny_bert(tmp_path / "bert")
    (tiny / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": pooling}), encoding="utf-8")
    graph = tmp_path / "model.onnx"
    onnx_runtime.export(tiny, graph)
    folder = open_encoder_folder(str(tiny))
    texts = ["a b", InContext("a b", "c a b d"), InContext("a b", "e f a b"), "c"]
    by_torch = Encoder(folder, torch_runtime.TorchRuntime(tiny)).encode(texts)
    by_onnx = Encoder(folder, onnx_runtime.OnnxRuntime(graph)).encode(texts)
    in_training = TextEncoder(folder, torch_runtime.load_model(tiny)).all_vectors(texts, lambda: None).numpy()
    assert np.allclose(by_torch, by_onnx, atol=1e-5)
    assert np.allclose(by_torch, in_training, atol=1e-5)
    assert not np.allclose(by_torch[1], by_torch[2], atol=1e-3)
    assert not np.allclose(by_torch[0], by_torch[1], atol=1e-3)


def test_the_check_of_int8_reads_every_other_query_in_a_context_where_the_encoder_does() -> None:
    queries = [Query(text, -1, frozenset()) for text in ("a b", "c d", "e f")]
    assert read(queries, ALONE) == ["a b", "c d", "e f"]
    assert read(queries, READING) == ["a b", InContext("c d", "a b. c d; e f."), "e f"]


def test_an_encoder_says_what_it_was_trained_to_read(tmp_path: Path) -> None:
    plain = open_encoder_folder(str(encoder_folder(tmp_path / "m")))
    told = open_encoder_folder(str(reads(tmp_path / "m", 40)))
    assert (plain.context, told.context) == (0, 40)
    assert plain.fingerprint == told.fingerprint, "strings have the same vectors"
    (tmp_path / "m" / "manifest.json").write_text('{"context": -1}', encoding="utf-8")
    with pytest.raises(DamagedFileError):
        open_encoder_folder(str(tmp_path / "m"))


def retriever() -> Retriever:
    terminology = Terminology.of([Entity("A", "gamma"), Entity("B", "delta")])
    table = TermTable.of(terminology.official_rows())
    lexical = LexicalIndex.build(table.keys)
    return Retriever(terminology, Expander.of([]), [Segment(table, lexical)], Memory(terminology, lexical, ()))


def encoded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What a retriever has the encoder read of one mention in two contexts."""
    seen: list[object] = []
    encoder = Encoder(open_encoder_folder(str(folder)), TokenRuntime())
    whole = encoder.encode
    monkeypatch.setattr(encoder, "encode", lambda texts, check: seen.extend(texts) or whole(texts, check))
    retriever().retrieve(["c d"] * 3, 2, contexts=["a c d", "b c d", "elsewhere"], encoder=encoder)
    return seen


def test_two_contexts_are_two_vectors_only_where_the_encoder_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = encoder_folder(tmp_path / "m")
    assert encoded(folder, monkeypatch) == ["c d"]
    assert encoded(reads(folder, 40), monkeypatch) == ["c d", InContext("c d", "a c d"), InContext("c d", "b c d")]
