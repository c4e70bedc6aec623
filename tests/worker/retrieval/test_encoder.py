from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from helpers.tiny_encoders import TokenRuntime, encoder_folder, tiny_bert
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.encoder_queries import VARIABLE
from rpdr_core.errors import Cancelled, MissingExtraError
from rpdr_worker import devices
from rpdr_worker.retrieval import encoder as module
from rpdr_worker.retrieval import onnx_runtime, torch_runtime
from rpdr_worker.retrieval.encoder import Encoder
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder

TEXTS = [
    "b",
    "a long text of many words and 12 numbers",
    "",
    "same",
    "白",
    "same",
    "a b c",
    *(f"term {n}" for n in range(90)),
]


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    return Encoder(open_encoder_folder(str(encoder_folder(tmp_path / "m"))), TokenRuntime())


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("tiny") / "bert")


def test_vectors_are_unit_and_in_the_order_of_the_texts(encoder: Encoder) -> None:
    found = encoder.encode(TEXTS)
    assert found.shape == (len(TEXTS), 16)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.allclose(found, alone, atol=1e-5)
    assert np.array_equal(found[3], found[5])


def test_no_texts_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape[0] == 0


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_pooling_by_hand(tmp_path: Path, pooling: str) -> None:
    runtime = TokenRuntime()
    encoder = Encoder(open_encoder_folder(str(encoder_folder(tmp_path / "m", pooling=pooling))), runtime)
    ids = np.array([encoder._tokenizer.encode("a b").ids])
    hidden = runtime.hidden(ids, np.ones_like(ids))[0]
    expected = hidden.mean(0) if pooling == "mean" else hidden[0]
    assert np.allclose(encoder.encode(["a b", "a longer one"])[0], expected / np.linalg.norm(expected), atol=1e-5)


def test_batches_keep_to_the_token_budget_and_grow_in_length(tmp_path: Path) -> None:
    runtime = TokenRuntime()
    encoder = Encoder(open_encoder_folder(str(encoder_folder(tmp_path / "m"))), runtime)
    encoder.encode([f"{'word ' * (n % 11)}{n}" for n in range(700)])
    assert sum(rows for rows, _ in runtime.batches) == 700
    assert len(runtime.batches) > 1
    assert all(rows * tokens <= module._TOKENS_PER_BATCH for rows, tokens in runtime.batches)
    assert [tokens for _, tokens in runtime.batches] == sorted(tokens for _, tokens in runtime.batches)


@given(st.lists(st.integers(1, 64), max_size=300).map(sorted))
def test_slices_cover_every_row_once_within_the_budget(lengths: list[int]) -> None:
    slices = module._batches(lengths)
    assert [at for piece in slices for at in range(len(lengths))[piece]] == list(range(len(lengths)))
    for piece in slices:
        rows = lengths[piece]
        assert rows
        assert len(rows) * rows[-1] <= module._TOKENS_PER_BATCH or len(rows) == 1


def test_long_texts_are_cut(encoder: Encoder) -> None:
    found = encoder.encode(["a " * 62, "a " * 500])
    assert np.allclose(found[0], found[1], atol=1e-5)


def test_a_cancelled_job_stops_between_batches(tmp_path: Path) -> None:
    runtime = TokenRuntime()
    encoder = Encoder(open_encoder_folder(str(encoder_folder(tmp_path / "m"))), runtime)

    def check() -> None:
        if len(runtime.batches) == 2:
            raise Cancelled("stopped on request")

    with pytest.raises(Cancelled):
        encoder.encode(["word " * 30] * 700, check)
    assert len(runtime.batches) == 2


def test_whether_it_reads_chinese_is_judged_by_its_vocabulary(tmp_path: Path) -> None:
    few = encoder_folder(tmp_path / "few", words=("白",))
    many = encoder_folder(tmp_path / "many", words=tuple(map(chr, range(0x4E00, 0x4E60))))
    answers = [Encoder(open_encoder_folder(str(folder)), TokenRuntime()).reads_chinese for folder in (few, many)]
    assert answers == [False, True]


