"""Releases into the library: side by side, whole or not at all, found again; and the look before."""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.omop_download import write_download, zip_download
from helpers.terminologies import entity, small_table

from rpdr_core.errors import Cancelled, DamagedFileError, FileFormatError, NotFoundError, UserInputError
from rpdr_core.knowledge_base import icd10cm as embedded
from rpdr_core.knowledge_base import importing, source_key
from rpdr_core.knowledge_base.catalogue import ENTITIES, MANIFEST, MAPS, read_manifest, write_release
from rpdr_core.knowledge_base.importing import look
from rpdr_core.knowledge_base.library import Library
from rpdr_core.knowledge_base.recognising import READERS, recognise, short_name
from rpdr_core.knowledge_base.release import Association, MapTarget, Release, ReleaseOptions
from rpdr_core.records import Entity

FAMILY = (entity("A", "Alpha"), entity("B", "Beta", "A"), Entity("OLD", "Old", active=False, assignable=False))
HISTORY = (Association("OLD", "replaced_by", "B"),)
MAPPED = (MapTarget("B", "ICD-10", "X2", priority=2), MapTarget("A", "ICD-10", "X1"), MapTarget("B", "ICD-10", "X3"))


def release(entities: tuple[Entity, ...] = FAMILY, maps: tuple[MapTarget, ...] = MAPPED, version: str = "1") -> Release:
    return Release(
        "test", "t", "T", version, lambda: iter(entities), lambda: iter(HISTORY), lambda: iter(maps),
        remarks=lambda: ("said by the reader",),
    )  # fmt: skip


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    monkeypatch.setattr(embedded, "entities", lambda: iter((entity("Z"),)))
    return Library(tmp_path / "kb")


def visible(root: Path) -> list[str]:
    return [path.name for path in root.iterdir()] if root.exists() else []


def test_what_a_release_says_beside_its_entities_is_looked_up_by_code(library: Library) -> None:
    write_release(library.root, release(), source="s")
    catalogue = library.open("t")
    assert list(catalogue.associations()) == list(HISTORY)
    assert list(catalogue.associations(["OLD", "A"])) == list(HISTORY)
    assert list(catalogue.associations(["A"])) == []
    assert catalogue.maps(["B", "OLD", "A"]) == {"B": (MAPPED[2], MAPPED[0]), "A": (MAPPED[1],)}
    assert catalogue.remarks() == ("said by the reader",)


def test_a_plain_catalogue_says_nothing_and_keeps_its_fingerprint(library: Library, tmp_path: Path) -> None:
    write_release(library.root, release(), source="s")
    plain = library.import_table(small_table(tmp_path))
    assert (list(plain.associations()), plain.maps(["E1"]), plain.remarks()) == ([], {}, ())
    bare = Release("", "t", "T", "", lambda: iter(FAMILY))
    folder = write_release(library.root, bare, source="other")
    assert read_manifest(folder).info.fingerprint == library.open("t@1").info.fingerprint
    assert sorted(path.name for path in folder.iterdir()) == [ENTITIES, MANIFEST]


def test_the_same_entities_with_other_maps_are_another_catalogue(library: Library) -> None:
    one = write_release(library.root, release(), source="s")
    two = write_release(library.root, release(maps=MAPPED[:1]), source="s")
    assert one != two
    assert write_release(library.root, release(), source="again") == one
    assert library.open("t").maps(["A"]) == {"A": (MAPPED[1],)}


def test_damage_beside_the_entities_is_found_and_cured_by_importing_again(library: Library) -> None:
    folder = write_release(library.root, release(), source="s")
    content = (folder / MAPS).read_bytes()
    (folder / MAPS).write_bytes(content.replace(b"X1", b"X9"))
    with pytest.raises(DamagedFileError, match="maps"):
        library.open("t").maps(["A"])
    assert write_release(library.root, release(), source="s") == folder
    assert (folder / MAPS).read_bytes() == content


