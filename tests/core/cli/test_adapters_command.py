"""`rpdr adapters` with a stand-in for the worker; the real one is in the journeys."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import msgspec
import pytest
from helpers.command_line import rpdr
from helpers.projects import new_project, ranking, run_sql
from helpers.students import adapter_folder, rule_rank

from rpdr_core.protocol.messages import AdapterInfo
from rpdr_core.records import NewDecision
from rpdr_core.store import Project, open_reader
from rpdr_core.workflow.adapters import adapters_folder, current_student
from rpdr_core.workflow.held_out import hold_out
from rpdr_core.workflow.promotion import promote, report_in

CODES = ("A1", "B2", "C3")
TEXTS = tuple(f"mention {number}" for number in range(80))
WISE, POOR = "aaaa1111", "bbbb2222"


class NoWorker:
    """What `WorkerClient.start()` gives; nobody is asked."""

    @classmethod
    def start(cls) -> NoWorker:
        return cls()

    def __enter__(self) -> NoWorker:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def project(tmp_path: Path) -> Path:
    with new_project(tmp_path, TEXTS) as made:
        hold_out(made, 0.5)
        made.record_rankings([ranking(number, "retriever", *CODES) for number in range(1, 81)])
        for number in range(1, 81):
            screen = (ranking(number, "retriever", *CODES),)
            made.decide(NewDecision(number, "correct", CODES[number % 3], "Name", shown=screen))
    return made.path


@pytest.fixture
def students(monkeypatch: pytest.MonkeyPatch) -> dict[str, AdapterInfo]:
    rules = {
        WISE: lambda text, code: code == CODES[(int(text.split()[1]) + 1) % 3],
        POOR: lambda text, code: code != CODES[(int(text.split()[1]) + 1) % 3],
    }
    rank = rule_rank(rules)
    monkeypatch.setattr("rpdr_core.cli.adapters.WorkerClient", NoWorker)
    monkeypatch.setattr("rpdr_core.cli.adapters.ranker", lambda *_, **__: rank)
    return {name: adapter_folder(adapters_folder(), name) for name in rules}


def in_use(project: Path) -> str:
    with open_reader(project) as reader:
        return current_student(reader).id


def test_the_list_with_and_without_a_subcommand(students: dict[str, AdapterInfo]) -> None:
    expected = msgspec.to_builtins([students[WISE], students[POOR]])
    assert rpdr("adapters", "--json").json == rpdr("adapters", "list", "--json").json == expected
    assert WISE in rpdr("adapters").out
    assert rpdr("adapters", "--folder", students[WISE].folder).out == ""


def test_one_adapter(students: dict[str, AdapterInfo]) -> None:
    assert rpdr("adapters", "show", WISE[:5], "--json").json["folder"] == students[WISE].folder
    assert "train rows       90" in rpdr("adapters", "show", WISE).out
    missing = rpdr("adapters", "show", "nobody")
    assert missing.code == 2
    assert "rpdr adapters" in missing.err


def test_a_comparison_says_all_that_a_promotion_hangs_on(
    project: Path, students: dict[str, AdapterInfo], tmp_path: Path
) -> None:
    flips = tmp_path / "flips.csv"
    found = rpdr("adapters", "compare", project, WISE, "--flips", flips, "--json").json
    assert [column["role"] for column in found["comparison"]["rankers"]] == ["retriever", "teacher", "new"]
    [pair] = found["comparison"]["paired"]
    assert (pair["against"], pair["standing"], found["standing"], found["doubtful"]) == (
        "retriever", "better", "better", False,
    )  # fmt: skip
    assert pair["mcnemar"]["lost"] == 0
    assert found["impact"]["mentions"] == 80
    assert found["impact"]["gained"] == len(found["flips"]) > 40
    assert sum(group["mentions"] for group in found["groups"]) == len(found["flips"])
    with flips.open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == len(found["flips"])
    assert in_use(project) == "", "looking changes nothing"


def test_the_printed_comparison_reads_like_a_table(project: Path, students: dict[str, AdapterInfo]) -> None:
    out = rpdr("adapters", "compare", project, WISE).out
    for words in (
        "held-out decisions",
        "acc@1",
        "mrr",
        "unseen",
        "ECE",
        "s/1,000",
        "retriever",
        "new against",
        "better",
    ):
        assert words in out
    assert "no ties" in out
    assert "get another first candidate" in out
    assert "  A: " in out
    assert "--flips" in out
    assert "first candidate" not in rpdr("adapters", "compare", project, WISE, "--no-impact").out


def test_promote_compare_again_and_roll_back(project: Path, students: dict[str, AdapterInfo]) -> None:
    done = rpdr("adapters", "promote", project, WISE, "--reviewer", "anna")
    assert done.code == 0, done.err
    assert in_use(project) == WISE
    again = rpdr("adapters", "promote", project, WISE)
    assert again.code == 2
    assert "in use already" in again.err
    worse = rpdr("adapters", "promote", project, POOR)
    assert worse.code == 1
    assert "worse than the student in use" in worse.err
    assert in_use(project) == WISE, "nobody said yes"
    assert rpdr("adapters", "promote", project, POOR, "--yes", "--json").json["promoted"] == POOR
    assert in_use(project) == POOR
    listed = rpdr("adapters", "list", "--project", project, "--json").json
    assert listed["current"] == POOR
    assert [(step["reason"], step["adapter_id"]) for step in listed["promotions"]] == [
        ("promote", WISE), ("promote", POOR),
    ]  # fmt: skip
    assert listed["promotions"][0]["reviewer"] == "anna"
    assert listed["promotions"][1]["report"]["standing"] == "worse"
    assert rpdr("adapters", "rollback", project, "--json").json == {"current": WISE}
    assert "no student is in use" in rpdr("adapters", "rollback", project).out
    assert rpdr("adapters", "rollback", project).code == 2
    with open_reader(project) as reader:
        report = report_in(reader.promotions()[0])
        assert report is not None
        assert report.comparison.standing == "better"
        assert reader.verify_audit().ok


def test_where_nothing_is_known_somebody_is_asked(tmp_path: Path, students: dict[str, AdapterInfo]) -> None:
    with new_project(tmp_path, name="empty.rpdr") as made:
        pass
    seen = rpdr("adapters", "compare", made.path, WISE)
    assert "no held-out mention is decided" in seen.err
    assert "0.000" not in seen.out, "nothing was measured"
    asked = rpdr("adapters", "promote", made.path, WISE)
    assert asked.code == 1
    assert "although nothing is known of it" in asked.err
    assert "no held-out mention is decided" in asked.err
    assert rpdr("adapters", "promote", made.path, WISE, "--yes").code == 0
    assert in_use(made.path) == WISE


def test_a_leak_is_refused_and_promotes_nobody(project: Path, students: dict[str, AdapterInfo]) -> None:
    adapter_folder(adapters_folder(), WISE, texts=[text.upper() for text in TEXTS])
    refused = rpdr("adapters", "promote", project, WISE, "--yes")
    assert refused.code == 2
    assert "held-out mention texts" in refused.err
    assert in_use(project) == ""


def test_registering_and_the_projects_list(project: Path, students: dict[str, AdapterInfo]) -> None:
    assert rpdr("adapters", "register", project, WISE, "--json").json == {"id": WISE, "registered": True}
    assert "was registered before" in rpdr("adapters", "register", project, WISE).out
    rpdr("adapters", "promote", project, POOR, "--yes", "--no-impact")
    out = rpdr("adapters", "list", "--project", project).out
    assert f"* {POOR}" in out
    assert f"  {WISE}" in out
    assert "promote bbbb2222" in out
    assert "held out: 50% of mention texts" in out


def test_an_adapter_that_only_the_project_knows_is_found(
    project: Path, students: dict[str, AdapterInfo], tmp_path: Path
) -> None:
    elsewhere = adapter_folder(tmp_path / "elsewhere", "cccc3333", name=WISE)
    with Project.open(project) as opened:
        promote(opened, elsewhere, None)
    assert rpdr("adapters", "compare", project, "cccc3333", "--json").json["comparison"]["adapter"]["id"] == "cccc3333"


def test_holding_out_more_and_never_less(project: Path) -> None:
    refused = rpdr("adapters", "hold-out", project, "0.2")
    assert refused.code == 2
    assert "stays held out" in refused.err
    with new_project(project.parent, name="new.rpdr") as made:
        pass
    assert rpdr("adapters", "hold-out", made.path, "0.25", "--json").json == {"seed": 0, "share": 0.25}
    assert "25%" in rpdr("adapters", "hold-out", made.path, "0.25").out


def test_a_project_of_the_first_schema_is_told_to_be_opened(tmp_path: Path, students: dict[str, AdapterInfo]) -> None:
    with new_project(tmp_path, name="old.rpdr") as made:
        pass
    run_sql(made.path, "PRAGMA user_version=1")
    assert rpdr("adapters", "compare", made.path, WISE).code == 2


def test_an_encoder_student_is_not_for_serving(students: dict[str, AdapterInfo], tmp_path: Path) -> None:
    refused = rpdr("adapters", "export", WISE, "--for", "vllm", "-o", tmp_path / "out")
    assert refused.code == 2
    assert "is an encoder" in refused.err
    assert "rpdr adapters fuse" in refused.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("ranker", ["student:nobody", "student:", "teacher"])
def test_a_ranker_that_is_not_there_is_told(ranker: str, tmp_path: Path) -> None:
    from rpdr_core.cli.options import adapter_of
    from rpdr_core.errors import NotFoundError

    with pytest.raises(NotFoundError):
        adapter_of(ranker)


def test_a_ranker_is_found_by_id(students: dict[str, AdapterInfo]) -> None:
    from rpdr_core.cli.options import adapter_of

    assert adapter_of(f"student:{WISE}") == adapter_of(f"student:{students[WISE].folder}") == students[WISE].folder
    assert adapter_of("retriever") == ""
    assert json.loads(rpdr("adapters", "show", WISE, "--json").out)["id"] == WISE
