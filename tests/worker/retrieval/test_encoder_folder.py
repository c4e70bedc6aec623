from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from helpers.tiny_encoders import encoder_folder

from rpdr_core.errors import DamagedFileError, MissingExtraError, NotAllowedError, NotFoundError, RpdrError
from rpdr_worker.retrieval import encoder_folder as module
from rpdr_worker.retrieval.encoder_folder import BUNDLED_SHA256, bundled_encoder, open_encoder_folder


def refusal(folder: Path, error: type[RpdrError]) -> RpdrError:
    with pytest.raises(error) as caught:
        open_encoder_folder(str(folder))
    assert caught.value.hint
    assert str(folder) in caught.value.file
    return caught.value


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def test_a_sound_folder_is_described(tmp_path: Path) -> None:
    folder = encoder_folder(tmp_path / "sapbert")
    found = open_encoder_folder(str(folder))
    assert (found.path, found.pooling, found.max_length, found.lower_case) == (folder, "mean", 64, True)
    assert found.name == f"sapbert@{found.fingerprint[:12]}"


def test_a_plain_folder_pools_the_first_token_as_sapbert_does(tmp_path: Path) -> None:
    assert open_encoder_folder(str(encoder_folder(tmp_path, pooling=""))).pooling == "cls"


@pytest.mark.parametrize(
    ("config", "pooling"),
    [
        ({"pooling_mode": "mean"}, "mean"),
        ({"pooling_mode": "cls"}, "cls"),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, "mean"),
        ({"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}, "cls"),
    ],
)
def test_pooling_is_read_from_either_form_of_its_file(tmp_path: Path, config: dict[str, object], pooling: str) -> None:
    folder = encoder_folder(tmp_path)
    write_json(folder / "1_Pooling" / "config.json", config)
    assert open_encoder_folder(str(folder)).pooling == pooling


@pytest.mark.parametrize("config", [{"pooling_mode": "max"}, {"pooling_mode_max_tokens": True}])
def test_another_pooling_is_refused(tmp_path: Path, config: dict[str, object]) -> None:
    folder = encoder_folder(tmp_path)
    write_json(folder / "1_Pooling" / "config.json", config)
    refusal(folder, NotAllowedError)


def test_a_layer_behind_the_pooling_is_refused(tmp_path: Path) -> None:
    """It would be passed over, and every vector would be wrong."""
    folder = encoder_folder(tmp_path)
    plain = [{"type": f"sentence_transformers.models.{name}"} for name in ("Transformer", "Pooling", "Normalize")]
    write_json(folder / "modules.json", plain)
    open_encoder_folder(str(folder))
    write_json(folder / "modules.json", [*plain, {"type": "sentence_transformers.models.Dense"}])
    assert "Dense" in refusal(folder, NotAllowedError).message
    write_json(folder / "modules.json", {"type": "x"})
    refusal(folder, DamagedFileError)


@pytest.mark.parametrize("name", ["modeling.py", "deep/er/custom.py"])
def test_a_folder_with_code_is_refused(tmp_path: Path, name: str) -> None:
    folder = encoder_folder(tmp_path / "m")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("raise SystemExit", encoding="utf-8")
    refusal(folder, NotAllowedError)


def test_a_model_that_names_code_of_its_own_is_refused(tmp_path: Path) -> None:
    folder = encoder_folder(tmp_path)
    write_json(folder / "config.json", {"auto_map": {"AutoModel": "modeling.Model"}})
    refusal(folder, NotAllowedError)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors.index.json"])
def test_other_weights_do_not_count(tmp_path: Path, name: str) -> None:
    folder = encoder_folder(tmp_path)
    (folder / "model.safetensors").rename(folder / name)
    assert "safetensors" in refusal(folder, NotFoundError).hint


@pytest.mark.parametrize("name", ["config.json", "vocab.txt"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = encoder_folder(tmp_path)
    (folder / name).unlink()
    refusal(folder, NotFoundError)


def test_no_folder_and_no_json_are_named(tmp_path: Path) -> None:
    refusal(tmp_path / "none", NotFoundError)
    folder = encoder_folder(tmp_path)
    (folder / "config.json").write_text("{", encoding="utf-8")
    refusal(folder, DamagedFileError)


@pytest.mark.parametrize(("length", "expected"), [(25, 25), (512, 64), (None, 64)])
def test_the_length_is_the_models_up_to_64(tmp_path: Path, length: int | None, expected: int) -> None:
    folder = encoder_folder(tmp_path)
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": length})
    assert open_encoder_folder(str(folder)).max_length == expected


def test_whatever_changes_vectors_changes_the_fingerprint(tmp_path: Path) -> None:
    folders = [
        encoder_folder(tmp_path / "a"),
        encoder_folder(tmp_path / "weights", seed=1),
        encoder_folder(tmp_path / "words", words=("cataract",)),
        encoder_folder(tmp_path / "pooling", pooling="cls"),
        encoder_folder(tmp_path / "length"),
        encoder_folder(tmp_path / "case"),
    ]
    write_json(folders[4] / "sentence_bert_config.json", {"max_seq_length": 8})
    write_json(folders[5] / "tokenizer_config.json", {"do_lower_case": False})
    found = [open_encoder_folder(str(folder)).fingerprint for folder in folders]
    assert len(set(found)) == len(folders)
    copy = encoder_folder(tmp_path / "elsewhere")
    assert open_encoder_folder(str(copy)).fingerprint == found[0]


def test_the_bundled_encoder_is_the_known_one() -> None:
    found = open_encoder_folder()
    assert (found.path, found.pooling) == (bundled_encoder(), "mean")
    assert module._sha256(found.path / "model.safetensors") == BUNDLED_SHA256
    assert "model@" not in found.name


def test_a_bundled_encoder_with_one_flipped_byte_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "model"
    shutil.copytree(bundled_encoder(), copy)
    monkeypatch.setattr(module, "bundled_encoder", lambda: copy)
    open_encoder_folder()
    with (copy / "model.safetensors").open("r+b") as weights:
        weights.seek(1_000_000)
        byte = weights.read(1)
        weights.seek(1_000_000)
        weights.write(bytes([byte[0] ^ 1]))
    with pytest.raises(DamagedFileError, match="install it again"):
        open_encoder_folder()
    open_encoder_folder(str(copy))


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"rpdr-desk\[worker\]"):
        open_encoder_folder()
