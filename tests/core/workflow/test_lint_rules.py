"""Map lint, rule by rule, on a small terminology."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.knowledge_base.catalogue import write_catalogue
from rpdr_core.records import Entity, Note
from rpdr_core.store import EntitySearch
from rpdr_core.workflow.lint.code_book import Case, CodeBook
from rpdr_core.workflow.lint.excluding import excluding_records
from rpdr_core.workflow.lint.findings import RULES, SENTENCES, SEVERITY, Finding, filled
from rpdr_core.workflow.lint.rules import lint_case
from rpdr_core.workflow.lint.unlike import MOST_COMPARED, Targets, grams_of, likeness

SEVENTH = Note("seventh_character", "A: initial encounter")
ENTITIES = [
    Entity("7", "Diseases of the eye", type="chapter", assignable=False),
    Entity("H25", "Age-related cataract", (), ("7",), assignable=False,
           notes=(Note("excludes1", "capsular glaucoma (H40.1-)"),)),
    Entity("H25.1", "Age-related nuclear cataract", ("nuclear sclerosis",), ("H25",), assignable=False),
    Entity("H25.10", "Age-related nuclear cataract, unspecified eye", (), ("H25.1",)),
    Entity("H25.11", "Age-related nuclear cataract, right eye", (), ("H25.1",)),
    Entity("H25.12", "Age-related nuclear cataract, left eye", (), ("H25.1",)),
    Entity("H25.13", "Age-related nuclear cataract, bilateral", (), ("H25.1",)),
    Entity("H25.9", "Unspecified age-related cataract", ("senile cataract NOS",), ("H25",)),
    Entity("H40", "Glaucoma", (), ("7",), assignable=False),
    Entity("H40.1", "Open-angle glaucoma", (), ("H40",), assignable=False),
    Entity("H40.10", "Unspecified open-angle glaucoma", (), ("H40.1",)),
    Entity("H53.461", "Homonymous bilateral field defects, right side", (), ("7",)),
    Entity("S52", "Fracture of forearm", assignable=False, notes=(SEVENTH,)),
    Entity("S52.501", "Unspecified fracture of the lower end of right radius", (), ("S52",), assignable=False),
    Entity("S52.501A", "Unspecified fracture of the lower end of right radius, initial", (), ("S52.501",), "extension"),
    Entity("S52.501D", "Unspecified fracture of the lower end of right radius, later", (), ("S52.501",), "extension"),
    Entity("S52.502", "Unspecified fracture of the lower end of left radius", (), ("S52",), assignable=False),
    Entity("S52.502A", "Unspecified fracture of the lower end of left radius, initial", (), ("S52.502",), "extension"),
    Entity("S52.509", "Unspecified fracture of the lower end of unspecified radius", (), ("S52",), assignable=False),
    Entity("S52.509A", "Unspecified fracture of the lower end of unspecified radius, initial", (), ("S52.509",),
           "extension"),
    Entity("M17", "Arthritis", assignable=False),
    Entity("M17.1", "Arthritis of knee", (), ("M17",)),
    Entity("S60.0", "Finger bruise", assignable=False),
    Entity("S60.02", "Contusion of right index finger", (), ("S60.0",)),
    Entity("S60.03", "Contusion of right middle finger", (), ("S60.0",)),
    Entity("S60.00", "Contusion of unspecified finger", (), ("S60.0",)),
    Entity("OLD", "Dropsy", ("hydrops",), active=False, assignable=False),
    Entity("NEW", "Oedema", ("dropsy",)),
    Entity("GONE", "Humours", active=False, assignable=False),
    Entity("G63", "Polyneuropathy in diseases classified elsewhere", ("polyneuropathy",)),
    Entity("R69", "Illness, unspecified"),
]  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodeBook]:
    folder = write_catalogue(tmp_path_factory.mktemp("kb"), ENTITIES, id="x", title="X", version="1", source="test")
    search = EntitySearch(folder, [("lay cataract", ("H25.9",))])
    yield CodeBook(search)
    search.close()


def lint(book: CodeBook, text: str, *codes: str) -> list[tuple[str, str, str]]:
    return [(one.rule, one.code, one.suggested) for one in lint_case(Case(1, text, codes), book)]


@pytest.mark.parametrize(
    ("text", "code", "finding"),
    [
        ("nuclear cataract right eye", "H25.12", ("wrong_side", "H25.12", "H25.11")),
        ("NS cat OD", "H25.12", ("wrong_side", "H25.12", "H25.11")),
        ("左眼核性白内障", "H25.11", ("wrong_side", "H25.11", "H25.12")),
        ("right nuclear cataract", "H25.13", ("wrong_side", "H25.13", "H25.11")),
        ("nuclear cataract both eyes", "H25.11", ("one_side", "H25.11", "H25.13")),
        ("双眼核性白内障", "H25.12", ("one_side", "H25.12", "H25.13")),
        ("R eye nuclear cataract", "H25.10", ("unspecified_side", "H25.10", "H25.11")),
        ("右眼白内障", "H25.10", ("unspecified_side", "H25.10", "H25.11")),
        ("bilateral nuclear cataract", "H25.10", ("unspecified_side", "H25.10", "H25.13")),
        ("left distal radius fracture", "S52.501A", ("wrong_side", "S52.501A", "S52.502A")),
        ("distal radius fx, L wrist", "S52.509A", ("unspecified_side", "S52.509A", "S52.502A")),
        ("bruised right middle finger", "S60.00", ("unspecified_side", "S60.00", "S60.03")),
        ("bruised finger on the right", "S60.00", ("unspecified_side", "S60.00", "")),
    ],
)
def test_the_side(book: CodeBook, text: str, code: str, finding: tuple[str, str, str]) -> None:
    assert lint(book, text, code) == [finding]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("nuclear cataract right eye", ("H25.11",)),
        ("nuclear cataract right eye", ("H25.9",)),
        ("nuclear cataract", ("H25.10",)),
        ("nuclear cataract, OS more than OD", ("H25.13",)),
        ("nuclear cataract, left more than right", ("H25.11", "H25.12")),
        ("cataracts, both eyes", ("H25.11", "H25.12")),
        ("right hemianopia", ("H53.461",)),
        ("right-handed, cataract of left eye", ("H25.12",)),
        ("right knee pain", ("M17.1",)),
        ("3天左右", ("H25.10",)),
        ("", ("H25.11",)),
        ("right eye", ()),
    ],
)
def test_no_finding(book: CodeBook, text: str, codes: tuple[str, ...]) -> None:
    assert lint(book, text, *codes) == []


@pytest.mark.parametrize(
    ("text", "code", "finding"),
    [
        ("a", "H2511", ("unknown_code", "H2511", "H25.11")),
        ("a", "Q99", ("unknown_code", "Q99", "")),
        ("a", "OLD", ("retired_code", "OLD", "NEW")),
        ("a", "GONE", ("retired_code", "GONE", "")),
        ("a", "S52.501", ("seventh_character", "S52.501", "")),
        ("a", "H40.1", ("not_billable", "H40.1", "H40.10")),
        ("a", "M17", ("not_billable", "M17", "M17.1")),
        ("a", "H25.1", ("not_billable", "H25.1", "H25.10")),
        ("left", "H25.1", ("not_billable", "H25.1", "H25.12")),
        ("a", "H25", ("not_billable", "H25", "H25.9")),
        ("a", "7", ("not_billable", "7", "")),
    ],
)
def test_codes_that_cannot_stand(book: CodeBook, text: str, code: str, finding: tuple[str, str, str]) -> None:
    assert lint(book, text, code) == [finding]


def test_every_code_of_a_mention_is_looked_at(book: CodeBook) -> None:
    assert lint(book, "a", "R69", "OLD") == [("retired_code", "OLD", "NEW")]


@pytest.mark.parametrize(
    ("text", "code", "finding"),
    [
        ("Senile cataract  (NOS)", "R69", ("exact_name", "R69", "H25.9")),
        ("unspecified age-related cataract", "H40.10", ("exact_name", "H40.10", "H25.9")),
        ("open angle glaucoma", "R69", ("exact_name", "R69", "")),
    ],
)
def test_a_name_that_another_entity_bears(book: CodeBook, text: str, code: str, finding: tuple[str, str, str]) -> None:
    assert lint(book, text, code) == [finding]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("senile cataract nos", ("H25.9",)),
        ("senile cataract nos", ("R69", "H25.9")),
        ("open-angle glaucoma", ("H40.10",)),
        ("lay cataract", ("R69",)),
        ("polyneuropathy", ("R69",)),
        ("humours", ("R69",)),
    ],
)
def test_a_name_that_nobody_else_bears(book: CodeBook, text: str, codes: tuple[str, ...]) -> None:
    assert lint(book, text, *codes) == []


def test_excludes_1_holds_both_ways_and_for_what_is_below(book: CodeBook) -> None:
    for codes in (("H25.9", "H40.10"), ("H40.10", "H25.9")):
        (finding,) = lint_case(Case(1, "a", codes), book)
        assert (finding.rule, finding.severity) == ("excludes1", "error")
        assert "Excludes 1 at H25: capsular glaucoma (H40.1-)" in finding.sentence
    assert lint(book, "a", "H25.9", "R69") == []


def test_excludes_1_across_a_record_is_one_finding_for_each_pair(book: CodeBook) -> None:
    one, two, three = Case(1, "a", ("H25.9",)), Case(2, "b", ("H40.10",)), Case(3, "c", ("H40.10", "R69"))
    found = list(excluding_records([("p1", (one, two)), ("p2", (one, three)), ("p3", (two, three))], book))
    assert [(one.rule, one.words[:2], one.mention_ids) for one in found] == [
        ("excludes1_record", ("H25.9", "H40.10"), (1, 2, 3))
    ]


# Many unlike texts


def targets_of(texts: list[str], code: str = "R69") -> Targets:
    targets = Targets()
    for number, text in enumerate(texts, 1):
        targets.add(code, number, text)
    return targets


UNLIKE = ["cataract", "broken toe", "anxiety", "肺炎", "migraine", "gout", "杂音", "psoriasis", "deep bite", "vertigo"]


def test_a_dustbin_is_found(book: CodeBook) -> None:
    (finding,) = targets_of(UNLIKE).findings(book)
    assert (finding.rule, finding.words[1:]) == ("many_unlike", ("10", "R69"))
    assert set(finding.mention_ids) <= set(range(1, 11))


def test_texts_that_are_like_each_other_or_like_the_code_are_none(book: CodeBook) -> None:
    assert list(targets_of(UNLIKE[:7]).findings(book)) == [], "too few to say"
    alike = [f"{word} cataract" for word in ("old", "mild", "dense", "early", "senile", "nuclear", "right", "left")]
    assert list(targets_of(alike).findings(book)) == []
    named = [
        "illness",
        "ill",
        "unspecified illness",
        "illnesses",
        "an illness",
        "illness NOS",
        "illness, unsp",
        "ilness",
    ]
    assert list(targets_of(named).findings(book)) == []


def test_repeated_texts_count_once_and_much_is_bounded(book: CodeBook) -> None:
    assert list(targets_of(["Gout", "gout "] * 20).findings(book)) == []
    many = targets_of([f"{chr(0x4E00 + number)}{chr(0x5E00 + number)}" for number in range(500)])
    (finding,) = many.findings(book)
    assert len(finding.mention_ids) == MOST_COMPARED


@given(st.text(max_size=12), st.text(max_size=12))
def test_likeness_is_a_share(one: str, other: str) -> None:
    first, second = grams_of(one), grams_of(other)
    assert likeness(first, second) == likeness(second, first)
    assert 0 <= likeness(first, second) <= 1
    assert likeness(first, first) in (0.0, 1.0)


# Findings


def test_every_rule_has_its_words() -> None:
    assert set(RULES) == set(SEVERITY) == set(SENTENCES)
    assert filled("%2 of %1", ["a", "b"]) == "b of a"


def test_a_finding_is_the_same_until_what_it_is_about_changes(book: CodeBook) -> None:
    def key(text: str, *codes: str) -> str:
        (finding,) = lint_case(Case(1, text, codes), book)
        return finding.key

    assert key("right eye", "H25.12") == key("Right  eye", "H25.12")
    assert len({key("right eye", "H25.12"), key("right eye", "H25.10"), key("the right eye", "H25.12")}) == 3
    first, second = (Finding("not_billable", "X", (1,), ("X",), basis) for basis in (("1",), ("2",)))
    assert first.key != second.key


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30), st.lists(st.sampled_from([one.code for one in ENTITIES] + ["?"]), max_size=3))
def test_any_text_with_any_codes_is_judged(book: CodeBook, text: str, codes: list[str]) -> None:
    found = lint_case(Case(1, text, tuple(codes)), book)
    order = [RULES.index(finding.rule) for finding in found]
    assert order == sorted(order)
    for finding in found:
        assert "%" not in finding.sentence.replace(text, "")
        assert finding.suggested != finding.code
