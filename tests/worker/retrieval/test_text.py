from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.knowledge_base.lexicon import Token
from rpdr_core.knowledge_base.paraphrases import Paraphrase
from rpdr_worker.retrieval.text import Expander, has_cjk, search_key

ANY_TEXT = st.text(max_size=40)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Catarct,  nuclear", "catarct nuclear"),
        ("  H25.13 ", "h25 13"),
        ("Ménière's disease", "ménières disease"),
        ("Ménière’s disease", "ménières disease"),
        ("ＮＳ　cat", "ns cat"),
        ("ﬁbrosis", "fibrosis"),
        ("STRASSE straße", "strasse strasse"),
        ("a_b-c/d", "a b c d"),
        ("20/40+ 5%", "20 40+ 5%"),
        ("白内障（右眼）", "白内障 右眼"),
        ("e\u0301", "é"),
        ("...", ""),
        ("", ""),
    ],
)
def test_search_keys(text: str, key: str) -> None:
    assert search_key(text) == key


@given(ANY_TEXT)
def test_a_key_is_its_own_key(text: str) -> None:
    assert search_key(search_key(text)) == search_key(text)


@given(ANY_TEXT)
def test_a_key_is_words_with_single_spaces(text: str) -> None:
    key = search_key(text)
    assert key == " ".join(key.split())
    assert not set(key) & set("_'’,.;:()[]/\n\t")


@pytest.mark.parametrize(("text", "found"), [("白", True), ("a 㐀", True), ("豈", True), ("かな", False), ("é", False)])
def test_chinese_is_seen(text: str, found: bool) -> None:
    assert has_cjk(text) is found


EXPANDER = Expander.of(
    [
        Token("OD", "right eye", ""),
        Token("NV", "neovascularization", "eye"),
        Token("MI", "myocardial infarction", ""),
        Token("s/p", "status post", ""),
        Token("OD", "overdose", ""),
        Token("右眼", "right eye", ""),
        Token("白内障", "cataract", ""),
        Token("白内障术后", "after cataract surgery", ""),
    ],
    [
        Paraphrase("heart attack", "Acute myocardial infarction"),
        Paraphrase("heart attack", "something else"),
        Paraphrase("same", "Same"),
        Paraphrase("hair loss", "Alopecia", anywhere=True),
        Paraphrase("losing hair", "Alopecia", anywhere=True),
        Paraphrase("pain in legs", "Leg pain", anywhere=True),
        Paraphrase("out of breath", "Dyspnea", anywhere=True),
        Paraphrase("gas", "Flatulence", anywhere=True),
    ],
)


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("cataract OD", ("cataract od", "cataract right eye")),
        ("old MI", ("old mi", "old myocardial infarction")),
        ("s/p MI", ("s p mi", "status post myocardial infarction")),
        ("NV retina", ("nv retina", "neovascularization retina")),
        ("NV 500 ml", ("nv 500 ml",)),
        ("NV", ("nv", "neovascularization")),
        ("missing", ("missing",)),
        ("Heart Attack", ("heart attack", "acute myocardial infarction")),
        ("same", ("same",)),
        ("Hair loss", ("hair loss", "alopecia")),
        ("alopecia", ("alopecia",)),
        ("pain in my leg", ("pain in my leg", "leg pain")),
        ("loss of hair", ("loss of hair", "alopecia")),
        ("severe hair loss OD", ("severe hair loss od", "severe hair loss right eye", "severe alopecia od")),
        ("so out of breath when walking", ("so out of breath when walking", "so dyspnea when walking")),
        ("gas", ("gas", "flatulence")),
        ("tear gas", ("tear gas",)),
        ("", ("",)),
        ("右眼白内障", ("右眼白内障", "right eye cataract")),
        ("白内障术后", ("白内障术后", "after cataract surgery")),
        ("右眼疼", ("右眼疼", "right eye")),
        ("疼", ("疼",)),
        ("MI 右眼", ("mi 右眼", "myocardial infarction right eye")),
    ],
)
def test_variants(text: str, forms: tuple[str, ...]) -> None:
    assert EXPANDER.variants(text) == forms


@given(ANY_TEXT)
def test_variants_begin_with_the_key_and_are_keys(text: str) -> None:
    forms = EXPANDER.variants(text)
    assert forms[0] == search_key(text)
    assert len(set(forms)) == len(forms)
    assert all(form == search_key(form) for form in forms)


TOKENS = st.lists(st.builds(Token, ANY_TEXT, ANY_TEXT, st.sampled_from(["", "eye", "ear"])), max_size=6)


PARAPHRASES = st.lists(st.builds(Paraphrase, ANY_TEXT, ANY_TEXT, st.booleans()), max_size=4)


@given(TOKENS, PARAPHRASES, ANY_TEXT)
def test_no_token_file_makes_expanding_fail(tokens: list[Token], wordings: list[Paraphrase], text: str) -> None:
    forms = Expander.of(tokens, wordings).variants(text)
    assert forms[0] == search_key(text)
    assert len(forms) <= 4


@given(st.sampled_from(("leg", "legs")), st.lists(st.sampled_from(("in", "my", "the", "very"))), st.randoms())
def test_order_number_and_little_words_do_not_matter(leg: str, little: list[str], draw: random.Random) -> None:
    words = ["pain", leg, *little]
    draw.shuffle(words)
    assert "leg pain" in EXPANDER.variants(" ".join(words))


def test_nothing_known_rewrites_nothing() -> None:
    assert Expander.of([]).variants("NS cat OU") == ("ns cat ou",)
