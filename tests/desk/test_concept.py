"""The concept pane: inherited rules, links in notes, what differs, what folds."""

from __future__ import annotations

from typing import get_args

import pytest
from helpers.desk_parts import Rig, wait_until
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication

from rpdr_core.knowledge_base.note_codes import Piece, named_codes, pieces
from rpdr_core.knowledge_base.release import AssociationKind, MapTarget
from rpdr_core.records import Entity, Mention, Note
from rpdr_desk import theme
from rpdr_desk.item_models.concept_rules import Rule, difference, in_force, rules_of
from rpdr_desk.operations.terminology import Beyond, Concept, Successor
from rpdr_desk.translation import Languages
from rpdr_desk.views.review.beyond_words import successor_text
from rpdr_desk.views.review.concept_page import REMOTE_SHOWN
from rpdr_desk.views.review.concept_pane import ConceptPane

CHAPTER = Entity(
    "7", "Eye", type="chapter", notes=tuple(Note("excludes2", f"remote disorder {number}") for number in range(9))
)
BLOCK = Entity("H40-H42", "Glaucoma", type="block", parents=("7",))
CATEGORY = Entity(
    "H40",
    "Glaucoma",
    type="category",
    notes=(Note("excludes1", "absolute glaucoma (H44.51-)"), Note("includes", "high pressure")),
)
PARENT = Entity(
    "H40.11",
    "Primary open-angle glaucoma",
    type="subcategory",
    notes=(Note("seventh_character", "0: stage unspecified"), Note("seventh_character", "1: mild stage")),
)
LEAF = Entity(
    "H40.1131",
    "Primary open-angle glaucoma, bilateral, mild stage",
    ("POAG",),
    type="extension",
    notes=(Note("excludes1", "its own"),),
)
SIBLING = Entity("H40.1132", "Primary open-angle glaucoma, bilateral, moderate stage")
CONCEPT = Concept(LEAF, (CHAPTER, BLOCK, CATEGORY, PARENT), (), (SIBLING,), frozenset(("H44.51",)))


# Rules


def test_rules_come_by_kind_own_first_then_nearest() -> None:
    near, remote = rules_of(LEAF, CONCEPT.path)
    assert [(rule.kind, rule.origin) for rule in near] == [
        ("includes", "H40"),
        ("excludes1", ""),
        ("excludes1", "H40"),
        ("seventh_character", "H40.11"),
    ]
    assert [(rule.kind, rule.origin, len(rule.texts)) for rule in remote] == [("excludes2", "7", 9)]


def test_a_chapters_own_rules_are_near_when_the_chapter_itself_is_shown() -> None:
    near, remote = rules_of(CHAPTER, ())
    assert (len(near), remote) == (1, [])


def test_what_an_entity_is_called_elsewhere_is_not_inherited() -> None:
    other = Note("other_code", "SNOMED 23986001")
    near, _ = rules_of(Entity("1", "Glaucoma", notes=(other,)), ())
    assert near == [Rule("other_code", "", ("SNOMED 23986001",))]
    assert rules_of(LEAF, (Entity("1", "Glaucoma", notes=(other,)),))[0] == rules_of(LEAF, ())[0]


def test_the_seventh_character_of_the_code_is_in_force() -> None:
    rule = Rule("seventh_character", "H40.11", ())
    assert in_force(LEAF, rule, "1: mild stage")
    assert not in_force(LEAF, rule, "0: stage unspecified")
    assert not in_force(PARENT, rule, "1: mild stage")
    assert not in_force(LEAF, Rule("includes", "", ()), "1: mild stage")


@pytest.mark.parametrize(
    ("own", "other", "words"),
    [
        ("Nuclear cataract, right eye", "Nuclear cataract, left eye", "left eye"),
        ("Nuclear cataract", "Nuclear cataract, left eye", "left eye"),
        ("Other visual disturbances", "Diplopia", "Diplopia"),
        ("Visual loss", "Visual snow", "Visual snow"),
        ("Nuclear cataract", "Nuclear cataract", "Nuclear cataract"),
    ],
)
def test_only_what_differs_is_said(own: str, other: str, words: str) -> None:
    assert difference(own, other) == words


# Codes in notes


def test_codes_and_ranges_are_found() -> None:
    text = "diabetes (E09.3-, E11.3-), burns (T20-T32), injury (S05.-), O00-O9A"
    found = ["E09.3", "E11.3", "T20", "T32", "T20-T32", "S05", "O00", "O9A", "O00-O9A"]
    assert list(named_codes(text)) == found


@pytest.mark.parametrize("text", ["vitamin B12 or COVID19", "grade H4", "xH40.1", "H40.12345", "T4N0M0"])
def test_what_only_looks_like_a_code_is_none(text: str) -> None:
    assert [code for code in named_codes(text) if code != "B12"] == []


def test_a_code_links_with_its_dash_and_only_if_it_exists() -> None:
    assert pieces("see H44.51-, Q15.0", {"H44.51"}) == [
        Piece("see "), Piece("H44.51-", "H44.51"), Piece(", Q15.0"),
    ]  # fmt: skip


def test_a_range_links_as_a_block_or_by_its_ends() -> None:
    assert pieces("T20-T32", {"T20", "T32", "T20-T32"}) == [Piece("T20-T32", "T20-T32")]
    assert pieces("T20-T32", {"T20", "T32"}) == [Piece("T20", "T20"), Piece("-"), Piece("T32", "T32")]


