"""`rpdr status` prints the dashboard's figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.command_line import rpdr
from helpers.projects import new_project
from helpers.reviewed import decide_as, ranked_project

from rpdr_core.store import EndEntry, Project, SendEntry
from rpdr_core.workflow.random_check import draw, unanswered


@pytest.fixture
def reviewed(tmp_path: Path) -> Path:
    """40 of 300 decided, one of them again and again; one request to a teacher."""
    with ranked_project(tmp_path, 300) as project:
        for number in range(1, 41):
            decide_as(project, number, "A1" if number % 4 else "B2", seconds=2.5)
        for code in ("B2", "A1"):
            decide_as(project, 1, code, seconds=2.5)
        send = project.open_send("run", 1, SendEntry("rank", "host", "m", "0" * 64, 10, 1, currency="USD"))
        project.end_send(send, EndEntry("answered", 200, "", 100, 20, 1.0, 0.25))
        return project.path


def test_it_prints_every_figure(reviewed: Path) -> None:
    out = rpdr("status", reviewed).out
    for line in (
        "mentions     40 of 300 decided (13.3%)",
        "finish       not enough decisions yet",
        "retriever    right first: 0.750",
        "calibration  retriever: error",
        "acceptance   no random check was drawn",
        "cost         0.2500 for 1 requests, 100 tokens in, 20 out; 250.0000 USD per 1,000 mentions",
        "seconds      accept: 2.5",
        "mention 1: reversed 2 times: A1 > B2 > A1",
    ):
        assert line in out
    assert "mention 1 " not in out, "no text of a mention"


def test_it_says_where_a_random_check_stands(reviewed: Path) -> None:
    with Project.open(reviewed) as project:
        draw(project, 100, seed=3)
    assert "0 of 100 answered: what follows is a guess" in rpdr("status", reviewed).out
    with Project.open(reviewed) as project:
        for mention_id in unanswered(project):
            decide_as(project, mention_id, "A1")
    out = rpdr("status", reviewed).out
    assert "all 100 of the random check answered" in out
    assert "errors below 5%: confidence from" in out


def test_its_json_has_the_same_figures(reviewed: Path) -> None:
    found = rpdr("status", reviewed, "--json").json
    assert found["progress"]["decided"] == found["decisions"] == 40
    assert found["accuracy"]["overall"]["retriever"]["n"] == 40
    assert found["safety"]["check"] == "none"
    assert [offer["promise"]["alpha"] for offer in found["safety"]["guesses"]] == [0.01, 0.02, 0.05, 0.1]
    assert found["leeches"][0]["reversals"] == 2


def test_an_empty_project_has_a_status(tmp_path: Path) -> None:
    with new_project(tmp_path, []) as project:
        path = project.path
    out = rpdr("status", path).out
    assert "mentions     none" in out
    assert "finish       everything is decided" not in out


def test_a_project_that_is_not_there_is_a_user_error(tmp_path: Path) -> None:
    assert rpdr("status", tmp_path / "none.rpdr").code == 2
