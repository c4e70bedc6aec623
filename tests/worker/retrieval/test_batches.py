"""Many mentions at once get what each alone gets: collapsed queries, batched scores, vectors that are known already."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.tiny_encoders import TokenRuntime, encoder_folder
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.knowledge_base.lexicon import Token
from rpdr_core.records import Entity, MemoryTerm
from rpdr_worker.retrieval import lexical_batch
from rpdr_worker.retrieval import retriever as module
from rpdr_worker.retrieval.confidence import confidence
from rpdr_worker.retrieval.encoder import Encoder
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder
from rpdr_worker.retrieval.lexical import LexicalIndex
from rpdr_worker.retrieval.lexical_batch import lexical_scores
from rpdr_worker.retrieval.memory import Memory
from rpdr_worker.retrieval.retriever import Retrieved, Retriever
from rpdr_worker.retrieval.segment import Segment
from rpdr_worker.retrieval.terms import Terminology, TermTable
from rpdr_worker.retrieval.text import Expander

WORDS = ("pain", "back", "knee", "left", "right", "severe", "ache", "throat", "in", "sore", "od", "1", "白内障")
PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
SPELT = st.tuples(PHRASES, st.sampled_from(("{}", " {} ", "{}!", "({})", "{}..")), st.booleans()).map(
    lambda drawn: drawn[1].format(drawn[0].upper() if drawn[2] else drawn[0])
)
NAMES = [
    "Pain in knee", "Pain in throat", "Back pain", "Severe back pain", "Left knee pain", "Right knee pain",
    "Sore throat", *(f"Ache of {word} {number}" for word in ("arm", "leg", "hand", "foot") for number in range(20)),
]  # fmt: skip
TERMINOLOGY = Terminology.of(
    [
        Entity("K1", "Knee disorders", type="category", assignable=False),
        *(
            Entity(f"C{at}", name, type="category", parents=("K1",) if "nee" in name else ())
            for at, name in enumerate(NAMES)
        ),
    ]
)
EXPANDER = Expander.of([Token("od", "right eye", ""), Token("sore", "pain", "")], ())


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Encoder, Retriever]:
    encoder = Encoder(open_encoder_folder(str(encoder_folder(tmp_path_factory.mktemp("enc")))), TokenRuntime())
    table = TermTable.of(TERMINOLOGY.official_rows())
    lexical = LexicalIndex.build(table.keys)
    segment = Segment(table, lexical)
    segment.make_unkept(encoder, {}, lambda: None)
    memory = Memory(TERMINOLOGY, lexical, [MemoryTerm("my knee", "C0", 1), MemoryTerm("Sore  back", "C2", 2)])
    memory.embed(lambda each: each.make_unkept(encoder, {}, lambda: None))
    return encoder, Retriever(TERMINOLOGY, EXPANDER, [segment], memory)


def close(one: Retrieved, other: Retrieved) -> bool:
    """Equal but for the last digit of a score, which the size of a batch may change."""
    pairs = list(zip(one.candidates, other.candidates, strict=True))
    firsts = (
        [(a.code, a.matched, a.source) for a, _ in pairs[:1]],
        [(b.code, b.matched, b.source) for _, b in pairs[:1]],
    )
    scores = all(abs(a.score - b.score) < 2e-4 for a, b in pairs)
    sure = abs((confidence(one) or 0) - (confidence(other) or 0)) < 2e-3
    return firsts[0] == firsts[1] and one.exact == other.exact and scores and sure


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(SPELT, st.sampled_from(("", "left side", "the right knee"))), min_size=1, max_size=12))
def test_together_or_alone(parts: tuple[Encoder, Retriever], asked: list[tuple[str, str]]) -> None:
    encoder, retriever = parts
    texts, contexts = [text for text, _ in asked], [context for _, context in asked]
    for encoded in (None, encoder):
        together = retriever.retrieve(texts, 5, contexts=contexts, encoder=encoded)
        alone = [retriever.retrieve([t], 5, contexts=[c], encoder=encoded)[0] for t, c in asked]
        assert all(map(close, together, alone))


@given(SPELT, st.sampled_from(("", "seen on the left")))
def test_spellings_of_one_search_key_are_one_query(parts: tuple[Encoder, Retriever], text: str, context: str) -> None:
    _, retriever = parts
    other = f" {text.swapcase()} ?"
    first, second = retriever.retrieve([text, other], 5, contexts=[context, context])
    assert first is second
    assert first == retriever.retrieve([other], 5, contexts=[context])[0]


def test_a_code_is_no_spelling_of_its_words(parts: tuple[Encoder, Retriever]) -> None:
    _, retriever = parts
    code, words = retriever.retrieve(["c7", "c7!"], 3)
    assert code.candidates[0].code == "C7"
    assert code is not words


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([*NAMES, *map(str.upper, NAMES), "my knee", "sore back"]), min_size=1, max_size=6))
def test_known_vectors_are_what_the_encoder_would_say(parts: tuple[Encoder, Retriever], texts: list[str]) -> None:
    encoder, retriever = parts
    with pytest.MonkeyPatch.context() as patch:
        found = retriever.retrieve(texts, 5, encoder=encoder)
        patch.setattr(Segment, "known", lambda self, keys, *, lower_case: {})
        assert all(map(close, found, retriever.retrieve(texts, 5, encoder=encoder)))


def test_exact_hits_ask_nothing_of_the_encoder(parts: tuple[Encoder, Retriever]) -> None:
    encoder, retriever = parts
    runtime = encoder._runtime
    assert isinstance(runtime, TokenRuntime)
    runtime.batches.clear()
    retriever.retrieve(["BACK PAIN", "pain in knee", "ache of arm 3"], 5, encoder=encoder)
    assert runtime.batches == []
    retriever.retrieve(["back-pain?"], 5, encoder=encoder)
    assert runtime.batches == []
    retriever.retrieve(["back pains"], 5, encoder=encoder)
    assert runtime.batches


def test_a_cased_encoder_only_knows_what_is_written_alike(parts: tuple[Encoder, Retriever]) -> None:
    encoder, retriever = parts
    del encoder
    (segment,) = retriever._segments
    assert segment.known({"back pain"}, lower_case=True).keys() == {"back pain"}
    assert segment.known({"back pain"}, lower_case=False) == {}


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 40), st.lists(PHRASES, min_size=1, max_size=4))
def test_a_list_does_not_depend_on_how_far_hits_are_made(
    parts: tuple[Encoder, Retriever], k: int, texts: list[str]
) -> None:
    """Only the best strings are made into hits where the rest cannot come among the first k."""
    _, retriever = parts
    lazily = retriever.retrieve(texts, k)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CHILD_GAIN", 1e9)
        patch.setattr(retriever, "_put_child", lambda *_: None)
        every = retriever.retrieve(texts, k)
        patch.undo()
        patch.setattr(retriever, "_put_child", lambda *_: None)
        assert retriever.retrieve(texts, k) == every
    assert [len(one.candidates) for one in lazily] == [len(one.candidates) for one in every]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="ab c白", max_size=8), max_size=8), st.lists(PHRASES | st.just(""), max_size=6))
def test_scores_of_a_batch_are_those_of_each_query(strings: list[str], queries: list[str]) -> None:
    for index in (LexicalIndex.build([*strings, *NAMES]), LexicalIndex.build(strings)):
        for block, heavy in ((400_000, 200_000), (3, 200_000), (3, 20)):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(lexical_batch, "_BLOCK", block)
                patch.setattr(lexical_batch, "_LONG", heavy)
                found = lexical_scores(index, queries)
            assert found.shape == (len(queries), index.size)
            for row, query in zip(found, queries, strict=True):
                assert np.array_equal(row, index.scores(query))
