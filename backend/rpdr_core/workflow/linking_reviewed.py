"""Where reviewed mentions come from: a file with codes, or the random check of a project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rpdr_core.errors import FileFormatError, NotAllowedError, remark
from rpdr_core.folding import fold
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.records import MemoryTerm, NewMention
from rpdr_core.store import open_reader
from rpdr_core.workflow.random_check import check_of


def reviewed_file(path: Path) -> list[NewMention]:
    """Mentions with their right codes; one without a code says that nothing fits."""
    mentions = list(read_mentions(path))
    if not any(mention.code for mention in mentions):
        hint = "give a file with the columns mention and code, of mentions that people have reviewed"
        raise FileFormatError("no reviewed mention has a code", hint=hint, file=str(path))
    return mentions


def reviewed_project(path: Path) -> list[NewMention]:
    """The answered random check of a project: other decisions were made in an order of the reviewers' own choice."""
    with open_reader(path) as reader:
        check = check_of(reader)
        if check is None:
            hint = "draw a random check in the project (dashboard) and answer it, or give --reviewed FILE"
            raise NotAllowedError("the project has no random check", hint=hint, file=str(path))
        mentions = reader.mentions(check.ids)
        waiting = sum(mention.status == "unreviewed" for mention in mentions)
        if waiting:
            message = remark(f"{waiting:,} mentions of the random check are not answered")
            raise NotAllowedError(message, hint="answer them in the project first", file=str(path))
        return [
            NewMention(mention.text, mention.context, code="" if mention.status == "deferred" else mention.code)
            for mention in mentions
        ]


def project_memory(path: Path, sample: Sequence[NewMention]) -> list[MemoryTerm]:
    """What a project remembers, but for the wordings of its random check: they would be right by heart."""
    asked = {fold(mention.text) for mention in sample}
    with open_reader(path) as reader:
        return [term for term in reader.memory() if fold(term.term) not in asked]
