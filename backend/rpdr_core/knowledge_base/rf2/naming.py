"""Names of release files, and which files of a release to read.

Release File Specification, "Naming Conventions for Release Packages and Files" and "Release Types" (2.1 and 2.8):
`FileType_ContentType_ContentSubType_CountryNamespace_VersionDate.txt`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from rpdr_core.errors import FileFormatError

ReleaseType = Literal["Full", "Snapshot", "Delta"]

_NAME = re.compile(
    r"[xz]?(?P<type>sct|der)2_(?P<content>[A-Za-z]+)_(?P<summary>[A-Za-z0-9]*?)(?P<release>Full|Snapshot|Delta)"
    r"(?P<language>-[A-Za-z][A-Za-z0-9-]*)?_(?P<country>[A-Z]{2,3})(?P<namespace>\d{7})?_(?P<date>\d{8})\.txt"
)
_PACKAGE = re.compile(r"[xz]?SnomedCT_.*\.zip", re.IGNORECASE)
_BEST: tuple[ReleaseType, ...] = ("Snapshot", "Full")


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file by what its name says. `archive` holds it under `name`; `content` is e.g. `Concept` or `cRefset`."""

    archive: Path
    name: str
    content: str
    summary: str
    release: ReleaseType
    language: str
    country: str
    namespace: str
    date: str

    @property
    def base(self) -> str:
        return PurePosixPath(self.name).name


def named(archive: Path, name: str) -> ReleaseFile | None:
    """What a file's name says, None where it is no release file's (documents, RF1, what a user put beside)."""
    found = _NAME.fullmatch(PurePosixPath(name).name)
    if found is None:
        return None
    release: ReleaseType = found["release"]  # type: ignore[assignment]
    return ReleaseFile(
        archive,
        name,
        found["content"],
        found["summary"],
        release,
        (found["language"] or "").removeprefix("-"),
        found["country"],
        found["namespace"] or "",
        found["date"],
    )


def is_release(names: Iterable[str]) -> bool:
    """Whether there is a file of concepts in Release Format 2 among the names, or a package named like SNOMED CT's."""
    return any(_PACKAGE.fullmatch(PurePosixPath(name).name) or _is_concepts(name) for name in names)


def _is_concepts(name: str) -> bool:
    file = named(Path(), name)
    return file is not None and file.content == "Concept"


def chosen(files: Iterable[ReleaseFile], path: Path) -> tuple[ReleaseFile, ...]:
    """The files to read: of each kind and namespace the Snapshot, else the Full; a Delta alone is refused."""
    groups: dict[tuple[str, ...], list[ReleaseFile]] = {}
    for file in files:
        key = (file.content, file.summary, file.language, file.country, file.namespace)
        groups.setdefault(key, []).append(file)
    found = [file for group in groups.values() for file in _best(group)]
    if not any(file.content == "Concept" for file in found):
        raise _wanting(any(groups), path)
    for group in groups.values():
        # An extension's changes beside an edition would be left out without a word.
        if group[0].content == "Concept" and not _best(group):
            raise _wanting(True, group[0].archive / group[0].name)
    return tuple(sorted(found, key=lambda file: (file.country != "INT", file.base)))


def _best(group: list[ReleaseFile]) -> list[ReleaseFile]:
    for release in _BEST:
        same = [file for file in group if file.release == release]
        if len(same) > 1:
            first, second = same[:2]
            message = f"two files of one kind: {first.base} and {second.base}"
            hint = "choose the folder or archive of one release"
            raise FileFormatError(message, hint=hint, file=f"{second.archive}!{second.name}")
        if same:
            return same
    return []


def _wanting(has_files: bool, path: Path) -> FileFormatError:
    if has_files:
        hint = "choose the release's Snapshot, or its Full: a Delta holds only what changed since the release before"
        return FileFormatError("a Delta alone is no terminology", hint=hint, file=str(path))
    hint = "choose a SNOMED CT release as it was downloaded: the zip, or its unpacked folder"
    return FileFormatError("no files of a SNOMED CT release (RF2)", hint=hint, file=str(path))
