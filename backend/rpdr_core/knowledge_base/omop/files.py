"""The tab-separated files of a download: found by name wherever they lie, read in blocks, strictly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.archive import Archive, open_archive
from rpdr_core.formats.lines import LINE_CAP
from rpdr_core.knowledge_base.release import Watch

BLOCK = 1 << 20
NAMES = ("CONCEPT.csv", "CONCEPT_SYNONYM.csv", "CONCEPT_RELATIONSHIP.csv", "CONCEPT_ANCESTOR.csv", "VOCABULARY.csv")


@dataclass(frozen=True, slots=True)
class Download:
    """A zip or folder, and the names in it of the files that are there, by their usual names."""

    root: Path
    names: dict[str, str]

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def rows(self, name: str, columns: Sequence[str], watch: Watch) -> Iterator[tuple[int, list[str]]]:
        """Line numbers and the cells of these columns. `FileFormatError` with file and line where a row is unsound."""
        with open_archive(self.root) as archive:
            yield from _Rows(archive, self.names[name], watch).read(columns)

    def refusal(self, message: str, hint: str, name: str, line: int = 0) -> FileFormatError:
        """An error in one of the files."""
        place = self.names[name]
        file = str(self.root / place) if self.root.is_dir() else f"{self.root}!{place}"
        return FileFormatError(message, hint=hint, file=file, line=line)


def download(path: Path) -> Download:
    """Find the files. CONCEPT.csv itself stands for the folder that it lies in."""
    root = path.parent if path.is_file() and path.suffix.lower() == ".csv" else path
    wanted = {name.upper(): name for name in NAMES}
    found: dict[str, str] = {}
    with open_archive(root) as archive:
        for place in archive.names():
            name = wanted.get(PurePosixPath(place).name.upper())
            if name in found:
                raise FileFormatError(
                    f"two files are called {name}: {found[name]!r} and {place!r}",
                    hint="choose the folder of one download",
                    file=str(root),
                )
            if name is not None:
                found[name] = place
    if "CONCEPT.csv" not in found:
        raise FileFormatError("no file CONCEPT.csv", hint="choose the download from Athena", file=str(root))
    return Download(root, found)


class _Rows:
    """One pass over a file. Progress is told in bytes, under the file's name."""

    def __init__(self, archive: Archive, name: str, watch: Watch) -> None:
        self._archive, self._name, self._watch = archive, name, watch
        self._file = archive.label(name)
        self._size = archive.size(name)

    def read(self, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
        lines = self._lines()
        line, header = next(lines, (1, ""))
        places, width = self._places(header.removeprefix("\ufeff"), columns)
        if places == list(range(len(places))):
            count = len(places)
            for line, text in lines:
                cells = text.split("\t")
                if len(cells) != width:
                    raise self._wrong_width(line, cells, width)
                yield line, cells[:count]
            return
        for line, text in lines:
            cells = text.split("\t")
            if len(cells) != width:
                raise self._wrong_width(line, cells, width)
            yield line, [cells[at] for at in places]

    def _places(self, header: str, columns: Sequence[str]) -> tuple[list[int], int]:
        names = [name.strip().strip('"').lower() for name in header.split("\t")]
        missing = [column for column in columns if column not in names]
        if missing:
            if len(names) == 1 and "," in header:
                raise self._refusal("no tabs in the header", "give the files as Athena gives them, with tabs", 1)
            named = " and no column ".join(map(repr, missing))
            raise self._refusal(
                f"no column {named}", "download it again from Athena, and leave the files as they are", 1
            )
        return [names.index(column) for column in columns], len(names)

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Lines without their ends, blank ones left out; read in blocks, which is thrice as fast as line by line."""
        number, rest, read = 0, b"", 0
        with self._archive.open(self._name) as stream:
            while True:
                block = stream.read(BLOCK)
                read += len(block)
                self._watch(self._name, read, self._size)
                end = block.rfind(b"\n") + 1
                if block and not end:
                    rest += block
                    if len(rest) > 4 * LINE_CAP:
                        raise self._refusal(
                            f"a line of more than {LINE_CAP:,} characters",
                            "download it again from Athena, and leave the files as they are",
                            number + 1,
                        )
                    continue
                for text in self._decoded(rest + block[:end], number):
                    number += 1
                    if text:
                        yield number, text
                rest = block[end:]
                if not block:
                    return

    def _decoded(self, data: bytes, before: int) -> list[str]:
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            line = before + data.count(b"\n", 0, error.start) + 1
            raise self._refusal(
                f"byte 0x{data[error.start]:02X} is not UTF-8",
                "download it again from Athena, and leave the files as they are",
                line,
            ) from error
        if "\0" in text:
            line = before + text.count("\n", 0, text.index("\0")) + 1
            raise self._refusal(
                "a NUL character", "download it again from Athena, and leave the files as they are", line
            )
        lines = text.replace("\r\n", "\n").split("\n")
        if not lines[-1]:
            lines.pop()
        if max(map(len, lines), default=0) > LINE_CAP:
            longest = max(range(len(lines)), key=lambda at: len(lines[at]))
            raise self._refusal(
                f"a line of more than {LINE_CAP:,} characters",
                "download it again from Athena, and leave the files as they are",
                before + longest + 1,
            )
        return lines

    def _wrong_width(self, line: int, cells: list[str], width: int) -> FileFormatError:
        return self._refusal(
            f"{len(cells)} cells under {width} headers: cut short, or a tab in a name",
            "download it again from Athena, and leave the files as they are",
            line,
        )

    def _refusal(self, message: str, hint: str, line: int) -> FileFormatError:
        return FileFormatError(message, hint=hint, file=self._file, line=line)
