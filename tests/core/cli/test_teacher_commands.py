"""`rpdr endpoint`, `rpdr consent`, `rpdr ledger`: what they print, what they refuse, and where no key ever goes."""

from __future__ import annotations

import json
from pathlib import Path

import keyring
import keyring.backend
import pytest
from click.testing import CliRunner
from helpers.command_line import rpdr
from helpers.projects import new_project, run_sql

from rpdr_core.cli import main
from rpdr_core.cli.teach_report import say_report
from rpdr_core.store import EndEntry, SendEntry, open_reader
from rpdr_core.workflow.consent import masked_names
from rpdr_core.workflow.profiles import list_profiles
from rpdr_core.workflow.teaching import TeachingReport

KEY = "sk-canary-2b7"


class Memory(keyring.backend.KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[username]


@pytest.fixture
def key_store(monkeypatch: pytest.MonkeyPatch) -> Memory:
    store = Memory()
    monkeypatch.setattr(keyring.core, "_keyring_backend", store)
    return store


@pytest.fixture
def project(tmp_path: Path) -> Path:
    with new_project(tmp_path) as project:
        return project.path


def test_profiles_come_and_go() -> None:
    assert "no endpoint yet" in rpdr("endpoint", "list").out
    added = rpdr("endpoint", "add", "gpt", "--preset", "openai", "--model", "gpt-4.1-mini", "--rate", 60, "--json").json
    assert (added["base_url"], added["key_name"], added["answer_format"]) == (
        "https://api.openai.com/v1",
        "gpt",
        "json_schema",
    )
    rpdr("endpoint", "add", "here", "--preset", "ollama", "--model", "qwen", "--format", "text")
    listed = rpdr("endpoint", "list", "--json").json
    assert [one["name"] for one in listed["endpoints"]] == ["gpt", "here"]
    told = rpdr("endpoint", "list").out
    assert "prices: 2026-" in told
    assert "prices: this machine" in told
    assert rpdr("endpoint", "remove", "here").code == 0
    assert rpdr("endpoint", "remove", "here").code == 2
    assert "RESOURCE" in rpdr("endpoint", "add", "az", "--preset", "azure", "--model", "m").err
    assert rpdr("endpoint", "add", "x", "--model", "m").code == 2


def test_a_key_comes_by_stdin_and_is_shown_nowhere(key_store: Memory, rpdr_home: Path) -> None:
    rpdr("endpoint", "add", "gpt", "--preset", "openai", "--model", "m")
    done = CliRunner().invoke(main, ["endpoint", "key", "gpt"], input=f"{KEY}\n")
    assert done.exit_code == 0
    assert key_store.kept == {"gpt": KEY}
    assert KEY not in done.output
    assert CliRunner().invoke(main, ["endpoint", "key", "gpt"], input="\n").exit_code == 2
    assert rpdr("endpoint", "key", "gpt", "--remove").code == 0
    assert key_store.kept == {}
    assert rpdr("endpoint", "key", "gpt", KEY).code == 2, "never as an argument"
    assert all(KEY not in path.read_text() for path in rpdr_home.rglob("*") if path.is_file())


def test_a_key_is_kept_under_its_profiles_name_for_it(key_store: Memory) -> None:
    rpdr("endpoint", "add", "gpt", "--preset", "openai", "--model", "m", "--key-name", "shared")
    rpdr("endpoint", "add", "here", "--preset", "vllm", "--model", "m")
    for name in ("gpt", "here"):
        assert CliRunner().invoke(main, ["endpoint", "key", name], input=f"{KEY}-{name}\n").exit_code == 0
    assert key_store.kept == {"shared": f"{KEY}-gpt", "here": f"{KEY}-here"}
    assert [one.key_name for one in list_profiles()] == ["shared", "here"]


def test_the_switch_is_told() -> None:
    assert rpdr("endpoint", "off").code == 0
    assert "all are off" in rpdr("endpoint", "list").out
    assert rpdr("endpoint", "test", "any").code == 2
    assert rpdr("endpoint", "on").code == 0
    assert "off" not in rpdr("endpoint", "list", "--json").json["off"]


def test_consent_asks_for_the_projects_name(project: Path) -> None:
    rpdr("endpoint", "add", "gpt", "--preset", "openai", "--model", "m")
    assert "nothing of this project may leave" in rpdr("consent", project).out
    grant = ["consent", str(project), "--grant", "gpt", "--as", "Dr A", "--retention", "30 days"]
    refused = CliRunner().invoke(main, grant, input="clinic\n")
    assert (refused.exit_code, "not the project's name" in refused.stderr) == (2, True)
    done = CliRunner().invoke(main, grant, input="Clinic\n")
    assert done.exit_code == 0, done.stderr
    assert "api.openai.com" in done.stderr
    shown = rpdr("consent", project, "--show").out
    assert all(word in shown for word in ("m at api.openai.com:443", "Dr A", "30 days", "80 characters"))
    assert rpdr("consent", project, "--grant", "gpt", "--project-name", "Clinic").code == 2, "who?"
    assert rpdr("consent", project, "--grant", "gpt", "--revoke").code == 2
    assert "--grant" in rpdr("consent", project, "--batch").err, "not passed over in silence"
    assert rpdr("consent", project, "--window", 20).code == 2
    assert rpdr("consent", project, "--revoke", "--json").json["consent"] is None


def test_credentialed_and_names(project: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("Zbigniew\n\nMüller\n", encoding="utf-8")
    assert rpdr("consent", project, "--names", names, "--json").json["names_masked"] == 2
    with open_reader(project) as reader:
        assert masked_names(reader) == ("Zbigniew", "Müller")
    assert rpdr("consent", project, "--credentialed", "on", "--project-name", "Clinic", "--json").json["credentialed"]
    rpdr("endpoint", "add", "gpt", "--preset", "openai", "--model", "m")
    refused = rpdr("consent", project, "--grant", "gpt", "--as", "A", "--project-name", "Clinic")
    assert "may not leave this machine" in refused.err
    assert "credentialed data" in rpdr("consent", project).out


def test_the_ledger_is_printed_and_verified(tmp_path: Path) -> None:
    with new_project(tmp_path) as opened:
        path = opened.path
        row = opened.open_send("r1", 3, SendEntry("rank", "host:443", "m", "ab" * 32, 900, 1, currency="USD"))
        opened.end_send(row, EndEntry("answered", 200, "x", 321, 12, 0.5, 0.002))
        opened.open_send("r1", 4, SendEntry("rank", "host:443", "m", "cd" * 32, 900, 2))
    told = rpdr("ledger", path).out
    assert all(word in told for word in ("mention 3", "answered 200", "maybe sent", "0.002000 USD", "1 maybe sent"))
    shown = rpdr("ledger", path, "--mention", 4, "--json").json
    assert [one["fate"] for one in shown["rows"]] == ["maybe_sent"]
    assert rpdr("ledger", path, "--verify", "--json").json == {"ok": True, "rows": 3, "broken_at": 0}
    run_sql(path, "DROP TRIGGER ledger_update", "UPDATE ledger SET actor = 'x' WHERE id = 2")
    broken = rpdr("ledger", path, "--verify")
    assert broken.code == 1
    assert "from row 2" in broken.err


def test_keys_profiles_and_the_switch_in_json(key_store: Memory) -> None:
    rpdr("endpoint", "add", "gpt", "--preset", "openai", "--model", "m")
    kept = CliRunner().invoke(main, ["endpoint", "key", "gpt", "--json"], input=f"{KEY}\n")
    assert json.loads(kept.stdout) == {"key_name": "gpt", "kept": True}
    assert rpdr("endpoint", "key", "gpt", "--remove", "--json").json == {"key_name": "gpt", "kept": False}
    assert rpdr("endpoint", "remove", "gpt", "--json").json["removed"]["model"] == "m"
    assert rpdr("endpoint", "off", "--json").json["off"]
    assert rpdr("endpoint", "on", "--json").json == {"off": ""}


def test_a_cost_without_a_price_is_not_told_as_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with new_project(tmp_path) as opened:
        row = opened.open_send("r1", 3, SendEntry("rank", "host:443", "m", "ab" * 32, 900, 1))
        opened.end_send(row, EndEntry("answered", 200, "x", 321, 12, 0.5))
        report = TeachingReport("r1", 1, 1.0, {"ok": 1}, opened.spent("r1"))
        path = opened.path
    assert "1 requests without a known price" in rpdr("ledger", path).out
    assert "requests" not in rpdr("ledger", path, "--mention", 3).out, "the sum is of a run, or of all"
    say_report(report, None, None, False)
    assert "cost not known" in capsys.readouterr().out
