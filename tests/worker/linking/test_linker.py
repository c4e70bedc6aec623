from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from rpdr_core.errors import Cancelled
from rpdr_core.protocol.messages import Done, LinkMentions, MentionText, RankByStudent, Retrieve
from rpdr_core.records import Candidate, Provenance, Ranking
from rpdr_worker.job import Job, RecordingJob
from rpdr_worker.linking.linker import link

# Confidence of the retriever by mention text; None where it finds nothing.
SURE: dict[str, float | None] = {"sure": 0.99, "edge": 0.95, "unsure": 0.4, "nothing": None, "weak": 0.01}
MENTIONS = tuple(MentionText(10 + at, text, f"context of {text}") for at, text in enumerate(SURE))


def ranking(mention: MentionText, ranker: str, *codes: str, confidence: float | None) -> Ranking:
    candidates = tuple(Candidate(code, code) for code in codes)
    return Ranking(mention.id, ranker, candidates, Provenance(ranker, "m", "kb"), confidence=confidence)


class Retrieval:
    """Answers with two candidates each, none for "nothing"."""

    def retrieve(self, params: Retrieve, job: Job, *, batch: int) -> Done:
        assert batch == len(params.mentions)
        assert (params.fingerprint, params.k) == ("kb", 10)
        job.progress(0, len(params.mentions))
        for mention in params.mentions:
            job.check()
            codes = () if SURE[mention.text] is None else ("A", "B")
            job.partial(ranking(mention, "retriever", *codes, confidence=SURE[mention.text]))
        return Done(len(params.mentions))


@dataclass
class Student:
    """Turns each list around. Answers may come in any order, and `silent` mentions get none."""

    silent: tuple[str, ...] = ()
    asked: list[RankByStudent] = field(default_factory=list)

    def __call__(self, params: RankByStudent, job: Job) -> Done:
        self.asked.append(params)
        for item in reversed(params.items):
            job.check()
            if item.mention.text not in self.silent:
                codes = [candidate.code for candidate in reversed(item.candidates)]
                job.partial(ranking(item.mention, "student:ab", *codes, confidence=0.8))
        job.progress(len(params.items), len(params.items))
        return Done(len(params.items))


def run(student: Student, *, adapter: str = "/adapter", sure: float = 0.95) -> tuple[list[Ranking], Done, RecordingJob]:
    job = RecordingJob()
    params = LinkMentions("kb", MENTIONS, adapter=adapter, sure=sure)
    done = link(params, job, Retrieval(), student)  # type: ignore[arg-type]
    found = [value for value in job.partials if isinstance(value, Ranking)]
    assert len(found) == len(job.partials)
    return found, done, job


def test_without_an_adapter_the_retriever_decides_all() -> None:
    student = Student()
    found, done, _ = run(student, adapter="")
    assert student.asked == []
    assert [one.mention_id for one in found] == [mention.id for mention in MENTIONS]
    assert done.counts == {"retriever": 5}
    assert done.items == 5


def test_the_student_gets_what_the_retriever_is_not_sure_of() -> None:
    student = Student()
    found, done, _ = run(student)
    (asked,) = student.asked
    assert [item.mention for item in asked.items] == [MENTIONS[2], MENTIONS[4]]
    assert (asked.adapter, asked.knowledge_base) == ("/adapter", "kb")
    assert [[candidate.code for candidate in item.candidates] for item in asked.items] == [["A", "B"]] * 2
    assert [one.mention_id for one in found] == [mention.id for mention in MENTIONS]
    assert [one.ranker for one in found] == ["retriever", "retriever", "student:ab", "retriever", "student:ab"]
    assert [candidate.code for candidate in found[2].candidates] == ["B", "A"]
    assert done.counts == {"retriever": 3, "student:ab": 2}


@pytest.mark.parametrize(("sure", "asked"), [(0.0, 0), (0.02, 1), (0.951, 3), (1.0, 4)])
def test_how_sure_is_sure_can_be_chosen(sure: float, asked: int) -> None:
    student = Student()
    _, done, _ = run(student, sure=sure)
    assert sum(len(params.items) for params in student.asked) == asked
    assert done.counts.get("student:ab", 0) == asked


def test_a_mention_that_the_student_leaves_out_keeps_the_retrievers_list() -> None:
    found, done, _ = run(Student(silent=("weak",)))
    assert [one.ranker for one in found] == ["retriever", "retriever", "student:ab", "retriever", "retriever"]
    assert done.counts == {"retriever": 4, "student:ab": 1}


def test_progress_of_the_parts_is_passed_on() -> None:
    _, _, job = run(Student())
    assert [(event.done, event.total) for event in job.events] == [(0, 5), (2, 2)]


def test_cancelling_goes_through_and_sends_nothing_half_done() -> None:
    job = RecordingJob(cancelled=True)
    with pytest.raises(Cancelled):
        link(LinkMentions("kb", MENTIONS), job, Retrieval(), Student())  # type: ignore[arg-type]
    assert job.partials == []


def test_no_mentions_no_links() -> None:
    job = RecordingJob()
    done = link(LinkMentions("kb", (), adapter="/a"), job, Retrieval(), Student())  # type: ignore[arg-type]
    assert (done.items, done.counts, job.partials) == (0, {}, [])
