"""Where the reviewer stands in a project."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from rpdr_desk.operations.asked import Asked

FocusOwner = Literal["table", "list", "queues", "filter", "search"]
FOCUS_OWNERS: tuple[FocusOwner, ...] = get_args(FocusOwner)


@dataclass(frozen=True, slots=True)
class Place:
    """Kept over a restart. `saved`: the saved filter that `asked` came from; `mention_id`: on screen, 0 for none.

    `offset`: pixels from the list's upper edge to the mention's row, None where that is not known; `code`: of the
    selected candidate.
    """

    asked: Asked = field(default_factory=Asked)
    saved: str = ""
    mention_id: int = 0
    offset: int | None = None
    code: str = ""
    focus: FocusOwner = "table"
