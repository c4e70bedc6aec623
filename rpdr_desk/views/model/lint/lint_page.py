"""The Map lint page: rules at the left, their findings at the right, the selected one in full below."""

from __future__ import annotations

from array import array
from dataclasses import replace

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes, Mention
from rpdr_desk import theme
from rpdr_desk.actions import Actions
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.item_models.finding_model import MENTION, FindingModel
from rpdr_desk.operations.given_list import GivenList
from rpdr_desk.operations.lint_state import FindingLine, LintPiece, RuleName
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import lint_words, wording
from rpdr_desk.views.banner import Banner, announce
from rpdr_desk.views.dialogs import rule
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.model.lint import words
from rpdr_desk.views.model.lint.finding_card import FindingCard
from rpdr_desk.views.model.lint.findings_table import FindingsTable
from rpdr_desk.views.model.lint.groups import Groups
from rpdr_desk.views.model.lint.rule_list import RuleList
from rpdr_desk.views.model.pages import ModelPage

LEFT = 250
CALM_MS = 800


class LintPage(ModelPage):
    """Looks through the decisions when it is first shown, and again when they have changed meanwhile."""

    def __init__(self, workspace: Workspace, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._actions = workspace, actions
        self._groups = Groups()
        self._stale, self._running = True, False
        self._progress = (0, 0)
        self._arrived: list[FindingLine] = []
        self._later = QTimer(self, singleShot=True, interval=CALM_MS)
        self._later.timeout.connect(self._flush)
        self._shown: RuleName | str | None = ""
        self.banner = Banner(self)
        self.model = FindingModel(workspace.reading.mentions, words.heading, words.say, self)
        self.rules, self.table = RuleList(self), FindingsTable(self.model, self)
        self.card = FindingCard(actions, self)
        self._title, self._state = Heading(self, 1.25), QLabel(self)
        self._state.setProperty("dim", True)
        self._state.setWordWrap(True)
        self._left = self._lay_out()
        actions.attach_lint(self, self.table)
        self._connect()
        self._retranslate()

    def entered(self) -> None:
        self._connect_actions()
        if self._stale and not self._running:
            self._run()
        self.table.setFocus()

    def leave(self) -> None:
        self._later.stop()
        self._workspace.linting.stop()

    def as_reviewer(self) -> None:
        """What somebody else may know stays on screen no longer."""
        self._workspace.linting.stop()
        self._clear()
        self._stale, self._running = True, False
        self._show_rules()
        if self.isVisible():
            self._run()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._workspace.linting.watched(on=True)
        self._enable()

    def hideEvent(self, event: QHideEvent) -> None:
        self._actions.lint(on=False)
        self._workspace.linting.watched(on=False)
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in TEXT_CHANGED:
            self._left.setFixedWidth(grown(LEFT))
        super().changeEvent(event)

    # Looking

    def _run(self) -> None:
        if not self._workspace.linting.is_ready:
            self._show_state()
            return
        self._stale, self._running, self._progress = False, True, (0, 0)
        self._clear()
        self._show_rules()
        self._workspace.linting.run(self._failed)

    def _clear(self) -> None:
        self._later.stop()
        self._arrived = []
        self._groups.clear()
        self.model.set_lines(())
        self._shown = ""

    def _piece(self, piece: LintPiece) -> None:
        """Findings are shown about once in a second: painting them as they come would cost more than finding them."""
        self._arrived += piece.lines
        if piece.ended:
            self._running = False
            self._flush()
            announce(self, words.state_text(self._look()))
        else:
            self._progress = (piece.done, piece.total)
            if not self._later.isActive():
                self._later.start()

    def _flush(self) -> None:
        self._later.stop()
        lines, self._arrived = self._groups.add(self._arrived), []
        if lines or not self._running:
            self._show_rules(lines)
        self._show_state()

    def _show_rules(self, more: tuple[FindingLine, ...] = ()) -> None:
        """Counts anew; what came for the rule on screen is added to its table."""
        row = self.rules.current()
        here = row.rule if row is not None else None
        with QSignalBlocker(self.rules):
            self.rules.rules.set_rows(self._groups.rows())
            if row is None or self.rules.current() is None:
                self.rules.stand_on(here)
        self._show_rule(more)

    def _show_rule(self, more: tuple[FindingLine, ...] = ()) -> None:
        row = self.rules.current()
        wanted = row.rule if row is not None else ""
        if wanted == self._shown:
            self.model.add([line for line in more if (None if line.dismissed else line.rule) == wanted])
        else:
            self._shown = wanted
            self.model.set_lines(self._groups.of(row.rule) if row is not None else ())
            self._selected()
        if self.table.current() is None and self.model.rowCount():
            self.table.stand_on(0)
            self._selected()

    def _selected(self) -> None:
        line = self.table.current()
        mention = self.table.currentIndex().data(MENTION) if line is not None else None
        self.card.show_finding(line, mention if isinstance(mention, Mention) else None)
        self._enable()

    def _enable(self) -> None:
        line = self.table.current()
        curable = line is not None and bool(line.suggested) and not line.dismissed and len(line.mention_ids) == 1
        self._actions.lint(on=self.isVisible(), curable=curable, chosen=line is not None)

    # What a key does

    def _open(self) -> None:
        line = self.table.current()
        if line is None:
            return
        if len(line.mention_ids) == 1:
            self._workspace.mention_asked.emit(line.mention_ids[0])
        else:
            title = lint_words.rule_text(line.rule)
            self._workspace.list_asked.emit(GivenList(f"{title}: {line.code}", array("q", line.mention_ids)))

    def _cure(self) -> None:
        line = self.table.current()
        if line is not None and line.suggested:
            self._workspace.linting.cure(line, lambda _changes: self._was_cured(line), self._failed)

    def _was_cured(self, line: FindingLine) -> None:
        said, undo = self.tr("%1 taken instead of %2. %3 takes it back."), self._actions.key_text("undo")
        self.banner.show_text(wording.fill(said, lint_words.cure_text(line), line.code, undo))

    def _dismiss(self) -> None:
        line = self.table.current()
        if line is not None and line.dismissed:
            self._workspace.linting.restore(line, lambda _changes: self._moved(line), self._failed)
        elif line is not None:
            self.card.ask_reason()

    def _give_reason(self, reason: str) -> None:
        line = self.table.current()
        if line is not None:
            self._workspace.linting.dismiss(line, reason, lambda _changes: self._moved(line, reason), self._failed)

    def _moved(self, line: FindingLine, reason: str = "") -> None:
        """From its rule to the dismissed, or back."""
        self._take_away(self._groups.remove(frozenset((line.key,))))
        self._groups.add([replace(line, dismissed=reason, by="")])
        self._show_rules()

    def _take_away(self, keys: frozenset[str]) -> None:
        """The selected finding stays selected wherever it stands then; should it go, the next one is."""
        line, row = self.table.current(), self.table.currentIndex().row()
        above = sum(one.key in keys for one in self.model.lines[: max(0, row)])
        self.model.remove(keys)
        if line is None or line.key in keys:
            self.table.stand_on(row - above)

    def _other_side(self) -> None:
        """The rules have the focus, or the findings."""
        (self.table if self.rules.hasFocus() else self.rules).setFocus()

    # What changes meanwhile

    def _changed(self, changes: Changes) -> None:
        """Decisions made while the page is on screen are judged anew at once, the others when it is shown again."""
        if not changes.kinds & {"decisions", "mentions"}:
            return
        ids = changes.mention_ids
        if not self.isVisible() or not ids:
            self._stale = True
            return

        def judged(lines: tuple[FindingLine, ...]) -> None:
            # What was found before the change and is not shown yet goes with the rest.
            self._flush()
            self._take_away(self._groups.remove_about(frozenset(ids)))
            self.model.forget(ids)
            self._show_rules(self._groups.add(lines))
            self._show_state()

        self._workspace.linting.recheck(ids, judged, self._failed)

    def _failed(self, error: RpdrError) -> None:
        self.banner.show_error(error)

    def _connect(self) -> None:
        workspace = self._workspace
        workspace.linting.piece.connect(self._piece)
        workspace.store.changed.connect(self._changed)
        workspace.terminology.ready.connect(self._terminology_ready, Qt.ConnectionType.QueuedConnection)
        self.rules.chosen.connect(self._show_rule)
        self.rules.entered.connect(self.table.setFocus)
        self.table.selected.connect(self._selected)
        self.table.asked.connect(self._open)
        self.card.reason_given.connect(self._give_reason)
        self.card.left.connect(self.table.setFocus)
        self._connect_actions()

    def _connect_actions(self) -> None:
        on = self._actions.on
        on("lint_open", self._open)
        on("lint_cure", self._cure)
        on("lint_dismiss", self._dismiss)
        on("lint_run", self._run)
        on("lint_rule", self._other_side)

    def _terminology_ready(self, _reference: object) -> None:
        # The search of its own is asked for in the same moment and comes a moment later.
        self._workspace.terminology.ask(
            lambda _search: None, lambda _none: self.entered() if self.isVisible() else None
        )

    # Words

    def _retranslate(self) -> None:
        self._title.setText(self.tr("Map lint"))
        self._show_state()

    def _show_state(self) -> None:
        self._state.setText(words.state_text(self._look()))
        self.table.set_empty_text(words.empty_text(self._look()))

    def _look(self) -> words.Look:
        done, total = self._progress
        return words.Look(self._workspace.linting.is_ready, self._running, done, total, self._groups.count())

    def _lay_out(self) -> QWidget:
        left = QFrame(self)
        left.setProperty("surface", True)
        left.setFixedWidth(grown(LEFT))
        head = QVBoxLayout()
        head.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.GAP)
        head.setSpacing(theme.UNIT)
        head.addWidget(self._title)
        head.addWidget(self._state)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.rules, 1)
        right = QVBoxLayout()
        right.setSpacing(0)
        for widget in (self.banner, self.table, rule(self), self.card):
            right.addWidget(widget, int(widget is self.table))
        body = QHBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(1)
        body.addWidget(left)
        body.addLayout(right, 1)
        return left
