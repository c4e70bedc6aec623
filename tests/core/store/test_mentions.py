"""Importing: what is one mention, what is kept of each row, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.projects import KNOWLEDGE_BASE, SOURCE, state
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError
from rpdr_core.records import NewMention, SourceRow
from rpdr_core.store import MentionRow, Project, QueueQuery, mentions
from rpdr_core.store.mentions import mention_key


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "a.rpdr", name="A", knowledge_base=KNOWLEDGE_BASE) as created:
        yield created


def test_equal_text_and_context_merge(project: Project) -> None:
    rows = [
        NewMention("MI", "old MI", 4, 6, 2, code="I25.2", row=SourceRow(1, "a")),
        NewMention("MI", "acute MI", 6, 8, 1, department="Cardiology", row=SourceRow(2, "b")),
        NewMention("MI", "old MI", 4, 6, 3, department="Ward 3", row=SourceRow(3, "c")),
    ]
    result = project.add_mentions(SOURCE, rows)
    assert (result.rows, result.added, result.merged) == (3, 2, 1)
    assert result.changes.kinds == {"mentions"}
    first, second = project.mentions([1, 2])
    assert (first.text, first.context, first.start, first.end, first.count) == ("MI", "old MI", 4, 6, 5)
    assert (first.department, second.department) == ("Ward 3", "Cardiology")
    assert (first.status, first.flagged, first.comment, first.code) == ("unreviewed", False, "", "")
    assert project.progress().occurrences == 6


def test_every_row_stays_on_record(project: Project) -> None:
    project.add_mentions(SOURCE, [NewMention("MI", row=SourceRow(7, "x"), code="I21.9"), NewMention("MI", count=4)])
    (source,) = project.sources()
    assert (source.file, source.rows) == (SOURCE, 2)
    assert list(project.source_rows(source.id)) == [MentionRow(1, 0, "", 4, ""), MentionRow(1, 7, "x", 1, "I21.9")]


def test_composed_and_decomposed_letters_are_one_text(project: Project) -> None:
    project.add_mentions(SOURCE, [NewMention("Me\u0301nie\u0300re"), NewMention("M\u00e9ni\u00e8re")])
    assert [mention.text for mention in project.mentions([1, 2])] == ["Me\u0301nie\u0300re"]


def test_case_and_compatibility_letters_stay_apart(project: Project) -> None:
    result = project.add_mentions(SOURCE, [NewMention("MI"), NewMention("mi"), NewMention("ＭＩ"), NewMention("10 µg")])
    assert result.added == 4


def test_text_and_context_do_not_run_together() -> None:
    assert mention_key("ab", "c") != mention_key("a", "bc")


def test_a_later_file_merges_with_an_earlier_one(project: Project) -> None:
    project.add_mentions(SOURCE, [NewMention("MI"), NewMention("COPD")])
    result = project.add_mentions(SOURCE, [NewMention("COPD"), NewMention("TIA")])
    assert (result.added, result.merged) == (1, 1)
    assert [source.id for source in project.sources()] == [1, 2]
    assert [row.mention_id for row in project.source_rows(2)] == [2, 3]


def test_no_rows_are_no_change(project: Project) -> None:
    result = project.add_mentions(SOURCE, [])
    assert (result.rows, result.added, result.changes.kinds) == (0, 0, frozenset())


def test_a_reader_that_fails_half_way_leaves_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "CHUNK", 2)
    before = state(project.path)

    def rows() -> Iterator[NewMention]:
        yield from (NewMention(f"mention {i}") for i in range(5))
        raise FileFormatError("half a row", file="clinic.tsv", line=6)

    with pytest.raises(FileFormatError, match="half a row"):
        project.add_mentions(SOURCE, rows())
    assert state(project.path) == before
    assert project.add_mentions(SOURCE, [NewMention("MI")]).added == 1
    assert project.verify_audit().ok


def test_a_readers_own_error_passes_as_it_is(project: Project) -> None:
    def rows() -> Iterator[NewMention]:
        yield NewMention("MI")
        b"\xff".decode()

    with pytest.raises(UnicodeDecodeError):
        project.add_mentions(SOURCE, rows())


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (NewMention(" \t", row=SourceRow(9)), "without text"),
        (NewMention("MI", count=0, row=SourceRow(9)), "count of 0"),
        (NewMention("MI", count=-1, row=SourceRow(9)), "count of -1"),
        (NewMention("MI", count=1 << 70, row=SourceRow(9)), "count of"),
        (NewMention("half \ud83d", row=SourceRow(9)), "half a character"),
        (NewMention("MI", "half \ud83d", row=SourceRow(9)), "half a character"),
        (NewMention("MI", department="\udc00", row=SourceRow(9)), "half a character"),
    ],
)
def test_a_bad_row_names_file_and_line(project: Project, bad: NewMention, words: str) -> None:
    with pytest.raises(FileFormatError, match=words) as caught:
        project.add_mentions(SOURCE, [NewMention("fine"), bad])
    assert (caught.value.file, caught.value.line) == ("clinic.tsv", 9)
    assert caught.value.hint
    assert project.progress().mentions == 0


def test_zero_bytes_and_control_signs_come_back_as_they_went(project: Project) -> None:
    text = "a\0b\u202ec\U0001f600\r\n"
    project.add_mentions(SOURCE, [NewMention(text, text)])
    assert (project.mentions([1])[0].text, project.mentions([1])[0].context) == (text, text)


def test_import_keeps_earlier_decisions_and_counts_them_right(project: Project) -> None:
    from helpers.projects import accept

    project.add_mentions(SOURCE, [NewMention("MI", count=2), NewMention("COPD")])
    project.decide(accept(1))
    project.add_mentions(SOURCE, [NewMention("MI", count=5)])
    progress = project.progress()
    assert (progress.decided, progress.occurrences, progress.occurrences_decided) == (1, 8, 7)
    project.undo()
    assert project.mentions([1])[0].count == 7, "undo of a decision takes back no import"
    assert project.progress().occurrences == 8


@settings(max_examples=20, deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "x", "y"]), st.integers(1, 9)), max_size=40),
    chunk=st.integers(1, 7),
)
def test_counts_agree_with_a_plain_counter(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, int]], chunk: int
) -> None:
    path = tmp_path_factory.mktemp("import") / "a.rpdr"
    expected: Counter[tuple[str, str]] = Counter()
    for text, context, count in rows:
        expected[text, context] += count
    with (
        pytest.MonkeyPatch.context() as patch,
        Project.create(path, name="A", knowledge_base=KNOWLEDGE_BASE) as project,
    ):
        patch.setattr(mentions, "CHUNK", chunk)
        result = project.add_mentions(SOURCE, [NewMention(text, context, count=n) for text, context, n in rows])
        found = project.mentions(project.queue(QueueQuery()))
        assert {(mention.text, mention.context): mention.count for mention in found} == expected
        assert [(m.text, m.context) for m in found] == list(expected), "import order"
        assert (result.rows, result.added, result.merged) == (len(rows), len(expected), len(rows) - len(expected))
        assert sum(row.count for row in project.source_rows(1)) == expected.total()