@given(st.text(alphabet="HT0123459.- ()X", max_size=40), st.sets(st.sampled_from(["H40", "H40.1", "T20", "T20-T25"])))
def test_pieces_join_to_the_note_again(text: str, known: set[str]) -> None:
    found = pieces(text, known)
    assert "".join(piece.text for piece in found) == text
    assert {piece.code for piece in found} <= known | {""}


# The pane


@pytest.fixture
def pane(qapp: QApplication) -> ConceptPane:
    made = ConceptPane()
    made.show_concept(CONCEPT)
    return made


def click(pane: ConceptPane, link: str) -> None:
    pane.page.anchorClicked.emit(QUrl(link))


def test_a_leaf_shows_what_it_inherits_and_from_whom(pane: ConceptPane) -> None:
    words = pane.page.toPlainText().replace("\xa0", " ").replace("\u2011", "-")
    for part in ("POAG", "absolute glaucoma (H44.51-)", "from H40", "from H40.11", "from chapter 7"):
        assert part in words
    order = [words.index(part) for part in ("Synonyms", "Includes", "Excludes 1", "Others in H40.11", "Excludes 2")]
    assert order == sorted(order)


def test_excludes_1_is_marked_by_a_sign_and_a_colour(pane: ConceptPane) -> None:
    assert "×  Excludes 1" in pane.page.toPlainText()
    assert theme.alert(pane.palette()).name() in pane.page.toHtml()
    assert "×  Excludes 2" not in pane.page.toPlainText()


def test_only_existing_codes_are_links_and_they_lead_on(pane: ConceptPane) -> None:
    asked: list[str] = []
    pane.code_chosen.connect(asked.append)
    assert 'href="code:H44.51"' in pane.page.toHtml()
    assert 'href="code:H40.1132"' in pane.page.toHtml()
    click(pane, "code:H40-H42")
    assert asked == ["H40-H42"]


def test_remote_notes_fold_and_unfold(pane: ConceptPane) -> None:
    def shown() -> int:
        return pane.page.toPlainText().count("remote disorder")

    assert shown() == REMOTE_SHOWN
    assert "Show 3 more" in pane.page.toPlainText()
    click(pane, "open:remote")
    assert shown() == 9
    pane.show_concept(CONCEPT)
    assert shown() == REMOTE_SHOWN


def test_a_note_of_several_lines_keeps_them_and_its_signs(qapp: QApplication) -> None:
    pane = ConceptPane()
    pane.show_concept(Concept(Entity("A", "a", notes=(Note("use_additional", "code for <control>:\ninsulin"),))))
    assert "code for <control>:\ninsulin" in pane.page.toPlainText()


def test_others_mapped_here_are_counted(pane: ConceptPane) -> None:
    other = Mention(1, "POAG OU", "", None, None, 1200, "", "accepted", False, "")
    pane.show_mapped("X", 5, [other])
    assert "Mapped here" not in pane.page.toPlainText()
    pane.show_mapped(LEAF.code, 1, [other])
    assert "Mapped here: 1 mention\nPOAG OU ×1,200" in pane.page.toPlainText()


def test_the_pane_speaks_chinese(pane: ConceptPane, qapp: QApplication) -> None:
    languages = Languages(qapp)
    languages.use("zh_CN")
    try:
        QApplication.processEvents()
        words = pane.page.toPlainText().replace("\xa0", " ")
        assert "来自第 7 章" in words
        assert "H40.11 下的其他编码" in words
    finally:
        languages.use("en")


def test_the_terminology_tells_siblings_and_named_codes(rig: Rig) -> None:
    found: list[Concept | None] = []
    rig.workspace.terminology.concept("X02", found.append)
    wait_until(lambda: bool(found))
    concept = found[0]
    assert concept is not None
    assert [one.code for one in concept.siblings][:2] == ["X01", "X03"]
    assert concept.known == frozenset()


# What the release says beyond the entity


def test_maps_stand_in_groups_with_their_conditions(pane: ConceptPane) -> None:
    code = CONCEPT.entity.code
    rows = (
        MapTarget(code, "ICD-10", "E11.3", 1, 2, "TRUE", "ALWAYS E11.3"),
        MapTarget(code, "ICD-10", "E10.3", 1, 1, "IFA 1", "IF TYPE 1 DIABETES MELLITUS CHOOSE E10.3"),
        MapTarget(code, "ICD-10", "", 2, 1, "", ""),
    )
    pane.show_beyond(code, Beyond(rows))
    words = pane.page.toPlainText().replace("\xa0", " ")
    assert words.index("Maps to ICD-10") < words.index("E10.3  IF TYPE 1 DIABETES") < words.index("E11.3\n")
    assert "no code" in words
    assert "Maps to ICD-10: E10.3, E11.3, no code" in pane.accessibleDescription()


def test_a_retired_code_names_what_took_its_place(pane: ConceptPane) -> None:
    code = CONCEPT.entity.code
    asked: list[str] = []
    pane.code_chosen.connect(asked.append)
    pane.show_beyond(code, Beyond(successors=(Successor("replaced_by", "H40.2", "Another <name>"),)))
    assert "Replaced by  H40.2  Another <name>" in pane.page.toPlainText().replace("\xa0", " ")
    click(pane, "code:H40.2")
    assert asked == ["H40.2"]


def test_what_comes_too_late_for_another_concept_is_not_shown(pane: ConceptPane) -> None:
    pane.show_beyond("Z99", Beyond((MapTarget("Z99", "ICD-10", "A00"),)))
    assert "ICD-10" not in pane.page.toPlainText()


def test_every_association_has_words() -> None:
    assert all(successor_text(kind) for kind in get_args(AssociationKind))
