from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.records import Candidate, NewMention, Provenance, Ranking
from rpdr_core.workflow.evaluating import CandidateList, evaluate_mentions, read_candidate_lists


class Ranker:
    """Answers from a table, and keeps what it was asked."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, mentions: Sequence[NewMention]) -> list[Ranking]:
        self.asked += [mention.text for mention in mentions]
        return [
            Ranking(
                at,
                "retriever",
                tuple(Candidate(code, code) for code in self.answers.get(mention.text, "").split()),
                Provenance("retriever", "m", "kb"),
            )
            for at, mention in enumerate(mentions)
        ]


def gold(*rows: tuple[str, str]) -> list[NewMention]:
    return [NewMention(text, code=code) for text, code in rows]


def test_each_occurrence_counts_and_each_distinct_mention_is_ranked_once() -> None:
    rank = Ranker(a="X", b="Y")
    found = evaluate_mentions(gold(("a", "X"), ("b", "X"), ("a", "X"), ("a", "Y")), [], rank, k=10)
    assert rank.asked == ["a", "b"]
    assert (found.overall.n, found.overall.metrics["acc@1"].value) == (4, 0.5)


def test_equal_texts_in_other_contexts_are_other_mentions() -> None:
    rank = Ranker(a="X")
    evaluate_mentions([NewMention("a", "one", code="X"), NewMention("a", "two", code="X")], [], rank, k=10)
    assert rank.asked == ["a", "a"]


def test_mentions_without_a_code_are_neither_ranked_nor_judged() -> None:
    rank = Ranker(a="X")
    found = evaluate_mentions(gold(("a", "X"), ("b", "")), [], rank, k=10)
    assert rank.asked == ["a"]
    assert found.overall.n == 1


@pytest.mark.parametrize("codes", ["X|Y", "Y|X", "Z | Y", " Y "])
def test_any_of_several_gold_codes_is_right(codes: str) -> None:
    found = evaluate_mentions(gold(("a", codes)), [], Ranker(a="Y"), k=10)
    assert found.overall.metrics["acc@1"].value == 1.0


def test_seen_is_what_memory_holds_in_any_case() -> None:
    memory = gold(("Blurry Vision", "X"), ("STRASSE", "X"))
    found = evaluate_mentions(
        gold(("blurry vision", "X"), ("straße", "X"), ("other", "X")), memory, Ranker(other="X"), k=10
    )
    assert (found.seen.n, found.unseen.n) == (2, 1)
    assert found.unseen.metrics["acc@1"].value == 1.0


def test_a_ranker_that_loses_a_mention_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        evaluate_mentions(gold(("a", "X"), ("b", "X")), [], lambda mentions: Ranker()(mentions)[:1], k=10)


def lists(folder: Path, text: str) -> Path:
    path = folder / "lists.jsonl"
    path.write_text(text, encoding="utf-8")
    return path


def test_candidate_lists_come_in_the_order_of_gold(tmp_path: Path) -> None:
    path = lists(
        tmp_path,
        '{"mention": "A", "candidates": ["X", "Y"]}\n\n{"mention": "白内障", "candidates": [], "more": 1}\n\n',
    )
    assert read_candidate_lists(path, gold(("a", "X"), ("白内障", "Y"))) == [
        CandidateList("A", ("X", "Y")),
        CandidateList("白内障", ()),
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{"mention": "a", "candidates": ["X"]}\n', 0, "1 candidate lists for 2 gold mentions"),
        ('{"mention": "a", "candidates": []}\n' * 3, 0, "3 candidate lists for 2"),
        ('{"mention": "a", "candidates": []}\n{"mention": "z", "candidates": []}\n', 2, "another mention"),
        ('{"mention": "a", "candidates": []}\n\n{"mention": "z", "candidates": []}\n', 3, "another mention"),
        ('{"mention": "a", "candidates": []}\n{"mention": "b", "candidates": "X"}\n', 2, "not a candidate list"),
        ('{"mention": "a", "candidates": []}\n{"mention": "b"}\n', 2, "not a candidate list"),
        ('{"mention": "a", "candidates": []}\n{"mention": "b", \n', 2, "not a candidate list"),
        ('\n["a", ["X"]]\n', 2, "not a candidate list"),
    ],
)
def test_a_bad_candidate_file_is_named_with_its_cure(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = lists(tmp_path, text)
    with pytest.raises(FileFormatError) as caught:
        read_candidate_lists(path, gold(("a", "X"), ("b", "Y")))
    assert (caught.value.file, caught.value.line) == (str(path), line)
    assert words in caught.value.message
    assert caught.value.hint


def test_other_encodings_are_an_error_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "lists.jsonl"
    path.write_bytes('{"mention": "白内障", "candidates": []}\n'.encode("gb18030"))
    with pytest.raises(FileFormatError) as caught:
        read_candidate_lists(path, gold(("白内障", "X")))
    assert caught.value.line == 1


def test_a_missing_candidate_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_candidate_lists(tmp_path / "none.jsonl", [])


def test_answers_with_a_confidence_are_kept_one_for_each_occurrence() -> None:
    def rank(mentions: Sequence[NewMention]) -> list[Ranking]:
        found = Ranker(a="X Y", b="Y", c="")(mentions)
        return [replace(one, confidence=sure) for one, sure in zip(found, (0.9, None, 0.4), strict=True)]

    found = evaluate_mentions(gold(("a", "X"), ("b", "Y"), ("a", "Y"), ("c", "X")), [], rank, k=10)
    assert found.answers == ((0.9, True), (0.9, False))
