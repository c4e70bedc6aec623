"""The concept as a page of rich text: every part of it, in the colours and size of the moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QPalette

from rpdr_core.knowledge_base.note_codes import pieces
from rpdr_core.knowledge_base.release import MapTarget
from rpdr_core.records import Entity
from rpdr_desk import theme
from rpdr_desk.item_models.concept_rules import Rule, difference, in_force, rules_of
from rpdr_desk.operations.lint_state import FindingLine
from rpdr_desk.operations.terminology import Concept
from rpdr_desk.views import lint_words, wording
from rpdr_desk.views.review import beyond_words
from rpdr_desk.views.review.concept_beside import Beside

SYNONYMS_SHOWN = 10
MAPS_SHOWN = 8
CHILDREN_SHOWN = 24
SIBLINGS_SHOWN = 8
NOTES_SHOWN = 10
REMOTE_SHOWN = 6
_SAID_ABOVE = frozenset(("not_billable", "retired_code"))
"""What the state under the name tells already; a cure is told all the same."""
_ICD_TYPES = frozenset(("category", "subcategory", "extension"))


@dataclass(frozen=True, slots=True)
class PageLook:
    """`size` in points; `opened` are the parts that the reader unfolded."""

    palette: QPalette
    size: float
    opened: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ConceptPage:
    """Links are `code:X`, `open:PART`, `candidate:`, `tree:` and `mapped:`; pictures are `mark:ICON`."""

    concept: Concept
    beside: Beside
    look: PageLook
    _dim: str = field(init=False)
    _accent: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_dim", theme.dim(self.look.palette).name())
        object.__setattr__(self, "_accent", theme.accent(self.look.palette).name())

    def html(self) -> str:
        near, remote = rules_of(self.concept.entity, self.concept.path)
        assignable = self.concept.entity.assignable
        return "".join(
            (
                self._head(),
                self._lint(),
                self._origin(),
                self._successors(),
                self._path(),
                self._maps(),
                "" if assignable else self._children(),
                self._synonyms(),
                *(self._rule(rule, NOTES_SHOWN) for rule in near),
                self._children() if assignable else "",
                self._siblings(),
                self._mapped_here(),
                self._remote(remote),
            )
        )

    def _head(self) -> str:
        entity, size = self.concept.entity, self.look.size
        return (
            f'<p style="margin:0; font-size:{size * 1.5:.1f}pt; font-weight:600; color:{self._accent}">'
            f"{escape(entity.code)}</p>"
            f'<p style="margin:2px 0 4px 0; font-size:{size * 1.15:.1f}pt; font-weight:600">{escape(entity.name)}</p>'
            f'<p style="margin:0 0 {2 if self.beside.lint else 12}px 0">{self._state(entity)}{self._ways()}</p>'
        )

    def _ways(self) -> str:
        """What can be done with the concept; deciding is not among it."""
        say = QCoreApplication.translate
        ways = [self._way("tree:", say("concept", "Open in the tree"))]
        if not self.beside.offered:
            ways.insert(0, self._way("candidate:", say("concept", "Show as a candidate")))
        return "".join(f"&nbsp;&nbsp; {way}" for way in ways)

    def _way(self, link: str, words: str) -> str:
        style = f'style="color:{self._accent}; text-decoration:none"'
        return f'<a href="{link}" {style}>{escape(words)}</a>'

    def _lint(self) -> str:
        """What speaks against it, with a mark and in words; it hinders nobody."""
        lines = "".join(
            '<table width="100%" cellspacing="0" cellpadding="0"><tr>'
            f'<td width="{round(self.look.size * 2.1)}" style="padding-top:8px"><img src="mark:'
            f'{lint_words.grade_icon(line.grade)}"></td>'
            f'<td style="padding-top:6px">{self._said(line)}</td></tr></table>'
            for line in self.beside.lint
            if line.suggested or line.rule not in _SAID_ABOVE
        )
        gap = '<p style="margin:0; font-size:4pt">&nbsp;</p>'
        return f"{lines}{gap}" if lines else ""

    def _said(self, line: FindingLine) -> str:
        grave = line.grade == "error"
        ink = theme.alert(self.look.palette) if grave else self.look.palette.color(QPalette.ColorRole.Text)
        words = f'<span style="color:{ink.name()}">{escape(lint_words.sentence(line))}</span>'
        if not line.suggested:
            return words
        better = wording.fill(QCoreApplication.translate("concept", "Rather %1"), "\0").replace(
            "\0", f"{self._link(line.suggested)}&nbsp; {escape(line.suggested_name)}"
        )
        return f"{words}<br>{better}"

    def _origin(self) -> str:
        """The memory line: whose decision put it here."""
        origin = self.beside.origin
        if origin is None:
            return ""
        say, day = QCoreApplication.translate, wording.day(origin.made_at)
        words = wording.fill(say("concept", "As in decision %1"), wording.number(origin.id))
        told = ", ".join(part for part in (words, origin.reviewer, day) if part)
        return f'<p style="margin:0 0 12px 0; color:{self._dim}">{escape(told)}</p>'

    def _successors(self) -> str:
        """What the release names in place of a retired code."""
        return "".join(
            f'<p style="margin:0 0 6px 0">{escape(beyond_words.successor_text(one.kind))}&nbsp; '
            f"{self._link(one.code)}&nbsp; {escape(one.name)}</p>"
            for one in self.beside.beyond.successors
        )

    def _maps(self) -> str:
        """Where the release maps the code to in other terminologies, with the condition where there is one."""
        parts = []
        for to, groups in beyond_words.by_terminology(self.beside.beyond.maps):
            lines = [self._map_line(row, first=row is group[0]) for group in groups for row in group]
            parts.append(self._titled(beyond_words.map_title(to), self._folded(f"map-{to}", lines, MAPS_SHOWN)))
        return "".join(parts)

    def _map_line(self, row: MapTarget, *, first: bool) -> str:
        condition = beyond_words.condition(row)
        told = f'&nbsp; <span style="color:{self._dim}">{escape(condition)}</span>' if condition else ""
        indent = "" if first else "margin-left:12px"
        target = escape(row.target or beyond_words.no_target())
        return _line(f'<span style="font-weight:600">{target}</span>{told}', indent)

    def _state(self, entity: Entity) -> str:
        say = QCoreApplication.translate
        if not entity.active:
            words = say("concept", "Inactive: not for new mappings")
        elif not entity.assignable:
            words = say("concept", "Not billable: take one of its codes")
        else:
            words = say("concept", "Billable") if entity.type in _ICD_TYPES else say("concept", "Can be assigned")
            return f'<span style="color:{self._dim}">{escape(words)}</span>'
        return f'<span style="color:{theme.alert(self.look.palette).name()}">{escape(words)}</span>'

    def _path(self) -> str:
        return "".join(
            f'<p style="margin:0 0 2px {depth * 10}px; color:{self._dim}">{self._link(one.code)}&nbsp; '
            f"{escape(one.name)}</p>"
            for depth, one in enumerate(self.concept.path)
        )

    def _synonyms(self) -> str:
        lines = [_line(escape(one)) for one in self.concept.entity.synonyms]
        return self._titled(
            QCoreApplication.translate("concept", "Synonyms"), self._folded("synonyms", lines, SYNONYMS_SHOWN)
        )

    def _children(self) -> str:
        lines = [_line(f"{self._link(one.code)}&nbsp; {escape(one.name)}") for one in self.concept.children]
        title = QCoreApplication.translate("concept", "Narrower codes")
        return self._titled(title, self._folded("children", lines, CHILDREN_SHOWN))

    def _siblings(self) -> str:
        if not self.concept.path:
            return ""
        own, parent = self.concept.entity.name, self.concept.path[-1]
        lines = [
            _line(f"{self._link(one.code)}&nbsp; {escape(difference(own, one.name))}") for one in self.concept.siblings
        ]
        title = wording.fill(QCoreApplication.translate("concept", "Others in %1"), parent.code)
        return self._titled(title, self._folded("siblings", lines, SIBLINGS_SHOWN))

    def _mapped_here(self) -> str:
        say, (count, mentions) = QCoreApplication.translate, self.beside.mapped
        lines = "".join(
            _line(f'{escape(one.text)} <span style="color:{self._dim}">×{wording.number(one.count)}</span>')
            for one in mentions
        )
        words = say("concept", "Mapped here: 1 mention") if count == 1 else say("concept", "Mapped here: %1 mentions")
        if count > len(mentions):
            all_ = wording.fill(say("concept", "Show all %1 in the list"), wording.number(count))
            lines += f'<p style="margin:2px 0 0 0">{self._way("mapped:", all_)}</p>'
        return self._titled(wording.fill(words, wording.number(count)), lines)

    def _remote(self, rules: Sequence[Rule]) -> str:
        """Chapter and block speak to every code below them, so they come last and fold early."""
        left, shown = REMOTE_SHOWN, []
        if "remote" in self.look.opened:
            return "".join(self._rule(rule, len(rule.texts)) for rule in rules)
        for rule in rules:
            if left > 0:
                shown.append(self._rule(Rule(rule.kind, rule.origin, rule.texts[:left]), left))
            left -= len(rule.texts)
        return "".join(shown) + (self._more("remote", -left) if left < 0 else "")

    def _rule(self, rule: Rule, most: int) -> str:
        lines = [self._note(rule, text) for text in rule.texts]
        body = self._folded(f"{rule.kind}-{rule.origin}", lines, most)
        if rule.kind != "excludes1":
            return self._titled(wording.note_heading(rule.kind), body, rule.origin)
        return self._forbidding(self._titled(wording.note_heading(rule.kind), body, rule.origin, alert=True))

    def _note(self, rule: Rule, text: str) -> str:
        first, *rest = text.splitlines() or [""]
        weight = "font-weight:600" if in_force(self.concept.entity, rule, text) else ""
        lines = [_line(self._linked(first), weight)]
        return "".join((*lines, *(_line(self._linked(one), "margin-left:12px") for one in rest)))

    def _linked(self, text: str) -> str:
        return "".join(
            self._link(piece.code, _unbroken(piece.text)) if piece.code else escape(_unbroken(piece.text))
            for piece in pieces(text, self.concept.known)
        )

    def _forbidding(self, body: str) -> str:
        """Excludes 1 stands apart: a bar, a ground, a cross in words' colour. The cross alone would do in print."""
        palette = self.look.palette
        alert = theme.alert(palette)
        ground = theme.mix(palette.color(QPalette.ColorRole.Base), alert, 0.07).name()
        return (
            '<p style="margin:0; font-size:5pt">&nbsp;</p>'
            '<table width="100%" cellspacing="0" cellpadding="0"><tr>'
            f'<td width="3" bgcolor="{alert.name()}"></td>'
            f'<td bgcolor="{ground}" style="padding:6px 8px 6px 9px">{body}</td></tr></table>'
        )

    def _titled(self, title: str, body: str, origin: str = "", *, alert: bool = False) -> str:
        if not body:
            return ""
        colour, mark = (theme.alert(self.look.palette).name(), "×&nbsp; ") if alert else (self._dim, "")
        source = ""
        if origin:
            words = wording.fill(self._from(origin), "\0")
            source = f'<span style="font-weight:400; color:{self._dim}">&nbsp;&nbsp;{escape(words)}</span>'
            source = source.replace("\0", self._link(origin))
        top = 0 if alert else 14
        return (
            f'<p style="margin:{top}px 0 4px 0; font-size:{self.look.size * 0.9:.1f}pt; font-weight:600; '
            f'color:{colour}">{mark}{escape(title)}{source}</p>{body}'
        )

    def _from(self, origin: str) -> str:
        say = QCoreApplication.translate
        chapter = any(one.code == origin and one.type == "chapter" for one in self.concept.path)
        return say("concept", "from chapter %1") if chapter else say("concept", "from %1")

    def _folded(self, part: str, lines: Sequence[str], most: int) -> str:
        """At most `most` lines; one more line is shown rather than hidden behind a link as long as itself."""
        if len(lines) <= most + 1 or part in self.look.opened:
            return "".join(lines)
        return "".join(lines[:most]) + self._more(part, len(lines) - most)

    def _more(self, part: str, count: int) -> str:
        words = wording.fill(QCoreApplication.translate("concept", "Show %1 more"), count)
        style = f'style="color:{self._accent}; text-decoration:none"'
        return f'<p style="margin:2px 0 0 0"><a href="open:{escape(part)}" {style}>{escape(words)}</a></p>'

    def _link(self, code: str, text: str = "") -> str:
        style = f'style="color:{self._accent}; text-decoration:none"'
        return f'<a href="code:{escape(code)}" {style}>{escape(text or code)}</a>'


def _unbroken(text: str) -> str:
    """Codes and the dash of a range stay on one line."""
    return text.replace("-", "\N{NON-BREAKING HYPHEN}") if " " not in text else text


def _line(body: str, style: str = "") -> str:
    return f'<p style="margin:0 0 3px 0; {style}">{body}</p>'