def test_letter_case_follows_the_folder(tmp_path: Path) -> None:
    folder = encoder_folder(tmp_path / "m", words=("A",))
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": false}', encoding="utf-8")
    cased = Encoder(open_encoder_folder(str(folder)), TokenRuntime()).encode(["A", "a"])
    assert not np.allclose(cased[0], cased[1])
    (folder / "tokenizer_config.json").unlink()
    lower = Encoder(open_encoder_folder(str(folder)), TokenRuntime()).encode(["A", "a"])
    assert np.allclose(lower[0], lower[1])


def test_both_runtimes_give_the_same_vectors(tiny: Path, tmp_path: Path) -> None:
    folder = open_encoder_folder(str(tiny))
    graph = tmp_path / "model.onnx"
    onnx_runtime.export(tiny, graph)
    assert onnx_runtime.is_sound(graph)
    by_onnx = Encoder(folder, onnx_runtime.OnnxRuntime(graph))
    by_torch = Encoder(folder, torch_runtime.TorchRuntime(tiny))
    found = by_onnx.encode(TEXTS)
    assert np.allclose(found, by_torch.encode(TEXTS), atol=1e-5)
    assert np.allclose(found, np.concatenate([by_onnx.encode([text]) for text in TEXTS]), atol=1e-5)
    graph.write_bytes(graph.read_bytes()[:-1])
    assert not onnx_runtime.is_sound(graph)


def test_the_graph_is_made_once_and_again_when_damaged(
    tiny: Path, rpdr_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def export(source: Path, path: Path) -> None:
        made.append(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"graph")
        path.with_suffix(".sha256").write_text(onnx_runtime._sha256(path), encoding="ascii")

    monkeypatch.setattr(onnx_runtime, "export", export)
    folder = open_encoder_folder(str(tiny))
    path = module._onnx_file(folder)
    assert path.is_relative_to(rpdr_home / "cache")
    assert module._onnx_file(folder) == path
    assert len(made) == 1
    path.write_bytes(b"grape")
    module._onnx_file(folder)
    assert len(made) == 2


def test_torch_takes_over_where_onnx_runtime_is_missing(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(path: Path) -> object:
        raise MissingExtraError("onnxruntime is not installed")

    monkeypatch.setenv(VARIABLE, "f32")
    monkeypatch.setattr(module, "_onnx_file", missing)
    assert Encoder.open(open_encoder_folder(str(tiny))).encode(["cataract"]).shape == (1, 32)


def test_bf16_is_near_enough_to_rank_by(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "bf16")
    folder = open_encoder_folder(str(tiny))
    half = Encoder.open(folder).encode(TEXTS)
    full = Encoder(folder, torch_runtime.TorchRuntime(tiny)).encode(TEXTS)
    assert half.dtype == np.float32
    assert np.min(np.sum(half * full, axis=1)) > 0.99


def test_onednn_keeps_little_code_unless_told_otherwise(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
    monkeypatch.setenv(name, "7")
    torch_runtime.load_model(tiny)
    assert os.environ[name] == "7"
    monkeypatch.delenv(name)
    torch_runtime.load_model(tiny)
    assert os.environ[name] == "64"


@pytest.mark.parametrize(("said", "threads"), [("1", 1), ("", 0), ("two", 0)])
def test_onnx_runtime_takes_the_threads_that_torch_takes(
    said: str, threads: int, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    monkeypatch.setenv(VARIABLE, "f32")
    runtime = onnx_runtime.OnnxRuntime(module._onnx_file(open_encoder_folder(str(tiny))))
    assert runtime._session.get_session_options().intra_op_num_threads == threads


@pytest.mark.parametrize(
    ("flags", "expected"), [("fpu avx2 amx_bf16 sse", True), ("avx512_bf16", True), ("avx2", False), ("", False)]
)
def test_bf16_is_chosen_by_the_processors_flags(
    flags: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor : 0\nflags\t\t: {flags}\nbugs : amx_bf16\n", encoding="ascii")
    monkeypatch.setattr(devices, "Path", lambda _: cpuinfo)
    assert devices.multiplies_bf16() is expected


def test_the_bundled_encoder_knows_that_a_heart_attack_is_an_infarction(
    shared_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RPDR_HOME", str(shared_home))
    encoder = Encoder.open(open_encoder_folder())
    attack, infarction, wrist = encoder.encode(["heart attack", "myocardial infarction", "fracture of wrist"])
    assert attack @ infarction > attack @ wrist + 0.2
    assert attack.shape == (384,)
    assert not encoder.reads_chinese
