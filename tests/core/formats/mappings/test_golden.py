"""Files as the specifications describe them, written by hand: what they say, and what ours looks like beside them.

Sources: OHDSI/Usagi (ReadCodeMappingsFromFile.java), OMOP CDM 5.4, hl7.org/fhir/R4/conceptmap.html,
hl7.org/fhir/R5/conceptmap.html, mapping-commons.github.io/sssom/spec-formats-tsv.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.mapping_files import EXAMPLES, OF, STANDARD, back

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.mappings.record import Mapping, MappingFormat, MappingSet
from rpdr_core.records import Candidate, Target

GOLDEN = Path(__file__).parent / "golden"
FORMATS = {one.id: one for one in STANDARD}
AT = "2021-04-01T00:00:00.000Z"

SAYS: dict[str, tuple[str, list[Mapping]]] = {
    "usagi.csv": (
        "usagi",
        [
            Mapping(
                "Cough, dry", (Target("254761", "Cough"),), "accepted", count=812, key="R05", reviewer="maxim",
                made_at=AT,
            ),
            Mapping(
                "Sore eye", (Target("4329041", "Pain", "broader"),), "accepted", count=33, key="H01", reviewer="maxim",
                made_at=AT, comment="side left open",
            ),
            Mapping(
                "Flu with cough", (Target("4266367", "Influenza", "inexact"), Target("254761", "Cough", "inexact")),
                "accepted", count=5, key="D99", reviewer="maxim", made_at=AT,
            ),
            Mapping("Nonsense", status="no_match", reason="not_a_mention", key="X00", reviewer="maxim", made_at=AT),
            Mapping(
                "No such disease", status="no_match", reason="not_in_terminology", count=2, key="X01", reviewer="maxim",
                made_at=AT,
            ),
            Mapping("Itch", count=9, key="S10", candidates=(Candidate("4169095", "Itching"),)),
        ],
    ),
    "stcm.csv": (
        "stcm",
        [
            Mapping("Cough, dry", (Target("254761", ""),), "accepted", key="R05", made_at="2026-11-20T00:00:00.000Z"),
            Mapping("Flu with cough", (Target("4266367", ""), Target("254761", "")), "accepted", key="D99"),
            Mapping("No such disease", status="no_match", reason="not_in_terminology", key="X01"),
        ],
    ),
    "concept_map_r4.json": (
        "fhir-r4",
        [
            Mapping("Cough, dry", (Target("49727002", "Cough", "broader"),), "accepted", key="R05"),
            Mapping(
                "Pain", (Target("41652007", "Pain in eye", "narrower"), Target("22253000", "Pain")), "accepted",
                key="H01", comment="eye clinic", remark="not related: 102491009 Nerve",
            ),
            Mapping("No such disease", status="no_match", reason="not_in_terminology", key="X01", comment="asked"),
            Mapping("Not looked at", key="X02"),
        ],
    ),
    "concept_map_r5.json": (
        "fhir-r5",
        [
            Mapping("Cough, dry", (Target("R05.9", "", "broader"),), "accepted", key="R05"),
            Mapping(
                "Pain", (Target("H57.1", "", "narrower"), Target("R52", "", "inexact")), "accepted", key="H01",
                comment="eye clinic", remark="not related: Z00 Check",
            ),
            Mapping("No such disease", status="no_match", reason="not_in_terminology", key="X01"),
        ],
    ),
    "foreign.sssom.tsv": (
        "sssom",
        [
            Mapping(
                "cough", (Target("HP:0012735", "Cough"),), "accepted", key="1", reviewer="Ann|Bo", made_at="2026-11-20",
                confidence=0.9, comment='say "dry"',
            ),
            Mapping(
                "sore eye", (Target("HP:0012531", "Pain", "broader"),), "accepted", key="2", reviewer="Li",
                remark="not skos:exactMatch: HP:0000501 Glaucoma",
            ),
            Mapping("nonsense", status="no_match", reason="not_in_terminology", key="3"),
            Mapping("cataract", (Target("H26.9", "", "broader"),), "accepted", key="4"),
        ],
    ),
}  # fmt: skip

SETS = {
    "usagi.csv": MappingSet(concept_ids=True),
    "stcm.csv": MappingSet(source="EYE_LIST", target="SNOMED", concept_ids=True),
    "concept_map_r4.json": MappingSet(
        "Complaints",
        "http://hospital.example/complaints",
        "snomed",
        "http://snomed.info/sct/900000000000207008/version/20260901",
        made_at="2026-11-20",
        made_by="Hospital",
    ),
    "concept_map_r5.json": MappingSet("Complaints", "http://hospital.example/complaints", "icd10cm", "2026"),
    "foreign.sssom.tsv": MappingSet(
        "Complaints: a set", target="obo:hp.owl", target_version="2026-09-01", made_at="2026-11-20"
    ),
}


@pytest.mark.parametrize("name", SAYS)
def test_a_file_by_the_specification_says_this(name: str) -> None:
    id_, wanted = SAYS[name]
    assert back(FORMATS[id_], GOLDEN / name) == wanted


@pytest.mark.parametrize(("name", "other"), [("concept_map_r4.json", "R5"), ("concept_map_r5.json", "R4")])
def test_a_concept_map_is_of_one_release(name: str, other: str) -> None:
    with pytest.raises(FileFormatError, match="a ConceptMap of") as caught:
        back(FORMATS[f"fhir-{other.lower()}"], GOLDEN / name)
    assert caught.value.line > 1


@pytest.mark.parametrize("name", SETS)
def test_a_file_by_the_specification_says_this_of_itself(name: str) -> None:
    read = FORMATS[SAYS[name][0]].read
    assert read is not None
    assert read(GOLDEN / name)[0] == SETS[name]


@pytest.mark.parametrize("format", STANDARD, ids=lambda one: one.id)
def test_our_files_look_as_they_did(format: MappingFormat, tmp_path: Path) -> None:
    """What older releases wrote is read by newer ones, and other programs hold on to what they know of our files."""
    path = tmp_path / f"ours{format.suffix}"
    format.write(path, OF, EXAMPLES)
    assert path.read_bytes() == (GOLDEN / f"ours-{format.id}{format.suffix}").read_bytes()


@pytest.mark.parametrize(
    ("target", "code", "row"),
    [
        ("omop-snomed", "437541", "437541,SNOMED"),
        ("omop rxnorm-extension", "437541", "437541,RxNorm Extension"),
        ("OMOP", "437541", "437541,OMOP"),
        ("omop 国家", "437541", "437541,国家"),
        ("snomed", "22298006", None),  # a number of another terminology is no concept id
        ("omop", "0437541", None),
        ("omop", "2147483648", None),
    ],
)
def test_only_concept_ids_become_concept_ids(target: str, code: str, row: str | None, tmp_path: Path) -> None:
    mapping = Mapping("a", (Target(code, "b"),), "accepted", key="1")
    FORMATS["stcm"].write(tmp_path / "a", MappingSet(target=target), [mapping])
    text = (tmp_path / "a").read_text(encoding="utf-8")
    assert text.count("\n") == (1 if row is None else 2)
    assert row is None or f",{row}," in text
    FORMATS["usagi"].write(tmp_path / "b", MappingSet(target=target), [mapping])
    assert ("APPROVED" in (tmp_path / "b").read_text(encoding="utf-8")) == (row is not None)


def test_a_caller_may_know_the_vocabulary(tmp_path: Path) -> None:
    of = MappingSet(target="mine", concept_ids=True, vocabulary={"437541": "SNOMED"}.__getitem__)
    FORMATS["stcm"].write(tmp_path / "a", of, [Mapping("a", (Target("437541", "b"),), "accepted")])
    assert ",437541,SNOMED," in (tmp_path / "a").read_text(encoding="utf-8")


def test_what_a_set_says_of_all_its_mappings_is_true_of_each(tmp_path: Path) -> None:
    """SSSOM, "Propagation": only where no row says it itself."""
    rows = "subject_id\tpredicate_id\tobject_id\tmapping_date\nS:1\tskos:exactMatch\tT:1\t\n"
    (tmp_path / "own").write_text(f"#mapping_date: 2026-11-20\n{rows}", encoding="utf-8")
    (tmp_path / "of all").write_text(
        "#mapping_date: 2026-11-20\n" + rows.replace("\tmapping_date", "").replace("\t\n", "\n"), encoding="utf-8"
    )
    assert [back(FORMATS["sssom"], tmp_path / name)[0].made_at for name in ("own", "of all")] == ["", "2026-11-20"]
