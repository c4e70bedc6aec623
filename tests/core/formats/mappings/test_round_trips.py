"""What our files hold comes back whole; what another program changed in them is believed."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.mapping_files import EXAMPLES, OF, STANDARD, WHOLE, back, decided, mappings, sets
from helpers.mention_files import scratch
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.formats.mappings.record import Mapping, MappingFormat, MappingSet
from rpdr_core.records import Target

quick = settings(deadline=None, max_examples=80)


def expected(format: MappingFormat, wanted: list[Mapping]) -> list[Mapping]:
    return decided(wanted) if format.id == "sssom" else wanted


@quick
@given(st.sampled_from(WHOLE), st.lists(mappings(), max_size=4), sets)
def test_mappings_come_back_whole(format: MappingFormat, wanted: list[Mapping], of: MappingSet) -> None:
    with scratch(f"a{format.suffix}") as path:
        written = format.write(path, of, iter(wanted))
        assert written.rows == len(expected(format, wanted))
        assert back(format, path) == expected(format, wanted)


@quick
@given(st.sampled_from(WHOLE), mappings(), sets)
def test_so_does_what_a_file_says_of_itself(format: MappingFormat, mapping: Mapping, of: MappingSet) -> None:
    with scratch(f"a{format.suffix}") as path:
        format.write(path, of, [mapping])
        assert format.read is not None
        assert format.read(path)[0] == of


@pytest.mark.parametrize("format", STANDARD, ids=lambda one: one.id)
def test_a_set_without_mappings(format: MappingFormat, tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert format.write(path, OF, []).rows == 0
    assert back(format, path) == []


@pytest.mark.parametrize("format", WHOLE, ids=lambda one: one.id)
def test_mappings_of_one_name_stay_apart(format: MappingFormat, tmp_path: Path) -> None:
    same = [EXAMPLES[1], EXAMPLES[1]]
    format.write(tmp_path / "a", OF, same)
    assert back(format, tmp_path / "a") == same


@pytest.mark.parametrize("format", STANDARD, ids=lambda one: one.id)
def test_mappings_know_their_lines(format: MappingFormat, tmp_path: Path) -> None:
    path = tmp_path / "a"
    format.write(path, OF, EXAMPLES)
    assert format.read is not None
    lines = path.read_text(encoding="utf-8").splitlines()
    for mapping in format.read(path)[1]:
        assert mapping.text in lines[mapping.line - 1]


@quick
@given(st.lists(mappings(), max_size=4))
def test_the_omop_table_keeps_pairs_and_counts_the_rest(drawn: list[Mapping]) -> None:
    wanted = [replace(mapping, key=f"K{index}") for index, mapping in enumerate(drawn)]
    stcm = next(one for one in STANDARD if one.id == "stcm")
    with scratch("a.csv") as path:
        written = stcm.write(path, OF, wanted)
        told = {loss.what: loss.times for loss in written.report.losses}
        missing = len(wanted) - written.rows
        assert missing == sum(times for what, times in told.items() if what.endswith("they are not in the file"))
        found = back(stcm, path)
        kept = [
            mapping
            for mapping in decided(wanted)
            if mapping.status == "no_match" or all(_is_concept(target.code) for target in mapping.targets)
        ]
        assert [[target.code for target in mapping.targets] for mapping in found] == [
            [target.code for target in mapping.targets] for mapping in kept
        ]


def test_the_omop_table_tells_what_it_runs_together(tmp_path: Path) -> None:
    stcm = next(one for one in STANDARD if one.id == "stcm")
    report = stcm.write(tmp_path / "a", OF, [EXAMPLES[1], EXAMPLES[1]]).report
    assert any("read as one" in loss.what and loss.times == 1 for loss in report.losses)


def _is_concept(code: str) -> bool:
    return code.isascii() and code.isdecimal() and code[0] != "0" and int(code) < 2**31


def test_what_was_changed_in_usagi_is_believed(tmp_path: Path) -> None:
    usagi = next(one for one in STANDARD if one.id == "usagi")
    path = tmp_path / "a.csv"
    usagi.write(path, OF, EXAMPLES)
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    rows[2] |= {"conceptId": "42", "conceptName": "Other", "equivalence": "WIDER", "statusSetBy": "usagi"}
    rows[3] |= {"comment": "only the comment"}
    rows[-1] |= {"mappingStatus": "APPROVED", "conceptId": "43", "equivalence": "EQUAL"}
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    found = back(usagi, path)
    assert found[0] == EXAMPLES[0]
    changed = found[1]
    assert [(target.code, target.relation) for target in changed.targets] == [("42", "broader")]
    assert (changed.text, changed.reviewer, changed.key) == ("白内障术后", "usagi", "E-18")
    assert (found[2].comment, found[2].targets, found[2].reviewer) == ("only the comment", EXAMPLES[2].targets, "li")
    assert (found[-1].status, found[-1].targets[0].code) == ("accepted", "43")


@pytest.mark.parametrize("release", ["fhir-r4", "fhir-r5"])
def test_what_was_changed_in_a_concept_map_is_believed(release: str, tmp_path: Path) -> None:
    fhir = next(one for one in STANDARD if one.id == release)
    path = tmp_path / "a.json"
    fhir.write(path, OF, EXAMPLES)
    document = json.loads(path.read_text(encoding="utf-8"))
    elements = document["group"][0]["element"]
    elements[1]["target"][0] |= {"code": "42", "display": "Other"}
    elements[5]["target"] = elements[0]["target"]
    elements[5].pop("noMap", None)
    path.write_text(json.dumps(document), encoding="utf-8")
    found = back(fhir, path)
    assert [mapping for index, mapping in enumerate(found) if index not in (1, 5)] == [
        mapping for index, mapping in enumerate(EXAMPLES) if index not in (1, 5)
    ]
    assert (found[1].targets[0].code, found[1].reviewer, found[1].count) == ("42", "li", 40)
    assert (found[5].status, found[5].targets) == ("accepted", EXAMPLES[0].targets)


def test_what_was_changed_in_sssom_is_believed(tmp_path: Path) -> None:
    sssom = next(one for one in STANDARD if one.id == "sssom")
    path = tmp_path / "a.sssom.tsv"
    sssom.write(path, OF, EXAMPLES)
    text = (
        path.read_text(encoding="utf-8")
        .replace("OMOP:4049477", "OMOP:42")
        .replace("skos:relatedMatch", "skos:broadMatch")
    )
    path.write_text(text, encoding="utf-8")
    found = back(sssom, path)
    assert found[0] == EXAMPLES[0]
    assert (found[1].targets[0].code, found[1].reviewer, found[1].count) == ("42", "li", 40)
    assert found[2].targets[0].relation == "broader"


@pytest.mark.parametrize("format", WHOLE, ids=lambda one: one.id)
def test_a_changed_mapping_keeps_the_rest_of_what_stands_beside(format: MappingFormat, tmp_path: Path) -> None:
    """Another program changes a name; the memo is out of date then, and the format's own places still speak."""
    path = tmp_path / "a"
    mappings = [
        Mapping("eye", (Target("42", "Eye"),), "accepted", key="K1", flagged=True, flag_reason="guideline"),
        Mapping("no such", status="no_match", reason="unreadable", key="K2", comment="a scan", reviewer="li"),
    ]
    format.write(path, OF, mappings)
    path.write_text(path.read_text(encoding="utf-8").replace("eye", "Eye!").replace("no such", "none"), "utf-8")
    first, second = back(format, path)
    assert (first.text, first.flagged, first.flag_reason) == ("Eye!", True, "guideline")
    assert (second.text, second.status, second.reason) == ("none", "no_match", "unreadable")
    assert (second.comment, second.reviewer) == ("a scan", "li")


