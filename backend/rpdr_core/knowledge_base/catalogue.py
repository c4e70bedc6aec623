"""A catalogue: one knowledge base as a folder of canonical entities.

`entities.jsonl` holds one `Entity` per line in the terminology's own order; its SHA-256 is the knowledge base's
fingerprint. `manifest.json` names it. A catalogue is written whole into a staging folder and renamed into
place, so a killed import leaves nothing half made.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.errors import DamagedFileError, FileFormatError
from rpdr_core.records import Entity, KnowledgeBaseInfo

ENTITIES = "entities.jsonl"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`source` identifies what the catalogue was made from, so that it is made only once."""

    info: KnowledgeBaseInfo
    source: str
    format: int = 1


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a catalogue folder."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DamagedFileError(
            "the catalogue's manifest cannot be read", hint="import the terminology again", file=str(folder)
        ) from error


def read_entities(folder: Path) -> Iterator[Entity]:
    """Entities of a catalogue, in order. Streams; the hash is not checked here (see `verify`)."""
    decoder = msgspec.json.Decoder(Entity)
    path = folder / ENTITIES
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise DamagedFileError(
                    "a damaged entity", hint="import the terminology again", file=str(path), line=number
                ) from error


def verify(folder: Path, fingerprint: str) -> None:
    """Raise `DamagedFileError` unless the folder's entities are there and hash to `fingerprint`."""
    try:
        with (folder / ENTITIES).open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DamagedFileError(
            "the catalogue's entities cannot be read", hint="import the terminology again", file=str(folder)
        ) from error
    if found != fingerprint:
        raise DamagedFileError(
            f"knowledge base {fingerprint[:12]} does not match its fingerprint",
            hint="import the terminology again",
            file=str(folder),
        )


def write_catalogue(root: Path, entities: Iterable[Entity], *, id: str, title: str, version: str, source: str) -> Path:
    """Write a catalogue below `root`; returns its folder, named by id and fingerprint.

    Codes must be unique, parents must exist, and there must be at least one entity.
    """
    root.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".staging-", dir=root))
    try:
        counts, fingerprint = _write_entities(staging / ENTITIES, entities, source)
        info = KnowledgeBaseInfo(id, title, version, fingerprint, *counts)
        (staging / MANIFEST).write_bytes(msgspec.json.encode(Manifest(info, source)))
        return _publish(staging, root / f"{id}-{fingerprint[:12]}", fingerprint)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _publish(staging: Path, folder: Path, fingerprint: str) -> Path:
    try:
        staging.rename(folder)
    except OSError:
        # Somebody else made the same catalogue meanwhile, or an older one is damaged or names another source.
        try:
            verify(folder, fingerprint)
            (staging / MANIFEST).replace(folder / MANIFEST)
        except (OSError, DamagedFileError):
            shutil.rmtree(folder, ignore_errors=True)
            staging.rename(folder)
    return folder


def _write_entities(path: Path, entities: Iterable[Entity], source: str) -> tuple[tuple[int, int], str]:
    digest = hashlib.sha256()
    encoder = msgspec.json.Encoder()
    codes: set[str] = set()
    parents: dict[str, str] = {}
    terms: set[str] = set()
    with path.open("wb") as out:
        for entity in entities:
            if entity.code in codes:
                raise FileFormatError(f"code {entity.code!r} occurs twice", hint="keep one row per code", file=source)
            codes.add(entity.code)
            parents |= dict.fromkeys(entity.parents, entity.code)
            terms.update((entity.name, *entity.synonyms))
            line = encoder.encode(entity) + b"\n"
            digest.update(line)
            out.write(line)
        out.flush()
        os.fsync(out.fileno())
    if not codes:
        raise FileFormatError("the terminology has no entities", hint="give one row per code", file=source)
    orphan = next((parent for parent in parents if parent not in codes), None)
    if orphan is not None:
        raise FileFormatError(
            f"{parents[orphan]!r} names the parent {orphan!r}, which is not in the file",
            hint="add the parent's row or empty the cell",
            file=source,
        )
    return (len(codes), len(terms)), digest.hexdigest()
