"""Releases of all shapes: packages, extensions, modules; and what a reader says to damaged ones."""

from __future__ import annotations

import shutil
import zipfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from helpers.rf2_release import CORE_MODULE, Made, Plan, make_release
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rpdr_core.errors import Cancelled, FileFormatError, NotFoundError, RpdrError
from rpdr_core.knowledge_base.importing import look
from rpdr_core.knowledge_base.library import Library
from rpdr_core.knowledge_base.recognising import recognise
from rpdr_core.knowledge_base.release import Release, ReleaseOptions, unwatched
from rpdr_core.knowledge_base.rf2.opening import open_rf2
from rpdr_core.knowledge_base.rf2.sctid import make
from rpdr_core.records import Entity

PLAN = Plan(concepts=120, extension=12)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Made]:
    folder = tmp_path_factory.mktemp("rf2") / "release"
    return folder, make_release(folder, PLAN)


@pytest.fixture
def copy(made: tuple[Path, Made], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[0], tmp_path / "copy"))


def opened(path: Path, **options: object) -> Release:
    return open_rf2(path, ReleaseOptions(**options), unwatched)  # type: ignore[arg-type]


def entities(path: Path, **options: object) -> dict[str, Entity]:
    return {entity.code: entity for entity in opened(path, **options).entities()}


def one(folder: Path, part: str) -> Path:
    return next(path for path in sorted(folder.rglob("*.txt")) if part in path.name)


def test_all_that_was_made_is_read(made: tuple[Path, Made]) -> None:
    folder, truth = made
    found = entities(folder)
    assert len(found) == truth.concepts
    assert {code: entity.name for code, entity in found.items() if code in truth.names} == truth.names
    assert {code for code, entity in found.items() if not entity.active} == set(truth.inactive)
    assert not any(entity.assignable for entity in found.values() if not entity.active)
    release = opened(folder)
    replaced = {one.code: one.target for one in release.associations() if one.kind == "replaced_by"}
    assert replaced == truth.replaced
    first = {row.code: row.target for row in release.maps() if row.priority == 1}
    assert first == truth.mapped


def test_the_british_names(made: tuple[Path, Made]) -> None:
    folder, truth = made
    found = entities(folder, dialect="en-gb")
    assert {code: found[code].name for code in truth.british} == truth.british
    assert truth.british != truth.names


def test_a_zip_reads_as_its_folder_does(made: tuple[Path, Made], tmp_path: Path) -> None:
    path = tmp_path / "release.zip"
    make_release(path, PLAN)
    assert entities(path) == entities(made[0])
    assert recognise(path).format == recognise(made[0]).format == "rf2"


def test_a_full_reads_as_its_snapshot_does(made: tuple[Path, Made], tmp_path: Path) -> None:
    path = tmp_path / "full"
    truth = make_release(path, Plan(concepts=120, extension=12, full=True))
    found = entities(path)
    assert {code: found[code].name for code in truth.names} == truth.names
    assert not any("old " in text for entity in found.values() for text in (entity.name, *entity.synonyms))


