"""Files of mappings from strangers: damage, lies and bombs are refused with file and line, and with nothing else."""

from __future__ import annotations

import random
import tracemalloc
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.mapping_files import EXAMPLES, OF, STANDARD, back

from rpdr_core.errors import FileFormatError, RpdrError
from rpdr_core.formats.mappings.record import MappingFormat

FORMATS = {one.id: one for one in STANDARD}
MUTATIONS = 150
JUNK = (b"\0", b"\xff", b'"', b"\r", b"\n", b"\t", b",", b"#", b"{", b"]", b"\\", b"&a *a", b"\\ud800", b"9" * 400)


def refused(format: str, path: Path, content: bytes | str) -> FileFormatError:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(FileFormatError) as caught:
        back(FORMATS[format], path)
    assert caught.value.file == str(path)
    assert caught.value.hint
    assert caught.value.line > 0
    return caught.value


@pytest.mark.parametrize("format", STANDARD, ids=lambda one: one.id)
def test_mutated_files_are_read_or_refused(format: MappingFormat, tmp_path: Path) -> None:
    path = tmp_path / f"a{format.suffix}"
    format.write(path, OF, EXAMPLES)
    sound = path.read_bytes()
    lot = random.Random(7)
    outcomes = Counter[str]()
    for _ in range(MUTATIONS):
        path.write_bytes(_mutated(lot, sound))
        outcomes[_outcome(format, path)] += 1
    assert outcomes["read"]
    assert outcomes["refused"]
    assert outcomes.total() == outcomes["read"] + outcomes["refused"]


def _outcome(format: MappingFormat, path: Path) -> str:
    """Anything but an error of ours goes through."""
    try:
        back(format, path)
    except RpdrError as error:
        return "refused" if error.file == str(path) else "refused without its file"
    return "read"


def _mutated(lot: random.Random, sound: bytes) -> bytes:
    at, kind = lot.randrange(len(sound)), lot.randrange(5)
    if kind == 0:
        return sound[:at]
    if kind == 1:
        return sound[:at] + lot.choice(JUNK) + sound[at:]
    if kind == 2:
        return sound[:at] + sound[at + lot.randrange(1, 40) :]
    if kind == 3:
        return sound[:at] + bytes([sound[at] ^ (1 << lot.randrange(8))]) + sound[at + 1 :]
    return sound[:at] + sound[lot.randrange(len(sound)) :]


USAGI = "sourceCode,sourceName,sourceFrequency,matchScore,mappingStatus,equivalence,conceptId,comment\n"
STCM = "source_code,source_vocabulary_id,source_code_description,target_concept_id,invalid_reason\n"
SSSOM = "subject_id\tsubject_label\tpredicate_id\tobject_id\tconfidence\tpredicate_modifier\n"
R4 = '{"resourceType": "ConceptMap", "group": [{"element": [\n%s\n]}]}'


