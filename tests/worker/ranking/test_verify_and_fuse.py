"""Adapters checked, merged into their base, and packed for a server: an encoder's and a language model's."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from helpers.quick_recipe import quick_recipe
from helpers.tiny_llama import quick_generative, tiny_llama
from helpers.tiny_models import lay_rows, tiny_bert

from rpdr_core.errors import Cancelled, DamagedFileError, NotAllowedError
from rpdr_core.protocol.adapter_messages import FuseAdapter, VerifyAdapter
from rpdr_core.protocol.messages import AdapterInfo, TrainingSpec
from rpdr_core.records import Candidate
from rpdr_core.training_texts import FILE, read_training_texts
from rpdr_core.workflow.serving import export_for
from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.entry import train
from rpdr_worker.job import RecordingJob
from rpdr_worker.ranking.adapter import HEAD, WEIGHTS, open_adapter
from rpdr_worker.ranking.fusing import fuse
from rpdr_worker.ranking.generative_base import load_base, open_base_folder
from rpdr_worker.ranking.generative_prompt import Question
from rpdr_worker.ranking.generative_student import coder_of, merged
from rpdr_worker.ranking.generative_template import load_student_template
from rpdr_worker.ranking.student_model import TextEncoder, with_adapter
from rpdr_worker.ranking.student_model import load_base as load_encoder
from rpdr_worker.ranking.verifying import verify
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder

ROWS, VALIDATION = lay_rows(96, seed=1), lay_rows(16, seed=2)
TEXTS = ["my bad sugar", "old piles", "rash"]
KB = "ab" * 32


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def encoder_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    base = tiny_bert(folder / "tiny")
    spec = TrainingSpec(quick_recipe(folder, epochs=8), KB, str(base))
    train(spec, ROWS, VALIDATION, folder / "adapter", PlainContext())
    return folder


@pytest.fixture(scope="module")
def llama_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("llama")
    base = tiny_llama(folder / "tiny")
    spec = TrainingSpec(quick_generative(folder, epochs=1, learning_rate=5e-2), KB, str(base))
    train(spec, ROWS[:16], VALIDATION[:4], folder / "adapter", PlainContext())
    return folder


@pytest.fixture(params=["encoder_made", "llama_made"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with `adapter`, which a test may damage, and its base model `tiny`."""
    source: Path = request.getfixturevalue(request.param)
    shutil.copytree(source / "adapter", tmp_path / "adapter")
    (tmp_path / "tiny").symlink_to(source / "tiny")
    return tmp_path


def info_of(folder: Path) -> AdapterInfo:
    return open_adapter(str(folder))[1].info


def test_a_sound_adapter_with_its_base(made: Path) -> None:
    found = verify(VerifyAdapter(str(made / "adapter")), RecordingJob())
    assert (found.base, found.note) == ("same", "")
    assert found.info == info_of(made / "adapter")
    assert found.files in (3, 4)
    assert found.bytes > 1000


def test_each_adapter_says_what_it_was_trained_on(made: Path) -> None:
    texts = read_training_texts(made / "adapter")
    seen = (*ROWS, *VALIDATION) if info_of(made / "adapter").kind == "encoder" else (*ROWS[:16], *VALIDATION[:4])
    assert texts.known
    assert all(row.mention.upper() in texts for row in seen)
    assert "another mention" not in texts
    assert texts.salt == info_of(made / "adapter").data_sha256


@pytest.mark.parametrize("name", [WEIGHTS, "manifest.json", FILE])
def test_a_changed_byte_anywhere_is_found(made: Path, name: str) -> None:
    path = made / "adapter" / name
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedFileError):
        verify(VerifyAdapter(str(made / "adapter")), RecordingJob())


def test_a_base_model_that_is_not_here_is_told_not_refused(
    encoder_made: Path, llama_made: Path, tmp_path: Path
) -> None:
    for source in (encoder_made, llama_made):
        shutil.copytree(source, tmp_path / source.name)
        aside = source / "tiny"
        aside.rename(source / "gone")
        try:
            found = verify(VerifyAdapter(str(source / "adapter")), RecordingJob())
        finally:
            (source / "gone").rename(aside)
        assert found.base == "absent"
        assert "tiny" in found.note


def test_another_model_in_the_bases_place_is_refused(encoder_made: Path, llama_made: Path) -> None:
    for source, make in ((encoder_made, tiny_bert), (llama_made, tiny_llama)):
        base = source / "tiny"
        base.rename(source / "aside")
        try:
            make(base, seed=5)
            with pytest.raises(NotAllowedError, match="not the one that the adapter was trained on"):
                verify(VerifyAdapter(str(source / "adapter")), RecordingJob())
            with pytest.raises(NotAllowedError):
                fuse(FuseAdapter(str(source / "adapter"), str(source / "refused")), RecordingJob())
            assert not (source / "refused").exists()
        finally:
            shutil.rmtree(base)
            (source / "aside").rename(base)


def test_a_fused_encoder_gives_the_students_vectors(encoder_made: Path, tmp_path: Path) -> None:
    found = fuse(FuseAdapter(str(encoder_made / "adapter"), str(tmp_path / "fused")), RecordingJob())
    assert (found.kind, found.folder) == ("encoder", str(tmp_path / "fused"))
    assert (tmp_path / "fused" / HEAD).is_file()
    folder = open_encoder_folder(found.folder)
    base = open_encoder_folder(str(encoder_made / "tiny"))
    adapted = TextEncoder(base, with_adapter(load_encoder(base), encoder_made / "adapter"))
    with torch.inference_mode():
        fused = TextEncoder(folder, load_encoder(folder)).vectors(TEXTS)
        assert torch.allclose(fused, adapted.vectors(TEXTS), atol=1e-5)
        assert not torch.allclose(fused, TextEncoder(base, load_encoder(base)).vectors(TEXTS), atol=1e-2)
    assert (folder.pooling, folder.max_length) == (base.pooling, base.max_length)


