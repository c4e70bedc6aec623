"""An adapter on disk: LoRA weights, what goes with them, and a manifest; nothing is used before its hash is checked.

::

    manifest.json              what it is, what it was made from, SHA-256 of the other files
    adapter_config.json        LoRA shape (peft)
    adapter_model.safetensors  LoRA weights (peft)
    head.safetensors           encoder students: weights of cosine and retriever score
    prompt.toml, recipe.toml   generative students: the template and the recipe that it was trained with
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from rpdr_core.errors import DamagedFileError, NotAllowedError, NotFoundError
from rpdr_core.paths import data_dir
from rpdr_core.protocol.messages import AdapterInfo
from rpdr_worker.ranking.student_judgement import Judgement
from rpdr_worker.retrieval.encoder_folder import EncoderFolder

MANIFEST = "manifest.json"
CONFIG, WEIGHTS, HEAD = "adapter_config.json", "adapter_model.safetensors", "head.safetensors"
PROMPT, RECIPE = "prompt.toml", "recipe.toml"
FILES = (CONFIG, WEIGHTS, HEAD)
GENERATIVE_FILES = (CONFIG, WEIGHTS, PROMPT, RECIPE)
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class GenerativeUse:
    """How a generative student is asked. `base`: folder or hub name of its model, where it was trained.

    `places`: candidates shown. `verdicts`: rows with verdicts were trained, so it judges. `prior`: weight of the
    retriever's score. `exact_above`: a match is exact where the judged logit is greater.
    """

    base: str
    mode: Literal["logits", "generate"]
    form: Literal["labels", "names"]
    chat: bool
    cutoff: int
    places: int
    beams: int
    new_tokens: int
    reversed: bool
    precision: Literal["auto", "bf16", "float32"]
    verdicts: bool
    prior: float = 0.0
    exact_above: float = 0.0


@dataclass(frozen=True, slots=True)
class AdapterManifest:
    """`info.folder` is empty on disk. `base` is the fingerprint of the base model: an encoder's `base_fingerprint`,
    else that of `generative_base`. `encoder`: the encoder's folder, empty for the bundled one. `generative`: there
    for students of that kind.

    `temperature` divides the logits before the softmax that gives the confidence. `rank_gaps`: how far the
    retriever's score at each place lies below the first, for lists that come without scores. `strings`: which weights
    of an encoder read the candidates' strings; the mention is always read by the adapted ones. `judgement`: how sure an
    encoder student is, with its reliability; None where too few rows were held out, then `temperature` serves.
    `softness`, `name_lead`, `alone_lead`: how it reads, see `student_texts.Reading`; `spelling`: see
    `student_lists.parts_of`.
    """

    info: AdapterInfo
    base: str
    encoder: str
    context: int
    temperature: float
    rank_gaps: tuple[float, ...]
    files: dict[str, str] = field(default_factory=dict)
    format: int = _FORMAT
    generative: GenerativeUse | None = None
    strings: Literal["base", "adapted"] = "base"
    softness: float = 0.0
    spelling: bool = False
    judgement: Judgement | None = None
    name_lead: float = 0.0
    alone_lead: float = 0.0


def open_adapter(reference: str) -> tuple[Path, AdapterManifest]:
    """Folder and manifest of an adapter, by folder or by name under the data folder, with every hash checked."""
    folder = _folder(reference)
    manifest = read_manifest(folder)
    for name in files_of(manifest):
        if _sha256(folder / name) != manifest.files.get(name):
            raise DamagedFileError("the adapter is damaged", hint="train it again", file=str(folder / name))
    if content_id((folder / MANIFEST).read_bytes()) != manifest.info.id:
        raise DamagedFileError("the adapter's manifest was changed", hint="train it again", file=str(folder))
    return folder, manifest


def files_of(manifest: AdapterManifest) -> tuple[str, ...]:
    """Names of the files beside the manifest."""
    return GENERATIVE_FILES if manifest.info.kind == "generative" else FILES


def read_manifest(folder: Path) -> AdapterManifest:
    """The manifest alone; hashes are not checked (see `open_adapter`)."""
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=AdapterManifest)
    except OSError as error:
        raise NotFoundError("no adapter here", hint="give the folder that rpdr distill made", file=str(path)) from error
    except msgspec.MsgspecError as error:
        raise DamagedFileError(
            "the adapter's manifest cannot be read", hint="train it again", file=str(path)
        ) from error
    if manifest.format != _FORMAT:
        raise NotAllowedError(f"adapter format {manifest.format}", hint="update this program", file=str(path))
    if (manifest.info.kind == "generative") != (manifest.generative is not None):
        raise DamagedFileError("the adapter's manifest contradicts itself", hint="train it again", file=str(path))
    return replace(manifest, info=replace(manifest.info, folder=str(folder)))


def base_fingerprint(folder: EncoderFolder) -> str:
    """What an adapter is tied to: weights, shape, vocabulary, pooling and length, the same on every machine.

    The folder's own fingerprint also covers the precision in which a machine computes its vectors.
    """
    vocabulary = "tokenizer.json" if (folder.path / "tokenizer.json").is_file() else "vocab.txt"
    digests = [_sha256(folder.path / name) for name in ("model.safetensors", "config.json", vocabulary)]
    key = [*digests, folder.pooling, folder.max_length, folder.lower_case]
    return hashlib.sha256(msgspec.json.encode(key)).hexdigest()


def check_base(manifest: AdapterManifest, folder: EncoderFolder) -> None:
    """Refuse an encoder that is not the one the adapter was trained on."""
    if manifest.base != base_fingerprint(folder):
        raise NotAllowedError(
            f"the adapter was trained on another encoder ({manifest.info.base_model})",
            hint="use that encoder, or train again",
            file=manifest.info.folder,
        )


def content_id(manifest: bytes) -> str:
    """An adapter's id: hash of its manifest as it is written, less the id, and so of all its files, 16 hex digits.

    As written: a field that a later release adds to `AdapterManifest` leaves older adapters what they are.
    """
    content = msgspec.json.decode(manifest, type=dict[str, Any])
    content["info"] = {**content["info"], "id": "", "folder": ""}
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()[:16]


@contextmanager
def staged_adapter(output: Path) -> Iterator[Path]:
    """A staging folder beside `output`; gone at the end unless `publish` moved it."""
    if output.exists() and not _is_ours(output):
        raise NotAllowedError(
            "the output folder holds something else", hint="choose a new or empty folder", file=str(output)
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def publish(staging: Path, output: Path, manifest: AdapterManifest) -> AdapterManifest:
    """Write the manifest and put the whole folder in place; an older adapter there is replaced at once."""
    files = {name: _sha256(staging / name) for name in files_of(manifest)}
    manifest = replace(manifest, files=files)
    info = replace(manifest.info, id=content_id(msgspec.json.encode(manifest)), folder="")
    manifest = replace(manifest, info=info)
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    with (staging / MANIFEST).open("wb") as out:
        out.write(text + b"\n")
        out.flush()
        os.fsync(out.fileno())
    aside = staging.with_name(f"{staging.name}-old")
    if output.exists():
        output.rename(aside)
    staging.rename(output)
    shutil.rmtree(aside, ignore_errors=True)
    return replace(manifest, info=replace(info, folder=str(output)))


def _is_ours(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir()))


def _folder(reference: str) -> Path:
    named = data_dir() / "adapters" / reference
    if not (Path(reference) / MANIFEST).is_file() and (named / MANIFEST).is_file():
        return named
    return Path(reference)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise DamagedFileError(
            "a file of the model is missing", hint="fetch or train it again", file=str(path)
        ) from error
