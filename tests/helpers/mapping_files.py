"""Mappings for tests: examples of every kind, and strategies that draw what a project may hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

from helpers.mention_files import letters
from hypothesis import strategies as st

from rpdr_core.formats.mappings import FORMATS
from rpdr_core.formats.mappings.record import Mapping, MappingFormat, MappingSet
from rpdr_core.records import Candidate, DecisionMode, FlagReason, NoMatchReason, Relation, Target, TermSource

STANDARD = tuple(one for one in FORMATS if one.id in ("usagi", "stcm", "fhir-r4", "fhir-r5", "sssom"))
"""Formats that others have laid down."""

WHOLE = tuple(one for one in STANDARD if one.id != "stcm")
"""Those that give back what was written."""

RELATIONS: tuple[Relation, ...] = get_args(Relation)

OF = MappingSet(
    title="Diagnoses of the eye clinic",
    source="眼科 2026.csv",
    target="omop",
    target_version="v5.0 30-AUG-26",
    target_fingerprint="ab" * 32,
    made_at="2026-11-21T20:58:00.123Z",
    made_by="rpdr-desk 0.1.0",
    concept_ids=True,
)

EXAMPLES = (
    Mapping(
        "blurry vision R eye",
        (Target("437541", "Glaucoma", "broader"), Target("4206466", "Blurring of vision")),
        "corrected",
        context="seen with blurry vision R eye,\n3 weeks",
        count=128,
        key="E-17",
        department="Ophthalmology",
        comment='see "guideline" 4',
        remark="side?",
        reviewer="王医生",
        made_at="2026-11-20T08:30:00.250Z",
        mode="independent",
        confidence=0.875,
        candidates=(Candidate("4206466", "Blurring of vision", "blurred vision", "synonym", 3.5),),
    ),
    Mapping("白内障术后", (Target("4049477", "Pseudophakia"),), "accepted", count=40, key="E-18", reviewer="li"),
    Mapping("catarct ?", (Target("375545", "Cataract", "inexact"),), "accepted", key="E-19", reviewer="li"),
    Mapping("eye", (Target("375252", "Disorder of eye", "narrower"),), "corrected", flagged=True),
    Mapping("xxx", status="no_match", reason="unreadable", comment="scan", reviewer="li", key="E-20"),
    Mapping("no such thing", status="no_match", reason="not_in_terminology"),
    Mapping("later", status="deferred", flagged=True, flag_reason="needs_expert"),
    Mapping("=1+1", key="+E"),
)


def decided(mappings: tuple[Mapping, ...] | list[Mapping]) -> list[Mapping]:
    """Those that state something."""
    return [mapping for mapping in mappings if mapping.status not in ("unreviewed", "deferred")]


def back(format: MappingFormat, path: Path) -> list[Mapping]:
    """What a file says, without the lines on which it stands."""
    assert format.read is not None
    _, mappings = format.read(path)
    return [replace(mapping, line=0) for mapping in mappings]


signs = st.one_of(letters, st.sampled_from("\n\r\t\x01\x7f\u2028"))
texts = st.text(signs, max_size=30)
names = texts.filter(str.strip)
codes = st.one_of(st.integers(1, 2**31 - 1).map(str), st.sampled_from(["H53.8", "HP:0000501", "a  b", "C/D"]), names)
times = st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='milliseconds')}Z")


@st.composite
def mappings(draw: st.DrawFn, texts: st.SearchStrategy[str] = texts, codes: st.SearchStrategy[str] = codes) -> Mapping:
    """A mapping as a project may hold it."""
    some = texts.filter(str.strip)
    status = draw(st.sampled_from(["unreviewed", "accepted", "corrected", "no_match", "deferred"]))
    targets = st.builds(Target, codes, texts, st.sampled_from(RELATIONS))
    flagged = draw(st.booleans())
    return Mapping(
        text=draw(some),
        targets=tuple(draw(st.lists(targets, min_size=1, max_size=3))) if status in ("accepted", "corrected") else (),
        status=status,
        context=draw(texts),
        count=draw(st.integers(1, 2**40)),
        key=draw(st.one_of(st.just(""), texts)),
        department=draw(texts),
        reason=draw(st.sampled_from(get_args(NoMatchReason))) if status == "no_match" else "",
        comment=draw(texts),
        remark=draw(texts),
        flagged=flagged,
        flag_reason=draw(st.sampled_from(get_args(FlagReason))) if flagged else "",
        reviewer=draw(texts),
        made_at=draw(st.one_of(st.just(""), times)),
        mode=draw(st.sampled_from(["", *get_args(DecisionMode)])),
        confidence=draw(st.one_of(st.none(), st.floats(0, 1))),
        candidates=tuple(draw(st.lists(_candidates(codes, texts), max_size=2))),
        start=draw(st.one_of(st.none(), st.integers(0, 99))),
        given=draw(texts),
        seconds=draw(st.one_of(st.none(), st.floats(0, 1e6))),
        knowledge_base=draw(st.sampled_from(["", "ab" * 32])),
    )


def _candidates(codes: st.SearchStrategy[str], texts: st.SearchStrategy[str]) -> st.SearchStrategy[Candidate]:
    scores = st.floats(allow_nan=False, allow_infinity=False)
    return st.builds(Candidate, codes, texts, texts, st.sampled_from(get_args(TermSource)), scores)


sets = st.builds(
    MappingSet,
    texts,
    texts,
    st.sampled_from(["omop", "icd10cm", "白内障", ""]),
    texts,
    texts,
    times,
    texts,
    st.booleans(),
)
