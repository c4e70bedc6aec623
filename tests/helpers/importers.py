"""Every importer with sound files to spoil, and an import that checks that all was kept, or nothing."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from helpers import mention_files
from helpers.documents import docx, pdf
from helpers.omop_download import write_download, zip_download
from helpers.rf2_release import Plan, make_release
from helpers.terminologies import SMALL

from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.knowledge_base.recognising import open_release
from rpdr_core.knowledge_base.release import ReleaseOptions
from rpdr_core.records import KnowledgeBaseInfo, NewDecision
from rpdr_core.store import Project
from rpdr_core.workflow.document_import import DocumentOptions, import_documents
from rpdr_core.workflow.exporting import export_decisions
from rpdr_core.workflow.importing import import_file
from rpdr_core.workflow.mapping_import import take_mappings

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


def take_terminology(path: Path, _folder: Path, format: str = "", vocabularies: tuple[str, ...] = ()) -> None:
    """Import into a library."""
    library = _library()
    options = ReleaseOptions(format=format, encoding=_encoding(path), vocabularies=vocabularies)
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


def take_into_project(
    path: Path, folder: Path, import_: Callable[[Project], int], table: str, base: KnowledgeBaseInfo = _BASE
) -> None:
    """Import into a new project; `import_` says how many rows it kept, `table` holds them."""
    folder.mkdir()
    with Project.create(folder / "p.rpdr", name="p", knowledge_base=base) as project:
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


def _icd10cm_files(folder: Path) -> list[Path]:
    """The official files together, and each alone."""
    both = zipped(copied("core/knowledge_base/golden/icd10cm"))(folder)
    alone = [shutil.copy(file, folder) for file in both[0].iterdir() if not file.name.startswith("icd10cm_neo")]
    return [*both, *(Path(one) for one in alone if "index" not in one)]


def _rf2(folder: Path) -> list[Path]:
    plan = Plan(concepts=30, terms=2.0, extension=4)
    make_release(folder / "snapshot", plan)
    make_release(folder / "packed.zip", plan)
    make_release(folder / "full", replace(plan, full=True, concepts=20))
    return [folder / "snapshot", folder / "packed.zip", folder / "full"]


def _parquet(folder: Path) -> list[Path]:
    import pyarrow
    import pyarrow.parquet

    columns = dict(zip(mention_files.HEADERS, map(list, zip(*_ROWS, strict=True)), strict=True))
    pyarrow.parquet.write_table(pyarrow.table(columns), folder / "m.parquet")
    return [folder / "m.parquet"]


def _json_tables(folder: Path) -> list[Path]:
    return written(
        folder,
        m__json='[{"mention": "blurry vision", "count": 3}, {"mention": "白内障", "context": "白内障术后"}]',
        chip__json='[{"text": "右眼", "normalized_result": "白内障##近视"}, {"text": "x", "normalized_result": "y"}]',
    )


@cache
def _catalogue() -> Catalogue:
    """In a library of its own: what is imported beside it is removed again, and may be the very same."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Library(folder / "kbs").import_release(written(folder, t__csv=SMALL)[0])


def take_mappings_(path: Path, folder: Path, format_id: str = "") -> None:
    catalogue = _catalogue()
    take_into_project(
        path,
        folder,
        lambda project: take_mappings(project, path, catalogue, format_id=format_id).taken.fates.get("taken", 0),
        "decision",
        catalogue.info,
    )


def take_documents(path: Path, folder: Path, format: str = "") -> None:
    options = DocumentOptions(format=format, encoding=_encoding(path))
    take_into_project(path, folder, lambda project: import_documents(project, path, options).rows, "mention_row")


def _own_tables(folder: Path) -> list[Path]:
    """Our own export of a project with decisions."""
    with Project.create(folder / "p.rpdr", name="p", knowledge_base=_catalogue().info) as project:
        import_file(project, written(folder, m__csv=mention_files.csv_text(_ROWS))[0])
        code = next(iter(_catalogue().entities())).code
        project.decide(NewDecision(1, "correct", code, "name", comment="=seen"), reviewer="Chen")
        project.decide(NewDecision(2, "no_match", reason="not_in_terminology"), reviewer="李娜")
        names = ("own.csv", "own.xlsx", "own.jsonl")
        for name in names:
            export_decisions(project, folder / name)
    return [folder / name for name in names]


def _omop(folder: Path) -> list[Path]:
    return [write_download(folder / "athena"), zip_download(folder / "athena.zip")]


def _notes(folder: Path) -> list[Path]:
    body = "<w:p><w:r><w:t>Patient seen with blurry vision</w:t></w:r></w:p>"
    return [
        *written(folder, n__txt="blurry vision\nsince 3 weeks\n", gb__txt="白内障术后，复查".encode("gb18030")),
        docx(folder / "n.docx", body),
        pdf(folder / "n.pdf", "Patient seen"),
    ]


_GOLDEN = "core/formats/mappings/golden"
_CORPORA = "core/formats/documents/golden"


def _listed() -> Iterator[Importer]:
    yield Importer("mention tables", _mention_tables, take_mentions)
    yield Importer("mention workbooks", _mention_books, take_mentions)
    yield Importer("mention Parquet", _parquet, take_mentions)
    yield Importer("mention JSON, CHIP-CDN", _json_tables, take_mentions)
    yield Importer("terminology tables", _terminology_tables, partial(take_terminology, format="table"))
    yield Importer("ICD-10-CM files", _icd10cm_files, partial(take_terminology, format="icd10cm"))
    yield Importer("SNOMED RF2", _rf2, partial(take_terminology, format="rf2"))
    yield Importer("OMOP", _omop, partial(take_terminology, format="omop", vocabularies=("SNOMED",)))
    for title, id_ in (("ClaML", "claml"), ("OBO", "obo"), ("FHIR CodeSystem", "fhir")):
        seeds = copied(f"core/knowledge_base/golden/{id_}/*")
        yield Importer(title, seeds, partial(take_terminology, format=id_))
    yield Importer("mappings: our table", _own_tables, take_mappings_)
    yield Importer("mappings: Usagi", copied(f"{_GOLDEN}/*usagi.csv"), partial(take_mappings_, format_id="usagi"))
    yield Importer("mappings: STCM", copied(f"{_GOLDEN}/*stcm.csv"), partial(take_mappings_, format_id="stcm"))
    for version in ("r4", "r5"):
        seeds = copied(f"{_GOLDEN}/*{version}.json")
        yield Importer(f"mappings: FHIR {version.upper()}", seeds, partial(take_mappings_, format_id=f"fhir-{version}"))
    yield Importer("mappings: SSSOM", copied(f"{_GOLDEN}/*.sssom.tsv"), partial(take_mappings_, format_id="sssom"))
    corpora = (
        ("BioC XML", "bioc-xml", copied(f"{_CORPORA}/bioc.xml")),
        ("BioC JSON", "bioc-json", copied(f"{_CORPORA}/bioc.json")),
        ("PubTator", "pubtator", copied(f"{_CORPORA}/pubtator.txt")),
        ("brat", "brat", zipped(copied(f"{_CORPORA}/brat"))),
        ("MedCATtrainer", "medcattrainer", copied(f"{_CORPORA}/medcattrainer.json")),
        ("notes", "notes", _notes),
    )
    for title, id_, seeds in corpora:
        yield Importer(f"documents: {title}", seeds, partial(take_documents, format=id_))


IMPORTERS = tuple(_listed())
