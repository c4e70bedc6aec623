"""The recording job behaves like the served one."""

from __future__ import annotations

import pytest

from rpdr_core.errors import Cancelled
from rpdr_core.protocol.messages import ProgressEvent
from rpdr_worker.job import Job, RecordingJob


def work(job: Job) -> None:
    for number in range(5):
        job.check()
        job.partial(number)
        job.progress(number + 1, 5, note="counting")


def test_it_keeps_what_it_is_told() -> None:
    job = RecordingJob()
    work(job)
    assert job.partials == [0, 1, 2, 3, 4]
    assert job.events[-1] == ProgressEvent(5, 5, None, "counting")


def test_it_can_be_cancelled_on_the_way() -> None:
    job = RecordingJob()

    def stop(value: object) -> None:
        job.cancelled = value == 2

    job.on_partial = stop
    with pytest.raises(Cancelled):
        work(job)
    assert job.partials == [0, 1, 2]