def test_usagi_knows_no_frequencies(tmp_path: Path) -> None:
    """Usagi writes -1 for each term of a list that had no column of frequencies."""
    usagi = next(one for one in STANDARD if one.id == "usagi")
    path = tmp_path / "a.csv"
    header = "sourceCode,sourceName,sourceFrequency,matchScore,mappingStatus,equivalence,conceptId\n"
    path.write_text(header + "1,cataract,-1,0.9,APPROVED,EQUAL,375545\n", encoding="utf-8")
    [found] = back(usagi, path)
    assert (found.text, found.count, found.status) == ("cataract", 1, "accepted")


def test_the_omop_table_may_say_a_pair_again(tmp_path: Path) -> None:
    """With other days of validity: still one target."""
    stcm = next(one for one in STANDARD if one.id == "stcm")
    path = tmp_path / "a.csv"
    rows = "1,V,a,3,2020-01-01,2021-01-01\n1,V,a,3,2022-01-01,2099-12-31\n"
    header = (
        "source_code,source_vocabulary_id,source_code_description,target_concept_id,valid_start_date,valid_end_date\n"
    )
    path.write_text(header + rows, encoding="utf-8")
    [found] = back(stcm, path)
    assert [target.code for target in found.targets] == ["3"]


def test_an_entity_without_a_source_term_is_no_source_term(tmp_path: Path) -> None:
    sssom = next(one for one in STANDARD if one.id == "sssom")
    path = tmp_path / "a.tsv"
    head = "subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label\n"
    rows = "sssom:NoTermFound\t\tskos:exactMatch\tT:1\tGlaucoma\nS:2\tMI\tskos:exactMatch\tT:3\tInfarction\n"
    path.write_text(head + rows, encoding="utf-8")
    assert [found.text for found in back(sssom, path)] == ["MI"]


