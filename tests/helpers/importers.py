"""Every importer with sound files to spoil, and an import that checks that all was kept, or nothing."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from helpers import mention_files
from helpers.terminologies import SMALL

from rpdr_core.knowledge_base.library import Library
from rpdr_core.knowledge_base.recognising import open_release
from rpdr_core.knowledge_base.release import ReleaseOptions
from rpdr_core.records import KnowledgeBaseInfo
from rpdr_core.store import Project
from rpdr_core.workflow.importing import import_file

TESTS = Path(__file__).resolve().parents[1]
_BASE = KnowledgeBaseInfo("tiny", "Tiny", "1", "f" * 64, 1, 1)
_TABLES = ("source", "mention", "mention_row", "decision", "document", "event")


class Partial(Exception):
    """Something was kept of what was refused, or less than all of what was taken."""


@dataclass(frozen=True, slots=True)
class Importer:
    """`seeds` writes sound files into a folder; `take` imports one into another folder."""

    name: str
    seeds: Callable[[Path], list[Path]]
    take: Callable[[Path, Path], object]


def _encoding(path: Path) -> str:
    """As a user chooses it: nobody but the user knows that a file is of a certain encoding."""
    return "gb18030" if path.name.startswith("gb") else ""


@cache
def _library() -> Library:
    """One for the process: what is made beside the first import is not made again."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    library = Library(Path(folder))
    library.open("icd10cm")
    return library


def take_terminology(path: Path, _folder: Path, format: str = "") -> None:
    """Import into a library."""
    library, options = _library(), ReleaseOptions(format=format, encoding=_encoding(path))
    before = {one.name for one in library.root.iterdir()}
    try:
        info = library.import_release(path, options=options).info
    except BaseException:
        if left := {one.name for one in library.root.iterdir()} - before:
            raise Partial(f"refused, and kept {left}") from None
        raise
    try:
        kept = sum(1 for _ in library.open(info.fingerprint).entities())
        told = sum(1 for _ in open_release(path, options).entities())
        if not kept == told == info.entities:
            raise Partial(f"{told} entities read, {kept} kept, {info.entities} told")
    finally:
        library.remove(info.fingerprint)


def take_mentions(path: Path, folder: Path) -> None:
    take_into_project(
        path, folder, lambda project: import_file(project, path, encoding=_encoding(path)).rows, "mention_row"
    )


def take_into_project(path: Path, folder: Path, import_: Callable[[Project], int], table: str) -> None:
    """Import into a new project; `import_` says how many rows it kept, `table` holds them."""
    folder.mkdir()
    with Project.create(folder / "p.rpdr", name="p", knowledge_base=_BASE) as project:
        try:
            told = import_(project)
        except BaseException:
            left = {name: count for name in _TABLES if (count := _count(project, name))}
            if left:
                raise Partial(f"{path.name} refused, and kept {left}") from None
            raise
        if told != _count(project, table):
            raise Partial(f"{told} rows told, {_count(project, table)} kept")


def _count(project: Project, table: str) -> int:
    return int(project._connection.value(f"SELECT count(*) FROM {table}"))


def written(folder: Path, **files: str | bytes) -> list[Path]:
    """Files by name; `__` in a name stands for its point."""
    made = []
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        made.append(path)
    return made


def copied(*patterns: str) -> Callable[[Path], list[Path]]:
    """The files and folders of the suite that a pattern names, e.g. golden ones."""

    def seeds(folder: Path) -> list[Path]:
        found = [path for pattern in patterns for path in sorted(TESTS.glob(pattern))]
        assert found, patterns
        for path in found:
            target = folder / path.name
            shutil.copytree(path, target) if path.is_dir() else shutil.copyfile(path, target)
        return [folder / path.name for path in found]

    return seeds


def zipped(seeds: Callable[[Path], list[Path]]) -> Callable[[Path], list[Path]]:
    """The folders of other seeds, as they are and as zips."""

    def both(folder: Path) -> list[Path]:
        made = seeds(folder)
        for path in [one for one in made if one.is_dir()]:
            archive = folder / f"{path.name}.zip"
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
                for file in sorted(path.rglob("*")):
                    if file.is_file():
                        out.write(file, file.relative_to(path.parent).as_posix())
            made.append(archive)
        return made

    return both


_ROWS = [
    ("r1", "blurry vision", "seen with blurry vision, left", "3", "H53.8", "eye"),
    ("r2", "白内障", "白内障术后", "1", "", "眼科"),
    ("r3", "heart attack", "", "12", "I21.9", ""),
]


def _mention_tables(folder: Path) -> list[Path]:
    return written(
        folder,
        m__csv=mention_files.csv_text(_ROWS),
        m__tsv=mention_files.csv_text(_ROWS, delimiter="\t"),
        m__jsonl=mention_files.jsonl_text(_ROWS),
        m__txt="blurry vision\n白内障\nheart attack\n",
        gb__csv=mention_files.csv_text(_ROWS).encode("gb18030"),
    )


def _mention_books(folder: Path) -> list[Path]:
    return [mention_files.workbook(folder / "m.xlsx", _ROWS)]


def _terminology_tables(folder: Path) -> list[Path]:
    header, *rows = [line.split(",") for line in SMALL.splitlines() if '"' not in line]
    book = mention_files.workbook(folder / "t.xlsx", rows, header)
    chinese = "疾病编码,疾病名称\nA00.000,霍乱\nA00.000x001,古典生物型霍乱\nA00.100,埃尔托型霍乱\n"
    return [*written(folder, t__csv=SMALL, c__csv=chinese, gb__csv=chinese.encode("gb18030")), book]


def _listed() -> Iterator[Importer]:
    yield Importer("mention tables", _mention_tables, take_mentions)
    yield Importer("mention workbooks", _mention_books, take_mentions)
    yield Importer("terminology tables", _terminology_tables, partial(take_terminology, format="table"))


IMPORTERS = tuple(_listed())
