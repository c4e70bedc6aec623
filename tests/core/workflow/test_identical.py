"""Identical mentions: what stands around them, which groups they make, what a decision becomes on the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import NotAllowedError
from rpdr_core.records import Decision, Mention, Status, Target
from rpdr_core.workflow.identical import Preview, decisions_for, groups_of
from rpdr_core.workflow.surroundings import likeness, surroundings_of


def mention(
    context: str, id: int = 1, text: str = "cataract", *, department: str = "Eye", status: Status = "unreviewed",
    code: str = "", guess: str = "",
) -> Mention:  # fmt: skip
    start = context.find(text)
    place = (start, start + len(text)) if start >= 0 else (None, None)
    return Mention(id, text, context, *place, 1, department, status, False, "mine", code, guess=guess)


def cue(context: str, text: str = "cataract") -> str:
    return surroundings_of(mention(context, text=text)).cue


@pytest.mark.parametrize(
    ("context", "found"),
    [
        ("has a cataract", ""),
        ("no cataract seen", "negated"),
        ("Pt denies pain, redness or cataract", "negated"),
        ("no pain. Has a cataract", ""),
        ("no pain but a cataract on the left", ""),
        ("note the cataract", ""),
        ("cataract was ruled out", "negated"),
        ("possible cataract", "uncertain"),
        ("r/o cataract", "uncertain"),
        ("cataract?", "uncertain"),
        ("mother had no cataract", "family"),
        ("history of cataract", "past"),
        ("nothing before six long words which come here cataract", ""),
    ],
)
def test_cues_in_english(context: str, found: str) -> None:
    assert cue(context) == found


@pytest.mark.parametrize(
    ("context", "found"),
    [
        ("双眼白内障术后", ""),
        ("无白内障", "negated"),
        ("未见明显白内障", "negated"),
        ("无发热，白内障3年", ""),
        ("否认高血压、白内障", "negated"),
        ("无力伴白内障", ""),
        ("白内障待排", "uncertain"),
        ("疑似白内障", "uncertain"),
        ("父亲有白内障", "family"),
        ("既往白内障", "past"),
        ("白内障病史5年", "past"),
        ("白内障(-)", "negated"),
    ],
)
def test_cues_in_chinese(context: str, found: str) -> None:
    assert cue(context, "白内障") == found


@pytest.mark.parametrize(
    ("context", "section"),
    [
        ("Family History: cataract", "family history"),
        ("Plan: see again.\nAssessment: cataract", "assessment"),
        ("【现病史】白内障3年", "现病史"),
        ("主诉：视物模糊。诊断：白内障", "诊断"),
        ("cataract", ""),
    ],
)
def test_the_heading_before_the_mention_is_its_section(context: str, section: str) -> None:
    text = "白内障" if "白内障" in context else "cataract"
    assert surroundings_of(mention(context, text=text)).section == section


def test_neighbouring_words_are_those_of_the_sentence() -> None:
    found = surroundings_of(mention("Nothing here. The left cataract is dense. Next week more."))
    assert found.words == {"left", "dense"}


def test_chinese_neighbours_are_pairs_of_characters() -> None:
    found = surroundings_of(mention("左眼白内障成熟期", text="白内障"))
    assert found.words == {"左眼", "成熟", "熟期"}


def test_a_mention_without_its_sentence_has_no_surroundings() -> None:
    found = surroundings_of(mention(""))
    assert (found.cue, found.section, found.words) == ("", "", frozenset())
    assert likeness(found, found) == 1.0


def test_alike_stand_together_and_the_likest_first() -> None:
    origin = mention("dense cataract of the left eye")
    others = [
        mention("family history: mother had cataract", 2),
        mention("dense cataract of the left eye today", 3),
        mention("no cataract", 4),
        mention("dense cataract of the left eye again", 5),
        mention("fell down stairs after cataract surgery yesterday", 6),
        mention("dense cataract of the left eye", 7, department="Ward"),
        mention("dense cataract of the left eye", 8, status="accepted", code="H26"),
    ]
    groups = groups_of(origin, others)
    assert [[one.id for one in group.members] for group in groups[:3]] == [[3, 5], [6], [7]]
    assert [group.cue for group in groups[3:5]] == ["family", "negated"] or [group.cue for group in groups[3:5]] == [
        "negated",
        "family",
    ]
    assert groups[-1].code == "H26"
    assert [one for group in groups for one in group.proposed] == [3, 5, 6, 7]


def test_another_department_with_other_words_is_shown_and_not_proposed() -> None:
    origin = mention("dense cataract of the left eye")
    others = [
        mention("cramps, known cataract", 2, department="Ward"),
        mention("left cataract", 3, department="Ward"),
        mention("cramps, known cataract", 4),
    ]
    groups = groups_of(origin, others)
    assert sorted(one.id for group in groups for one in group.members) == [2, 3, 4]
    assert sorted(one for group in groups for one in group.proposed) == [3, 4]
    assert [group.elsewhere for group in groups if group.members[0].id == 2] == [True]


def test_only_undecided_members_of_the_same_cue_are_proposed() -> None:
    origin = mention("no cataract")
    groups = groups_of(origin, [mention("no cataract", 2), mention("a cataract", 3), mention("", 4, status="deferred")])
    proposed = Preview(origin, DECISION, groups).proposed
    assert proposed == (2,)
    assert Preview(origin, DECISION, groups).count == 3


CONTEXTS = st.lists(st.sampled_from(["no", "left", "right", "eye", "cataract", "mother", "dense", "。", "无", "右"]))


@given(st.lists(CONTEXTS, max_size=30))
def test_every_other_is_in_one_group(contexts: list[list[str]]) -> None:
    others = [mention(" ".join(words), number) for number, words in enumerate(contexts, 2)]
    groups = groups_of(mention("a cataract"), others)
    assert sorted(one.id for group in groups for one in group.members) == [one.id for one in others]
    assert all(0 <= group.likeness <= 1 for group in groups)


def test_the_same_sentence_five_thousand_times_is_one_group() -> None:
    groups = groups_of(mention("a cataract"), [mention("a cataract", number) for number in range(2, 5_002)])
    assert len(groups) == 1
    assert len(groups[0].members) == 5_000


ALSO = (Target("Z96.1", "Lens implant", "narrower"),)
DECISION = Decision(
    7, 1, "correct", "H25", "Senile cataract", "", "hers", "ann", "", False, "broader", ALSO, knowledge_base="kb"
)


def test_a_decision_is_carried_over_whole_but_for_the_comment() -> None:
    (new,) = decisions_for(DECISION, [mention("a cataract", 3)])
    assert (new.mention_id, new.kind, new.code, new.relation, new.also) == (3, "correct", "H25", "broader", ALSO)
    assert (new.mode, new.origin_id, new.comment, new.shown, new.knowledge_base) == ("propagated", 7, "mine", (), "kb")


def test_it_accepts_where_the_code_is_the_members_own_first() -> None:
    new = decisions_for(DECISION, [mention("", 3, guess="H25"), mention("", 4, guess="H26")])
    assert [one.kind for one in new] == ["accept", "correct"]


def test_no_match_is_carried_over_with_its_reason() -> None:
    none = Decision(8, 1, "no_match", "", "", "unreadable", "", "ann", "", False)
    (new,) = decisions_for(none, [mention("", 3)])
    assert (new.kind, new.code, new.reason) == ("no_match", "", "unreadable")


@pytest.mark.parametrize("kind", ["defer", "reopen"])
def test_what_is_no_answer_is_not_carried_over(kind: str) -> None:
    other = Decision(9, 1, kind, "", "", "", "", "ann", "", False)  # type: ignore[arg-type]
    with pytest.raises(NotAllowedError, match="not carried over"):
        decisions_for(other, [mention("", 3)])


def test_whoever_is_like_nobody_stands_with_the_others_of_that_kind() -> None:
    words = ("alpha beta", "gamma delta", "dense left", "epsilon zeta")
    others = [mention(f"{pair} cataract {pair} there", number) for number, pair in enumerate(words, 2)]
    groups = groups_of(mention("dense left cataract"), others)
    assert len(groups) == 1
    assert groups[0].various
    assert groups[0].members[0].id == 4
    assert sorted(groups[0].proposed) == [2, 3, 4, 5]


def test_a_single_odd_one_is_a_group_of_its_own() -> None:
    others = [mention("dense left cataract", 2), mention("dense left cataract", 3), mention("alpha beta cataract", 4)]
    groups = groups_of(mention("dense left cataract"), others)
    assert [(len(group.members), group.various) for group in groups] == [(2, False), (1, False)]
