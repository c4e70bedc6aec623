"""What has left is paid for: however a run ends, the answer that still comes is kept and not asked for again."""

from __future__ import annotations

import threading
import time

import pytest
from helpers.permitting import PermittingJob, to_send
from helpers.teacher_server import Planned, TeacherServer, error_body, mention_of, teacher_server

from rpdr_core.errors import Cancelled, EndpointError
from rpdr_core.protocol.messages import Endpoint, MentionText, RankByTeacher, RankItem
from rpdr_core.records import Candidate
from rpdr_worker.ranking import teacher
from rpdr_worker.ranking.pacing import Pace

QUICK = Pace(first=0.01, longest=0.02, retry_after=0.05, permit=5.0)
PATIENCE = 30.0


def params(server: TeacherServer, *ids: int) -> RankByTeacher:
    candidates = tuple(Candidate(f"H{i}", f"Name {i}", score=1.0 - i / 10) for i in range(3))
    items = (RankItem(MentionText(id_, f"mention {id_}", ""), candidates) for id_ in ids)
    return to_send(Endpoint(server.base_url, "m", timeout=PATIENCE), "k", *items)


def test_a_run_that_fails_waits_for_what_is_on_its_way() -> None:
    wrong = Planned(status=401, body=error_body("no"))
    job = PermittingJob()
    with teacher_server(Planned(), Planned(delay=2.0), wrong) as server:
        with pytest.raises(EndpointError, match="401"):
            teacher.rank(params(server, *range(20)), job, job.permits, QUICK)
        asked = len(server.received)
        slow = mention_of(server.received[1].body)
        assert len(job.intents) == len(job.outcomes) == asked, "each told before the run ended"
        assert [outcome.fate for outcome in job.outcomes].count("answered") == 2
        assert f"mention {job.answers[-1].mention_id}" == slow
        time.sleep(0.3)
        assert len(server.received) == asked


def test_a_cancelled_run_keeps_the_answer_that_still_comes() -> None:
    job = PermittingJob()
    with teacher_server(Planned(), Planned(delay=2.0)) as server:

        def cancel() -> None:
            while len(server.received) < 3:
                time.sleep(0.01)
            job.cancelled = True

        threading.Thread(target=cancel, daemon=True).start()
        with pytest.raises(Cancelled):
            teacher.rank(params(server, 1, 2, 3), job, job.permits, QUICK)
        end = time.monotonic() + PATIENCE
        while len(job.outcomes) < len(job.intents) and time.monotonic() < end:
            time.sleep(0.05)
        assert [outcome.fate for outcome in job.outcomes] == ["answered"] * 3
        again = PermittingJob()
        assert teacher.rank(params(server, 1, 2, 3), again, again.permits, QUICK).counts["sends"] == 0
