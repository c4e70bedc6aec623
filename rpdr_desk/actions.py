"""The table of actions come alive. Menus, key hints, help sheet, shortcut editor and palette are all made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from rpdr_desk.action_table import PICKS, QUEUE_KEYS, QUEUES, Spec, specs
from rpdr_desk.shortcuts import ADJUDICATING, FACES, LINTING, QUESTIONS, Claim, Scope, chosen_keys

__all__ = ["PICKS", "QUEUES", "QUEUE_KEYS", "Actions", "Spec", "specs"]

_CONTEXTS = {
    Scope.LISTS: Qt.ShortcutContext.WidgetShortcut,
    Scope.REVIEW: Qt.ShortcutContext.WidgetWithChildrenShortcut,
    **dict.fromkeys(FACES, Qt.ShortcutContext.WidgetWithChildrenShortcut),
    Scope.ADJUDICATE: Qt.ShortcutContext.WidgetWithChildrenShortcut,
    Scope.ADJUDICATE_LISTS: Qt.ShortcutContext.WidgetShortcut,
    **dict.fromkeys(QUESTIONS, Qt.ShortcutContext.WidgetWithChildrenShortcut),
    Scope.DASHBOARD: Qt.ShortcutContext.WidgetWithChildrenShortcut,
    Scope.LINT: Qt.ShortcutContext.WidgetWithChildrenShortcut,
    Scope.LINT_LISTS: Qt.ShortcutContext.WidgetShortcut,
    Scope.WINDOW: Qt.ShortcutContext.WindowShortcut,
}


class Actions(QObject):
    """The `QAction` of every row of the table. Whoever carries an action out connects to it by id."""

    def __init__(self, parent: QWidget, overrides: Mapping[str, Sequence[str]]) -> None:
        super().__init__(parent)
        self.specs = specs()
        self._spec = {spec.id: spec for spec in self.specs}
        self._actions = {spec.id: self._made(spec) for spec in self.specs}
        self._has_project, self._reviewing = False, True
        self._handlers: dict[str, Callable[[], object]] = {}
        self._names: dict[str, str] = {}
        self.rebind(overrides)
        self.retranslate()
        parent.addActions([self._actions[spec.id] for spec in self.specs if spec.scope is Scope.WINDOW])
        self.ask(None)
        self.adjudicate(on=False)
        self.watch_dashboard(on=False)
        self.lint(on=False)
        self.set_project(False)

    def __getitem__(self, id: str) -> QAction:
        return self._actions[id]

    def spec(self, id: str) -> Spec:
        return self._spec[id]

    def on(self, id: str, handler: Callable[[], object]) -> None:
        """Who carries the action out; a later handler takes the place of an earlier one."""
        self._handlers[id] = handler

    def handler(self, id: str) -> Callable[[], object] | None:
        """Who carries the action out now; for one that steps in for a while."""
        return self._handlers.get(id)

    def release(self) -> None:
        """The review page goes: forget its handlers."""
        for spec in self.specs:
            if (spec.menu == "review" or not spec.menu) and spec.id != "reviewers":
                self._handlers.pop(spec.id, None)
        for name in ("filter", "facets", "clear_facets", "save_filter", "refresh"):
            self._handlers.pop(name, None)

    def _run(self, id: str) -> None:
        handler = self._handlers.get(id)
        if handler is not None:
            handler()

    def attach(self, page: QWidget, lists: Sequence[QWidget]) -> None:
        """Put the review keys on the review page, and the accept keys on its lists only."""
        for spec in self.specs:
            if spec.scope is Scope.REVIEW or spec.scope in FACES:
                page.addAction(self._actions[spec.id])
            elif spec.scope is Scope.LISTS:
                for view in lists:
                    view.addAction(self._actions[spec.id])

    def attach_adjudication(self, page: QWidget, found: QWidget) -> None:
        """Put the keys of the Adjudicate page on it; what takes a found code on the list of those only."""
        for spec in self.specs:
            if spec.scope in ADJUDICATING:
                (found if spec.scope is Scope.ADJUDICATE_LISTS else page).addAction(self._actions[spec.id])

    def rebind(self, overrides: Mapping[str, Sequence[str]]) -> None:
        for spec in self.specs:
            keys = chosen_keys(spec.id, spec.keys, overrides)
            self._actions[spec.id].setShortcuts([QKeySequence(key) for key in keys])

    def retranslate(self) -> None:
        for spec in self.specs:
            self._actions[spec.id].setText(self._names.get(spec.id) or spec.text())

    def call(self, id: str, name: str) -> None:
        """What an action leads to now; with an empty name it leads nowhere and is off."""
        self._names[id] = name
        self._actions[id].setText(name or self._spec[id].text())
        self._actions[id].setEnabled(bool(name))

    def set_project(self, there: bool) -> None:
        """Enable what needs an open project."""
        self._has_project = there
        for spec in self.specs:
            if spec.needs_project and spec.scope not in (*FACES, *ADJUDICATING, *LINTING, Scope.DASHBOARD):
                away = spec.scope in (Scope.REVIEW, Scope.LISTS) and not self._reviewing
                self._actions[spec.id].setEnabled(there and not away and self._names.get(spec.id) != "")

    def ask(self, face: Scope | None) -> None:
        """While a question is asked (one of `FACES`) its keys are alive, and those of the review are not."""
        for spec in self.specs:
            if spec.scope in FACES:
                self._actions[spec.id].setEnabled(spec.scope is face)
            elif spec.scope in (Scope.REVIEW, Scope.LISTS) and spec.id != "back":
                self._actions[spec.id].setEnabled(self._has_project and self._reviewing and face is None)

    def review(self, *, on: bool) -> None:
        """The review page is on screen or not: menu and palette decide nothing about a mention that nobody sees."""
        self._reviewing = on
        self.ask(None)

    def adjudicate(self, *, on: bool, asked: Scope | None = None) -> None:
        """The Adjudicate page is on screen or not; `asked`: its question (one of `QUESTIONS`) that stands now."""
        for spec in self.specs:
            if spec.scope in QUESTIONS:
                self._actions[spec.id].setEnabled(on and spec.scope is asked)
            elif spec.scope in ADJUDICATING:
                self._actions[spec.id].setEnabled(on and (asked is None or spec.id == "settle_back"))

    def watch_dashboard(self, *, on: bool) -> None:
        """The Dashboard page is on screen or not."""
        for spec in self.specs:
            if spec.scope is Scope.DASHBOARD:
                self._actions[spec.id].setEnabled(on)

    def attach_lint(self, page: QWidget, findings: QWidget) -> None:
        """Put the keys of the Map lint page on it; what opens a finding on the list of those only."""
        for spec in self.specs:
            if spec.scope in LINTING:
                (findings if spec.scope is Scope.LINT_LISTS else page).addAction(self._actions[spec.id])

    def lint(self, *, on: bool, curable: bool = False, chosen: bool = False) -> None:
        """The Map lint page is on screen or not; `chosen`: a finding is selected, `curable`: with a cure."""
        for spec in self.specs:
            if spec.scope in LINTING:
                needed = {"lint_cure": curable, "lint_open": chosen, "lint_dismiss": chosen}
                self._actions[spec.id].setEnabled(on and needed.get(spec.id, True))

    def claims(self) -> list[Claim]:
        """Who claims which key now."""
        return [Claim(spec.id, spec.scope, self.keys(spec.id)) for spec in self.specs]

    def keys(self, id: str) -> tuple[str, ...]:
        portable = QKeySequence.SequenceFormat.PortableText
        return tuple(key.toString(portable) for key in self._actions[id].shortcuts())

    def key_text(self, id: str) -> str:
        """The first key as the user's platform writes it; empty if there is none."""
        keys = self._actions[id].shortcuts()
        return keys[0].toString(QKeySequence.SequenceFormat.NativeText) if keys else ""

    def _made(self, spec: Spec) -> QAction:
        action = QAction(self)
        action.setObjectName(spec.id)
        action.setShortcutContext(_CONTEXTS[spec.scope])
        action.triggered.connect(lambda _checked=False: self._run(spec.id))
        action.setAutoRepeat(spec.id in ("next", "previous", "larger", "smaller"))
        return action