def test_a_value_in_usagi_is_no_target(tmp_path: Path) -> None:
    """Allergy to penicillin: the term maps to an allergy, and its value to penicillin."""
    usagi = next(one for one in STANDARD if one.id == "usagi")
    path = tmp_path / "a.csv"
    header = "sourceCode,sourceName,sourceFrequency,mappingStatus,equivalence,conceptId,conceptName,mappingType\n"
    row = "1,allergy to penicillin,1,APPROVED,EQUAL,"
    path.write_text(
        f"{header}{row}439224,Allergy,MAPS_TO\n{row}1728416,penicillin,MAPS_TO_VALUE\n"
        "2,mmHg,1,APPROVED,EQUAL,8876,mm Hg,MAPS_TO_UNIT\n",
        encoding="utf-8",
    )
    first, second = back(usagi, path)
    assert [target.code for target in first.targets] == ["439224"]
    assert first.remark == "MAPS_TO_VALUE: 1728416 penicillin"
    assert (second.status, second.targets, second.remark) == ("unreviewed", (), "MAPS_TO_UNIT: 8876 mm Hg")


@pytest.mark.parametrize(
    ("target", "code", "wanted"),
    [
        ("hp", "HP:0000501", "HP:0000501"),
        ("mondo-2026", "MONDO:0005041", "MONDO:0005041"),
        ("orphanet", "ORPHA:558", "TARGET:ORPHA%3A558"),
    ],
)
def test_only_terms_of_obo_are_called_so(target: str, code: str, wanted: str, tmp_path: Path) -> None:
    """Elsewhere a code with a colon would get an address in the library of OBO, where something else may live."""
    sssom = next(one for one in STANDARD if one.id == "sssom")
    path = tmp_path / "a.sssom.tsv"
    mapping = Mapping("eye", (Target(code, "Eye"),), "accepted", key="K1")
    sssom.write(path, replace(OF, target=target), [mapping])
    text = path.read_text(encoding="utf-8")
    assert f"\t{wanted}\t" in text
    assert ("purl.obolibrary.org" in text) == (wanted == code)
    path.write_text(text.replace("eye", "Eye!"), encoding="utf-8")
    assert [target.code for target in back(sssom, path)[0].targets] == [code]


def test_properties_speak_where_extensions_were_dropped(tmp_path: Path) -> None:
    fhir = next(one for one in STANDARD if one.id == "fhir-r5")
    path = tmp_path / "a.json"
    fhir.write(path, OF, EXAMPLES[:1])
    document = json.loads(path.read_text(encoding="utf-8"))
    for element in document["group"][0]["element"]:
        del element["extension"]
    path.write_text(json.dumps(document), encoding="utf-8")
    [found] = back(fhir, path)
    assert (found.reviewer, found.made_at) == (EXAMPLES[0].reviewer, EXAMPLES[0].made_at)
    assert (found.targets, found.comment) == (EXAMPLES[0].targets, EXAMPLES[0].comment)
