"""What other people's libraries say of our files, and what we read of theirs.

`fhir.resources` holds a ConceptMap against the specification's types; `sssom` parses and validates a set against the
SSSOM schema. FHIR's own regular expressions count white space as ASCII does, the library as Unicode does: what only
that tells apart is left out here.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.mapping_files import EXAMPLES, OF, RELATIONS, STANDARD, back, decided, mappings
from helpers.mention_files import scratch
from helpers.oracles import fhir_says, sssom_says
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.formats.mappings.record import Mapping
from rpdr_core.records import Target

FORMATS = {one.id: one for one in STANDARD}
RELEASES = ["R4", "R5"]

signs = st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn"))
plain = st.text(st.one_of(signs, st.sampled_from(" 白=\"'\\\t\n")), max_size=20).map(str.strip)


@pytest.mark.parametrize("release", RELEASES)
@settings(deadline=None, max_examples=40)
@given(st.lists(mappings(plain), min_size=1, max_size=3))
def test_concept_maps_are_as_the_specification_has_them(release: str, wanted: list[Mapping]) -> None:
    fhir = FORMATS[f"fhir-{release.lower()}"]
    with scratch("a.json") as path:
        fhir.write(path, OF, wanted)
        again = fhir_says(release, path.read_text(encoding="utf-8"))
        path.write_text(again, encoding="utf-8")
        assert back(fhir, path) == wanted


@pytest.mark.parametrize("release", RELEASES)
def test_the_library_sees_directions_as_we_say_them(release: str, tmp_path: Path) -> None:
    fhir = FORMATS[f"fhir-{release.lower()}"]
    targets = tuple(Target(f"C{number}", "", relation) for number, relation in enumerate(RELATIONS))
    fhir.write(tmp_path / "a", OF, [Mapping("eye pain", targets, "accepted")])
    document = json.loads(fhir_says(release, (tmp_path / "a").read_text(encoding="utf-8")))
    field = "equivalence" if release == "R4" else "relationship"
    found = [target[field] for target in document["group"][0]["element"][0]["target"]]
    assert (
        found
        == {
            "R4": ["equivalent", "wider", "narrower", "inexact"],
            "R5": ["equivalent", "source-is-narrower-than-target", "source-is-broader-than-target", "related-to"],
        }[release]
    )


@pytest.mark.parametrize("release", RELEASES)
def test_invariants_that_ask_for_a_comment_are_kept(release: str, tmp_path: Path) -> None:
    """cmd-1 of R4 (narrower, inexact) and of R5 (source-is-broader-than-target), which the library does not look at."""
    fhir = FORMATS[f"fhir-{release.lower()}"]
    targets = tuple(Target(f"C{number}", "", relation) for number, relation in enumerate(RELATIONS))
    fhir.write(tmp_path / "a", OF, [Mapping("eye pain", targets, "accepted")])
    document = json.loads((tmp_path / "a").read_text(encoding="utf-8"))
    for target in document["group"][0]["element"][0]["target"]:
        word = target.get("equivalence") or target["relationship"]
        assert word not in ("narrower", "inexact", "source-is-broader-than-target") or target["comment"]
    assert back(fhir, tmp_path / "a")[0].comment == ""


def test_the_library_refuses_what_is_no_concept_map() -> None:
    with pytest.raises(ValueError, match="status"):
        fhir_says("R4", '{"resourceType": "ConceptMap"}')


def test_sssom_finds_no_fault_and_reads_the_same(tmp_path: Path) -> None:
    sssom = FORMATS["sssom"]
    path, again = tmp_path / "a.sssom.tsv", tmp_path / "again.sssom.tsv"
    sssom.write(path, OF, EXAMPLES)
    metadata, rows, complaints = sssom_says(path, again)
    assert complaints == []
    assert metadata["mapping_set_title"] == OF.title
    wanted = decided(EXAMPLES)
    assert sorted((row["subject_label"], row["predicate_id"], row["object_id"]) for row in rows) == sorted(
        (mapping.text, word, object_id) for mapping in wanted for word, object_id in _pairs(mapping)
    )
    # It drops extension slots and sorts the rows; what SSSOM itself has a place for is all there.
    found = {mapping.text: mapping for mapping in back(sssom, again)}
    for mapping in wanted:
        read = found[mapping.text]
        assert (read.key, read.targets, read.comment) == (mapping.key, mapping.targets, mapping.comment)
        assert (read.reviewer, read.made_at) == (mapping.reviewer, mapping.made_at[:10])


def _pairs(mapping: Mapping) -> list[tuple[str, str]]:
    words = {"equivalent": "exact", "broader": "broad", "narrower": "narrow", "inexact": "related"}
    pairs = [(f"skos:{words[target.relation]}Match", f"OMOP:{target.code}") for target in mapping.targets]
    return pairs or [("skos:exactMatch", "sssom:NoTermFound")]


def test_sssom_complains_where_there_is_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.sssom.tsv"
    FORMATS["sssom"].write(path, OF, EXAMPLES)
    path.write_text(path.read_text(encoding="utf-8").replace("\tOMOP:", "\tGONE:"), encoding="utf-8")
    assert sssom_says(path, tmp_path / "again.sssom.tsv")[2]
