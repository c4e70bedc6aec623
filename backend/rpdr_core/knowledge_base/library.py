"""The library of knowledge bases on this machine: imported once, found again by id, version, fingerprint or source."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from rpdr_core.errors import DamagedFileError, NotFoundError
from rpdr_core.knowledge_base import icd10, icd10cm
from rpdr_core.knowledge_base.catalogue import (
    MANIFEST,
    Manifest,
    read_manifest,
    verify,
    write_catalogue,
    write_release,
)
from rpdr_core.knowledge_base.lexicon import bundled_lexicons
from rpdr_core.knowledge_base.opened import Catalogue
from rpdr_core.knowledge_base.paraphrases import paraphrase_file
from rpdr_core.knowledge_base.recognising import open_release, recognise, short_name
from rpdr_core.knowledge_base.references import begins, is_called, is_version, version_name
from rpdr_core.knowledge_base.release import ReleaseOptions, Watch, unwatched
from rpdr_core.knowledge_base.source_key import source_key
from rpdr_core.paths import data_dir
from rpdr_core.records import KnowledgeBaseInfo

__all__ = ["Catalogue", "Library", "Removed"]

_EMBEDDED = re.compile(r"simple-icd-10-cm==")


@dataclass(frozen=True, slots=True)
class Removed:
    """A knowledge base that was taken off this machine, and the bytes that it held."""

    info: KnowledgeBaseInfo
    size: int


class Library:
    """Catalogues below one folder (default: the user's data folder)."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or data_dir() / "knowledge_bases"

    def list(self) -> list[KnowledgeBaseInfo]:
        """What is here already, by id, the newest import of each first; and ICD-10-CM as it comes with the program
        always, ICD-10 where its library is installed (fingerprint empty until first opened).
        """
        found = sorted(self._manifests(), key=lambda pair: (pair[1].info.id, -_stamp(pair[0])))
        infos = [manifest.info for _, manifest in found]
        if not any(_is_embedded(manifest) for _, manifest in found):
            infos.append(KnowledgeBaseInfo(icd10cm.ID, icd10cm.TITLE, icd10cm.RELEASE, "", 0, 0))
        if icd10.is_installed() and not any(info.id == icd10.ID for info in infos):
            infos.append(KnowledgeBaseInfo(icd10.ID, icd10.TITLE, icd10.RELEASE, "", 0, 0))
        return sorted(infos, key=lambda info: info.id)

    def open(self, reference: str, *, lexicons: Iterable[Path] = ()) -> Catalogue:
        """Open by id (the newest import), `id@version`, fingerprint (8 characters at least) or a file's path.

        `icd10cm` alone is always the release that comes with the program. A file is imported on first use.
        """
        if reference == icd10cm.ID:
            folder = self._made(icd10cm.source_key()) or self._make_icd10cm()
        elif reference == icd10.ID:
            folder = self._named(reference) or self._make_icd10()
        else:
            folder = self._named(reference) or self._from_file(Path(reference))
        return self._opened(folder, lexicons)

    def import_release(
        self,
        path: Path,
        *,
        options: ReleaseOptions | None = None,
        id: str = "",
        title: str = "",
        version: str = "",
        watch: Watch = unwatched,
    ) -> Catalogue:
        """Import a terminology of any format that `recognising` knows; another release of the same id stays.

        Empty `id`, `title`, `version`: as the file says. Whatever `watch` raises ends it and leaves nothing.
        """
        chosen = options or ReleaseOptions()
        recognise(path, chosen.format)  # before a file of gigabytes is read only to know it again
        source = source_key(path, chosen, watch)
        release = open_release(path, chosen, watch)
        named = replace(
            release,
            id=short_name(id or release.id),
            title=title or release.title,
            version=version or release.version,
        )
        return self._opened(write_release(self.root, named, source=source, watch=watch), ())

    def import_table(self, path: Path, *, id: str = "", title: str = "") -> Catalogue:
        """Import a terminology under an id (default: from the file's name)."""
        return self.import_release(path, id=id, title=title)

    def find(self, reference: str) -> KnowledgeBaseInfo:
        """What a reference names of what is here, without opening it; nothing is made."""
        return read_manifest(self._found(reference)).info

    def is_made(self, reference: str) -> bool:
        """Whether `open` has everything that it needs: it would make nothing."""
        try:
            ours, _ = bundled_lexicons(read_manifest(self._found(reference)).info.id)
        except NotFoundError:
            return False
        return bool(ours) or self._made(icd10cm.source_key()) is not None

    def remove(self, reference: str) -> Removed:
        """Delete an imported knowledge base with its search index. Projects made with it need it imported again.

        What workers made of it stays under its fingerprint, and serves again if it comes back.
        """
        folder = self._found(reference)
        info = read_manifest(folder).info
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        aside = folder.with_name(f".staging-removed-{folder.name}")
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)
        return Removed(info, size)

    def reference(self, info: KnowledgeBaseInfo) -> str:
        """The shortest reference that opens this one: its id, `id@version`, or its fingerprint's beginning."""
        if self._opened_by(info.id) == info.fingerprint:
            return info.id
        versioned = f"{info.id}@{version_name(info)}"
        if info.version and self._opened_by(versioned) == info.fingerprint:
            return versioned
        return info.fingerprint[:12]

    def _opened_by(self, reference: str) -> str:
        """Fingerprint of what that reference opens, empty where it must be made first."""
        if reference == icd10cm.ID:
            own = icd10cm.source_key()
            return next((one.info.fingerprint for _, one in self._manifests() if one.source == own), "")
        folder = self._named(reference)
        return read_manifest(folder).info.fingerprint if folder is not None else ""

    def _opened(self, folder: Path, lexicons: Iterable[Path]) -> Catalogue:
        info = read_manifest(folder).info
        ours, tokens = bundled_lexicons(info.id)
        if ours:
            return Catalogue(info, folder, (*ours, *lexicons), tokens)
        base = self.open(icd10cm.ID)
        names = ((entity.code, entity.name) for entity in base.entities())
        table = paraphrase_file(base.folder, names, base.lexicons)
        return Catalogue(info, folder, tuple(lexicons), base.tokens, table)

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
        """The folder of that reference; of several with one id (and version) the one imported last."""
        manifests = list(self._manifests())
        for fits in (is_called, is_version, begins):
            found = [folder for folder, manifest in manifests if fits(manifest.info, reference)]
            if fits is begins and len({read_manifest(folder).info.fingerprint for folder in found}) > 1:
                raise NotFoundError(f"several fingerprints begin with {reference!r}", hint="give more characters of it")
            if found:
                return max(found, key=_stamp)
        return None

    def _found(self, reference: str) -> Path:
        folder = self._made(icd10cm.source_key()) if reference == icd10cm.ID else self._named(reference)
        if folder is None:
            raise NotFoundError(f"no knowledge base {reference!r}", hint=f"one of {self._known()}")
        return folder

    def _make_icd10cm(self) -> Path:
        return write_catalogue(
            self.root,
            icd10cm.entities(),
            id=icd10cm.ID,
            title=icd10cm.TITLE,
            version=icd10cm.RELEASE,
            source=icd10cm.source_key(),
        )

    def _make_icd10(self) -> Path:
        return write_catalogue(
            self.root,
            icd10.entities(),
            id=icd10.ID,
            title=icd10.TITLE,
            version=icd10.RELEASE,
            source=icd10.source_key(),
        )

    def _from_file(self, path: Path) -> Path:
        if not path.is_file():
            raise NotFoundError(
                f"no knowledge base {str(path)!r}", hint=f"one of {self._known()}, or the path of a terminology's file"
            )
        return self._made(source_key(path, ReleaseOptions())) or self.import_release(path).folder

    def _known(self) -> str:
        return ", ".join(dict.fromkeys(info.id for info in self.list()))


def _is_embedded(manifest: Manifest) -> bool:
    return manifest.source == icd10cm.source_key() or _EMBEDDED.match(manifest.source) is not None


def _is_sound(folder: Path, manifest: Manifest) -> bool:
    try:
        verify(folder, manifest.info.fingerprint)
    except DamagedFileError:
        return False
    return True


def _stamp(folder: Path) -> int:
    return (folder / MANIFEST).stat().st_mtime_ns
