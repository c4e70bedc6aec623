"""Figures of the dashboard in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from rpdr_desk.operations.dashboard_state import Finish, Rate, Role, Span
from rpdr_desk.views import wording

NONE = "–"


def role_text(role: Role) -> str:
    return wording.ranker_text(role)


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 in percent."""
    return f"{share:.{digits}%}"


def rate_text(rate: Rate) -> str:
    """A share with its interval; a dash where there is no case."""
    if rate.value is None or rate.low is None or rate.high is None:
        return NONE
    return f"{percent(rate.value)} ({100 * rate.low:.0f}–{percent(rate.high, 0)})"


def day_text(day: str) -> str:
    """A date (ISO 8601) as the language writes it, short."""
    date = QDate.fromString(day, "yyyy-MM-dd")
    pattern = QCoreApplication.translate("dashboard", "d MMM")
    return QLocale(QLocale.Language.English).toString(date, pattern)


def span_text(span: Span) -> str:
    if span.start == span.end:
        return day_text(span.start)
    return f"{day_text(span.start)} – {day_text(span.end)}"


def done_text(done: int, total: int) -> str:
    """How much of something is decided."""
    if not total:
        return QCoreApplication.translate("dashboard", "none yet")
    words = QCoreApplication.translate("dashboard", "%1 of %2 decided (%3)")
    return wording.fill(words, wording.number(done), wording.number(total), percent(done / total if total else 0.0))


def days_left(finish: Finish) -> str:
    """The estimate in plain words."""
    say, number = QCoreApplication.translate, wording.number
    if finish.high <= 1:
        return say("dashboard", "A working day at most")
    if finish.low == finish.high:
        return wording.fill(say("dashboard", "About %1 working days"), number(finish.low))
    return wording.fill(
        say("dashboard", "About %1 to %2 working days"), number(max(1, finish.low)), number(finish.high)
    )


def pace_text(finish: Finish) -> str:
    words = QCoreApplication.translate(
        "dashboard", "at the pace of the last %1 days on which somebody decided: %2 mentions a day"
    )
    return wording.fill(words, wording.number(finish.days), wording.number(round(finish.per_day)))


def money(value: float, currency: str) -> str:
    """An amount with as many digits as it needs to be more than nothing."""
    digits = 2 if value >= 1 or value == 0 else 4
    return f"{value:,.{digits}f} {currency}".strip()