def test_two_packages_in_one_folder(copy: Path, tmp_path: Path) -> None:
    """An edition and its extension, each as a zip of its own."""
    for name, country in (("SnomedCT_International.zip", "_INT_"), ("SnomedCT_Extension.zip", "_XX")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for path in sorted(copy.rglob("*.txt")):
                if country in path.name:
                    archive.write(path, path.relative_to(copy).as_posix())
    whole = entities(copy)
    shutil.rmtree(copy)
    assert entities(tmp_path) == whole
    assert recognise(tmp_path).format == "rf2"
    with pytest.raises(FileFormatError, match="an extension without the edition") as caught:
        list(opened(tmp_path / "SnomedCT_Extension.zip").entities())
    assert "folder" in caught.value.hint


def test_modules_may_be_chosen(made: tuple[Path, Made]) -> None:
    folder, truth = made
    release = opened(folder)
    (own,) = (module for module, title in release.vocabularies if title.startswith("Examplean module"))
    found = entities(folder, vocabularies=(own,))
    assert set(found) > set(truth.extension)
    assert len(found) == len(truth.extension) + 2
    assert all(parent in found for entity in found.values() for parent in entity.parents)
    assert set(entities(folder, modules=(CORE_MODULE, own))) > set(found)
    with pytest.raises(NotFoundError, match="no module '5'"):
        opened(folder, modules=("5",))
    with pytest.raises(NotFoundError, match="no dialect 'en-AU'") as caught:
        opened(folder, dialect="en-AU")
    assert "en-GB" in caught.value.hint


def test_the_whole_way_into_the_library(made: tuple[Path, Made], tmp_path: Path) -> None:
    folder, truth = made
    seen = look(folder)
    assert (seen.format, seen.estimate, bool(seen.entities)) == ("rf2", truth.concepts, True)
    stages: Counter[str] = Counter()
    catalogue = Library(tmp_path / "library").import_release(folder, watch=lambda stage, *_: stages.update([stage]))
    assert catalogue.info.entities == truth.concepts
    assert set(stages) >= {"dialects", "descriptions", "relationships", "associations", "maps"}
    code = next(iter(truth.mapped))
    assert catalogue.maps([code])[code][0].target == truth.mapped[code]


@pytest.mark.parametrize("stage", ["dialects", "descriptions", "relationships", "maps"])
def test_a_cancelled_import_leaves_nothing(made: tuple[Path, Made], tmp_path: Path, stage: str) -> None:
    def watch(at: str, done: int, total: int) -> None:
        if at == stage:
            raise Cancelled("enough")

    library = Library(tmp_path / "library")
    with pytest.raises(Cancelled):
        library.import_release(made[0], watch=watch)
    assert list(library.root.iterdir()) == []


def test_a_delta_alone_is_no_terminology(copy: Path) -> None:
    for path in list(copy.rglob("*.txt")):
        path.rename(path.with_name(path.name.replace("Snapshot", "Delta")))
    with pytest.raises(FileFormatError, match="a Delta alone") as caught:
        opened(copy)
    assert "Snapshot" in caught.value.hint


@pytest.mark.parametrize(
    ("part", "what"),
    [("sct2_Description", "descriptions"), ("sct2_Relationship", "relationships"), ("Language", "language reference")],
)
def test_a_missing_file_is_named(copy: Path, part: str, what: str) -> None:
    for path in list(copy.rglob(f"*{part}*")):
        path.unlink()
    with pytest.raises(FileFormatError, match=what):
        opened(copy)


def test_one_file_twice_is_refused(copy: Path) -> None:
    path = one(copy, "sct2_Concept_Snapshot_INT")
    shutil.copy(path, copy / path.name)
    with pytest.raises(FileFormatError, match="two files of one kind"):
        opened(copy)


def everything(path: Path) -> list[str]:
    """Read all of a release; the codes of its entities."""
    release = opened(path)
    codes = [entity.code for entity in release.entities()]
    for _ in (*release.associations(), *release.maps(), *release.remarks()):
        pass
    return codes


def damaged(path: Path, old: bytes, new: bytes, times: int = 1) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, times))


ROW = b"\r\n20000000"


@pytest.mark.parametrize(
    ("part", "old", "new", "message", "line"),
    [
        ("sct2_Concept_Snapshot_INT", b"moduleId\t", b"", "no column moduleId", 1),
        ("sct2_Concept_Snapshot_INT", b"id\teffectiveTime", b"effectiveTime\tid", "another order", 1),
        ("sct2_Concept_Snapshot_INT", b"\r\n138875005", b"\r\n138875006", "no identifier of a concept", 2),
        ("sct2_Concept_Snapshot_INT", b"138875005\t2026", b"138875005\t26", "no date", 2),
        ("sct2_Concept_Snapshot_INT", b"\t1\t", b"\ttrue\t", "neither 1 nor 0", 2),
        ("sct2_Concept_Snapshot_INT", b"\r\n", b"\textra\r\n", "no column|another order", 1),
        ("sct2_Description", b"SNOMED CT Concept", b"SNOMED\tConcept", "10 cells instead of 9", 2),
        ("sct2_Description", b"SNOMED CT Concept", b"SNOMED\xff Concept", "byte 0xFF is not UTF-8", 2),
        ("sct2_Description", b"SNOMED CT Concept", b"SNOMED\0 Concept", "a NUL character", 2),
        ("sct2_Description", b"SNOMED CT Concept (SNOMED RT+CTV3)", b" ", "without a term", 2),
        ("sct2_Description", b"900000000000003001", b"900000000000003019", "no type of a description", 2),
        ("Language", b"900000000000548007", b"900000000000548000", "neither preferred", 2),
        ("ExtendedMap", b"\t1\t1\tTRUE", b"\t1\tone\tTRUE", "no number", 2),
    ],
)
def test_damage_is_named_with_its_place(copy: Path, part: str, old: bytes, new: bytes, message: str, line: int) -> None:
    path = one(copy, part)
    damaged(path, old, new)
    with pytest.raises(FileFormatError, match=message) as caught:
        everything(copy)
    assert caught.value.file == str(path)
    assert caught.value.line == line
    assert caught.value.hint


