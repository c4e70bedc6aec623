"""Times as the store writes them: UTC in ISO 8601 with milliseconds, and as a number where an index holds them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rpdr_core.errors import UserInputError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def now() -> str:
    """UTC, milliseconds, ISO 8601."""
    return _iso(datetime.now(UTC))


def millis(moment: str) -> int:
    """Milliseconds since 1970 of a moment in ISO 8601; one without a zone is UTC. `UserInputError` where it is none."""
    try:
        read = datetime.fromisoformat(moment)
    except ValueError as error:
        hint = "write it as 2026-11-21 or 2026-11-21T18:30:00Z"
        raise UserInputError(f"{moment!r} is no moment", hint=hint) from error
    return ((read if read.tzinfo else read.replace(tzinfo=UTC)) - _EPOCH) // _MILLISECOND


def iso(milliseconds: int) -> str:
    """The moment as `now` writes it; empty for 0, which stands for never."""
    return _iso(_EPOCH + milliseconds * _MILLISECOND) if milliseconds else ""


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
