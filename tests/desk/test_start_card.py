"""The large buttons of the start page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from rpdr_desk.views.start.card import Card

pytestmark = pytest.mark.gui


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_a_card_obeys_return_as_well_as_space(qtbot: QtBot, key: Qt.Key) -> None:
    done: list[bool] = []
    action = QAction()
    action.triggered.connect(lambda: done.append(True))
    card = Card(action, "folder")
    qtbot.addWidget(card)
    QTest.keyClick(card, key)
    assert len(done) == 1