@pytest.mark.parametrize("part", ["sct2_Concept_Snapshot_INT", "sct2_Description", "sct2_Relationship", "Language"])
def test_a_file_cut_short_is_noticed(copy: Path, part: str) -> None:
    path = one(copy, part)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(FileFormatError, match="the last line has no end"):
        list(opened(copy).entities())


def test_one_component_twice_on_one_day_is_refused(copy: Path) -> None:
    path = one(copy, "sct2_Concept_Snapshot_INT")
    row = path.read_bytes().splitlines(keepends=True)[1]
    path.write_bytes(path.read_bytes() + row)
    with pytest.raises(FileFormatError, match="concept 138875005 has two rows of 20260101"):
        opened(copy)


def test_a_circle_is_refused_by_the_library(copy: Path, tmp_path: Path) -> None:
    path = one(copy, "sct2_Relationship_Snapshot_INT")
    below = make(20_000_000, "concept").encode()
    damaged(path, b"\t404684003\t138875005\t", b"\t404684003\t" + below + b"\t")
    with pytest.raises(FileFormatError, match="circle"):
        Library(tmp_path / "library").import_release(copy)


def test_strangers_are_counted(copy: Path) -> None:
    """An extension may translate concepts of a package that is not here: left out, and told."""
    path = one(copy, "sct2_Concept_Snapshot_XX")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    release = opened(copy)
    list(release.entities())
    told = " ".join(release.remarks())
    assert "descriptions of concepts that the release does not hold" in told
    assert "is-a relationships with concepts that the release does not hold" in told


def test_quotes_and_directions_are_kept(copy: Path) -> None:
    term = "Say \"aah\u202e' \\N syndrome"
    damaged(one(copy, "sct2_Description"), b"Clinical finding\t", f"{term}\t".encode())
    assert entities(copy)["404684003"].name == term


_SAFE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


@_SAFE
@given(st.integers(0, 100), st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=3)), min_size=1, max_size=4))
def test_mutated_files_give_entities_or_an_error_of_ours(
    made: tuple[Path, Made], tmp_path: Path, which: int, changes: list[tuple[int, bytes]]
) -> None:
    folder = tmp_path / "mutated"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made[0], folder)
    paths = sorted(folder.rglob("*.txt"))
    path = paths[which % len(paths)]
    data = bytearray(path.read_bytes())
    for at, new in changes:
        data[at % len(data) : at % len(data) + 2] = new
    path.write_bytes(data)
    with suppress(RpdrError):
        codes = everything(folder)
        assert len(codes) == len(set(codes))


def test_an_extensions_delta_beside_an_edition_is_refused(copy: Path) -> None:
    """Its changes would be left out without a word."""
    path = one(copy, "sct2_Concept_Snapshot_XX")
    path.rename(path.with_name(path.name.replace("Snapshot", "Delta")))
    with pytest.raises(FileFormatError, match="a Delta alone") as caught:
        opened(copy)
    assert caught.value.file is not None
    assert "sct2_Concept_Delta_XX" in caught.value.file


def test_a_module_that_looks_like_a_pattern_is_refused_as_no_identifier(copy: Path) -> None:
    path = one(copy, "sct2_Concept_Snapshot_INT")
    head, first, *rest = path.read_bytes().split(b"\r\n")
    cells = first.split(b"\t")
    cells[3] = b"\\u0000([" + cells[3]
    path.write_bytes(b"\r\n".join([head, b"\t".join(cells), *rest]))
    with pytest.raises(FileFormatError) as caught:
        everything(copy)
    assert caught.value.line == 2
    assert caught.value.hint
