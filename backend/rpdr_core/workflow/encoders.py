"""The shelf of encoders that were trained on this machine, and which of them a knowledge base is searched with.

::

    data/encoders/NAME/              a model folder with its manifest (`rpdr_core.encoder_manifest`)
    data/encoders/in_use.json        {fingerprint of a knowledge base: id of an encoder}
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.encoder_manifest import EncoderManifest, read_encoder_manifest
from rpdr_core.errors import DamagedFileError, NotAllowedError, NotFoundError, RpdrError, UserInputError
from rpdr_core.paths import data_dir

BUNDLED = "bundled"
_IN_USE = "in_use.json"
_PREFIX = 4


@dataclass(frozen=True, slots=True)
class TrainedEncoder:
    """`in_use`: fingerprints of the knowledge bases that are searched with it."""

    name: str
    folder: Path
    manifest: EncoderManifest
    in_use: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.manifest.info.id


def encoders_folder() -> Path:
    """Where trained encoders are kept under their names."""
    return data_dir() / "encoders"


def list_encoders() -> list[TrainedEncoder]:
    """By name. A folder without a readable manifest is none of ours and is passed over."""
    found = []
    for path in sorted(encoders_folder().glob("[!.]*/manifest.json")):
        try:
            found.append(_read(path.parent))
        except RpdrError:
            continue
    return found


def find_encoder(reference: str) -> TrainedEncoder:
    """By name, folder or id (four digits of it are enough where they are clear). Raises `NotFoundError`."""
    for folder in (encoders_folder() / reference, Path(reference)):
        if reference and (folder / "manifest.json").is_file():
            return _read(folder)
    found = [one for one in list_encoders() if len(reference) >= _PREFIX and one.id.startswith(reference)]
    if len(found) > 1:
        raise UserInputError(f"{reference} begins {len(found)} encoders' ids", hint="give more of the id")
    if not found:
        raise NotFoundError(f"no encoder {reference!r} on this machine", hint="see: rpdr encoders list")
    return found[0]


def use_encoder(fingerprint: str, reference: str) -> None:
    """Search a knowledge base with this encoder from now on; `bundled` is the one that comes with the program.

    Raises `DamagedFileError` where a file of the encoder is not as it was written.
    """
    chosen = _choices()
    if reference == BUNDLED:
        chosen.pop(fingerprint, None)
    else:
        found = find_encoder(reference)
        verify_encoder(found)
        if found.folder.parent != encoders_folder():
            raise UserInputError("not on the shelf", hint=f"give it with --encoder {reference} where it is needed")
        chosen[fingerprint] = found.id
    _write(chosen)


def encoder_folder(reference: str, fingerprint: str) -> str:
    """What a worker is told to encode with: the folder of a shelf's encoder or of any other model; empty for the
    bundled one. Without a `reference` it is the knowledge base's own.

    Raises `NotFoundError` where the encoder in use is gone.
    """
    if reference == BUNDLED:
        return ""
    if reference:
        shelved = encoders_folder() / reference
        return str(shelved) if (shelved / "manifest.json").is_file() else reference
    chosen = encoder_in_use(fingerprint)
    if not chosen:
        return ""
    for one in list_encoders():
        if one.id == chosen:
            return str(one.folder)
    hint = f"put it back, or: rpdr encoders use {BUNDLED} --kb KB"
    raise NotFoundError(f"the encoder {chosen} that this knowledge base is searched with is gone", hint=hint)


def encoder_in_use(fingerprint: str) -> str:
    """The id of the encoder that a knowledge base is searched with; empty for the bundled one."""
    return _choices().get(fingerprint, "")


def remove_encoder(reference: str) -> TrainedEncoder:
    """Delete an encoder. Raises `NotAllowedError` while a knowledge base is searched with it."""
    found = find_encoder(reference)
    if found.in_use:
        hint = f"first: rpdr encoders use {BUNDLED} --kb KB"
        raise NotAllowedError(f"{found.name} is in use for {len(found.in_use)} knowledge bases", hint=hint)
    aside = found.folder.with_name(f".removed-{found.folder.name}")
    shutil.rmtree(aside, ignore_errors=True)
    found.folder.rename(aside)
    shutil.rmtree(aside)
    return found


def verify_encoder(encoder: TrainedEncoder) -> None:
    """Raises `DamagedFileError` unless every file is as it was written."""
    for name, expected in encoder.manifest.files.items():
        path = encoder.folder / name
        if not path.is_file() or _sha256(path) != expected:
            raise DamagedFileError("the encoder is damaged", hint="train it again", file=str(path))


def _read(folder: Path) -> TrainedEncoder:
    manifest = read_encoder_manifest(folder)
    used = tuple(kb for kb, chosen in _choices().items() if chosen == manifest.info.id)
    return TrainedEncoder(folder.name, folder, manifest, used)


def _choices() -> dict[str, str]:
    path = encoders_folder() / _IN_USE
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except msgspec.MsgspecError as error:
        raise DamagedFileError(
            "cannot be read", hint="delete it: all use the bundled one then", file=str(path)
        ) from error


def _write(chosen: dict[str, str]) -> None:
    path = encoders_folder() / _IN_USE
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.with_suffix(".staging")
    staging.write_bytes(msgspec.json.encode(chosen))
    staging.replace(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
