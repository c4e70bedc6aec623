"""Settings, keys, texts, reports, jobs: the parts that need no window."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from helpers.translatable import texts
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QWidget

from rpdr_core.errors import Bug, Cancelled, NotFoundError, WorldError
from rpdr_core.resources import resource_path
from rpdr_desk import icons, theme
from rpdr_desk.actions import Actions, specs
from rpdr_desk.operations.jobs import Jobs, Point
from rpdr_desk.reporting import report_text
from rpdr_desk.settings import Preferences, Settings
from rpdr_desk.shortcuts import Claim, Scope, chosen_keys, conflicts, normal, overlap
from rpdr_desk.translation import Catalogue, chosen
from rpdr_desk.views.palette import matches

DESK = Path(__file__).parents[2] / "rpdr_desk"
CHINESE = resource_path("translations", "zh_CN.json")


# Settings


def test_settings_are_readable_and_come_back(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    Settings(path).change(theme="dark", reviewer="李", shortcuts={"defer": ["X"]})
    assert "李" in path.read_text(encoding="utf-8")
    again = Settings(path).values
    assert (again.theme, again.reviewer, again.shortcuts) == ("dark", "李", {"defer": ["X"]})


@pytest.mark.parametrize(
    ("key", "bad"),
    [("theme", "pink"), ("text_size", 9), ("text_size", "big"), ("shortcuts", ["x"]), ("recent", 3), ("language", 1)],
)
def test_a_bad_value_falls_back_alone(tmp_path: Path, key: str, bad: object) -> None:
    path = tmp_path / "preferences.json"
    path.write_text(json.dumps({"reviewer": "ann", key: bad}))
    settings = Settings(path)
    assert settings.values.reviewer == "ann"
    assert getattr(settings.values, key) == getattr(Preferences(), key)
    assert settings.rejected == (key,)


@pytest.mark.parametrize("text", ["", "{", "[1]", "nul\0"])
def test_a_file_that_is_no_object_gives_the_defaults(tmp_path: Path, text: str) -> None:
    path = tmp_path / "preferences.json"
    path.write_text(text)
    assert Settings(path).values == Preferences()


def test_what_the_command_line_says_is_not_saved(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "preferences.json")
    settings.override(theme="dark")
    settings.remember(tmp_path / "a.rpdr")
    assert settings.values.theme == "dark"
    assert Settings(settings.path).values.theme == "auto"
    settings.change(theme="light")
    assert settings.values.theme == "light"


def test_recent_projects_are_few_and_each_once(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "preferences.json")
    for number in [*range(12), 3]:
        settings.remember(tmp_path / f"{number}.rpdr")
    assert len(settings.values.recent) == 8
    assert settings.values.recent[0].endswith("3.rpdr")
    assert len(set(settings.values.recent)) == 8


# Keys


def test_the_default_keys_have_no_conflict() -> None:
    assert conflicts(Claim(spec.id, spec.scope, spec.keys) for spec in specs()) == []


def test_every_default_key_is_a_key() -> None:
    assert [key for spec in specs() for key in spec.keys if not normal(key)] == []


@pytest.mark.parametrize("key", ["Ctrl+Space", "Ctrl+,", "Ctrl+.", "Ctrl+;", "Shift+Space"])
def test_no_action_takes_a_key_of_the_input_methods(key: str) -> None:
    assert all(normal(key) != normal(one) for spec in specs() for one in spec.keys)


def test_one_key_in_overlapping_scopes_is_a_conflict() -> None:
    claims = [Claim("a", Scope.REVIEW, ("N",)), Claim("b", Scope.WINDOW, ("Ctrl+B", "n"))]
    found = conflicts(claims)
    assert [(one.key, one.first, one.second) for one in found] == [("N", "a", "b")]


def test_reasons_may_use_keys_that_are_dead_meanwhile() -> None:
    assert conflicts([Claim("a", Scope.REASONS, ("R",)), Claim("b", Scope.REVIEW, ("R",))]) == []


@given(st.sampled_from(list(Scope)), st.sampled_from(list(Scope)))
def test_overlap_is_mutual(one: Scope, other: Scope) -> None:
    assert overlap(one, other) == overlap(other, one)


def test_chosen_keys_fall_back_and_drop_nonsense() -> None:
    assert chosen_keys("a", ("N",), {}) == ("N",)
    assert chosen_keys("a", ("N",), {"a": ["ctrl+m", ""]}) == ("Ctrl+M",)


def test_actions_follow_the_users_keys(qapp: QApplication) -> None:
    window = QWidget()
    actions = Actions(window, {"defer": ["X"]})
    assert actions.keys("defer") == ("X",)
    actions.rebind({})
    assert actions.keys("defer") == ("D",)
    window.deleteLater()


def test_a_later_handler_takes_the_place_of_an_earlier_one(qapp: QApplication) -> None:
    window = QWidget()
    actions = Actions(window, {})
    actions.set_project(True)
    ran: list[str] = []
    actions.on("defer", lambda: ran.append("old"))
    actions.on("defer", lambda: ran.append("new"))
    actions["defer"].trigger()
    actions.release()
    actions["defer"].trigger()
    assert ran == ["new"]
    window.deleteLater()


def test_the_palette_finds_words_in_any_order() -> None:
    assert matches("file link", "Link a file")
    assert matches("", "anything")
    assert not matches("links", "Link a file")


# Texts


def test_every_text_is_a_literal() -> None:
    assert [one.place for one in texts(DESK) if not one.text] == []


def test_the_chinese_catalogue_is_complete_and_holds_nothing_else() -> None:
    wanted = {one.text for one in texts(DESK)}
    catalogue = json.loads(CHINESE.read_text(encoding="utf-8"))
    assert sorted(wanted - catalogue.keys()) == []
    assert sorted(key for key in catalogue if key.partition("|")[2] not in wanted and key not in wanted) == []
    assert [key for key, value in catalogue.items() if not value.strip()] == []


def test_places_for_values_are_the_same_in_both_languages() -> None:
    catalogue = json.loads(CHINESE.read_text(encoding="utf-8"))
    for source, translation in catalogue.items():
        assert sorted(re.findall(r"%\d", source)) == sorted(re.findall(r"%\d", translation)), source


def test_nothing_dynamic_is_translated() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in DESK.rglob("*.py"))
    assert not re.findall(r"\.tr\(\s*f[\"']", sources)
    assert not re.findall(r"translate\([^)]*,\s*f[\"']", sources)


def test_the_catalogue_speaks_and_leaves_the_unknown_alone(qapp: QApplication) -> None:
    catalogue = Catalogue(CHINESE)
    assert catalogue.translate("actions", "Accept") == "接受"
    assert catalogue.translate("actions", "no such text") is None
    assert chosen("zh_CN") == "zh_CN"


# Look


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_its_ground(dark: bool) -> None:
    palette = theme.palette(dark)
    base = palette.color(QPalette.ColorRole.Base)
    for ink in (
        palette.color(QPalette.ColorRole.Text),
        theme.dim(palette),
        theme.accent(palette),
        theme.alert(palette),
    ):
        assert contrast(ink.getRgbF()[:3], base.getRgbF()[:3]) >= 4.5
    on = palette.color(QPalette.ColorRole.HighlightedText).getRgbF()[:3]
    assert contrast(on, theme.accent(palette).getRgbF()[:3]) >= 4.5


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """WCAG 2 contrast ratio of two sRGB colours."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: tuple[float, ...]) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_icon_that_an_action_names_is_there(qapp: QApplication) -> None:
    for name in {spec.icon for spec in specs() if spec.icon} | {"accepted", "corrected", "no_match", "deferred"}:
        picture = icons.pixmap(name, theme.accent(theme.palette(False)), 18).toImage()
        assert any(picture.pixelColor(x, y).alpha() for x in range(18) for y in range(18)), name


