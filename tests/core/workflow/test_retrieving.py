from __future__ import annotations

from pathlib import Path

import pytest

from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.protocol.messages import METHODS, BuildIndex, Done, OpenRetrieval, RetrievalState, Retrieve
from rpdr_core.records import Candidate, KnowledgeBaseInfo, MemoryTerm, NewMention, Provenance, Ranking
from rpdr_core.workflow import retrieving

CATALOGUE = Catalogue(
    KnowledgeBaseInfo("t", "T", "1", "ab" * 32, 3, 5),
    Path("/kb/t"),
    (Path("/lex/a.tsv"),),
    (Path("/lex/a_tokens.tsv"),),
    Path("/kb/p.tsv"),
)


class FakeWorker:
    """Answers `retrieval.open` with a state, `index.build` with a ready one, `retrieve` with one ranking each."""

    def __init__(self, done: int = 0, total: int = 0, dense: str = "absent") -> None:
        self.state = RetrievalState("ab" * 32, 3, 5, done, total, dense, "m")  # type: ignore[arg-type]
        self.calls: list[tuple[str, object]] = []

    def call(self, method: str, params: object, *, on_progress: object = None, on_partial: object = None) -> object:
        assert isinstance(params, METHODS[method].params)
        self.calls.append((method, params))
        if method == "retrieve":
            assert isinstance(params, Retrieve)
            for mention in params.mentions:
                candidate = Candidate(mention.text.upper(), mention.context)
                on_partial(Ranking(mention.id, "retriever", (candidate,), Provenance("retriever", "m", "kb")))  # type: ignore[operator]
            return Done(len(params.mentions))
        return self.state


@pytest.mark.parametrize(
    ("done", "total", "dense", "built"),
    [
        (0, 100, "absent", True),
        (40, 5_040, "partial", True),
        (0, 5_001, "absent", False),
        (100, 100, "ready", False),
        (0, 100, "unavailable", False),
        (0, 0, "absent", False),
    ],
)
def test_a_small_index_is_made_at_once_and_a_large_one_when_asked(
    done: int, total: int, dense: str, built: bool
) -> None:
    worker = FakeWorker(done, total, dense)
    state = retrieving.open_retrieval(worker, CATALOGUE, memory=[MemoryTerm("a", "X", 1)], encoder="/enc")  # type: ignore[arg-type]
    assert state == worker.state
    assert [method for method, _ in worker.calls] == ["retrieval.open"] + ["index.build"] * built
    opened = worker.calls[0][1]
    assert isinstance(opened, OpenRetrieval)
    assert (opened.memory, opened.encoder) == ((MemoryTerm("a", "X", 1),), "/enc")
    if built:
        assert worker.calls[1][1] == BuildIndex("ab" * 32)


def test_the_worker_gets_every_file_of_the_catalogue() -> None:
    found = retrieving.reference(CATALOGUE, ("H2",))
    assert (found.fingerprint, found.folder) == ("ab" * 32, "/kb/t")
    assert (found.lexicons, found.tokens) == (("/lex/a.tsv",), ("/lex/a_tokens.tsv",))
    assert (found.paraphrases, found.priority) == ("/kb/p.tsv", ("H2",))
    assert retrieving.reference(Catalogue(CATALOGUE.info, CATALOGUE.folder)).paraphrases == ""


def test_only_coded_mentions_become_memory() -> None:
    mentions = [NewMention("a", code="X"), NewMention("b"), NewMention("c", code="Y")]
    assert retrieving.memory_of(mentions) == [MemoryTerm("a", "X", 1), MemoryTerm("c", "Y", 2)]


def test_rankings_come_in_the_order_of_the_texts() -> None:
    worker = FakeWorker()
    found = retrieving.retrieve(worker, "ab" * 32, [("b", "one"), ("a", "two")], k=3, mode="lexical")  # type: ignore[arg-type]
    assert [(r.candidates[0].code, r.candidates[0].name) for r in found] == [("B", "one"), ("A", "two")]
    sent = worker.calls[0][1]
    assert isinstance(sent, Retrieve)
    assert (sent.k, sent.mode) == (3, "lexical")


def test_given_candidates_get_our_scores_in_their_own_order() -> None:
    class Scoring(FakeWorker):
        def call(self, method: str, params: object, *, on_progress: object = None, on_partial: object = None) -> object:
            assert isinstance(params, Retrieve)
            found = (Candidate("A", "a", "ay", "synonym", 0.9), Candidate("B", "b", "b", "name", 0.4))
            for mention in params.mentions:
                on_partial(Ranking(mention.id, "retriever", found, Provenance("retriever", "m", "kb")))  # type: ignore[operator]
            return Done(len(params.mentions))

    given = [(Candidate("C", "c"), Candidate("B", "b"), Candidate("A", "a")), ()]
    found = retrieving.with_scores(Scoring(), "kb", [("x", ""), ("y", "")], given)  # type: ignore[arg-type]
    assert [(c.code, c.score) for c in found[0]] == [("C", 0.4), ("B", 0.4), ("A", 0.9)]
    assert (found[0][2].matched, found[0][2].source) == ("ay", "synonym")
    assert found[1] == ()
