"""A full disk or a failing drive is said plainly, loses nothing, and leaves the project usable."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from helpers.projects import SOURCE, accept, new_project, ranking, state

from rpdr_core.errors import Bug, DamagedFileError, NotFoundError, RpdrError, WorldError
from rpdr_core.records import NewMention
from rpdr_core.store import Project, database
from rpdr_core.store.database import driver_errors, sqlite3, translated

FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from helpers.projects import SOURCE, accept, new_project
from rpdr_core.errors import WorldError
from rpdr_core.records import NewMention
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
project = new_project(Path(sys.argv[1]))
project.decide(accept(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
try:
    project.add_mentions(SOURCE, (NewMention(f"mention {i}", "x" * 500) for i in range(20_000)))
except WorldError as error:
    print("refused:", error.message, error.retryable)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
project.decide(accept(2))
print(project.progress().mentions, project.progress().decided, project.verify_audit().ok)
project.close()
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path) as created:
        created.decide(accept(1))
        yield created


def fill(project: Project, free_pages: int = 0) -> None:
    pages = project._connection.value("PRAGMA page_count") + free_pages
    assert project._connection.value(f"PRAGMA max_page_count={pages}") == pages


def test_a_full_disk_during_an_import_changes_nothing(project: Project) -> None:
    before = state(project.path)
    fill(project)
    with pytest.raises(WorldError, match="disk is full, nothing was saved") as caught:
        project.add_mentions(SOURCE, [NewMention(f"mention {i}", "x" * 500) for i in range(2_000)])
    assert caught.value.retryable
    assert state(project.path) == before
    project._connection.value("PRAGMA max_page_count=1000000")
    assert project.add_mentions(SOURCE, [NewMention("MI again")]).added == 1
    assert project.verify_audit().ok


def test_a_disk_that_fills_at_any_moment_of_a_decision(project: Project) -> None:
    refused = 0
    for free_pages in range(12):
        fill(project, free_pages)
        before = state(project.path)
        bulk = [accept(i % 6 + 1, f"H{free_pages}", "long name " * 200) for i in range(12)]
        try:
            project.decide_many(bulk)
        except WorldError:
            refused += 1
            assert state(project.path) == before
            assert project.verify_audit().ok
        else:
            project.undo()
        assert project._connection.value("PRAGMA max_page_count=1000000") == 1_000_000
    assert refused > 2
    project.decide(accept(2))


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit to set")
def test_a_write_that_the_system_refuses(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "RPDR_HOME": str(tmp_path / "home")},
    )
    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    assert first.startswith("refused:")
    assert first.endswith("True")
    assert second == "6 2 True"


def test_an_interrupted_transaction_is_rolled_back(project: Project) -> None:
    before = state(project.path)

    def rows() -> Iterator[NewMention]:
        yield NewMention("one")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        project.add_mentions(SOURCE, rows())
    assert state(project.path) == before
    project.decide(accept(2))


def test_a_file_that_another_program_holds(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project._connection.execute("PRAGMA busy_timeout=10")
    other = sqlite3.connect(str(project.path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(WorldError, match="in use by another program"):
        project.decide(accept(2))
    other.execute("ROLLBACK")
    other.close()
    project.decide(accept(2))
    assert project.progress().decided == 2


class Coded(sqlite3.OperationalError):
    def __init__(self, code: int) -> None:
        super().__init__("text of a mention that must not be repeated")
        self.sqlite_errorcode = code
        self.sqlite_errorname = f"NAME_{code}"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (5, WorldError), (5 | 2 << 8, WorldError), (6, WorldError), (7, WorldError), (8, WorldError),
        (10, WorldError), (10 | 13 << 8, WorldError), (11, DamagedFileError), (11 | 1 << 8, DamagedFileError),
        (13, WorldError), (14, WorldError), (26, DamagedFileError), (1, Bug), (19, Bug), (20, Bug),
    ],
)  # fmt: skip
def test_result_codes_become_our_errors(code: int, kind: type[RpdrError]) -> None:
    error = translated(Coded(code), "a.rpdr", "restore")
    assert type(error) is kind
    assert "mention" not in str(error)


def test_unreadable_values_are_damage() -> None:
    for error in (sqlite3.OperationalError("Could not decode to UTF-8"), msgspec.ValidationError("Expected `int`")):
        assert isinstance(translated(error, "a.rpdr", "restore"), DamagedFileError)
    with pytest.raises(NotFoundError), driver_errors("a.rpdr"):
        raise NotFoundError("ours pass")


def test_a_query_without_its_row_is_a_bug(project: Project) -> None:
    with pytest.raises(Bug, match="always has a row"):
        project._connection.value("SELECT 1 FROM mention WHERE id = 99")


def test_a_closed_project_says_bug_and_no_more(project: Project) -> None:
    project.close()
    with pytest.raises(Bug, match="ProgrammingError"):
        project.progress()


def test_a_drive_that_refuses_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = database.Connection.value

    def value(self: database.Connection, sql: str, *parameters: object) -> object:
        return "delete" if sql == "PRAGMA journal_mode=WAL" else real(self, sql, *parameters)

    monkeypatch.setattr(database.Connection, "value", value)
    with new_project(tmp_path) as project:
        assert project._connection.value("PRAGMA journal_mode") == "delete"
        assert project._connection.value("PRAGMA synchronous") == 3
        project.record_rankings([ranking(1, "retriever", "H1")])
    assert "refuses a write-ahead log" in caplog.text


def test_two_threads_may_write_through_one_project(project: Project) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: project.decide(accept(i % 6 + 1)), range(60)))
    assert project.verify_audit().ok
    assert project._connection.value("SELECT count(*) FROM decision") == 61
