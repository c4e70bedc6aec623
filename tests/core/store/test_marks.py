"""Sets of mentions: two threads that search half of the texts each find what one would."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import Bug, DamagedFileError
from rpdr_core.records import KnowledgeBaseInfo, NewDecision, NewMention, SourceRow
from rpdr_core.store import Project, QueueQuery, SourceFile, marks

KB = KnowledgeBaseInfo("t", "T", "1", "f" * 64, 1, 1)


def _filled(path: Path, texts: list[str]) -> Project:
    project = Project.create(path, name="p", knowledge_base=KB)
    rows = (NewMention(text, row=SourceRow(number)) for number, text in enumerate(texts, 1))
    project.add_mentions(SourceFile("m.csv", "0" * 64, "csv", "utf-8", "{}"), rows)
    return project


@settings(max_examples=40)
@given(
    texts=st.lists(
        st.text("abcß 白*?[]^-", min_size=1, max_size=6).map(str.strip).filter(bool), min_size=1, max_size=40
    ),
    asked=st.text("abcs白*?[]^-", min_size=1, max_size=3),
)
def test_two_halves_are_the_whole(tmp_path_factory: pytest.TempPathFactory, texts: list[str], asked: str) -> None:
    with (
        pytest.MonkeyPatch.context() as patch,
        _filled(tmp_path_factory.mktemp("marks") / "p.rpdr", texts) as project,
    ):
        alone = marks.text_marks(project._connection, asked)
        project._connection.kept.clear()
        patch.setattr(marks, "_WORTH_TWO_THREADS", 0)
        started: list[str] = []
        start = threading.Thread.start
        patch.setattr(threading.Thread, "start", lambda self: (started.append(self.name), start(self))[1])
        assert marks.text_marks(project._connection, asked) == alone
        assert started == ["text search"]
        kept = [one.text for one in project.mentions(project.queue(QueueQuery()))]
        assert list(alone) == [int(asked in text.casefold()) for text in kept]


def test_a_text_longer_than_any_pattern_is_looked_for_too(tmp_path: Path) -> None:
    long = "[a]" * 2_000
    with _filled(tmp_path / "p.rpdr", [f"x {long} y", "a"]) as project:
        assert marks.text_marks(project._connection, long) == b"\x01\x00"
        assert marks.text_marks(project._connection, "\0") == b"\x00\x00"


def test_inside_a_transaction_nothing_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "_WORTH_TWO_THREADS", 0)
    with _filled(tmp_path / "p.rpdr", ["aa", "b"]) as project, project._connection.transaction():
        project._connection.execute("UPDATE mention SET folded = 'aab' WHERE id = 2")
        assert marks.text_marks(project._connection, "aa") == b"\x01\x01"


def test_the_other_half_s_failure_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "_WORTH_TWO_THREADS", 0)
    listed = marks._listed

    def breaks(connection: object, sql: str, parameters: object) -> list[int]:
        if threading.current_thread().name == "text search":
            raise DamagedFileError("the file is damaged")
        return listed(connection, sql, parameters)  # type: ignore[arg-type]

    monkeypatch.setattr(marks, "_listed", breaks)
    with _filled(tmp_path / "p.rpdr", ["aa", "b"]) as project, pytest.raises(DamagedFileError):
        project.queue(QueueQuery(text="a"))


def test_the_same_is_searched_once_until_a_file_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []
    search = marks._search
    monkeypatch.setattr(marks, "_search", lambda connection, text: (searched.append(text), search(connection, text))[1])
    with _filled(tmp_path / "p.rpdr", ["aa", "b"]) as project:
        for text in ("a", "a", "b", "a", "a"):
            project.queue(QueueQuery(text=text))
        assert searched == ["a", "b", "a"]
        project.add_mentions(SourceFile("n.csv", "1" * 64, "csv", "utf-8", "{}"), [NewMention("ab", row=SourceRow(1))])
        assert len(project.queue(QueueQuery(text="a"))) == 2


def test_codes_are_looked_for_once_until_something_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    found = marks.marks
    monkeypatch.setattr(
        marks, "marks", lambda connection, sql, given: (asked.append(given), found(connection, sql, given))[1]
    )
    codes = frozenset(("A", "B"))
    with _filled(tmp_path / "p.rpdr", ["aa", "b"]) as project, project.reader() as beside:

        def both() -> tuple[list[int], list[int]]:
            query = QueueQuery(codes=codes)
            return list(project.queue(query)), list(beside.queue(query))

        assert both() == both() == ([], [])
        assert len(asked) == 2, "once for each connection"
        project.decide(NewDecision(2, "correct", "A", "Ay"))
        assert both() == both() == ([2], [2])
        assert len(asked) == 4
        assert list(project.queue(QueueQuery(codes=frozenset(("B",))))) == []
        project.undo()
        assert both() == ([], [])
        with pytest.raises(Bug):
            _map_in_vain(project, codes)
        assert both() == ([], [])


def _map_in_vain(project: Project, codes: frozenset[str]) -> None:
    with project._connection.transaction():
        project._connection.execute("UPDATE mention SET code = 'A' WHERE id = 1")
        assert list(project.queue(QueueQuery(codes=codes))) == [1]
        raise Bug("rolled back")
