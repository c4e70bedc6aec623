"""Lists go to a worker in batches, whatever their number."""

from __future__ import annotations

from typing import Any

import pytest
from helpers.projects import candidate, ranking

from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import MentionText, RankByStudent, RankItem
from rpdr_core.workflow import student_ranking
from rpdr_core.workflow.student_ranking import ranker


class Worker:
    """Answers each request with one ranking for each list."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def call(self, _method: str, params: RankByStudent, on_partial: Any) -> None:
        self.sizes.append(len(params.items))
        for item in params.items:
            on_partial(ranking(item.mention.id, "student:s", "A1"))


@pytest.mark.parametrize(("lists", "sizes"), [(0, []), (1, [1]), (2, [1, 1]), (5, [1, 2, 2]), (6, [1, 2, 2, 1])])
def test_the_first_list_goes_alone_and_none_is_asked_for_nothing(
    lists: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(student_ranking, "BATCH", 2)
    worker = Worker()
    items = [RankItem(MentionText(number, "piles", ""), (candidate("A1"),)) for number in range(lists)]
    client: WorkerClient = worker  # type: ignore[assignment]
    found = ranker(client, "kb")("folder", items)
    assert worker.sizes == sizes
    assert [one.mention_id for one in found.rankings] == list(range(lists))
    assert (found.seconds_per_1000 is None) == (lists < 2)