@pytest.mark.parametrize("stage", ["opening", "checking", "entities", "hierarchy", "associations", "maps", "finishing"])
def test_an_import_that_is_ended_leaves_nothing(
    library: Library, tmp_path: Path, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rpdr_core.knowledge_base.taking.HEARD", 1)
    monkeypatch.setattr("rpdr_core.knowledge_base.table_survey.HEARD", 1)
    rows = "".join(f"N{n},Name {n},N0\n" if n % 2 else f"N{n},Name {n},\n" for n in range(9))
    path = small_table(tmp_path, "code,name,replaced by\n" + rows)
    heard = []

    def watch(now: str, done: int, total: int) -> None:
        heard.append(now)
        if now == stage:
            raise Cancelled("enough")

    if stage == "maps":
        with pytest.raises(Cancelled):
            write_release(library.root, release(), source="s", watch=watch)
    else:
        with pytest.raises(Cancelled):
            library.import_release(path, watch=watch)
    assert heard[-1] == stage
    assert visible(library.root) == []


def test_what_killed_imports_left_is_cleared_after_an_hour_only(library: Library) -> None:
    for name, age in ((".staging-old", 7_200), (".staging-young", 60)):
        folder = library.root / name
        folder.mkdir(parents=True)
        (folder / ENTITIES).write_bytes(b"x")
        stamp = time.time() - age
        os.utime(folder / ENTITIES, (stamp, stamp))
        os.utime(folder, (stamp, stamp))
    write_release(library.root, release(), source="s")
    assert {name for name in visible(library.root) if name.startswith(".")} == {".staging-young"}


def test_releases_of_one_id_lie_side_by_side(library: Library) -> None:
    newer = (*FAMILY, entity("C", "Gamma"))
    for number, (version, entities) in enumerate((("20260101", FAMILY), ("20260701", newer))):
        folder = write_release(library.root, release(entities, version=version), source=version)
        stamp = time.time() - 100 + number
        os.utime(folder / MANIFEST, (stamp, stamp))
    first, second = library.open("t@20260101").info, library.open("t@20260701").info
    assert [info.version for info in library.list() if info.id == "t"] == ["20260701", "20260101"]
    assert library.open("t").info == second
    assert library.open(first.fingerprint[:10]).info == library.open(f"t@{first.fingerprint[:10]}").info == first
    assert [library.reference(info) for info in (second, first)] == ["t", "t@20260101"]
    assert all(library.open(library.reference(info)).info == info for info in library.list() if info.fingerprint)
    with pytest.raises(NotFoundError):
        library.open("t@2027")
    with pytest.raises(NotFoundError):
        library.open(first.fingerprint[:7])


def test_a_version_with_spaces_is_typed_without(library: Library) -> None:
    for version in ("March 2026", "April 2026"):
        write_release(library.root, release((*FAMILY, entity(version)), version=version), source=version)
    assert library.open("t@march-2026").info == library.open("t@March 2026").info
    assert {library.reference(info) for info in library.list() if info.id == "t"} >= {"t"}


def test_icd10cm_alone_is_always_the_one_that_comes_with_the_program(library: Library) -> None:
    ours = replace(release(version="FY2027"), id=embedded.ID)
    write_release(library.root, ours, source="file")
    assert library.open("icd10cm").info.version == embedded.RELEASE
    assert library.open("icd10cm@FY2027").info.version == "FY2027"
    references = {info.version: library.reference(info) for info in library.list() if info.id == "icd10cm"}
    assert references == {embedded.RELEASE: "icd10cm", "FY2027": "icd10cm@FY2027"}
    assert library.find("icd10cm").version == embedded.RELEASE
    assert library.remove("icd10cm").info.version == embedded.RELEASE
    assert library.find("icd10cm@FY2027").version == "FY2027"


def test_the_embedded_release_stays_in_the_list_beside_an_imported_one(library: Library) -> None:
    write_release(library.root, replace(release(version="FY2027"), id=embedded.ID), source="file")
    versions = {(info.version, bool(info.fingerprint)) for info in library.list()}
    assert (embedded.RELEASE, False) in versions
    [unmade] = [info for info in library.list() if not info.fingerprint and info.id == embedded.ID]
    assert library.reference(unmade) == "icd10cm"


def test_removing_frees_what_it_says_and_nothing_else(library: Library) -> None:
    folder = write_release(library.root, release(), source="s")
    other = write_release(library.root, release((*FAMILY, entity("C")), version="2"), source="s2")
    size = sum(path.stat().st_size for path in folder.iterdir())
    removed = library.remove("t@1")
    assert (removed.info.version, removed.size) == ("1", size)
    assert visible(library.root) == [other.name]
    with pytest.raises(NotFoundError, match="t@1"):
        library.remove("t@1")


@pytest.mark.parametrize(
    ("entities", "words"),
    [
        ((entity("A", "x", "B"), entity("B", "y", "A")), "A -> B -> A"),
        ((Entity("", "x"),), "no code"),
        ((Entity("A", ""),), "no name"),
        ((Entity("A", "\ud800"),), "half a character"),
        ((Entity("A", "x" * 100_001),), "100,000"),
    ],
)
def test_what_is_no_terminology_is_refused_and_leaves_nothing(
    tmp_path: Path, entities: tuple[Entity, ...], words: str
) -> None:
    with pytest.raises(FileFormatError, match=words) as caught:
        write_release(tmp_path / "kb", release(entities), source="list.csv")
    assert caught.value.file == "list.csv"
    assert caught.value.hint
    assert visible(tmp_path / "kb") == []


def test_signs_that_show_nothing_are_kept_and_told(library: Library) -> None:
    hidden = Entity("A", "left\u202eright", ("a\u200bb",))
    write_release(library.root, release((hidden, entity("B"))), source="s")
    catalogue = library.open("t")
    assert next(iter(catalogue.entities())) == hidden
    assert any("invisible" in remark and remark.startswith("1 ") for remark in catalogue.remarks())


def test_options_and_names_given_are_those_of_the_catalogue(library: Library, tmp_path: Path) -> None:
    path = zip_download(tmp_path / "athena.zip")
    options = ReleaseOptions(vocabularies=("SNOMED",))
    made = library.import_release(path, options=options, id="My OMOP", title="Mine", version="9")
    assert (made.info.id, made.info.title, made.info.version) == ("my-omop", "Mine", "9")
    folder = write_download(tmp_path / "athena")
    assert library.import_release(folder, options=options).info.fingerprint == made.info.fingerprint


def test_a_look_imports_nothing_and_proposes_names(library: Library, tmp_path: Path) -> None:
    seen = look(small_table(tmp_path, name="Eye List.csv"))
    assert (seen.format, seen.id, seen.title, seen.needs) == ("table", "eye-list", "Eye List", ())
    assert (len(seen.entities), seen.estimate) == (10, 10)
    assert seen.table is not None
    assert seen.table.columns[:2] == (("code", "code"), ("name", "name"))
    assert seen.table.rows[1][:2] == ("E1", "Cataract")
    assert seen.options.format == "table"
    assert visible(library.root) == []


def test_a_look_asks_for_what_only_the_user_can_tell(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("编码,名称\nH26,白内障\n".encode("gb18030"))
    seen = look(path)
    assert seen.needs == ("encoding",)
    assert seen.table is not None
    assert seen.table.alternatives[0].encoding == "gb18030"
    assert "白内障" in "".join(seen.table.alternatives[0].lines)
    again = look(path, ReleaseOptions(encoding="gb18030"))
    assert [one.name for one in again.entities] == ["白内障"]
    strange = look(small_table(tmp_path, "foo,bar,baz\n1,2,3\n", "strange.csv"))
    assert strange.needs == ("columns",)
    assert strange.table is not None
    assert strange.table.headers == ("foo", "bar", "baz")
    assert look(zip_download(tmp_path / "a.zip")).needs == ("vocabularies",)


def test_a_look_does_not_wait_for_a_reader_that_has_much_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_slow(path: Path, options: ReleaseOptions, watch: Callable[[str, int, int], object]) -> Release:
        def entities() -> Iterator[Entity]:
            for number in range(1_000_000):
                watch("reading", number, 0)
            yield entity("A")

        return Release("slow", "slow", "Slow", "", entities)

    reader = replace(READERS[-1], format="slow", where="importing:open_slow")
    monkeypatch.setattr(importing, "open_slow", open_slow, raising=False)
    monkeypatch.setattr(importing, "SECONDS", 0.0)
    monkeypatch.setattr(importing, "recognise", lambda *_: reader)
    seen = look(tmp_path)
    assert (seen.title, seen.entities) == ("Slow", ())


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("empty.csv", b"", "empty"), ("page.html", b"<html><body>x</body></html>", "no terminology")],
)
def test_what_nobody_reads_is_answered_with_what_is_read(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=words) as caught:
        recognise(path)
    assert "OMOP" in caught.value.hint
    assert "Table" in caught.value.hint
    with pytest.raises(FileFormatError):
        look(path)


