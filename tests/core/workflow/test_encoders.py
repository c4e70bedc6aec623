"""The shelf of trained encoders."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from rpdr_core.encoder_manifest import EncoderCheck, EncoderManifest
from rpdr_core.errors import DamagedFileError, NotAllowedError, NotFoundError, UserInputError
from rpdr_core.protocol.messages import AdapterInfo
from rpdr_core.workflow.encoders import (
    encoder_folder,
    encoders_folder,
    find_encoder,
    list_encoders,
    remove_encoder,
    use_encoder,
)

KB = "ab" * 32


def shelve(name: str, id: str, root: Path | None = None) -> Path:
    folder = (root or encoders_folder()) / name
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    info = AdapterInfo(id, "", "self-alignment@1", "model@2", "d", 3, 1, 0.5, 0.6, "0", "retriever")
    check = EncoderCheck(1, 2, 0.5, 0.6, (0.01, 0.2), 0.7, 0.8, (0.0, 0.1), True)
    files = {"model.safetensors": hashlib.sha256(b"weights").hexdigest()}
    (folder / "manifest.json").write_bytes(msgspec.json.encode(EncoderManifest(info, "b", KB, 0, check, files)))
    return folder


def test_an_encoder_is_found_by_name_folder_and_the_start_of_its_id() -> None:
    folder = shelve("mine", "0123abcd")
    shelve("other", "0123ffff")
    (encoders_folder() / "no encoder").mkdir()
    assert [one.name for one in list_encoders()] == ["mine", "other"]
    for reference in ("mine", str(folder), "0123a"):
        assert find_encoder(reference).id == "0123abcd"
    with pytest.raises(UserInputError):
        find_encoder("0123")
    for unknown in ("", "012", "nothing"):
        with pytest.raises(NotFoundError):
            find_encoder(unknown)


def test_a_knowledge_base_is_searched_with_what_was_put_in_use_and_no_other_is() -> None:
    folder = shelve("mine", "0123abcd")
    assert encoder_folder("", KB) == ""
    use_encoder(KB, "mine")
    assert encoder_folder("", KB) == str(folder)
    assert encoder_folder("", "cd" * 32) == ""
    assert encoder_folder("bundled", KB) == ""
    assert encoder_folder("/some/folder", KB) == "/some/folder"
    assert encoder_folder("mine", "cd" * 32) == str(folder)
    assert find_encoder("mine").in_use == (KB,)
    use_encoder(KB, "bundled")
    assert encoder_folder("", KB) == ""


def test_what_is_in_use_cannot_be_removed() -> None:
    shelve("mine", "0123abcd")
    use_encoder(KB, "mine")
    with pytest.raises(NotAllowedError):
        remove_encoder("mine")
    use_encoder(KB, "bundled")
    assert remove_encoder("mine").name == "mine"
    assert list_encoders() == []


def test_a_damaged_or_foreign_encoder_is_not_put_in_use(tmp_path: Path) -> None:
    (shelve("mine", "0123abcd") / "model.safetensors").write_bytes(b"weightz")
    with pytest.raises(DamagedFileError):
        use_encoder(KB, "mine")
    with pytest.raises(UserInputError):
        use_encoder(KB, str(shelve("elsewhere", "77770000", tmp_path)))
    assert encoder_folder("", KB) == ""


def test_an_encoder_in_use_that_is_gone_is_told_not_passed_over() -> None:
    folder = shelve("mine", "0123abcd")
    use_encoder(KB, "mine")
    folder.rename(folder.with_name(".away"))
    with pytest.raises(NotFoundError):
        encoder_folder("", KB)
    use_encoder(KB, "bundled")
    (encoders_folder() / "in_use.json").write_text("{")
    with pytest.raises(DamagedFileError):
        encoder_folder("", KB)
