"""Times as the formats hold them: days, milliseconds since 1970, FHIR's dateTime. Ours are UTC in ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# hl7.org/fhir/R4/datatypes.html#dateTime: with a time of day there are seconds and a zone.
_FHIR = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d))?")


def moment_of(text: str) -> datetime | None:
    """The moment that a text states, in UTC; None where it states none."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def millis(text: str) -> int:
    """Milliseconds since 1970; 0, which stands for never, where the text states no moment."""
    found = moment_of(text)
    return (found - _EPOCH) // _MILLISECOND if found else 0


def from_millis(milliseconds: int) -> str:
    """The moment in ISO 8601; empty for 0 and for what no calendar has."""
    if not milliseconds:
        return ""
    try:
        return iso(_EPOCH + milliseconds * _MILLISECOND)
    except OverflowError:
        return ""


def day(text: str) -> str:
    """The day, e.g. 2026-11-21; empty where the text states no moment."""
    found = moment_of(text)
    return found.date().isoformat() if found else ""


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fhir_moment(text: str) -> str:
    """The text where it is a dateTime of FHIR's, else empty."""
    return text if _FHIR.fullmatch(text) and moment_of(text) else ""
