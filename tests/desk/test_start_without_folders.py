"""Where the program's folders cannot be written, one dialog says so before there is a window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rpdr_desk.__main__ import parser
from rpdr_desk.run import run
from rpdr_desk.views.error_dialog import ErrorDialog
from rpdr_desk.views.main_window import MainWindow


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
@pytest.mark.parametrize(("language", "word"), [("en", "cannot be written"), ("zh_CN", "无法写入")])
def test_one_dialog_names_the_folder_and_the_cure(
    language: str,
    word: str,
    qtbot: QtBot,
    qapp: QApplication,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    monkeypatch.setenv("RPDR_HOME", str(tmp_path / "taken" / "home"))
    monkeypatch.setattr("rpdr_desk.run.make_application", lambda _arguments: qapp)
    seen: list[tuple[str, str]] = []

    def look() -> None:
        dialogs = [one for one in qapp.topLevelWidgets() if isinstance(one, ErrorDialog)]
        assert not [one for one in qapp.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible()]
        for one in dialogs:
            seen.append((one.message.text(), one.cure.text()))
            one.close_.click()

    QTimer.singleShot(500, look)
    font = qapp.font()
    try:
        assert run(parser().parse_args(["--language", language]), 0.0) == 1
    finally:
        from rpdr_desk import theme
        from rpdr_desk.translation import Languages

        Languages(qapp).use("en")
        theme.apply(qapp, "light", 1.0)
        qapp.setFont(font)
    assert len(seen) == 1
    assert word in seen[0][0]
    assert str(tmp_path / "taken" / "home" / "data") in seen[0][0]
    assert "RPDR_HOME" in seen[0][1]
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert "RPDR_HOME" in told
