"""A catalogue: one knowledge base as a folder of canonical entities.

`entities.jsonl` holds one `Entity` per line in the terminology's own order; its SHA-256 is the knowledge base's
fingerprint. Beside it may lie what a release says of its entities (see `side_file`); `manifest.json` names it all. A
catalogue is written whole into a staging folder and renamed into place, so a killed import leaves nothing half made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.errors import DamagedFileError
from rpdr_core.knowledge_base.release import Association, MapTarget, Release, Watch, unwatched
from rpdr_core.knowledge_base.side_file import Lookup, SideFile, write_side_file
from rpdr_core.knowledge_base.staged_folder import staged_folder
from rpdr_core.knowledge_base.taking import take_entities
from rpdr_core.records import Entity, KnowledgeBaseInfo

ENTITIES = "entities.jsonl"
MANIFEST = "manifest.json"
ASSOCIATIONS = "associations.jsonl"
MAPS = "maps.jsonl"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`source` identifies what the catalogue was made from, so that it is made only once.

    `sides` are the files beside the entities, `reader` the format that was read, `remarks` what it had to tell.
    """

    info: KnowledgeBaseInfo
    source: str
    format: int = 1
    sides: tuple[SideFile, ...] = ()
    reader: str = ""
    remarks: tuple[str, ...] = ()


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


def associations_of(folder: Path) -> Lookup[Association] | None:
    """What became of retired entities, looked up by code; None where the release said nothing."""
    side = _side(folder, ASSOCIATIONS)
    return None if side is None else Lookup(folder, side, Association)


def maps_of(folder: Path) -> Lookup[MapTarget] | None:
    """The release's maps to other terminologies, looked up by code; None where it brought none."""
    side = _side(folder, MAPS)
    return None if side is None else Lookup(folder, side, MapTarget)


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


def verify_whole(folder: Path, manifest: Manifest) -> None:
    """Raise `DamagedFileError` unless the entities and all files beside them are as they were written."""
    verify(folder, manifest.info.fingerprint)
    for side in manifest.sides:
        Lookup(folder, side, Association).verify()


def write_catalogue(root: Path, entities: Iterable[Entity], *, id: str, title: str, version: str, source: str) -> Path:
    """Write a catalogue below `root`; returns its folder, named by id and fingerprint.

    Codes must be unique, parents must exist and be in no circle, and there must be at least one entity.
    """
    release = Release("", id, title, version, lambda: iter(entities))
    return write_release(root, release, source=source)


def write_release(root: Path, release: Release, *, source: str, watch: Watch = unwatched) -> Path:
    """Write a release as a catalogue under its id, with its associations and maps. What `watch` raises ends it."""
    with staged_folder(root) as staging:
        taken = take_entities(staging.folder / ENTITIES, release, watch, source)
        sides = tuple(_write_sides(staging.folder, release, watch))
        info = KnowledgeBaseInfo(
            release.id, release.title, release.version, taken.fingerprint, taken.entities, taken.terms
        )
        remarks = (*release.remarks(), *taken.remarks)
        manifest = Manifest(info, source, sides=sides, reader=release.format, remarks=remarks)
        (staging.folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))
        watch("finishing", 0, 0)
        return staging.publish(root / _folder_name(manifest), MANIFEST, lambda there: verify_whole(there, manifest))


def _write_sides(folder: Path, release: Release, watch: Watch) -> Iterator[SideFile]:
    written = (
        write_side_file(folder / ASSOCIATIONS, release.associations(), lambda done: watch("associations", done, 0)),
        write_side_file(folder / MAPS, release.maps(), lambda done: watch("maps", done, 0)),
    )
    for side in written:
        if side.rows:
            yield side
        else:
            (folder / side.name).unlink()


def _folder_name(manifest: Manifest) -> str:
    """By id and fingerprint; the same entities with other files beside them are another catalogue."""
    name = f"{manifest.info.id}-{manifest.info.fingerprint[:12]}"
    if not manifest.sides:
        return name
    beside = hashlib.sha256("".join(side.sha256 for side in manifest.sides).encode()).hexdigest()
    return f"{name}-{beside[:8]}"


def _side(folder: Path, name: str) -> SideFile | None:
    return next((side for side in read_manifest(folder).sides if side.name == name), None)