@pytest.mark.parametrize(
    ("format", "content", "line", "words"),
    [
        ("usagi", "sourceCode,sourceName,conceptId\n1,a,2\n", 1, "mappingStatus"),
        ("usagi", USAGI.replace("comment", "conceptId"), 1, "2 columns"),
        ("usagi", USAGI + "1,a,1,0,DONE,EQUAL,2,\n", 2, "DONE"),
        ("usagi", USAGI + "1,a,1,0,APPROVED,BROADER,2,\n", 2, "BROADER"),
        ("usagi", USAGI + "1,a,1,0,APPROVED,EQUAL,two,\n", 2, "whole number"),
        ("usagi", USAGI + "1,a,1,0,APPROVED,EQUAL,²,\n", 2, "whole number"),
        ("usagi", USAGI + ",,1,0,APPROVED,EQUAL,2,\n", 2, "without"),
        ("usagi", USAGI + "1,a,1,0,APPROVED,EQUAL,2,x,y\n", 2, "9 cells"),
        ("usagi", USAGI + "1,a,1,0,APPROVED,EQUAL,2\n", 2, "7 cells"),
        ("stcm", STCM + "1,V,a,4375", 2, "4 cells"),
        ("usagi", USAGI + '1,"a,1,0,APPROVED,EQUAL,2,\n', 2, "not readable"),
        ("usagi", "\n", 1, "no header"),
        ("usagi", USAGI + "1,a,1,0,APPROVED,EQUAL,2,\n" * 1_001, 1_002, "1,000 targets"),
        ("stcm", "source_code,target\n1,2\n", 1, "target_concept_id"),
        ("stcm", STCM + "1,V,a,9999999999,\n", 2, "2,147,483,647"),
        ("stcm", STCM + "1,V,a,3,X\n", 2, "invalid_reason"),
        ("stcm", STCM + ",V,,3,\n", 2, "without"),
        ("fhir-r4", "", 1, "no '{'"),
        ("fhir-r4", "[]", 1, "no '{'"),
        ("fhir-r4", '{"resourceType": "CodeSystem"}', 1, "CodeSystem"),
        ("fhir-r4", '{"resourceType": "ConceptMap"', 1, "cut off"),
        ("fhir-r4", '{"resourceType": "ConceptMap"} x', 1, "after the end"),
        ("fhir-r4", '{"resourceType": "ConceptMap", "title": 7}', 1, "title"),
        ("fhir-r4", '{"resourceType": "ConceptMap", "title": NaN}', 1, "NaN"),
        ("fhir-r4", '{"resourceType": "ConceptMap",\n"a": 1, "a": 2}', 2, "twice"),
        ("fhir-r4", R4 % '{"code": "1", "code": "2"}', 2, "twice"),
        ("fhir-r4", R4 % '{"code": "1", "target": {}}', 2, "target"),
        ("fhir-r4", R4 % '{"code": ["1"]}', 2, "code"),
        ("fhir-r4", '{{"a": 1}: 2}', 1, "without a name"),
        ("fhir-r4", R4 % '{"display": "\\ud800"}', 2, "half a character"),
        ("fhir-r4", R4 % '{"display": "a\\u0000"}', 2, "NUL"),
        ("fhir-r4", R4 % '{"display": ""}', 2, "without code"),
        ("fhir-r4", R4 % '{"code": "1", "target": [{"code": "2"}]}', 2, "relationship"),
        ("fhir-r4", R4 % '{"code": "1", "target": [{"code": "2", "equivalence": "broader"}]}', 2, "broader"),
        ("fhir-r4", R4 % '{"code": "1", "target": [{"equivalence": "wider"}]}', 2, "without a code"),
        ("fhir-r4", R4 % '{"code": "1"},', 3, "cut off"),
        ("fhir-r4", R4 % ("[" * 100_000), 2, "nested"),
        ("fhir-r4", R4 % ('{"code": ' + "9" * 5_000 + "}"), 2, "not JSON"),
        ("fhir-r4", b'{"resourceType": "ConceptMap", "title": "\xff"}', 1, "UTF-8"),
        ("sssom", SSSOM.replace("object_id", "subject_id"), 1, "2 columns"),
        ("sssom", "subject_id\tpredicate_id\n", 1, "object_id"),
        ("sssom", "#a: 1\n", 2, "no header"),
        ("sssom", SSSOM + "S:1\ta\tskos:exactMatch\tnot a curie\t\t\n", 2, "no CURIE"),
        ("sssom", SSSOM + "S:1\ta\t\tT:1\t\t\n", 2, "predicate_id"),
        ("sssom", SSSOM + "S:1\ta\tskos:exactMatch\tT:1\t1.5\t\n", 2, "no chance"),
        ("sssom", SSSOM + "S:1\ta\tskos:exactMatch\tT:1\tnan\t\n", 2, "no chance"),
        ("sssom", SSSOM + "S:1\ta\tskos:exactMatch\tT:1\t\tPerhaps\n", 2, "predicate_modifier"),
        ("sssom", SSSOM + "\t\tskos:exactMatch\tT:1\t\t\n", 2, "without subject_id"),
        ("sssom", "#- a\n" + SSSOM, 1, "names and values"),
        ("sssom", "#curie_map: x\n" + SSSOM, 1, "curie_map"),
        ("sssom", "#a: 1\n#b: [\n" + SSSOM, 3, "not YAML"),
        ("sssom", "#a: &x [1]\n#b: *x\n" + SSSOM, 1, "anchors"),
        ("sssom", "#a: !!python/object:os.system x\n" + SSSOM, 1, "tags"),
        ("sssom", "#%YAML 1.2\n#---\n#a: 1\n" + SSSOM, 1, "directives"),
        ("sssom", "#a: " + "[" * 5_000 + "\n" + SSSOM, 1, "nested"),
        ("sssom", "#" + "a" * 600_000 + ": 1\n#" + "b" * 600_000 + ": 2\n" + SSSOM, 2, "metadata block of more"),
    ],
    ids=lambda value: "" if not isinstance(value, str) or len(value) > 20 else value,
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(
    format: str, content: str | bytes, line: int, words: str, tmp_path: Path
) -> None:
    error = refused(format, tmp_path / "a", content)
    assert words in error.message
    assert error.line == line


@pytest.mark.parametrize("format", STANDARD, ids=lambda one: one.id)
def test_a_file_that_is_cut_off_is_refused_or_read_without_what_is_gone(format: MappingFormat, tmp_path: Path) -> None:
    """Whole rows may be gone from the end of a table unseen; no row that is read may be half."""
    path = tmp_path / "a"
    format.write(path, OF, EXAMPLES)
    sound, whole = path.read_bytes(), back(format, path)
    read = 0
    for at in range(len(sound) - 1, len(sound) // 4, -7):
        path.write_bytes(sound[:at])
        try:
            found = back(format, path)
        except RpdrError:
            continue
        read += 1
        assert found[:-1] == whole[: max(0, len(found) - 1)]
        if found:
            codes = [target.code for target in found[-1].targets]
            assert codes == [target.code for target in whole[len(found) - 1].targets][: len(codes)]
    assert read < len(sound) // 100


@pytest.mark.parametrize("format", ["usagi", "fhir-r4", "fhir-r5", "sssom"])
def test_a_damaged_memo_is_refused_with_its_cure(format: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    FORMATS[format].write(path, OF, EXAMPLES[:1])
    for was, now in (('count""":128', 'count""":-1'), ('count\\":128', 'count\\":-1'), ('count"":128', 'count"":-1')):
        path.write_text(path.read_text(encoding="utf-8").replace(was, now), encoding="utf-8")
    assert "rpdr" in refused(format, path, path.read_bytes()).hint


def test_aliases_cannot_multiply(tmp_path: Path) -> None:
    """A billion laughs: nine levels of ten aliases each."""
    bomb = "#a0: &a0 [x,x]\n" + "".join(
        f"#a{level}: &a{level} [{','.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 10)
    )
    assert "anchors" in refused("sssom", tmp_path / "a", bomb + SSSOM).message


HEADS = {"usagi": USAGI, "stcm": STCM, "fhir-r4": '{"resourceType": "', "fhir-r5": '{"title": "', "sssom": SSSOM}


@pytest.mark.parametrize("format", HEADS)
def test_a_line_of_a_hundred_megabytes_stays_out_of_memory(format: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("wb") as stream:
        stream.write(HEADS[format].encode())
        for _ in range(100):
            stream.write(b"a" * (1 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError, match="more than"):
            back(FORMATS[format], path)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("format", ["usagi", "stcm"])
def test_an_encoding_that_is_not_certain_is_refused_with_what_it_looks_like(format: str, tmp_path: Path) -> None:
    head = {"usagi": USAGI, "stcm": STCM}[format]
    assert "gb18030" in refused(format, tmp_path / "a", head.encode() + "1,白内障术后\n".encode("gb18030")).hint


@pytest.mark.parametrize("format", STANDARD, ids=lambda one: one.id)
def test_bidi_controls_are_kept(format: MappingFormat, tmp_path: Path) -> None:
    odd = replace(EXAMPLES[1], text="a\u202eb\u2066c\u200f")
    format.write(tmp_path / "a", OF, [odd])
    assert back(format, tmp_path / "a")[0].text == odd.text
