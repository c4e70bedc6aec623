from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.terminologies import entity
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import DamagedFileError, FileFormatError
from rpdr_core.knowledge_base.catalogue import (
    ENTITIES,
    MANIFEST,
    read_entities,
    read_manifest,
    verify,
    write_catalogue,
    write_release,
)
from rpdr_core.knowledge_base.opened import Catalogue
from rpdr_core.knowledge_base.release import MapTarget, Release
from rpdr_core.records import Entity, Note

FAMILY = (entity("A", "Alpha"), entity("A.1", "Alpha one", "A"), entity("B", "白内障"))


def write(root: Path, entities: object = FAMILY, *, id: str = "t", source: str = "s") -> Path:
    return write_catalogue(root, entities, id=id, title="T", version="1", source=source)  # type: ignore[arg-type]


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    rich = Entity("C", "Gamma", ("g", "γ"), ("A",), "x", False, False, (Note("excludes1", "no"),))
    folder = write(tmp_path, (*FAMILY, rich))
    assert tuple(read_entities(folder)) == (*FAMILY, rich)


def test_the_manifest_counts_entities_and_distinct_terms(tmp_path: Path) -> None:
    twins = (Entity("A", "same", ("same", "other")), Entity("B", "same"))
    manifest = read_manifest(write(tmp_path, twins, source="file x"))
    assert (manifest.info.entities, manifest.info.terms, manifest.source) == (2, 2, "file x")
    assert (manifest.info.id, manifest.info.title, manifest.info.version) == ("t", "T", "1")


def test_the_fingerprint_is_the_hash_of_the_entities_and_of_nothing_else(tmp_path: Path) -> None:
    one, two = write(tmp_path / "1"), write(tmp_path / "2", id="other", source="elsewhere")
    prints = {read_manifest(folder).info.fingerprint for folder in (one, two)}
    assert prints == {hashlib.sha256((one / ENTITIES).read_bytes()).hexdigest()}


def test_a_fingerprint_written_down_once_holds(tmp_path: Path) -> None:
    """Indexes and adapters are kept under it: the canonical form may not drift."""
    found = read_manifest(write(tmp_path, (entity("A", "Alpha"),))).info.fingerprint
    line = (
        b'{"code":"A","name":"Alpha","synonyms":[],"parents":[],"type":"category","active":true,'
        b'"assignable":true,"notes":[]}\n'
    )
    assert found == hashlib.sha256(line).hexdigest()


@given(st.permutations(FAMILY[:1] + FAMILY[2:] + (entity("D"),)))
def test_order_is_part_of_the_fingerprint(tmp_path_factory: pytest.TempPathFactory, order: list[Entity]) -> None:
    root = tmp_path_factory.mktemp("orders")
    plain = read_manifest(write(root, (*FAMILY[:1], *FAMILY[2:], entity("D")))).info.fingerprint
    found = read_manifest(write(root, order)).info.fingerprint
    assert (found == plain) == (tuple(order) == (*FAMILY[:1], *FAMILY[2:], entity("D")))


def test_parents_may_come_after_their_children(tmp_path: Path) -> None:
    assert len(list(read_entities(write(tmp_path, (FAMILY[1], FAMILY[0]))))) == 2


@pytest.mark.parametrize(
    ("entities", "words"),
    [
        ((entity("A"), entity("A")), ("'A'", "twice")),
        ((entity("A", "x", "Z"),), ("'A'", "'Z'", "parent")),
        ((), ("no entities",)),
    ],
)
def test_a_faulty_terminology_is_refused_and_leaves_nothing(
    tmp_path: Path, entities: tuple[Entity, ...], words: tuple[str, ...]
) -> None:
    with pytest.raises(FileFormatError) as caught:
        write(tmp_path, entities, source="list.csv")
    assert caught.value.file == "list.csv"
    assert caught.value.hint
    assert all(word in caught.value.message for word in words)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_fails_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[Entity]:
        yield FAMILY[0]
        raise FileFormatError("line 2 is bad")

    with pytest.raises(FileFormatError, match="line 2"):
        write(tmp_path, broken())
    assert list(tmp_path.iterdir()) == []


def test_a_killed_import_is_not_seen_and_does_not_stand_in_the_way(tmp_path: Path) -> None:
    script = f"""
import os, sys
from pathlib import Path
from rpdr_core.knowledge_base.catalogue import write_catalogue
from rpdr_core.records import Entity
def entities():
    yield Entity("A", "Alpha")
    os._exit(9)
write_catalogue(Path({str(tmp_path)!r}), entities(), id="t", title="T", version="1", source="s")
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == []
    assert len(list(read_entities(write(tmp_path)))) == 3


def test_making_the_same_again_keeps_one_folder_and_takes_the_new_source(tmp_path: Path) -> None:
    first = write(tmp_path, source="reader 1")
    assert write(tmp_path, source="reader 2") == first
    assert [path.name for path in tmp_path.iterdir()] == [first.name]
    assert read_manifest(first).source == "reader 2"


@pytest.mark.parametrize("name", [ENTITIES, MANIFEST])
def test_making_it_again_cures_a_damaged_one(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path)
    (folder / name).write_bytes(b"")
    assert write(tmp_path) == folder
    verify(folder, read_manifest(folder).info.fingerprint)


@pytest.mark.parametrize("damage", [lambda line: line[:-9] + b"\n", lambda line: line.replace(b"one", b"\xff\xfen")])
def test_a_damaged_entity_is_named_by_file_and_line(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    folder = write(tmp_path)
    lines = (folder / ENTITIES).read_bytes().splitlines(keepends=True)
    (folder / ENTITIES).write_bytes(lines[0] + damage(lines[1]) + lines[2])
    with pytest.raises(DamagedFileError) as caught:
        list(read_entities(folder))
    assert (caught.value.file, caught.value.line) == (str(folder / ENTITIES), 2)
    assert "import" in caught.value.hint


def test_one_flipped_byte_fails_the_fingerprint(tmp_path: Path) -> None:
    folder = write(tmp_path)
    fingerprint = read_manifest(folder).info.fingerprint
    verify(folder, fingerprint)
    content = bytearray((folder / ENTITIES).read_bytes())
    content[12] ^= 1
    (folder / ENTITIES).write_bytes(content)
    with pytest.raises(DamagedFileError, match=fingerprint[:12]):
        verify(folder, fingerprint)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"info": 1}', b'{"source": "\xff"}'])
def test_a_damaged_manifest_says_how_to_cure_it(tmp_path: Path, content: bytes) -> None:
    folder = write(tmp_path)
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(DamagedFileError) as caught:
        read_manifest(folder)
    assert caught.value.file == str(folder)
    assert "import" in caught.value.hint


def test_a_missing_folder_is_damage_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError):
        read_manifest(tmp_path / "gone")
    with pytest.raises(DamagedFileError):
        verify(tmp_path / "gone", "0" * 64)


def test_maps_come_in_the_order_in_which_their_rules_are_asked(tmp_path: Path) -> None:
    rows = [MapTarget("A", "ICD-10", f"E1{group}.{priority}", group, priority) for group, priority in
            ((2, 1), (1, 10), (1, 2), (1, 1))]  # fmt: skip
    release = Release("", "x", "X", "1", lambda: iter([Entity("A", "Asthma")]), maps=lambda: iter(rows))
    folder = write_release(tmp_path, release, source="test")
    found = Catalogue(read_manifest(folder).info, folder).maps(["A"])["A"]
    assert [(one.group, one.priority) for one in found] == [(1, 1), (1, 2), (1, 10), (2, 1)]
