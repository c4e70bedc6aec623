"""The ledger: a row before, a row after, and nothing in it can be changed, removed or put in unseen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from helpers.projects import new_project, run_sql
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import Bug, NotFoundError
from rpdr_core.store import EndEntry, LedgerLine, Project, SendEntry, open_reader
from rpdr_core.store.database import Connection
from rpdr_core.store.ledger import HEAD, LedgerRow

ANSWERED = EndEntry("answered", 200, "req-1", 321, 12, 0.5, 0.002)


def entry(number: int = 1, **more: object) -> SendEntry:
    return SendEntry("rank", "host:443", "m", "ab" * 32, 900, number, reserved=0.01, currency="USD", **more)  # type: ignore[arg-type]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A closed project with three requests, the last without an end."""
    with new_project(tmp_path) as project:
        for number in (1, 2):
            project.end_send(project.open_send("run", number, entry(number), actor="Dr A"), ANSWERED)
        project.open_send("run", 3, entry(3), actor="Dr A")
        return project.path


def tamper(path: Path, *statements: str) -> None:
    """As somebody with a database tool would, who knows of the triggers and puts them back."""
    connection = Connection(path, write=True)
    triggers = [
        row[0]
        for row in connection.rows("SELECT sql FROM sqlite_master WHERE name LIKE 'ledger_%' AND type = 'trigger'")
    ]
    names = connection.rows("SELECT name FROM sqlite_master WHERE name LIKE 'ledger_%' AND type = 'trigger'")
    connection.close()
    run_sql(path, *(f"DROP TRIGGER {name}" for (name,) in names), *statements, *triggers)


def test_a_request_is_two_rows(project: Project) -> None:
    lines = (LedgerLine(1, 0, "cd" * 32, 400),)
    first = project.open_send("r1", 1, entry(masked=2, flagged=1), actor="Dr A")
    second = project.open_send("r1", 0, entry(2, lines=lines), actor="Dr A")
    assert project.end_send(first, ANSWERED).kinds == {"ledger"}
    one, two = project.ledger()
    assert (one.id, one.run, one.mention_id, one.actor, one.send, one.end) == (
        first, "r1", 1, "Dr A", entry(masked=2, flagged=1), ANSWERED,
    )  # fmt: skip
    assert one.ended_at >= one.at
    assert (one.fate, two.fate, two.id, two.send.lines) == ("answered", "maybe_sent", second, lines)
    assert project.verify_ledger().ok


def test_rows_by_run_and_by_mention(project: Project) -> None:
    ids = [project.open_send(run, mention, entry()) for run, mention in (("a", 1), ("b", 1), ("b", 2))]

    def found(rows: object) -> list[int]:
        return [row.id for row in rows if isinstance(row, LedgerRow)]  # type: ignore[attr-defined]

    assert found(project.ledger("b")) == ids[1:]
    assert found(project.ledger(mention_id=1)) == ids[:2]
    upload = replace(entry(), purpose="batch.upload", lines=(LedgerLine(1, 0, "ab" * 32, 9),))
    batch = project.open_send("c", 0, upload)
    assert found(project.ledger(mention_id=1)) == [*ids[:2], batch], "its text left in a batch, too"
    assert found(project.ledger(mention_id=2)) == ids[2:]
    assert found(project.ledger("b", 1)) == [ids[1]]


def test_what_it_came_to(project: Project) -> None:
    for fate, cost in (("answered", 0.5), ("refused", 0.0), ("not_sent", 0.0), ("no_answer", 0.25)):
        project.end_send(project.open_send("a", 1, entry()), EndEntry(fate, cost=cost, prompt_tokens=10))  # type: ignore[arg-type]
    project.open_send("a", 1, entry())
    project.open_send("b", 1, entry())
    spent = project.spent("a")
    assert (spent.requests, spent.answered, spent.maybe_sent, spent.not_sent) == (4, 1, 1, 1)
    assert (spent.cost, spent.open, spent.prompt_tokens) == (0.75, 0.01, 40)
    assert project.spent().maybe_sent == 2


def test_a_request_ends_once(project: Project) -> None:
    row = project.open_send("a", 1, entry())
    end = project.end_send(row, ANSWERED)
    assert end.kinds
    with pytest.raises(Bug):
        project.end_send(row, ANSWERED)
    with pytest.raises(NotFoundError):
        project.end_send(99, ANSWERED)
    assert project.verify_ledger().rows == 2


def test_the_file_itself_refuses_changes(written: Path) -> None:
    for statement in ("UPDATE ledger SET actor = 'x' WHERE id = 1", "DELETE FROM ledger WHERE id = 1"):
        with pytest.raises(Bug):
            run_sql(written, statement)


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE ledger SET detail = replace(detail, '900', '901') WHERE id = 3", 3),
        ("UPDATE ledger SET actor = 'Dr B' WHERE id = 1", 1),
        ("UPDATE ledger SET at = '2020' WHERE id = 2", 2),
        ("UPDATE ledger SET mention_id = 7 WHERE id = 5", 5),
        ("UPDATE ledger SET run = 'other' WHERE id = 1", 1),
        ("DELETE FROM ledger WHERE id = 4", 4),
        ("DELETE FROM ledger WHERE id = 5", 5),
        ("INSERT INTO ledger SELECT 6, 'send', NULL, run, 9, at, actor, detail, chain FROM ledger WHERE id = 5", 6),
        ("UPDATE ledger SET chain = (SELECT chain FROM ledger WHERE id = 1) WHERE id = 3", 3),
    ],
)
def test_tampering_is_seen(written: Path, statement: str, broken_at: int) -> None:
    with open_reader(written) as reader:
        assert reader.verify_ledger().ok
    tamper(written, statement)
    with open_reader(written) as reader:
        check = reader.verify_ledger()
    assert (check.ok, check.broken_at) == (False, broken_at)


def test_all_rows_gone_is_seen(written: Path) -> None:
    # Children first: an end names its send.
    tamper(written, "DELETE FROM ledger WHERE entry = 'end'", "DELETE FROM ledger")
    with open_reader(written) as reader:
        assert not reader.verify_ledger().ok
        assert reader.setting(HEAD).startswith("5:")


def test_an_empty_ledger_is_whole(project: Project) -> None:
    assert project.verify_ledger().ok
    assert list(project.ledger()) == []


@settings(max_examples=20, deadline=None)
@given(numbers=st.lists(st.integers(1, 6), min_size=1, max_size=6), at=st.integers(0, 5))
def test_any_single_edit_of_a_detail_is_seen(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int], at: int
) -> None:
    with new_project(tmp_path_factory.mktemp("ledger")) as project:
        for number in numbers:
            project.open_send("r", number, entry(number))
        path = project.path
    row = at % len(numbers) + 1
    changed = msgspec.json.encode(entry(numbers[row - 1] + 1)).decode()
    tamper(path, f"UPDATE ledger SET detail = '{changed}' WHERE id = {row}")
    with open_reader(path) as reader:
        assert reader.verify_ledger().broken_at == row
