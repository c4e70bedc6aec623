"""What a file that is to be imported may be: a table of mentions, documents, mappings made elsewhere or exported here.

It is asked of the file's contents. A table that only lists terms is taken for mentions even where a reader of mappings
could make something of it: what was decided is looked for, and where nothing was, nothing is taken over.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rpdr_core.errors import RpdrError, UserInputError

if TYPE_CHECKING:
    from rpdr_core.workflow.mapping_files import MappingLook

NOTES = (".txt", ".docx", ".pdf")


@dataclass(frozen=True, slots=True)
class Recognised:
    """`documents`: the format of documents that it is, or may be (`sure` tells which); empty for none. `mappings`
    where the file can be read as such; `decided`: some of them are decisions.
    """

    documents: str = ""
    sure: bool = False
    mappings: MappingLook | None = None

    @property
    def decided(self) -> bool:
        found = self.mappings.mappings if self.mappings is not None else ()
        return any(one.status != "unreviewed" for one in found)


def terminology_in(path: Path) -> str:
    """The format of a terminology that the file is beyond doubt: a table may be anything, so is a folder of notes."""
    from rpdr_core.knowledge_base.recognising import recognise

    try:
        found = recognise(path).format
    except RpdrError:
        return ""
    return "" if found == "table" else found


def recognised(path: Path) -> Recognised:
    """What the file is. What cannot be read as anything is left to the reader of mentions, who says why."""
    from rpdr_core.formats.documents.notes import ID
    from rpdr_core.workflow.document_import import recognise
    from rpdr_core.workflow.mapping_files import look_mappings

    try:
        documents = recognise(path)
    except RpdrError:
        # Unsound in itself: whoever reads it says how.
        documents = ""
    sure = bool(documents) or path.is_dir()
    maybe = documents or (ID if sure or path.suffix.lower() in NOTES else "")
    if maybe == ID and sure:
        return Recognised(ID, sure=True)
    try:
        return Recognised(maybe, sure, look_mappings(path))
    except UserInputError:
        return Recognised(maybe, sure)
