"""Documents: all of a file or none, their rows, and their text nowhere but in its table."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from helpers.projects import SOURCE, accept, new_project, state

from rpdr_core.errors import FileFormatError, NotAllowedError
from rpdr_core.records import AnnotatedDocument, NewDecision, NewDocument, NewMention, SourceRow
from rpdr_core.store import Project, QueueQuery, decisions
from rpdr_core.store.backup import back_up
from rpdr_core.store.mentions import CHUNK

SECRET = "Patient Zebedee Quux, seen with MI today."


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path) as made:
        yield made


def annotated(key: str = "d1", text: str = SECRET, *places: tuple[int, int]) -> AnnotatedDocument:
    mentions = [
        NewMention(text[start:end], text, start, end, row=SourceRow(number, f"T{number}", key, start, end, '{"a":1}'))
        for number, (start, end) in enumerate(places, 1)
    ]
    return AnnotatedDocument(NewDocument(key, text, "A title", "note", '{"x":[]}'), tuple(mentions))


def test_documents_and_their_rows(project: Project) -> None:
    at = SECRET.index("MI")
    result = project.add_documents(SOURCE, [annotated("d1", SECRET, (at, at + 2)), annotated("d2", "")], lambda: "{}")
    assert (result.rows, result.added, result.documents) == (1, 1, 2)
    first, second = project.documents(2)
    assert (first.key, first.title, first.text, first.kind, first.structure) == (
        "d1", "A title", SECRET, "note", '{"x":[]}',
    )  # fmt: skip
    assert first.sha256 == sha256(SECRET.encode()).hexdigest()
    assert project.document(second.id) == second
    assert project.document(99) is None
    [row] = project.document_rows(first.id)
    assert (row.start, row.end, row.annotation, row.document_id) == (at, at + 2, '{"a":1}', first.id)
    assert project.mentions([row.mention_id])[0].text == "MI"
    assert list(project.source_rows(2)) == [row]
    assert (project.document_count(1), project.document_count(2)) == (0, 2)
    assert (project.collection_structure(1), project.collection_structure(2)) == ("", "{}")


def test_rows_of_more_than_one_chunk_find_their_document(project: Project) -> None:
    text = "x" * 40
    many = [annotated(f"d{i}", text, (i % 40, i % 40 + 1), (0, 2)) for i in range(CHUNK // 2 + 7)]
    project.add_documents(SOURCE, many)
    for document in project.documents(2):
        assert [row.end for row in project.document_rows(document.id)] == [int(document.key[1:]) % 40 + 1, 2]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (annotated("d1", "other"), "two documents have the id 'd1'"),
        (annotated("d2", "half \ud800"), "half a character"),
        (annotated("d2", "short", (3, 6)), "outside its text"),
        (annotated("d2", "short", (4, 3)), "outside its text"),
        (
            AnnotatedDocument(NewDocument("d2", "short"), (NewMention("s", row=SourceRow(1, "", "d2", 0)),)),
            "outside its text",
        ),
    ],
)
def test_a_bad_document_leaves_nothing_behind(project: Project, bad: AnnotatedDocument, message: str) -> None:
    before = state(project.path)
    with pytest.raises(FileFormatError, match=message) as caught:
        project.add_documents(SOURCE, [annotated("d1", SECRET, (0, 7)), bad])
    assert caught.value.hint
    assert caught.value.file == SOURCE.name
    assert state(project.path) == before


def test_the_same_key_in_another_file_is_another_document(project: Project) -> None:
    for _ in range(2):
        project.add_documents(SOURCE, [annotated()])
    assert [document.key for source in (2, 3) for document in project.documents(source)] == ["d1", "d1"]


def test_the_text_stays_in_its_table(project: Project, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    at = SECRET.index("MI")
    mention = NewMention("MI", "with MI", 5, 7, row=SourceRow(1, "T1", "d1", at, at + 2))
    project.add_documents(SOURCE, [AnnotatedDocument(NewDocument("d1", SECRET), (mention,))])
    connection = project._connection
    for (table,) in connection.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        told = repr(connection.rows(f"SELECT * FROM {table}"))
        assert ("Zebedee" in told) == (table == "document"), table
    assert "Zebedee" not in caplog.text
    assert project.verify_audit().ok


def test_undo_and_backup_keep_documents(project: Project, tmp_path: Path) -> None:
    project.add_documents(SOURCE, [annotated("d1", SECRET, (0, 7))])
    [mention] = [one for one in project.mentions(project.queue(QueueQuery())) if one.text == "Patient"]
    before = state(project.path)
    project.decide(accept(mention.id))
    project.undo()
    assert state(project.path) == before
    copy = back_up(project.path, tmp_path / "copies")
    assert state(copy) == before
    with Project.open(copy) as again:
        assert [document.text for document in again.documents(2)] == [SECRET]


def test_a_decision_taken_from_a_file_says_so_and_only_such_a_one(project: Project) -> None:
    taken = NewDecision(3, "correct", "H54.6", "Unqualified visual loss", taken_from=1)
    with pytest.raises(NotAllowedError, match="taken from no file"):
        project.decide(taken)
    decisions.decide(project._connection, [taken], "bo", "", "take")
    found = project.decision(3)
    assert found is not None
    assert found.taken_from == 1
    assert project.verify_audit().ok
    project.undo()
    assert project.decision(3) is None
