"""Ontologies in OBO: a golden one of ours after the format 1.4, round trips, and what must be refused."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import Cancelled, FileFormatError
from rpdr_core.knowledge_base.library import Library
from rpdr_core.knowledge_base.obo import open_obo
from rpdr_core.knowledge_base.obo_lines import Clause, unescaped
from rpdr_core.knowledge_base.release import Association, MapTarget, Release, ReleaseOptions, unwatched
from rpdr_core.records import Entity, Note

GOLDEN = Path(__file__).parent / "golden" / "obo" / "small.obo"


def opened(path: Path, options: ReleaseOptions | None = None) -> Release:
    return open_obo(path, options or ReleaseOptions(), unwatched)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "x.obo"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_head() -> None:
    release = opened(GOLDEN)
    assert (release.id, release.title, release.version) == ("doid", "Disease Ontology", "2026-01-31")
    assert release.warnings == ()


def test_terms() -> None:
    release = opened(GOLDEN)
    assert list(release.entities()) == [
        Entity(
            "DOID:4",
            "disease",
            type="disease_ontology",
            notes=(Note("note", 'A disease is a "disposition" to undergo processes, it is said.'),),
        ),
        Entity(
            "DOID:1240",
            "eye: disease",
            synonyms=("disorder of eye", "oculopathy", "eye disorder"),
            parents=("DOID:4",),
            type="eye_diseases",
            notes=(
                Note("note", 'related: eye "trouble"'),
                Note("note", "narrower: cataract and others"),
                Note("note", "broader: disorder"),
            ),
        ),
        Entity("DOID:9", "obsolete eye matter", type="disease_ontology", active=False, assignable=False),
        Entity("HP:0000001", "HP:0000001", parents=("DOID:4",), type="disease_ontology", assignable=False),
    ]
    assert list(release.remarks()) == [
        "1 narrower wordings are kept as notes, and not used as synonyms",
        "1 broader wordings are kept as notes, and not used as synonyms",
        "1 related wordings are kept as notes, and not used as synonyms",
        "1 terms without a name go by their id, and are not proposed",
    ]


def test_what_became_of_terms() -> None:
    assert list(opened(GOLDEN).associations()) == [
        Association("DOID:1241", "replaced_by", "DOID:1240"),
        Association("DOID:9", "replaced_by", "DOID:1240"),
        Association("DOID:9", "alternative", "DOID:4"),
    ]


def test_maps() -> None:
    assert list(opened(GOLDEN).maps()) == [
        MapTarget("DOID:1240", "ICD-10-CM", "H44.9", priority=1, advice="equivalent"),
        MapTarget("DOID:1240", "ICD-10-CM", "H57", priority=2),
        MapTarget("DOID:1240", "SNOMED CT", "371405004"),
    ]


def test_without_obsolete_terms() -> None:
    codes = [entity.code for entity in opened(GOLDEN, ReleaseOptions(inactive=False)).entities()]
    assert codes == ["DOID:4", "DOID:1240", "HP:0000001"]


def test_imported_into_the_library(tmp_path: Path) -> None:
    catalogue = Library(tmp_path).import_release(GOLDEN)
    assert (catalogue.info.id, catalogue.info.version, catalogue.info.entities) == ("doid", "2026-01-31", 4)
    assert [row.to for row in catalogue.maps({"DOID:1240"})["DOID:1240"]] == ["ICD-10-CM", "ICD-10-CM", "SNOMED CT"]
    assert [row.target for row in catalogue.associations({"DOID:9"})] == ["DOID:1240", "DOID:4"]


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("[Term]\nid: A:1\nname: a\n\n[Term]\nid: A:1\nname: b\n", "occurs twice", 5),
        ("[Term]\nname: a\n", "without an id", 1),
        ("format-version: 1.4\n\n[Term\nid: A:1\n", "without its bracket", 3),
        ("[Term]\nid: A:1\nname\n", "without a tag", 3),
        ("[Term]\nid: A:1\nname: a\nsynonym: b EXACT []\n", "text in quotes", 4),
        ('[Term]\nid: A:1\nname: a\nsynonym: "b EXACT []\n', "text in quotes", 4),
        ("format-version: 1.4\n[Typedef]\nid: x\n", "no terms", 1),
        ("", "no OBO file", 1),
        ("[Term]\nid: A:1\nname: a\0\n", "NUL", 3),
        ("[Term]\nid: A:1\nname: " + "a" * 2_000_000, "characters", 3),
        ("[Term]\nid: A:1\nname: " + "a\\\n" * 700_000, "characters", 0),
        ("[Term]\nid: A:1\n" + "xref: A:2\n" * 100_001, "lines in a stanza", 100_002),
    ],
)
def test_what_is_wrong_has_a_line(tmp_path: Path, text: str, words: str, line: int) -> None:
    path = written(tmp_path, text)
    with pytest.raises(FileFormatError, match=words) as caught:
        Library(tmp_path / "kb").import_release(path, options=ReleaseOptions(format="obo"))
    assert caught.value.hint
    assert str(path) in caught.value.file or path.name in caught.value.file
    assert caught.value.line == line


def test_bad_bytes_have_a_line(tmp_path: Path) -> None:
    path = tmp_path / "x.obo"
    path.write_bytes(b"format-version: 1.4\n[Term]\nid: A:1\nname: \xe9\n")
    with pytest.raises(FileFormatError, match="is not utf-8") as caught:
        list(opened(path).entities())
    assert caught.value.line == 4
    assert [entity.name for entity in opened(path, ReleaseOptions(encoding="latin-1")).entities()] == ["é"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[Term]\nid: A:1\nname: a\nis_a: A:2\n[Term]\nid: A:2\nname: b\nis_a: A:1\n", "circle"),
        ("[Term]\nid: A:1\nname: a\nis_a: A:3 ! c\n", "'A:3'"),
    ],
)
def test_circles_and_orphans_are_refused_by_the_import(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, "format-version: 1.4\n" + text)
    with pytest.raises(FileFormatError, match=words):
        Library(tmp_path / "kb").import_release(path)
    assert list((tmp_path / "kb").glob("*")) == []


def test_a_line_that_goes_on(tmp_path: Path) -> None:
    path = written(tmp_path, "[Term]\nid: A:1\nname: one \\\ntwo\n")
    assert [entity.name for entity in opened(path).entities()] == ["one two"]
    assert "unknown" in opened(path).warnings[0]


def test_an_end_in_the_middle_of_a_line_is_told(tmp_path: Path) -> None:
    """Nothing in the format says where the file ends."""
    release = opened(written(tmp_path, "format-version: 1.4\n[Term]\nid: A:1\nname: catar"))
    assert [entity.name for entity in release.entities()] == ["catar"]
    assert list(release.remarks()) == ["the file ends in the middle of a line: it may be cut short"]


def test_cancel(tmp_path: Path) -> None:
    def watch(stage: str, done: int, total: int) -> None:
        raise Cancelled(stage)

    path = written(tmp_path, "".join(f"[Term]\nid: A:{n}\nname: n{n}\n\n" for n in range(2_000)))
    release = open_obo(path, ReleaseOptions(), watch)
    for stage in (release.entities, release.associations, release.maps):
        with pytest.raises(Cancelled):
            list(stage())


def escaped(text: str) -> str:
    for char in '\\"!{}':
        text = text.replace(char, f"\\{char}")
    return text.replace("\n", "\\n").replace("\t", "\\t")


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=15)


@given(words)
def test_escapes_come_back(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert Clause("name", f'{escaped(text)} {{a="b"}} ! comment', 1).plain() == text
    assert Clause("synonym", f'"{escaped(text)}" EXACT []', 1).quoted("f") == (text, "EXACT []")


@given(st.lists(st.tuples(words, st.lists(words, max_size=3, unique=True)), min_size=1, max_size=5))
def test_terms_come_back(tmp_path_factory: pytest.TempPathFactory, terms: list[tuple[str, list[str]]]) -> None:
    stanzas = (
        f"[Term]\nid: T:{n}\nname: {escaped(name)}\n" + "".join(f'synonym: "{escaped(s)}" EXACT []\n' for s in synonyms)
        for n, (name, synonyms) in enumerate(terms)
    )
    path = written(tmp_path_factory.mktemp("obo"), "format-version: 1.4\n\n" + "\n".join(stanzas))
    found = [(entity.name, list(entity.synonyms)) for entity in opened(path).entities()]
    assert found == [(name, [synonym for synonym in synonyms if synonym != name]) for name, synonyms in terms]


@given(st.binary(max_size=60), st.integers(0, 1_500))
def test_damage_is_told_or_harmless(tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int) -> None:
    data = GOLDEN.read_bytes()
    path = tmp_path_factory.mktemp("obo") / "x.obo"
    path.write_bytes(data[:at] + junk + data[at + len(junk) :])
    with suppress(FileFormatError):
        release = opened(path)
        assert all(entity.code for entity in release.entities())
        assert all(row.code for row in (*release.associations(), *release.maps()))
