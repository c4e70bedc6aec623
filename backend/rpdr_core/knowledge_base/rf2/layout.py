"""What a release is made of: which file holds which kind of rows. Reference sets are told by their columns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.archive import Archive, open_archive
from rpdr_core.knowledge_base.rf2 import rows
from rpdr_core.knowledge_base.rf2.naming import ReleaseFile, chosen, named
from rpdr_core.knowledge_base.rf2.rows import Rows

Files = tuple[ReleaseFile, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The files to read, by what is in them. `maps` have the columns of one of the three kinds of map."""

    concepts: Files
    descriptions: Files
    relationships: Files
    languages: Files
    associations: Files
    maps: Files

    def every(self) -> Files:
        return (*self.concepts, *self.descriptions, *self.relationships, *self.languages, *self.associations)


def layout(path: Path) -> Layout:
    """Find the files of a release in a zip or folder; a folder may hold zips, of an edition and its extension."""
    files = chosen(_files(path), path)
    sets = [(file, Rows(file).header()) for file in files if file.content.endswith("Refset")]
    found = Layout(
        tuple(file for file in files if file.content == "Concept"),
        tuple(file for file in files if file.content in ("Description", "TextDefinition")),
        tuple(file for file in files if file.content == "Relationship"),
        tuple(file for file, header in sets if header == rows.LANGUAGE),
        tuple(file for file, header in sets if header == rows.ASSOCIATION),
        tuple(file for file, header in sets if _is_map(header)),
    )
    _check(found, path)
    return found


def _is_map(header: tuple[str, ...]) -> bool:
    """Complex and extended maps, and the British ones with a column more, begin alike."""
    return header == rows.SIMPLE_MAP or header[: len(rows.COMPLEX_MAP)] == rows.COMPLEX_MAP


def _check(found: Layout, path: Path) -> None:
    names = {
        "descriptions (sct2_Description_...)": any(file.content == "Description" for file in found.descriptions),
        "relationships (sct2_Relationship_...)": bool(found.relationships),
        "language reference sets (der2_cRefset_Language...)": bool(found.languages),
    }
    missing = [name for name, is_there in names.items() if not is_there]
    if missing:
        hint = "choose the whole release as it was downloaded"
        raise FileFormatError(f"the release has no {' and no '.join(missing)}", hint=hint, file=str(path))


def _files(path: Path) -> Iterator[ReleaseFile]:
    with ExitStack() as stack:
        archives: list[Archive] = [stack.enter_context(open_archive(path))]
        if path.is_dir():
            zips = [name for name in archives[0].names() if name.lower().endswith(".zip") and "/" not in name]
            archives += [stack.enter_context(open_archive(path / name)) for name in zips]
        for archive in archives:
            for name in archive.names():
                file = named(archive.path, name)
                if file is not None:
                    yield file