def test_a_format_may_be_named_and_must_be_known(tmp_path: Path) -> None:
    assert recognise(tmp_path, "omop").format == "omop"
    with pytest.raises(NotFoundError, match="'nonsense'") as caught:
        recognise(tmp_path, "nonsense")
    assert "table" in caught.value.hint
    with pytest.raises(NotFoundError):
        recognise(tmp_path / "none.csv")


def test_every_reader_is_where_the_table_says() -> None:
    assert len({reader.format for reader in READERS}) == len(READERS)
    for reader in READERS:
        with pytest.raises((FileFormatError, NotFoundError)):
            reader.open(Path("/nonexistent/file"), ReleaseOptions(), lambda *_: None)


@pytest.mark.parametrize(("text", "name"), [("OMOP SNOMED", "omop-snomed"), ("国家 3.0", "国家-3-0"), ("..", "table")])
def test_short_names(text: str, name: str) -> None:
    assert short_name(text) == name


def test_what_holds_no_terminology_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nested = tmp_path / "a.zip"
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("b.zip", b"PK\x03\x04")
    with pytest.raises(FileFormatError, match="nothing but archives"):
        Library(tmp_path / "kb").import_release(nested)
    many = tmp_path / "many"
    many.mkdir()
    for name in ("1.csv", "2.csv", "x.obo"):
        (many / name).write_text("format-version: 1.4\n\n[Term]\nid: A\nname: a\n")
    monkeypatch.setattr(source_key, "MEMBERS_CAP", 2)
    with pytest.raises(FileFormatError, match="more than 2 files"):
        Library(tmp_path / "kb").import_release(many)
    assert not (tmp_path / "kb").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_no_terminology(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(UserInputError, match="a pipe"):
        Library(tmp_path / "kb").import_release(tmp_path / "a.csv")
