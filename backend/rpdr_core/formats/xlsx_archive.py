"""What a workbook's archive must be before a library may open it: small when unpacked, plain, without DOCTYPE."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import IO
from xml.parsers import expat

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.lines import CHUNK, opened

UNPACKED_CAP = 1 << 30
RATIO_CAP = 200
MEMBERS_CAP = 10_000
# A tiny file of blanks compresses well and harms nobody.
_RATIO_FROM = 1 << 20
_PROLOG_CAP = 1 << 20
_RESAVE = "save the sheet as CSV or as a new workbook"


def check_archive(path: Path) -> None:
    """Raise `FileFormatError` unless the file is an archive that is safe to read as a workbook."""
    with opened(path) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                _check_kind(path, archive)
                _check_sizes(path, archive)
                for info in archive.infolist():
                    _check_member(path, archive, info)
        except FileFormatError:
            raise
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            message = f"not a sound workbook ({type(error).__name__})"
            hint = "is it protected by a password, or cut short? Save it again as .xlsx"
            raise FileFormatError(message, hint=hint, file=str(path)) from error


def _check_kind(path: Path, archive: zipfile.ZipFile) -> None:
    """Every workbook says what its parts are (ECMA-376, part 2, "Content Types")."""
    if not any(name.lower() == "[content_types].xml" for name in archive.namelist()):
        raise FileFormatError(
            "this is a zip, and no workbook",
            hint="unpack it and choose the file in it; a terminology is imported as one (rpdr kb import)",
            file=str(path),
        )


def _check_sizes(path: Path, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    unpacked = sum(info.file_size for info in members)
    packed = sum(info.compress_size for info in members)
    if len(members) > MEMBERS_CAP:
        raise FileFormatError(f"{len(members):,} parts in the workbook", hint=_RESAVE, file=str(path))
    if unpacked > UNPACKED_CAP:
        raise FileFormatError(f"{unpacked:,} bytes when unpacked, too many", hint=_RESAVE, file=str(path))
    if unpacked > _RATIO_FROM and unpacked > RATIO_CAP * max(packed, 1):
        raise FileFormatError(f"unpacks to more than {RATIO_CAP} times its size", hint=_RESAVE, file=str(path))


def _check_member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    with archive.open(info) as member:
        head = member.read(CHUNK)
    if head.startswith(b"PK\x03\x04"):
        raise FileFormatError("an archive inside the workbook", hint=_RESAVE, file=str(path))
    declared = info.filename.lower().endswith((".xml", ".rels", ".vml"))
    # A part is read as XML wherever another part points at it, whatever it is called.
    if declared or b"<" in head:
        with archive.open(info) as member:
            _refuse_doctype(path, member, declared=declared)


def _refuse_doctype(path: Path, member: IO[bytes], *, declared: bool) -> None:
    rooted = []

    def doctype(*_: object) -> None:
        raise FileFormatError("a DOCTYPE inside the workbook", hint=_RESAVE, file=str(path))

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = lambda *_: rooted.append(True)
    read = 0
    try:
        while not rooted and (chunk := member.read(CHUNK)):
            read += len(chunk)
            if read > _PROLOG_CAP:
                raise FileFormatError("no content in a part of the workbook", hint=_RESAVE, file=str(path))
            parser.Parse(chunk, False)
    except expat.ExpatError as error:
        # After the root element began, whatever is wrong is the reader's to report; a picture is no XML at all.
        if declared and not rooted:
            raise FileFormatError("a part of the workbook is not XML", hint=_RESAVE, file=str(path)) from error
