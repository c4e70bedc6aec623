"""The scope's language: what it reads, what it means, what it says to mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.terminologies import SMALL, small_table
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import NotAllowedError, NotFoundError, UserInputError
from rpdr_core.knowledge_base.catalogue import write_catalogue
from rpdr_core.knowledge_base.scope import Scope, parse_scope
from rpdr_core.knowledge_base.scope_nodes import (
    Both,
    Code,
    Either,
    Everything,
    Node,
    OfType,
    Related,
    Without,
    written,
)
from rpdr_core.knowledge_base.scope_selection import Hierarchy, Outline
from rpdr_core.knowledge_base.table import read_table

OPERATORS = ("<", "<<", "<!", "<<!", ">", ">>", ">!", ">>!")


class OnDisk:
    def __init__(self, folder: Path, text: str = SMALL) -> None:
        table = small_table(folder, text)
        self.folder = write_catalogue(folder / "kb", read_table(table), id="t", title="T", version="", source="t")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> OnDisk:
    return OnDisk(tmp_path_factory.mktemp("scope"))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("E1", "E1"),
        ("E1 |Cataract, whatever it is called|", "E1"),
        ("<< E1", "E1 E1.1 E1.11 E1.12 E1.9"),
        ("< E1", "E1.1 E1.11 E1.12 E1.9"),
        ("<! E1", "E1.1 E1.9"),
        ("<<! E1", "E1 E1.1 E1.9"),
        ("> E1.11", "E1.1 E1 EYE"),
        (">> E1.11", "E1.11 E1.1 E1 EYE"),
        (">! E1.11", "E1.1"),
        (">>! E1.11", "E1.11 E1.1"),
        ("< (E1.1 OR E2)", "E1.11 E1.12 E2.9"),
        ("<< EYE MINUS << E1", "EYE E2 E2.9"),
        ("<< EYE AND type = CATEGORY", "E1 E2"),
        ("<< EYE, type = category", "E1 E2"),
        ('type = ("category" "chapter")', "EYE E1 E2 E3"),
        ("type != subcategory", "EYE E1 E2 E3"),
        ("* MINUS << EYE", "E3"),
        ("(<< E1 MINUS E1) MINUS (E1.1 or E1.9)", "E1.11 E1.12"),
        ('"E1.11"', "E1.11"),
        ("<\n<! EYE", ""),
    ],
)
def test_what_a_scope_selects(clinic: OnDisk, text: str, codes: str) -> None:
    if not codes:
        with pytest.raises(UserInputError):
            parse_scope(text)
        return
    assert parse_scope(text).codes(clinic) == set(codes.split())


def test_a_retired_entity_is_in_no_scope(clinic: OnDisk) -> None:
    assert "E4" not in parse_scope("*").codes(clinic)
    assert "E4" not in parse_scope("type = category").codes(clinic)
    with pytest.raises(NotAllowedError, match="has retired") as found:
        parse_scope("<< EYE OR E4").codes(clinic)
    assert "replaced" in found.value.hint


@pytest.mark.parametrize(
    ("text", "near"),
    [("e1.1", "E1.1"), ("E111", "E1.11"), ("EY", "EYE"), ("E1.2", "E1.1"), ("Q9", "check the code")],
)
def test_an_unknown_code_is_told_with_the_nearest(clinic: OnDisk, text: str, near: str) -> None:
    with pytest.raises(NotFoundError, match="not in this knowledge base") as found:
        parse_scope(f"<< {text}").codes(clinic)
    assert near in found.value.hint


def test_an_unknown_type_is_told_with_the_nearest(clinic: OnDisk) -> None:
    with pytest.raises(NotFoundError, match="of type 'categorie'") as found:
        parse_scope("type = categorie").codes(clinic)
    assert "category" in found.value.hint


@pytest.mark.parametrize(
    ("text", "column", "cure"),
    [
        ("A OR B AND C", 8, "brackets"),
        ("A MINUS B MINUS C", 11, "brackets"),
        ("<< << A", 4, "brackets"),
        ("A B", 3, "belong together"),
        ("(A B)", 4, "belong together"),
        ("A OR (B", 6, "close it"),
        ("A) OR B", 2, "remove it"),
        ("<< ", 4, "give a code"),
        ("A AND", 6, "give a code"),
        ("A AND )", 7, "give a code"),
        ("^ 700043003", 1, "common ancestor"),
        ("A : B = C", 3, "types and the hierarchy"),
        ("A {{ D }}", 3, 'type = ".."'),
        ("A |never ends", 3, "close it"),
        ('"never ends', 1, "close it"),
        ("|Diabetes|", 1, "before it"),
        ("type = ", 8, 'type = "disorder"'),
        ("type = (", 9, "disorder"),
        ("type = ()", 9, "disorder"),
        ('""', 1, "between the quotes"),
        ("A ! B", 3, "<!"),
        ("(" * 51 + "A" + ")" * 51, 51, "take some apart"),
    ],
)
def test_a_mistake_is_told_with_its_column_and_the_cure(text: str, column: int, cure: str) -> None:
    with pytest.raises(UserInputError, match=rf"column {column}:") as found:
        parse_scope(text)
    assert cure in found.value.hint


@pytest.mark.parametrize("text", ["", "  \n", "A " * 20_000])
def test_nothing_and_too_much(text: str) -> None:
    with pytest.raises(UserInputError) as found:
        parse_scope(text)
    assert found.value.hint


def test_a_bad_line_of_a_catalogue_is_named(tmp_path: Path) -> None:
    (tmp_path / "entities.jsonl").write_text('{"code":"A","name":"a"}\n{"code":\n', "utf-8")

    class Damaged:
        folder = tmp_path

    with pytest.raises(Exception, match=r"entities.jsonl:2: a damaged entity"):
        parse_scope("A").codes(Damaged())


def test_cycles_and_parents_that_are_not_there_do_no_harm() -> None:
    rows = [Outline("A", ("B",)), Outline("B", ("A", "nowhere")), Outline("C", ("A",))]
    assert _selected(rows, parse_scope("< A").node) == {"A", "B", "C"}


CODES = ("A", "B", "C", "D", "E", "F.1", "two words", "AND", "type", 'a"b\\', "G01*")
TYPES = ("finding", "disorder", "性质")


def _codes() -> st.SearchStrategy[Code]:
    terms = st.text("abc |é白(", max_size=6).map(lambda text: text.replace("|", "").strip())
    return st.builds(Code, st.sampled_from(CODES), terms)


def _nodes() -> st.SearchStrategy[Node]:
    types = st.lists(st.sampled_from(TYPES), min_size=1, max_size=3).map(tuple)
    leaves: st.SearchStrategy[Node] = st.one_of(
        st.just(Everything()), _codes(), st.builds(OfType, types, st.booleans())
    )

    def grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(
            st.builds(Related, st.sampled_from(OPERATORS), inner),  # type: ignore[arg-type]
            st.builds(Both, several),
            st.builds(Either, several),
            st.builds(Without, inner, inner),
        )

    return st.recursive(leaves, grown, max_leaves=8)


@given(_nodes())
def test_what_is_written_is_read_again(node: Node) -> None:
    text = written(node)
    assert parse_scope(text) == Scope(node)
    assert parse_scope(text).text == text


@given(st.text(max_size=60) | st.text('<>!=()|"*, ABtype.:^{}[]\n', max_size=30))
def test_any_text_is_read_or_refused_with_a_cure(text: str) -> None:
    refused: list[UserInputError] = []
    try:
        scope = parse_scope(text)
        assert parse_scope(scope.text) == scope
    except UserInputError as error:
        refused.append(error)
    assert all(error.hint for error in refused)


def _entities() -> st.SearchStrategy[list[Outline]]:
    """Any graph over the codes, cycles too; every code and every type is there and active."""

    def entity(code: str) -> st.SearchStrategy[Outline]:
        parents = st.lists(st.sampled_from(CODES), max_size=3, unique=True).map(tuple)
        return st.builds(Outline, st.just(code), parents, st.sampled_from(TYPES))

    some = st.tuples(*(entity(code) for code in CODES))
    rest = [Outline(f"of {name}", (), name) for name in TYPES] + [Outline("retired", ("A",), "finding", False)]
    return some.map(lambda rows: [*rows, *rest])


def _selected(rows: list[Outline], node: Node) -> set[str]:
    flags = Hierarchy(rows).select(node)
    assert set(flags) <= {0, 1}
    return {row.code for row, inside in zip(rows, flags, strict=True) if inside}


def _naive(rows: list[Outline], node: Node) -> set[str]:
    """The same by the definitions, with sets and no thought of speed."""
    active = {row.code for row in rows if row.active}
    match node:
        case Everything():
            return active
        case Code(code):
            return {code}
        case OfType(types, other):
            return {row.code for row in rows if row.active and (row.type in types) != other}
        case Both(parts):
            return set.intersection(*(_naive(rows, part) for part in parts))
        case Either(parts):
            return set.union(*(_naive(rows, part) for part in parts))
        case Without(kept, dropped):
            return _naive(rows, kept) - _naive(rows, dropped)
        case Related(operator, focus):
            step = {(row.code, parent) for row in rows for parent in row.parents}
            pairs = step if operator.startswith("<") else {(parent, row) for row, parent in step}
            if not operator.endswith("!"):
                while more := {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs:
                    pairs = pairs | more
            begin = _naive(rows, focus)
            found = {one for one, other in pairs if other in begin}
            return (found | begin if operator[:2] in ("<<", ">>") else found) & active


@given(_entities(), _nodes())
def test_it_selects_what_the_definitions_say(rows: list[Outline], node: Node) -> None:
    assert _selected(rows, node) == _naive(rows, node)


@given(_entities(), _nodes(), _nodes(), _nodes())
def test_laws_of_sets(rows: list[Outline], a: Node, b: Node, c: Node) -> None:
    def same(one: Node, other: Node) -> bool:
        return _selected(rows, one) == _selected(rows, other)

    assert same(Both((a, b)), Both((b, a)))
    assert same(Either((a, b)), Either((b, a)))
    assert same(Both((a, b, c)), Both((Both((a, b)), c)))
    assert same(Both((a, Either((b, c)))), Either((Both((a, b)), Both((a, c)))))
    assert same(Without(a, Either((b, c))), Both((Without(a, b), Without(a, c))))
    assert same(Without(Everything(), Without(Everything(), a)), a)
    assert same(Related("<<", a), Either((Related("<", a), a)))
    assert same(Related(">>!", a), Either((Related(">!", a), a)))
    assert same(Related("<<", Related("<<", a)), Related("<<", a))
    assert same(Related("<", Either((a, b))), Either((Related("<", a), Related("<", b))))
