"""What a file that is to be imported may be: a table of mentions, mappings made elsewhere or exported here.

It is asked of the file's contents. A table that only lists terms is taken for mentions even where a reader of mappings
could make something of it: what was decided is looked for, and where nothing was, nothing is taken over.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rpdr_core.errors import UserInputError

if TYPE_CHECKING:
    from rpdr_core.workflow.mapping_import import MappingLook


@dataclass(frozen=True, slots=True)
class Recognised:
    """`mappings` where the file can be read as such; `decided`: some of them are decisions."""

    mappings: MappingLook | None = None

    @property
    def decided(self) -> bool:
        found = self.mappings.mappings if self.mappings is not None else ()
        return any(one.status != "unreviewed" for one in found)


def recognised(path: Path) -> Recognised:
    """Whether the file is one of mappings. What cannot be read as any is left to the reader of mentions."""
    from rpdr_core.workflow.mapping_import import look_mappings

    try:
        return Recognised(look_mappings(path))
    except UserInputError:
        return Recognised()
