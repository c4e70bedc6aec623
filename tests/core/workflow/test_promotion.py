from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.projects import accept, new_project, ranking, run_sql
from helpers.students import adapter_folder, adapter_info, rule_rank

from rpdr_core.errors import DamagedFileError, NotAllowedError, NotFoundError, UserInputError
from rpdr_core.store import Project
from rpdr_core.workflow.adapters import (
    LEGACY_FOLDER,
    LEGACY_ID,
    Student,
    adapters_folder,
    current_student,
    find_adapter,
    list_adapters,
    register_adapter,
    registered,
)
from rpdr_core.workflow.comparing import compare
from rpdr_core.workflow.held_out import hold_out
from rpdr_core.workflow.impact import impact_of
from rpdr_core.workflow.promotion import promote, report_in, report_of, roll_back

rank = rule_rank({"aaaa1111": lambda _text, code: code == "H54.6"})


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path) as made:
        yield made


def test_the_student_in_use_follows_promotions(project: Project) -> None:
    assert current_student(project) == Student()
    assert not current_student(project)
    first, second = (adapter_folder(adapters_folder(), name) for name in ("aaaa1111", "bbbb2222"))
    register_adapter(project, first, run_id="run-7", actor="anna")
    assert not current_student(project)
    promote(project, first, None)
    promote(project, second, None)
    assert current_student(project) == Student("bbbb2222", second.folder)
    roll_back(project)
    assert current_student(project).id == "aaaa1111"
    assert [(one.info.id, one.in_use, one.run_id) for one in registered(project)] == [
        ("aaaa1111", True, "run-7"),
        ("bbbb2222", False, ""),
    ]
    roll_back(project)
    assert not current_student(project)
    with pytest.raises(NotAllowedError):
        roll_back(project)


def test_an_older_projects_student_stays_in_use_until_one_is_promoted(project: Project) -> None:
    project.set_setting(LEGACY_ID, "cccc3333")
    project.set_setting(LEGACY_FOLDER, "/adapters/old")
    assert current_student(project) == Student("cccc3333", "/adapters/old")
    promote(project, adapter_folder(adapters_folder(), "aaaa1111"), None)
    assert current_student(project).id == "aaaa1111"
    roll_back(project)
    assert not current_student(project), "rolled back to no student means none"


def test_a_student_that_is_not_here_is_not_put_in_use(project: Project) -> None:
    info = adapter_folder(adapters_folder(), "aaaa1111")
    register_adapter(project, info)
    shutil.rmtree(info.folder)
    for gone in (info, replace(info, folder="")):
        with pytest.raises(NotAllowedError, match="not on this machine"):
            promote(project, gone, None)
    assert not current_student(project)
    assert project.adapters()[0].folder == info.folder


def test_the_report_is_kept_with_the_promotion(project: Project) -> None:
    hold_out(project, 0.5)
    project.record_rankings([ranking(number, "retriever", "H53.8", "H54.6") for number in range(1, 7)])
    for number in range(1, 7):
        project.decide(accept(number))
    info = adapter_folder(adapters_folder(), "aaaa1111")
    report = report_of(compare(project, info, rank), impact_of(project, info.folder, Student(), rank))
    assert report.doubtful
    assert report.comparison.n > 0
    promote(project, info, report, reviewer="anna")
    [kept] = project.promotions()
    assert report_in(kept) == report
    assert report.impact is not None
    assert report.impact.accepted_lost == 6
    roll_back(project)
    assert report_in(project.promotions()[-1]) is None


def test_a_report_that_cannot_be_read_is_told(project: Project) -> None:
    promote(project, adapter_folder(adapters_folder(), "aaaa1111"), None)
    project.close()
    run_sql(project.path, "DROP TRIGGER promotion_update", "UPDATE promotion SET report = '{'")
    from rpdr_core.store import open_reader

    with open_reader(project.path) as reader, pytest.raises(DamagedFileError, match="report of a promotion"):
        report_in(reader.promotions()[0])


def test_an_adapter_is_found_by_folder_name_and_id(project: Project, tmp_path: Path) -> None:
    info = adapter_folder(adapters_folder(), "aaaa1111", name="clinic")
    for reference in (info.folder, "clinic", "aaaa1111", "aaaa"):
        assert find_adapter(reference) == info
    for reference in ("aaa", "zzzz", ""):
        with pytest.raises(NotFoundError, match="no adapter"):
            find_adapter(reference)
    adapter_folder(adapters_folder(), "aaaa2222")
    with pytest.raises(UserInputError, match="begins 2"):
        find_adapter("aaaa")
    elsewhere = adapter_folder(tmp_path / "elsewhere", "dddd4444")
    with pytest.raises(NotFoundError):
        find_adapter("dddd4444")
    register_adapter(project, elsewhere)
    assert find_adapter("dddd4444", project) == elsewhere


def test_a_project_carried_to_another_machine_finds_its_student_there(project: Project, tmp_path: Path) -> None:
    info = adapter_folder(tmp_path / "old machine", "aaaa1111", name="clinic")
    promote(project, info, None)
    adapters_folder().mkdir(parents=True)
    shutil.move(info.folder, adapters_folder() / "renamed")
    assert current_student(project) == Student("aaaa1111", str(adapters_folder() / "renamed"))
    shutil.rmtree(adapters_folder() / "renamed")
    [one] = registered(project)
    assert not one.here
    assert one.in_use
    assert current_student(project).id == "aaaa1111"


def test_an_adapter_that_is_still_on_its_way_is_none(project: Project, tmp_path: Path) -> None:
    info = adapter_folder(adapters_folder(), "aaaa1111", name=".fetch-20261121-101112-abcdef")
    register_adapter(project, replace(info, folder=str(tmp_path / "gone")))
    assert list_adapters() == []
    assert not registered(project)[0].here
    with pytest.raises(NotFoundError):
        find_adapter("aaaa1111", project)


def test_another_adapter_under_an_old_name_is_not_taken_for_it(project: Project, tmp_path: Path) -> None:
    info = adapter_folder(tmp_path / "old machine", "aaaa1111", name="clinic")
    promote(project, info, None)
    shutil.rmtree(info.folder)
    adapter_folder(adapters_folder(), "bbbb2222", name="clinic")
    assert not registered(project)[0].here
    assert len(list_adapters()) == 1


def test_what_was_registered_is_what_comes_back(project: Project) -> None:
    info = adapter_info("aaaa1111", "/nowhere", kind="generative", acc_at_1=0.75)
    register_adapter(project, info)
    [one] = registered(project)
    assert one.info == adapter_info("aaaa1111", "", kind="generative", acc_at_1=0.75)
