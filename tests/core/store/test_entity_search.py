"""Searching entities: by code, word, part of a word, Chinese; the index is made again when it does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from helpers.old_catalogues import catalogue_with_circles
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import DamagedFileError, NotFoundError, WorldError
from rpdr_core.knowledge_base.catalogue import write_catalogue
from rpdr_core.records import Entity, Note
from rpdr_core.store import EntitySearch
from rpdr_core.store import search_index as index
from rpdr_core.store.search_index import code_key, search_key

ENTITIES = [
    Entity("IX", "Diseases of the circulatory system", type="chapter", assignable=False),
    Entity("I21", "Acute myocardial infarction", ("cardiac infarction", "心肌梗死"), ("IX",), assignable=False),
    Entity("I21.9", "Acute myocardial infarction, unspecified", ("Myocardial infarction (acute) NOS",), ("I21",)),
    Entity("I21.B", "Myocardial infarction with coronary microvascular dysfunction", ("MI with CMD",), ("I21",)),
    Entity("I25.2", "Old myocardial infarction", ("Healed MI", "陈旧性心肌梗死"), ("IX",)),
    Entity("J18.9", "Pneumonia, unspecified organism", ("肺炎",)),
    Entity("J60", "Coalworker's pneumoconiosis", ("煤工尘肺",)),
    Entity("H26.9", "Unspecified cataract", ("白内障",)),
    Entity("H53.8", "Other visual disturbances", ("Blurred vision",)),
    Entity("H81.0", "Ménière's disease"),
    Entity("E78.01", "Familial hypercholesterolemia"),
    Entity("Z99", "Retired concept about infarction", active=False),
    Entity("H53.80", "Never vision twice", ("vision, blurred",)),
]
LEXICON = [("heart attack", ("I21.9", "I25.2", "NOPE")), ("MI", ("I21.9",)), ("cataract", ("H26.9", "Z99"))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("kb")
    return write_catalogue(root, ENTITIES, id="icd", title="ICD", version="1", source="test")


@pytest.fixture(scope="module")
def search(folder: Path) -> Iterator[EntitySearch]:
    opened = EntitySearch(folder, LEXICON)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("I21.9", "I21.9"), ("i219", "I21.9"), (" i21.b ", "I21.B"), ("I21", "I21"), ("h538", "H53.8"),
        ("MI", "I21.9"), ("mi", "I21.9"), ("heart attack", "I21.9"), ("Heart-Attack", "I21.9"),
        ("myocardial infarction", "I21.9"), ("infarction old", "I25.2"), ("infarc old", "I25.2"),
        ("cataract", "H26.9"), ("catar", "H26.9"), ("atarac", "H26.9"), ("blur vis", "H53.8"),
        ("meniere", "H81.0"), ("MÉNIÈRE'S", "H81.0"), ("ménière's disease", "H81.0"),
        ("肺炎", "J18.9"), ("肺", "J18.9"), ("白内", "H26.9"), ("内障", "H26.9"), ("心肌", "I21"), ("心肌梗死", "I21"),
        ("陈旧", "I25.2"), ("pneumonia", "J18.9"), ("pneumo", "J18.9"), ("coalworkers", "J60"),
        ("coalworker’s", "J60"), ("healed MI", "I25.2"),
        ("MI healed", "I25.2"), ("ｃａｔａｒａｃｔ", "H26.9"),
    ],
)  # fmt: skip
def test_the_first_hit(search: EntitySearch, query: str, first: str) -> None:
    hits = search.search(query)
    assert [hit.code for hit in hits][:1] == [first]


def codes(search: EntitySearch, query: str, **options: bool) -> list[str]:
    return [hit.code for hit in search.search(query, **options)]


def test_short_chinese_is_found_inside_a_word(search: EntitySearch) -> None:
    assert set(codes(search, "肺")) == {"J18.9", "J60"}
    assert set(codes(search, "梗死")) == {"I21", "I25.2"}


def test_two_latin_letters_are_not_found_inside_a_word(search: EntitySearch) -> None:
    found = codes(search, "MI")
    assert "E78.01" not in found, "MI is in faMIlial"
    assert found[0] == "I21.9"
    assert {"I21.B", "I25.2"} <= set(found)


def test_a_short_word_constrains_a_long_one(search: EntitySearch) -> None:
    assert codes(search, "with MI") == ["I21.B"]
    assert codes(search, "infarction CM") == []
    assert codes(search, "陈旧 梗死") == ["I25.2"]


def test_classes_come_in_order(search: EntitySearch) -> None:
    assert codes(search, "H53.8") == ["H53.8", "H53.80"]
    assert codes(search, "blurred vision") == ["H53.8", "H53.80"], "the exact term, then the words in another order"
    assert codes(search, "infarction")[:2] == ["I21", "I25.2"], "shorter terms first"


def test_what_matched_and_where_it_comes_from(search: EntitySearch) -> None:
    (hit,) = search.search("heart attack", limit=1)
    assert (hit.name, hit.matched, hit.source) == (ENTITIES[2].name, "heart attack", "lexicon")
    (hit,) = search.search("肺炎")
    assert (hit.matched, hit.source) == ("肺炎", "synonym")
    (hit,) = search.search("I25.2")
    assert (hit.matched, hit.source, hit.assignable, hit.type) == ("I25.2", "code", True, "")


def test_each_entity_once(search: EntitySearch) -> None:
    for query in ("infarction", "i", "a", "myocardial", "MI"):
        found = codes(search, query)
        assert len(found) == len(set(found))


def test_only_what_may_be_assigned(search: EntitySearch) -> None:
    assert "I21" in codes(search, "acute myocardial infarction")
    found = search.search("acute myocardial infarction", assignable_only=True)
    assert found
    assert all(hit.assignable for hit in found)
    assert codes(search, "I21", assignable_only=True) == ["I21.9", "I21.B"]


def test_retired_entities_are_not_offered_but_can_be_looked_at(search: EntitySearch) -> None:
    for query in ("Z99", "retired concept", "infarction", "cataract"):
        assert "Z99" not in codes(search, query)
    assert search.entity("Z99").entity.active is False


@pytest.mark.parametrize(
    "query", ["", "   ", "'\"*()-", "zzz", "\0", "AND", "NEAR(a b)", "x" * 5000, '"; DROP TABLE term']
)
def test_nothing_found_is_nothing(search: EntitySearch, query: str) -> None:
    assert search.search(query) == []


def test_limit(search: EntitySearch) -> None:
    assert len(search.search("infarction", limit=2)) == 2
    assert search.search("infarction", limit=0) == []


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_text_may_be_typed(search: EntitySearch, query: str) -> None:
    assert len(search.search(query, limit=3)) <= 3


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_part_of_three_letters_finds_its_entity(search: EntitySearch, data: st.DataObject) -> None:
    active = [entity for entity in ENTITIES if entity.active]
    entity = data.draw(st.sampled_from(active))
    key = search_key(data.draw(st.sampled_from((entity.name, *entity.synonyms))))
    word = data.draw(st.sampled_from(key.split()))
    if len(word) < 3 and word.isascii():
        part = word
    else:
        size = data.draw(st.integers(min(3, len(word)) if word.isascii() else 1, len(word)))
        start = data.draw(st.integers(0, len(word) - size))
        part = word[start : start + size]
    assert entity.code in codes(search, part)


def test_relatives(search: EntitySearch) -> None:
    detail = search.entity("I21.9")
    assert detail.entity == ENTITIES[2]
    assert [entity.code for entity in detail.path] == ["IX", "I21"]
    assert [entity.code for entity in detail.siblings] == ["I21.B"]
    assert detail.children == ()
    assert [entity.code for entity in search.entity("IX").children] == ["I21", "I25.2"]
    with pytest.raises(NotFoundError, match="NOPE"):
        search.entity("NOPE")


def test_many_children_are_cut_and_a_circle_ends(tmp_path: Path) -> None:
    entities = [Entity("A", "a", parents=("B",)), Entity("B", "b", parents=("A",))]
    entities += [Entity(f"C{i}", f"child {i}", parents=("A",)) for i in range(300)]
    search = EntitySearch(catalogue_with_circles(tmp_path, entities))
    assert [entity.code for entity in search.entity("A").path] == ["B"]
    assert len(search.entity("A").children) == 200
    assert len(search.search("child", limit=250)) == 250
    search.close()


@pytest.mark.parametrize(
    ("query", "first", "by"),
    [
        ("I21.9", "I21.9", "code"), ("heart attack", "I21.9", "term"), ("I21", "I21", "code"),
        ("heart att", "I21.9", "prefix"), ("infarction old", "I25.2", "words"), ("infarc old", "I25.2", "words"),
        ("atarac", "H26.9", "part"), ("心肌", "I21", "prefix"), ("梗死", "I21", "part"), ("型旧", "", ""),
        ("catract", "H26.9", "spelling"), ("pnuemonia", "J18.9", "spelling"), ("hart attack", "I21.9", "spelling"),
        ("unspecifide catarct", "H26.9", "spelling"), ("meneires", "H81.0", "spelling"), ("catarrh", "", ""),
        ("feiyan", "J18.9", "pinyin"), ("fy", "J18.9", "pinyin"), ("bnz", "H26.9", "pinyin"), ("nz", "H26.9", "pinyin"),
        ("xin ji geng si", "I21", "pinyin"),
        ("cjxxjgs", "I25.2", "pinyin"), ("cjxzzz", "", ""), ("chenjiuxing", "I25.2", "pinyin"),
    ],
)  # fmt: skip
def test_why_it_matched(search: EntitySearch, query: str, first: str, by: str) -> None:
    hits = search.search(query)
    assert [(hit.code, hit.by) for hit in hits][:1] == ([(first, by)] if first else [])


def test_the_better_reason_comes_first(search: EntitySearch) -> None:
    order = ["code", "term", "prefix", "words", "part", "spelling", "pinyin"]
    for query in ("infarction", "I21", "mi", "infarc", "cataract", "vision", "fei", "diseas"):
        ranks = [order.index(hit.by) for hit in search.search(query) if hit.by != "code"]
        assert ranks == sorted(ranks)


def test_a_known_word_is_not_taken_for_a_misspelt_one(search: EntitySearch) -> None:
    assert all(hit.by != "spelling" for hit in search.search("vision"))
    assert set(codes(search, "visoin")) == {"H53.8", "H53.80"}


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_part_of_a_chinese_word_and_one_wrong_letter(search: EntitySearch, data: st.DataObject) -> None:
    chinese = [(entity, term) for entity in ENTITIES if entity.active for term in entity.synonyms if not term.isascii()]
    entity, term = data.draw(st.sampled_from(chinese))
    start = data.draw(st.integers(0, len(term) - 1))
    assert entity.code in codes(search, term[start : data.draw(st.integers(start + 1, len(term)))])
    word = data.draw(st.sampled_from(["cataract", "pneumonia", "infarction", "pneumoconiosis", "disturbances"]))
    at, letter = data.draw(st.integers(0, len(word) - 1)), data.draw(st.sampled_from("xqzj"))
    right, wrong = set(codes(search, word)), set(codes(search, word[:at] + letter + word[at + 1 :]))
    assert right & wrong


def test_named_is_official_names_and_synonyms_only(search: EntitySearch) -> None:
    assert [hit.code for hit in search.named("Cardiac-Infarction")] == ["I21"]
    assert search.named("heart attack") == search.named("") == search.named("Retired concept about infarction") == []
    assert [hit.source for hit in search.named("unspecified CATARACT")] == ["name"]


def test_roots_and_branches(search: EntitySearch) -> None:
    roots = search.roots()
    assert [one.code for one in roots][:2] == ["IX", "J18.9"]
    assert (roots[0].children, roots[0].assignable) == (2, False)
    assert [one.code for one in search.branches("IX", 0, 10)] == ["I21", "I25.2"]
    assert [one.code for one in search.branches("IX", 1, 1)] == ["I25.2"]
    assert search.branches("nothing", 0, 5) == []
    assert "Z99" not in [one.code for one in roots], "a release has a hundred thousand retired ones"


def test_a_twin_reads_on_after_the_first_is_closed(folder: Path) -> None:
    first = EntitySearch(folder)
    other = first.twin()
    first.close()
    assert codes(other, "cataract") == ["H26.9"]
    other.close()


def test_a_code_that_another_terminology_has_finds_its_entity(tmp_path: Path) -> None:
    known = Entity("375545", "Cataract", notes=(Note("other_code", "SNOMED 193570009"), Note("note", "see 4711")))
    search = EntitySearch(write_catalogue(tmp_path, [known], id="x", title="X", version="1", source="test"))
    [hit] = search.search("193570009")
    assert (hit.code, hit.matched, hit.source) == ("375545", "SNOMED 193570009", "code")
    assert search.search("4711") == []
    search.close()


def test_an_index_of_an_older_format_is_left_alone_and_a_new_one_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_catalogue(tmp_path, ENTITIES, id="x", title="X", version="1", source="test")
    with monkeypatch.context() as older:
        older.setattr(index, "FORMAT", index.FORMAT - 1)
        EntitySearch(folder).close()
    (old,) = files(folder)
    EntitySearch(folder).close()
    assert old in files(folder)
    assert len(files(folder)) == 2


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(max_codepoint=127), max_size=20))
def test_the_short_way_to_a_key_is_the_long_one(text: str) -> None:
    long_way = search_key("é " + text)
    assert search_key(text) == " ".join(long_way.split()[1:])


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*search*"))


def test_the_index_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_catalogue(tmp_path, ENTITIES, id="x", title="X", version="1", source="test")
    EntitySearch(folder).close()
    (made,) = files(folder)

    def refuse(*_: object) -> None:
        raise AssertionError("built again")

    monkeypatch.setattr(index, "_build", refuse)
    EntitySearch(folder).close()
    assert files(folder) == [made]
    with pytest.raises(AssertionError, match="built again"):
        EntitySearch(folder, [("eye", ("H53.8",))])


def test_another_lexicon_has_another_index_and_old_ones_go(tmp_path: Path) -> None:
    folder = write_catalogue(tmp_path, ENTITIES, id="x", title="X", version="1", source="test")
    for i in range(5):
        search = EntitySearch(folder, [(f"lay term {i}", ("H53.8",))])
        assert codes(search, f"lay term {i}") == ["H53.8"]
        search.close()
    assert len(files(folder)) == 3


@pytest.mark.parametrize("content", [b"", b"rubbish", b"SQLite format 3\0" + bytes(84)])
def test_a_damaged_index_is_made_again(tmp_path: Path, content: bytes) -> None:
    folder = write_catalogue(tmp_path, ENTITIES, id="x", title="X", version="1", source="test")
    EntitySearch(folder).close()
    (made,) = files(folder)
    made.write_bytes(content)
    search = EntitySearch(folder)
    assert codes(search, "cataract") == ["H26.9"]
    search.close()


def test_damage_inside_is_said(tmp_path: Path) -> None:
    folder = write_catalogue(tmp_path, ENTITIES, id="x", title="X", version="1", source="test")
    EntitySearch(folder).close()
    (made,) = files(folder)
    content = bytearray(made.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    made.write_bytes(content)
    search = EntitySearch(folder)
    with pytest.raises(DamagedFileError, match="made again"):
        search.search("cataract")
    search.close()


def test_a_build_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_catalogue(tmp_path, ENTITIES, id="x", title="X", version="1", source="test")
    content = (folder / "entities.jsonl").read_bytes()
    (folder / "entities.jsonl").write_bytes(content[:-40])
    with pytest.raises(DamagedFileError):
        EntitySearch(folder)
    assert files(folder) == []


def test_a_missing_catalogue(tmp_path: Path) -> None:
    with pytest.raises(WorldError):
        EntitySearch(tmp_path / "absent")


def test_built_by_two_at_once_and_used_from_other_threads(tmp_path: Path) -> None:
    folder = write_catalogue(tmp_path, ENTITIES, id="x", title="X", version="1", source="test")
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: EntitySearch(folder), range(2)))
        assert list(pool.map(lambda search: codes(search, "肺炎"), both)) == [["J18.9"], ["J18.9"]]
    for search in both:
        search.close()
    assert len(files(folder)) == 1


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Diabetes, type 2 (NOS)", "diabetes type 2 nos"),
        ("Ménière's", "menieres"),
        ("Ａ\u3000B", "a b"),
        ("が", "が"),
        ("2型糖尿病", "2型糖尿病"),
        ("---", ""),
    ],
)
def test_search_keys(text: str, key: str) -> None:
    assert search_key(text) == key
    assert search_key(key) == key


def test_code_keys() -> None:
    assert code_key("h53.8") == code_key("H538") == code_key(" H53-8 ")
