"""The library of knowledge bases on this machine: open by id or by file, made once, found again by source."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rpdr_core.errors import DamagedFileError, NotFoundError
from rpdr_core.knowledge_base import icd10cm
from rpdr_core.knowledge_base.catalogue import (
    MANIFEST,
    Manifest,
    read_entities,
    read_manifest,
    verify,
    write_catalogue,
)
from rpdr_core.knowledge_base.lexicon import LexiconTerm, bundled_lexicons, read_lexicon
from rpdr_core.knowledge_base.paraphrases import paraphrase_file
from rpdr_core.knowledge_base.table import read_table
from rpdr_core.paths import data_dir
from rpdr_core.records import Entity, KnowledgeBaseInfo

_TABLE_READER = 1


@dataclass(frozen=True, slots=True)
class Catalogue:
    """An opened knowledge base. `lexicons` and `tokens`: bundled files first, then the user's.

    `paraphrases`: our lexicon's wordings, for knowledge bases that the lexicon has no codes for.
    """

    info: KnowledgeBaseInfo
    folder: Path
    lexicons: tuple[Path, ...] = ()
    tokens: tuple[Path, ...] = ()
    paraphrases: Path | None = None

    def entities(self) -> Iterator[Entity]:
        """All entities, in the terminology's order."""
        return read_entities(self.folder)

    def lexicon_terms(self) -> list[LexiconTerm]:
        """Terms of all lexicon files; ours, never official."""
        return [term for path in self.lexicons for term in read_lexicon(path)]


class Library:
    """Catalogues below one folder (default: the user's data folder)."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or data_dir() / "knowledge_bases"

    def list(self) -> list[KnowledgeBaseInfo]:
        """What is here already, and ICD-10-CM always (fingerprint empty until first opened)."""
        infos = [manifest.info for _, manifest in self._manifests()]
        if not any(info.id == icd10cm.ID for info in infos):
            infos.append(KnowledgeBaseInfo(icd10cm.ID, icd10cm.TITLE, icd10cm.RELEASE, "", 0, 0))
        return sorted(infos, key=lambda info: info.id)

    def open(self, reference: str, *, lexicons: Iterable[Path] = ()) -> Catalogue:
        """Open by id (`icd10cm`, an imported id), fingerprint, or path of a CSV/TSV table; made on first use."""
        if reference == icd10cm.ID:
            folder = self._made(icd10cm.source_key()) or self._make_icd10cm()
        else:
            folder = self._named(reference) or self._from_file(Path(reference))
        info = read_manifest(folder).info
        ours, tokens = bundled_lexicons(info.id)
        if ours:
            return Catalogue(info, folder, (*ours, *lexicons), tokens)
        base = self.open(icd10cm.ID)
        names = ((entity.code, entity.name) for entity in base.entities())
        table = paraphrase_file(base.folder, names, base.lexicons)
        return Catalogue(info, folder, tuple(lexicons), base.tokens, table)

    def import_table(self, path: Path, *, id: str = "", title: str = "") -> Catalogue:
        """Import a CSV/TSV terminology under an id (default: from the file's name)."""
        name = _slug(id or path.stem)
        folder = write_catalogue(
            self.root, read_table(path), id=name, title=title or path.stem, version="", source=_file_key(path)
        )
        return self.open(read_manifest(folder).info.fingerprint)

    def _manifests(self) -> Iterator[tuple[Path, Manifest]]:
        for folder in sorted(self.root.glob("[!.]*/")) if self.root.is_dir() else []:
            try:
                yield folder, read_manifest(folder)
            except DamagedFileError:
                continue

    def _made(self, source: str) -> Path | None:
        """A sound folder made from that source; a damaged one is as good as none, for it can be made again."""
        found = ((folder, manifest) for folder, manifest in self._manifests() if manifest.source == source)
        return next((folder for folder, manifest in found if _is_sound(folder, manifest)), None)

    def _named(self, reference: str) -> Path | None:
        """The folder of that id or fingerprint; of several with one id the one imported last."""
        found = [
            folder
            for folder, manifest in self._manifests()
            if reference in (manifest.info.id, manifest.info.fingerprint)
        ]
        return max(found, key=lambda folder: (folder / MANIFEST).stat().st_mtime_ns, default=None)

    def _make_icd10cm(self) -> Path:
        return write_catalogue(
            self.root,
            icd10cm.entities(),
            id=icd10cm.ID,
            title=icd10cm.TITLE,
            version=icd10cm.RELEASE,
            source=icd10cm.source_key(),
        )

    def _from_file(self, path: Path) -> Path:
        if not path.is_file():
            known = ", ".join(info.id for info in self.list())
            raise NotFoundError(
                f"no knowledge base {str(path)!r}", hint=f"one of {known}, or the path of a CSV or TSV table"
            )
        return self._made(_file_key(path)) or self.import_table(path).folder


def _is_sound(folder: Path, manifest: Manifest) -> bool:
    try:
        verify(folder, manifest.info.fingerprint)
    except DamagedFileError:
        return False
    return True


def _file_key(path: Path) -> str:
    if not path.is_file():
        raise NotFoundError("no such terminology file", hint="check the path", file=str(path))
    with path.open("rb") as stream:
        return f"{path.name} sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()} reader {_TABLE_READER}"


def _slug(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-") or "table"