def test_the_style_sheet_has_no_open_place() -> None:
    assert "@" not in theme.style_sheet(theme.palette(True))


# Reports


def test_a_report_holds_no_words_of_a_foreign_error() -> None:
    try:
        try:
            raise ValueError("blurry vision of Mr. Doe")
        except ValueError as error:
            raise Bug("unexpected ValueError") from error
    except Bug as bug:
        report = report_text(bug)
    assert "ValueError" in report
    assert "Bug [bug]" in report
    assert "Doe" not in report
    assert str(Path.home()) not in report


# Jobs


def test_a_job_runs_and_ends_once(qapp: QApplication) -> None:
    jobs = Jobs()
    seen: list[str] = []
    jobs.changed.connect(lambda job: seen.append(job.state))
    number = jobs.start("train", total=10)
    jobs.progress(number, 4, 10, 30.0)
    jobs.measure(number, Point(4, 0.5, None))
    jobs.finish(number, "better")
    jobs.progress(number, 5, 10)
    job = jobs.get(number)
    assert (job.state, job.done, job.message, len(job.curve)) == ("done", 10, "better", 1)
    assert not jobs.is_running("train")
    assert seen == ["running", "running", "running", "done"]


def test_a_cancelled_job_is_no_failure(qapp: QApplication) -> None:
    jobs = Jobs()
    stopped: list[bool] = []
    first = jobs.start("link", cancel=lambda: stopped.append(True))
    assert jobs.can_cancel(first)
    jobs.cancel(first)
    jobs.fail(first, Cancelled("stopped"))
    jobs.cancel(first)
    second = jobs.start("index")
    jobs.fail(second, WorldError("no room", hint="make some"))
    assert stopped == [True]
    assert [job.state for job in jobs.all()] == ["cancelled", "failed"]
    assert jobs.get(second).hint == "make some"
    assert not jobs.can_cancel(second)


def test_an_error_of_ours_keeps_its_words() -> None:
    assert "no such" in str(NotFoundError("no such code"))
