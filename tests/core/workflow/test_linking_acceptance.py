"""Rows that may stand unreviewed: thresholds from reviewed mentions, refusals with a cure, a warning of drift."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.projects import new_project
from helpers.reviewed import decide_as

from rpdr_core.errors import Cancelled, FileFormatError, NotAllowedError
from rpdr_core.evaluation.risk import STEPS, controlled, percent, spread
from rpdr_core.records import Candidate, MemoryTerm, NewDecision, NewMention, Provenance, Ranking, SourceRow
from rpdr_core.workflow.linking import Head, Linked, link_file
from rpdr_core.workflow.linking_acceptance import (
    Acceptance,
    acceptance,
    check_judged,
    check_sample,
    judged_of,
    tally,
)
from rpdr_core.workflow.linking_distinct import Survey
from rpdr_core.workflow.linking_drift import Tally, drift, trait_of
from rpdr_core.workflow.linking_journal import Journal
from rpdr_core.workflow.linking_learned import Judged, Memory, judge_and_learn
from rpdr_core.workflow.linking_own_rows import OwnRows
from rpdr_core.workflow.linking_reviewed import project_memory, reviewed_file, reviewed_project
from rpdr_core.workflow.random_check import draw, unanswered

HEAD = Head("i", "kb", "m", "", 50)
# Ten confidences, of which those below a half are wrong.
MENTIONS = [NewMention(f"{at % 10} of {at % 40}", row=SourceRow(at + 1)) for at in range(400)]


def sure_of(text: str) -> float:
    return int(text[0]) / 10 + 0.05


def link(batch: list[NewMention]) -> list[Ranking]:
    return [
        Ranking(
            at, "retriever", (Candidate("C", "c"),), Provenance("retriever", "m", "kb"), confidence=sure_of(one.text)
        )
        for at, one in enumerate(batch)
    ]


def judged(n: int) -> list[tuple[float, bool]]:
    return [(sure_of(f"{at % 10}"), at % 10 >= 5) for at in range(n)]


def accepted(cases: list[tuple[float, bool]], journal: Journal, rows: Survey, rate: float) -> Acceptance:
    """By these cases, made of mentions like those of the file."""
    traits = tuple(
        trait_of(NewMention(f"{int(sure * 10)} of {at % 40}"), "c", sure) for at, (sure, _) in enumerate(cases)
    )
    return acceptance(Judged(tuple(cases), traits), journal, rows, rate, lambda: iter(MENTIONS))


def run(output: Path, accept: Callable[[Journal, Survey], float | None]) -> Linked:
    return link_file(lambda: iter(MENTIONS), output, HEAD, link, on_progress=lambda _, __: None, accept=accept)


def test_rows_at_or_above_the_threshold_are_accepted(tmp_path: Path) -> None:
    found: list[Acceptance] = []

    def accept(journal: Journal, rows: Survey) -> float | None:
        found.append(accepted(judged(600), journal, rows, 0.05))
        return found[0].promise.threshold

    done = run(tmp_path / "out.csv", accept)
    rest = [40 if step % 10 == 5 else 0 for step in range(STEPS)]
    assert found[0].promise == controlled(spread(judged(600)), rest, 0.05)
    assert not found[0].drift.warns
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith(",accepted")
    threshold = percent(found[0].promise.threshold or 0.0)
    wanted = ["yes" if percent(sure_of(one.text)) >= threshold else "no" for one in MENTIONS]
    assert [line.rpartition(",")[2] for line in lines[1:]] == wanted
    assert done.accepted == wanted.count("yes") > 0


def test_a_threshold_that_a_confidence_just_reaches_accepts_it(tmp_path: Path) -> None:
    assert run(tmp_path / "out.csv", lambda *_: 0.1 + 0.2 + 0.35).accepted == 160


def test_no_threshold_accepts_nothing(tmp_path: Path) -> None:
    assert run(tmp_path / "out.csv", lambda *_: None).accepted == 0


def test_a_refusal_keeps_the_work(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    with pytest.raises(NotAllowedError) as caught:
        run(output, lambda journal, rows: accepted([(0.99, False)] * 100, journal, rows, 0.05) and 0.0)
    assert "it errs too often even where it is surest" in caught.value.hint
    assert "the same command goes on" in caught.value.hint
    assert not output.exists()
    assert run(output, lambda *_: 0.5).resumed == 40


def test_a_small_sample_is_told_how_many_more(tmp_path: Path) -> None:
    few = [(0.95, True)] * 30
    with pytest.raises(NotAllowedError, match="promise nothing") as caught:
        run(tmp_path / "out.csv", lambda journal, rows: accepted(few, journal, rows, 0.01) and 0.0)
    assert "more mentions drawn by lot" in caught.value.hint


@pytest.mark.parametrize(("rate", "least"), [(0.05, 59), (0.02, 149), (0.01, 299)])
def test_a_sample_that_cannot_promise_is_refused_before_the_work(rate: float, least: int) -> None:
    check_sample(least, rate)
    with pytest.raises(NotAllowedError, match="promise nothing") as caught:
        check_sample(least - 1, rate)
    assert f"{least:,}" in caught.value.hint


def test_traits_are_counted_by_rows(tmp_path: Path) -> None:
    seen = []

    def accept(journal: Journal, rows: Survey) -> float | None:
        seen.append(tally(journal, rows, iter(MENTIONS), OwnRows(Judged((), ()))))
        return None

    run(tmp_path / "out.csv", accept)
    [found] = seen
    assert {at: count for at, count in enumerate(found.confidences) if count} == {50 + 100 * at: 40 for at in range(10)}
    assert {at: count for at, count in enumerate(found.lengths) if count} == {6: 100, 7: 300}
    assert (found.n, found.exact, found.letters, found.context) == (400, 0, 0, 0)


def test_the_reading_of_the_file_can_be_ended(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []

    def stop(stage: str, done: int, total: int) -> None:
        told.append((stage, done, total))
        raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        run(
            tmp_path / "out.csv",
            lambda journal, rows: acceptance(
                Judged(tuple(judged(600)), ()), journal, rows, 0.05, lambda: iter(MENTIONS), stop
            ) and 0.0,
        )  # fmt: skip
    assert told == [("counting what may stand", 0, 400)]


@pytest.mark.parametrize(("reviewed", "others"), [(200, 800), (300, 100), (300, 20)])
def test_a_file_that_was_reviewed_in_part_is_not_unlike_itself(reviewed: int, others: int) -> None:
    """What was reviewed is exact by memory in the file; when its traits were taken it was not known."""
    file = [NewMention(f"word {at:04}", code="C") for at in range(reviewed + others)]
    known = Counter[str]()

    def link(batch: list[NewMention]) -> list[Ranking]:
        return [
            Ranking(0, "r", (Candidate("C", "c", one.text if known[one.text] else "x"),), Provenance("r", "m", "kb"),
                    confidence=0.99 if known[one.text] else 0.6)
            for one in batch
        ]  # fmt: skip

    memory = Memory(
        link,
        lambda terms: known.update(term.term for term in terms),
        lambda ids: known.subtract(names[one] for one in ids),
        0,
        1_000,
    )
    drawn = list(file[:reviewed])
    random.Random(27).shuffle(drawn)
    names = {at: one.text for at, one in enumerate(drawn, 1)}
    judged = judge_and_learn(file[:reviewed], memory)
    warned = {}
    for name, rows in (("its own", file), ("another", [NewMention(f"new {one.text}") for one in file])):
        counted, own = Tally.of(), OwnRows(judged)
        for mention, ranking in zip(rows, link(rows), strict=True):
            trait = trait_of(mention, ranking.candidates[0].matched, ranking.confidence)
            counted.add(trait)
            own.see(mention, trait, 1)
        before = drift(Tally.of(judged.traits), counted).warns
        own.leave_out_of(counted)
        assert counted.n == (others if name == "its own" else reviewed + others)
        warned[name] = (before, drift(Tally.of(judged.traits), counted).differences)
    assert warned["its own"] == (True, ())
    assert [one.kind for one in warned["another"][1]] == ["length"]


def test_repeated_wordings_and_foreign_files_are_compared_whole() -> None:
    learned = tuple(MemoryTerm(text, "C", at) for at, text in enumerate(("A", "a", "b", "c")))
    judged = Judged((), (), learned, ("b", "c"))
    trait = trait_of(NewMention("b"), "b", 0.9)
    for texts, left in (("aab", 3), ("aabbc", 3), ("abc", 3)):
        counted, own = Tally.of(), OwnRows(judged)
        for text in texts:
            counted.add(trait)
            own.see(NewMention(text), trait, 1)
        own.leave_out_of(counted)
        assert counted.n == left


def test_what_errs_at_every_confidence_is_refused_before_the_work() -> None:
    check_judged(Judged(tuple(judged(600)), ()), 0.05)
    with pytest.raises(NotAllowedError, match="promise nothing") as caught:
        check_judged(Judged(((0.9, False), (0.9, True)) * 100, ()), 0.05)
    assert caught.value.hint.startswith("allow more errors, or improve the ranker")
    assert caught.value.hint.endswith("nothing has been linked yet")
    with pytest.raises(NotAllowedError) as caught:
        check_judged(Judged(((0.9, True),) * 70 + ((0.9, False),) * 2, ()), 0.05)
    assert "more mentions drawn by lot" in caught.value.hint


def test_who_learns_from_more_reviewed_mentions_links_anew(tmp_path: Path) -> None:
    """What is in the journal was linked with less in memory."""
    cases = Judged(((0.99, False),) * 100, (), (MemoryTerm("a", "C", 1),))
    with pytest.raises(NotAllowedError) as caught:
        run(
            tmp_path / "out.csv",
            lambda journal, rows: acceptance(cases, journal, rows, 0.05, lambda: iter(MENTIONS)) and 0.0,
        )
    assert caught.value.hint.endswith("so with more of them the file is linked anew")


def test_what_has_no_answer_is_wrong_and_what_has_no_confidence_is_refused() -> None:
    nothing = Ranking(0, "r", (), Provenance("r", "m", "kb"))
    assert judged_of([NewMention("a", code="C")], [nothing]) == [(0.0, False)]
    bare = Ranking(0, "student:x", (Candidate("C", "c"),), Provenance("r", "m", "kb"))
    with pytest.raises(NotAllowedError, match="student:x"):
        judged_of([NewMention("a", code="C")], [bare])


def test_a_file_without_codes_is_no_review(tmp_path: Path) -> None:
    path = tmp_path / "reviewed.tsv"
    path.write_text("mention\tcode\na\t\n", encoding="utf-8")
    with pytest.raises(FileFormatError, match="no reviewed mention has a code"):
        reviewed_file(path)
    path.write_text("mention\tcode\na\tC1\nb\t\n", encoding="utf-8")
    assert [one.code for one in reviewed_file(path)] == ["C1", ""]


def test_a_projects_random_check_is_its_review(tmp_path: Path) -> None:
    texts = [f"mention {number}" for number in range(1, 101)]
    with new_project(tmp_path, texts) as project:
        with pytest.raises(NotAllowedError, match="no random check"):
            reviewed_project(project.path)
        draw(project, 30, seed=3)
        waiting = unanswered(project)
        for number in waiting[:-1]:
            decide_as(project, number, "A1")
        with pytest.raises(NotAllowedError, match="1 mentions of the random check are not answered"):
            reviewed_project(project.path)
        project.decide(NewDecision(waiting[-1], "no_match", reason="not_retrieved"), reviewer="ann")
        found = reviewed_project(project.path)
    assert [one.text for one in found] == [f"mention {number}" for number in waiting]
    assert [one.code for one in found] == ["A1"] * 29 + [""]
    assert all(one.context for one in found)


def test_a_project_remembers_all_but_the_wordings_of_its_check(tmp_path: Path) -> None:
    texts = [f"mention {number}" for number in range(1, 101)]
    with new_project(tmp_path, texts) as project:
        draw(project, 30, seed=3)
        waiting = unanswered(project)
        other = next(number for number in range(1, 101) if number not in waiting)
        for number in (*waiting, other):
            decide_as(project, number, "A1")
        sample = reviewed_project(project.path)
        assert [term.term for term in project_memory(project.path, sample)] == [f"mention {other}"]
        assert len(project.memory()) == 31