def test_a_fused_language_model_gives_the_students_logits(llama_made: Path, tmp_path: Path) -> None:
    found = fuse(FuseAdapter(str(llama_made / "adapter"), str(tmp_path / "fused")), RecordingJob())
    assert found.kind == "generative"
    base = load_base(open_base_folder(str(llama_made / "tiny")), precision="float32")
    ids = torch.tensor([base.tokenizer("some old sugar", add_special_tokens=False)["input_ids"]])
    with torch.inference_mode():
        plain = base.model(input_ids=ids).logits
        adapted = merged(base.model, llama_made / "adapter")(input_ids=ids).logits
        fused = load_base(open_base_folder(found.folder), precision="float32")
        assert torch.allclose(fused.model(input_ids=ids).logits, adapted, atol=1e-4)
        assert not torch.allclose(plain, adapted, atol=1e-2)
    assert fused.tokenizer("rash")["input_ids"] == base.tokenizer("rash")["input_ids"]


def test_fusing_keeps_what_is_there_and_can_be_stopped(made: Path) -> None:
    full = made / "full"
    full.mkdir()
    (full / "mine.txt").write_text("keep")
    with pytest.raises(NotAllowedError, match="output folder holds something"):
        fuse(FuseAdapter(str(made / "adapter"), str(full)), RecordingJob())
    with pytest.raises(Cancelled):
        fuse(FuseAdapter(str(made / "adapter"), str(made / "out")), RecordingJob(cancelled=True))
    assert not [path for path in made.iterdir() if path.name == "out" or path.name.startswith(".")]
    assert [path.name for path in full.iterdir()] == ["mine.txt"]
    empty = made / "empty"
    empty.mkdir()
    assert fuse(FuseAdapter(str(made / "adapter"), str(empty)), RecordingJob()).files > 3


def test_a_folder_for_vllm(llama_made: Path, tmp_path: Path) -> None:
    out = tmp_path / "my students"
    served = export_for("vllm", info_of(llama_made / "adapter"), out)
    assert served.command.startswith(f"vllm serve {llama_made / 'tiny'} --enable-lora --max-lora-rank 16")
    assert f"--lora-modules {served.name}='{out / 'adapter'}'" in served.command
    config = json.loads((out / "adapter" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == str(llama_made / "tiny")
    assert (out / "adapter" / WEIGHTS).read_bytes() == (llama_made / "adapter" / WEIGHTS).read_bytes()
    readme = (out / "README.md").read_text()
    assert served.command in readme
    assert "127.0.0.1:8000/v1/completions" in readme
    assert sorted(path.name for path in out.rglob("*") if path.is_file()) == [
        "README.md", "adapter_config.json", WEIGHTS, "example.json", "prompt.toml",
    ]  # fmt: skip
    with pytest.raises(NotAllowedError, match="holds something"):
        export_for("vllm", info_of(llama_made / "adapter"), out)


def test_a_folder_for_ollama(llama_made: Path, tmp_path: Path) -> None:
    served = export_for("ollama", info_of(llama_made / "adapter"), tmp_path / "out")
    model = (tmp_path / "out" / "Modelfile").read_text()
    assert f"FROM {llama_made / 'tiny'}\nADAPTER ./adapter\n" in model
    assert served.command == f"ollama create {served.name} -f Modelfile && ollama run {served.name}"
    assert served.notes == ()


def test_what_ollama_cannot_read_is_refused_with_the_way_round(llama_made: Path, tmp_path: Path) -> None:
    other = tmp_path / "adapter"
    shutil.copytree(llama_made / "adapter", other)
    manifest = json.loads((other / "manifest.json").read_text())
    base = tmp_path / "bloom"
    base.mkdir()
    (base / "config.json").write_text('{"model_type": "bloom"}')
    manifest["generative"]["base"] = str(base)
    (other / "manifest.json").write_text(json.dumps(manifest))
    info = replace(info_of(llama_made / "adapter"), folder=str(other))
    with pytest.raises(NotAllowedError, match="type bloom") as caught:
        export_for("ollama", info, tmp_path / "out")
    assert "GGUF" in caught.value.hint
    assert not (tmp_path / "out").exists()
    (base / "config.json").unlink()
    assert "base model is not here" in export_for("ollama", info, tmp_path / "out").notes[0]


def test_the_example_is_the_prompt_that_the_student_was_trained_to_read(llama_made: Path, tmp_path: Path) -> None:
    folder, manifest = open_adapter(str(llama_made / "adapter"))
    export_for("vllm", info_of(folder), tmp_path / "out")
    example = json.loads((tmp_path / "out" / "example.json").read_text())
    base = load_base(open_base_folder(str(llama_made / "tiny")), precision="float32")
    assert manifest.generative is not None
    coder = coder_of(base.tokenizer, load_student_template(str(folder / "prompt.toml")), manifest.generative)
    pair = (Candidate("1", "Myocardial infarction"), Candidate("2", "Heart failure"))
    [prompt] = coder.prompts([Question("heart attack", "", pair)])
    assert coder.text_of(prompt).replace("<s>", "") == example["prompt"]
