from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from helpers.terminologies import small_table
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.protocol.messages import Done, RetrievalState, Retrieve
from rpdr_core.records import Candidate, Provenance, Ranking
from rpdr_core.workflow.distilling import TrainingRows
from rpdr_core.workflow.recorded_rankings import read_rankings, rows_from_rankings

CODES = ("E1", "E1.9", "E2", "E2.9", "E3")
LINE = {"mention": "grey star", "candidates": ["E1", "E2", "E3"], "order": [2, 1, 3], "verdict": "exact"}


class FakeWorker:
    """A retriever that knows E2 and E1 alone, and scores them by the text's length."""

    def __init__(self) -> None:
        self.asked: list[Retrieve] = []

    def call(self, method: str, params: Any, *, on_progress: object = None, on_partial: Any = None) -> object:
        if method == "retrieve":
            self.asked.append(params)
            for mention in params.mentions:
                best = len(mention.text) / 100
                candidates = (
                    Candidate("E2", "Glaucoma", "青光眼", "synonym", best),
                    Candidate("E1", "Cataract", "Cataract", "name", best - 0.1),
                )
                on_partial(Ranking(mention.id, "retriever", candidates, Provenance("retriever", "m", "kb")))
            return Done(len(params.mentions))
        return RetrievalState("ab" * 32, 3, 5, 5, 5, "ready", "m")


def catalogue(folder: Path) -> Catalogue:
    return Library(folder / "library").open(str(small_table(folder)))


def write(folder: Path, *lines: object) -> Path:
    path = folder / "rankings.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def rows(folder: Path, *lines: object, **options: Any) -> tuple[TrainingRows, FakeWorker]:
    worker = FakeWorker()
    options = {"validation": 0.0} | options
    return rows_from_rankings(write(folder, *lines), catalogue(folder), worker, **options), worker  # type: ignore[arg-type]


def test_candidates_keep_their_order_and_get_our_scores(tmp_path: Path) -> None:
    found, worker = rows(tmp_path, LINE)
    (row,) = found.train
    assert [candidate.code for candidate in row.candidates] == ["E1", "E2", "E3"]
    assert [round(candidate.score, 3) for candidate in row.candidates] == [-0.01, 0.09, -0.01]
    assert row.candidates[1].matched == "青光眼"
    assert row.candidates[2].name == "Myocardial infarction"
    assert (row.order, row.verdict, row.origin) == ((1, 0, 2), "exact", "teacher-exact")
    assert worker.asked[0].mentions[0].text == "grey star"


def test_verdicts_and_context_are_kept(tmp_path: Path) -> None:
    found, worker = rows(
        tmp_path, LINE | {"verdict": "close", "context": "since May"}, "", LINE | {"mention": "x", "verdict": "none"}
    )
    assert [(row.verdict, row.context) for row in found.train] == [("close", "since May"), ("none", "")]
    assert found.origins == {"teacher-close": 1, "teacher-none": 1}
    assert worker.asked[0].mentions[0].context == "since May"


def test_the_filter_weighs_what_the_teacher_doubts(tmp_path: Path) -> None:
    close = LINE | {"verdict": "close"}
    plain, _ = rows(tmp_path, LINE, close, noise_filter="none")
    halved, _ = rows(tmp_path, LINE, close, noise_filter="verdict")
    assert [row.weight for row in plain.train] == [1.0, 1.0]
    assert [row.weight for row in halved.train] == [1.0, 0.5]
    with pytest.raises(NotFoundError, match="verdict"):
        rows(tmp_path, LINE, noise_filter="magic")


def test_a_list_of_one_is_left_out_and_counted(tmp_path: Path) -> None:
    found, _ = rows(tmp_path, LINE, LINE | {"candidates": ["E1"], "order": [1]})
    assert len(found.train) == 1
    assert found.excluded == {"a single candidate has no order": 1}


def test_no_mention_is_in_both_parts(tmp_path: Path) -> None:
    lines = [
        LINE | {"mention": f"Mention {number % 60}" if number % 2 else f"mention  {number % 60}"}
        for number in range(120)
    ]
    found, _ = rows(tmp_path, *lines, validation=0.3)
    again, _ = rows(tmp_path, *lines, validation=0.3)
    texts = [{" ".join(row.mention.casefold().split()) for row in part} for part in (found.train, found.validation)]
    assert texts[0]
    assert texts[1]
    assert not texts[0] & texts[1]
    assert again == found


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not a recorded ranking"),
        ("[]", "not a recorded ranking"),
        ('{"mention": "\xff', "not a recorded ranking"),
        (LINE | {"verdict": "perhaps"}, "verdict"),
        (LINE | {"order": [1, 2]}, "each candidate once"),
        (LINE | {"order": [0, 1, 2]}, "each candidate once"),
        (LINE | {"order": [1, 1, 2]}, "each candidate once"),
        (LINE | {"candidates": ["E1", "E1", "E2"]}, "twice"),
        (LINE | {"candidates": ["E1", "E2", "Z9"]}, "Z9"),
        (LINE | {"mention": " "}, "empty"),
    ],
)
def test_a_bad_line_is_named_with_its_cure(tmp_path: Path, line: object, said: str) -> None:
    path = write(tmp_path, LINE, "", line)
    with pytest.raises(FileFormatError, match=said) as caught:
        read_rankings(path, CODES)
    assert (caught.value.file, caught.value.line) == (str(path), 3)
    assert caught.value.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_rankings(tmp_path / "none.jsonl", CODES)


@given(st.lists(st.tuples(st.text(min_size=1).filter(str.strip), st.randoms(use_true_random=False)), max_size=20))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, random.Random]]
) -> None:
    lines = []
    for text, draw in drawn:
        codes = draw.sample(CODES, draw.randint(1, 5))
        order = draw.sample(range(1, len(codes) + 1), len(codes))
        lines.append({"mention": text, "candidates": codes, "order": order, "verdict": draw.choice(["exact", "none"])})
    path = tmp_path_factory.mktemp("rankings") / "r.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    found = read_rankings(path, CODES)
    assert [(r.mention, list(r.candidates), list(r.order), r.verdict) for r in found] == [
        (line["mention"], line["candidates"], line["order"], line["verdict"]) for line in lines
    ]
