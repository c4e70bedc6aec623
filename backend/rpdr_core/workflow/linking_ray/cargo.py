"""Files that a device needs to link: found on its node by their hashes, else brought there once, under their hashes.

What is needed: the catalogue's entities, lexicons, tokens, paraphrases, an encoder that is not the bundled one, a
student's adapter, and the vectors of the terminology's strings, which would take hours to make again. Not brought:
which texts a model has seen, vectors of the memory and of other knowledge bases, and a generative student's base model,
which is gigabytes, and a folder or a hub's name on each machine.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rpdr_core.errors import DamagedFileError
from rpdr_core.knowledge_base.catalogue import ENTITIES
from rpdr_core.paths import cache_dir
from rpdr_core.protocol.messages import OpenRetrieval
from rpdr_core.training_texts import FILE as TRAINING_TEXTS

Fetch = Callable[[str], Iterator[bytes]]
"""The content of a file of the sender's, in parts."""


@dataclass(frozen=True, slots=True)
class Crate:
    """Files of one folder of the sender's: `files` are (path below it, SHA-256). `path`: what the request calls it, the
    `whole` folder or its one file.
    """

    path: str
    folder: str
    files: tuple[tuple[str, str], ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Cargo:
    """`crates`: by folder. `vectors`: shards of the terminology and lexicons in use, as paths below the sender's
    `vectors`; each holds its own hash, and its name is the hash of its strings.
    """

    crates: tuple[Crate, ...]
    vectors_from: str
    vectors: tuple[str, ...]

    @property
    def paths(self) -> frozenset[str]:
        """Every file that may be asked for."""
        held = {str(Path(crate.folder) / name) for crate in self.crates for name, _ in crate.files}
        return frozenset(held | {str(Path(self.vectors_from) / name) for name in self.vectors})

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(Path(path).stat().st_size for path in self.paths)

    @property
    def told(self) -> tuple[str, ...]:
        """What may be asked for, for a person: files and folders by name, the vectors by their number."""
        names = [Path(one.folder).name if len(one.files) > 1 else one.files[0][0] for one in self.crates if one.files]
        return (*names, *((f"vectors ({len(self.vectors):,} files)",) if self.vectors else ()))


def packed(opening: OpenRetrieval, vectors: Sequence[str], adapter: str) -> Cargo:
    """What an opened knowledge base was made of, on this machine. `vectors`: as `index.files` names them."""
    reference = opening.knowledge_base
    entities = Path(reference.folder) / ENTITIES
    crates = [Crate(reference.folder, reference.folder, ((ENTITIES, _sha256(entities)),), whole=True)]
    for path in filter(None, (*reference.lexicons, *reference.tokens, reference.paraphrases)):
        file = Path(path).absolute()
        crates.append(Crate(path, str(file.parent), ((file.name, _sha256(file)),), whole=False))
    for folder in filter(None, (opening.encoder, adapter)):
        root = Path(folder).absolute()
        # A list that was being written when its process died has a name with more to it.
        held = sorted(file for file in root.rglob("*") if file.is_file() and TRAINING_TEXTS not in file.name)
        files = tuple((file.relative_to(root).as_posix(), _sha256(file)) for file in held)
        crates.append(Crate(folder, str(root), files, whole=True))
    return Cargo(tuple(crates), str(_vectors()), tuple(name for name in vectors if (_vectors() / name).is_file()))


def unpacked(cargo: Cargo, opening: OpenRetrieval, adapter: str, fetch: Fetch) -> tuple[OpenRetrieval, str]:
    """`opening` and `adapter` as they are on this machine, with every file in place. Raises `DamagedFileError`."""
    at = {"": ""}
    for crate in cargo.crates:
        folder = _placed(crate, fetch)
        at[crate.path] = str(folder if crate.whole else folder / crate.files[0][0])
    old = opening.knowledge_base
    reference = replace(
        old,
        folder=at[old.folder],
        lexicons=tuple(at[path] for path in old.lexicons),
        tokens=tuple(at[path] for path in old.tokens),
        paraphrases=at[old.paraphrases],
    )
    return replace(opening, knowledge_base=reference, encoder=at[opening.encoder]), at[adapter]


def bring_vectors(cargo: Cargo, fetch: Fetch) -> None:
    """Put the shards in place that are not there. A damaged one is found, and made again, by the worker."""
    for name in cargo.vectors:
        _bring(str(Path(cargo.vectors_from) / name), _vectors() / name, fetch)


def _placed(crate: Crate, fetch: Fetch) -> Path:
    """The crate's folder: where the sender has it if the same files are there, else in the cache."""
    if all(_is(Path(crate.folder) / name, digest) for name, digest in crate.files):
        return Path(crate.folder)
    content = hashlib.sha256(repr(crate.files).encode()).hexdigest()
    # Not every terminology and lexicon may be read by all who work on that machine.
    brought = cache_dir() / "brought"
    brought.mkdir(mode=0o700, parents=True, exist_ok=True)
    brought.chmod(0o700)
    # An encoder in a folder `model` is called after the one above it.
    sent = Path(crate.folder)
    above, own = (name if name not in ("", "..") else "_" for name in (sent.parent.name, sent.name))
    folder = brought / content / above / own
    for name, digest in crate.files:
        target = folder / name
        if _is(target, digest):
            continue
        target.unlink(missing_ok=True)
        _bring(str(Path(crate.folder) / name), target, fetch)
        if not _is(target, digest):
            raise DamagedFileError("a file was damaged on its way", hint="link again", file=str(target))
    return folder


def _bring(source: str, target: Path, fetch: Fetch) -> None:
    if target.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    # Several devices of a node may bring the same file at once; each renames a whole one.
    staging = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with staging.open("wb") as stream:
            stream.writelines(fetch(source))
        staging.replace(target)
    finally:
        staging.unlink(missing_ok=True)


def _vectors() -> Path:
    return cache_dir() / "vectors"


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and _sha256(path) == digest


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
