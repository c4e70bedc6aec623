"""Two releases compared, and what a release's associations lead to: chains, circles, dead ends, choices."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import pytest
from helpers.releases import NEW, OLD, SAID, release
from helpers.terminologies import entity
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import DamagedFileError
from rpdr_core.knowledge_base.catalogue import ENTITIES
from rpdr_core.knowledge_base.differences import Differences, Glance, differences
from rpdr_core.knowledge_base.release import Association, AssociationKind
from rpdr_core.knowledge_base.replacements import Replacements
from rpdr_core.records import Entity, KnowledgeBaseInfo
from rpdr_core.workflow.upgrade_words import comment_of
from rpdr_core.workflow.upgrading import TargetChange


def compared(old: Iterable[Entity] = OLD, new: Iterable[Entity] = NEW) -> Differences:
    return differences(release(old, version="1"), release(new, version="2"))


def test_every_code_is_told_once() -> None:
    found = compared()
    assert found.lost == {"E1.2", "E2.1", "E3.1", "E4"}
    assert found.renamed == {"E1.1"}
    assert found.moved == {"E2.2"}
    assert found.added == {"E1.3", "E2.3", "E2.4", "E3.11", "E3.12", "E6"}
    assert found.unchanged == 4
    losses = {code: found.loss(code) for code in ("E1.2", "E2.1", "E3.1", "E4", "E1.1", "nowhere")}
    assert losses == {
        "E1.2": "inactive", "E2.1": "inactive", "E3.1": "not_assignable", "E4": "vanished", "E1.1": "", "nowhere": "",
    }  # fmt: skip
    assert found.kin


def test_what_was_retired_before_is_not_lost_now_and_may_come_back() -> None:
    old = (entity("A"), Entity("B", "b", active=False), Entity("C", "c", active=False), entity("H", assignable=False))
    found = compared(old, (entity("A"), Entity("B", "b", active=False), entity("C"), entity("H", assignable=False)))
    assert (found.lost, found.added, found.unchanged) == (frozenset(), {"C"}, 1)


def test_another_terminology_is_no_newer_release() -> None:
    assert not compared(OLD, (entity("X"), entity("E1"))).kin


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    catalogue = release(OLD)
    path = catalogue.folder / ENTITIES
    path.write_bytes(path.read_bytes() + b"{\n")
    with pytest.raises(DamagedFileError) as found:
        differences(catalogue, catalogue)
    assert found.value.line == len(OLD) + 1


def proposals(
    code: str, said: Iterable[Association] = SAID, found: Differences | None = None
) -> list[tuple[str, str, bool]]:
    return [(one.code, one.word, one.sure) for one in Replacements(found or compared(), said).of(code)]


def test_the_releases_word_comes_first() -> None:
    assert proposals("E1.2") == [("E1.3", "replaced_by", True)]
    assert proposals("E2.1") == [
        ("E2.3", "possibly_equivalent_to", False),
        ("E2.4", "possibly_equivalent_to", False),
    ]


def test_a_header_proposes_what_is_below_it_and_a_vanished_code_what_is_near() -> None:
    assert proposals("E3.1") == [("E3.11", "narrower", False), ("E3.12", "narrower", False)]
    near = proposals("E4")
    assert {word for _, word, _ in near} == {"near"}
    assert {"E6", "E5"} <= {code for code, _, _ in near}
    assert not any(sure for _, _, sure in near)


def _chain(*steps: tuple[str, AssociationKind, str]) -> list[Association]:
    return [Association(*step) for step in steps]


OLD_CHAIN = tuple(entity(code) for code in "ABCDYZ")
NEW_CHAIN = (*(Entity(code, f"Name of {code}", active=False) for code in "ABCD"), entity("Y"), entity("Z"))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        # A -> B -> C -> Y: what lies between is retired too.
        (
            _chain(("A", "replaced_by", "B"), ("B", "same_as", "C"), ("C", "replaced_by", "Y")),
            [("Y", "replaced_by", True)],
        ),
        # A circle, with a way out and without.
        (_chain(("A", "replaced_by", "B"), ("B", "replaced_by", "A")), []),
        (_chain(("A", "replaced_by", "A")), []),
        (_chain(("A", "replaced_by", "B"), ("B", "replaced_by", "A"), ("B", "same_as", "Z")), [("Z", "same_as", True)]),
        # The replacement is retired and leads nowhere, or is not in the release at all.
        (_chain(("A", "replaced_by", "B")), []),
        (_chain(("A", "replaced_by", "nowhere")), []),
        # Two replacements are a choice, not a replacement.
        (
            _chain(("A", "replaced_by", "Y"), ("A", "replaced_by", "Z")),
            [("Y", "replaced_by", False), ("Z", "replaced_by", False)],
        ),
        (_chain(("A", "replaced_by", "Y"), ("A", "same_as", "Y")), [("Y", "replaced_by", True)]),
        # Of a doubtful step nothing sure follows.
        (
            _chain(("A", "possibly_equivalent_to", "B"), ("B", "replaced_by", "Y")),
            [("Y", "possibly_equivalent_to", False)],
        ),
        (
            _chain(("A", "was_a", "Z"), ("A", "alternative", "Y"), ("A", "moved_to", "nowhere")),
            [("Y", "alternative", False), ("Z", "was_a", False)],
        ),
        # One by two ways counts by the better.
        (
            _chain(("A", "possibly_equivalent_to", "Y"), ("A", "replaced_by", "B"), ("B", "replaced_by", "Y")),
            [("Y", "replaced_by", True)],
        ),
        (
            _chain(("A", "replaced_by", "Y"), ("A", "possibly_equivalent_to", "Z")),
            [("Y", "replaced_by", True), ("Z", "possibly_equivalent_to", False)],
        ),
    ],
)
def test_chains_circles_and_dead_ends(said: list[Association], expected: list[tuple[str, str, bool]]) -> None:
    found = compared(OLD_CHAIN, NEW_CHAIN)
    assert proposals("A", said, found) == expected
    assert Replacements(found, said).has_sure("A") == any(sure for _, _, sure in expected)


@pytest.mark.parametrize("kind", [*get_args(AssociationKind)])
def test_each_word_of_a_release_is_understood(kind: AssociationKind) -> None:
    found = compared(OLD_CHAIN, NEW_CHAIN)
    made = Replacements(found, _chain(("A", kind, "Y")))
    assert made.has_sure("A") == (kind in ("replaced_by", "same_as"))
    one = made.of("A")
    change = TargetChange("A", "Name of A", "choice", "inactive", proposals=one)
    info = KnowledgeBaseInfo("x", "X", "2", "f" * 64, 1, 1)
    assert comment_of([change], info, "").startswith("A Name of A was retired by X 2")
    # A namespace is no diagnosis.
    assert [(p.code, p.word) for p in one] == ([] if kind == "moved_to" else [("Y", kind)])


def test_a_chain_says_what_lay_between() -> None:
    said = _chain(("A", "replaced_by", "B"), ("B", "replaced_by", "C"), ("C", "same_as", "Y"))
    (only,) = Replacements(compared(OLD_CHAIN, NEW_CHAIN), said).of("A")
    assert only.through == ("B", "C")


KINDS: tuple[AssociationKind, ...] = ("replaced_by", "same_as", "possibly_equivalent_to", "alternative", "was_a")


@given(
    st.lists(
        st.builds(Association, st.sampled_from("ABCDE"), st.sampled_from(KINDS), st.sampled_from("ABCDEXYZ")),
        max_size=14,
    )
)
def test_whatever_is_said_it_ends_and_proposes_only_what_may_be_assigned(said: list[Association]) -> None:
    before = {code: Glance(code, code) for code in "ABCDEXYZ"}
    after = {code: Glance(code, code, active=code in "XYZ") for code in "ABCDEXYZ"}
    found = Differences(before, after, frozenset("ABCDE"), frozenset(), frozenset(), frozenset(), 3)
    answers = Replacements(found, said)
    for code in "ABCDE":
        given = answers.of(code)
        assert {one.code for one in given} <= set("XYZ")
        assert len({one.code for one in given}) == len(given)
        assert [one.sure for one in given] in ([], [True, *[False] * (len(given) - 1)], [False] * len(given))
        reached, waiting = set[str](), [code]
        while waiting:
            at = waiting.pop()
            for one in said:
                if one.code == at and one.target not in reached:
                    reached.add(one.target)
                    if one.target in "ABCDE":
                        waiting.append(one.target)
        assert {one.code for one in given} == reached & set("XYZ")
