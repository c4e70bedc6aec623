"""A trained encoder as a folder that retrieval opens: the base's files with new weights, and a manifest."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from rpdr_core.encoder_manifest import MANIFEST, EncoderManifest
from rpdr_core.protocol.messages import AdapterInfo
from rpdr_worker.ranking.adapter import content_id
from rpdr_worker.retrieval.encoder_folder import EncoderFolder

_SAVED = frozenset(("config.json", "model.safetensors", "pytorch_model.bin", "README.md", MANIFEST))
_NOT_OURS = frozenset(("training_texts.txt",))


def write_encoder(model: Any, base: EncoderFolder, staging: Path, manifest: EncoderManifest) -> EncoderManifest:
    """Fill `staging`; returns the manifest with hashes and id. Equal weights on an equal base give equal bytes."""
    model.save_pretrained(str(staging))
    for path in base.path.iterdir():
        if path.name not in _SAVED | _NOT_OURS and not path.name.startswith("."):
            copy = shutil.copytree if path.is_dir() else shutil.copyfile
            copy(path, staging / path.name)
    files = {path.relative_to(staging).as_posix(): _sha256(path) for path in sorted(staging.rglob("*")) if _is(path)}
    manifest = replace(manifest, files=files)
    info = replace(manifest.info, id=content_id(msgspec.json.encode(manifest)), folder="")
    manifest = replace(manifest, info=info)
    with (staging / MANIFEST).open("wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
        out.flush()
        os.fsync(out.fileno())
    return manifest


def put_in_place(staging: Path, output: Path, info: AdapterInfo) -> AdapterInfo:
    """The staged folder takes its place at once; an older encoder there is replaced."""
    aside = staging.with_name(f"{staging.name}-old")
    if output.exists():
        output.rename(aside)
    staging.rename(output)
    shutil.rmtree(aside, ignore_errors=True)
    return replace(info, folder=str(output))


def _is(path: Path) -> bool:
    return path.is_file() and path.name != MANIFEST


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
