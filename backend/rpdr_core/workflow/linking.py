"""Link a whole mention file offline: distinct mentions go to the worker, rows come back with code and confidence.

Three passes over the file, none of which holds it: which rows are the same mention; the first of each in chunks to the
worker; each row with its result. Results are kept in a journal beside the output. Stopped and started again, linking
goes on after the last whole chunk; the journal's head says what it belongs to, and another input, knowledge base or
model is refused. A chunk is the same however often it was begun, so the output is the same to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rpdr_core.errors import UserInputError
from rpdr_core.formats.xlsx import MAX_ROWS
from rpdr_core.knowledge_base.release import Watch, unwatched
from rpdr_core.records import NewMention
from rpdr_core.workflow.linking_distinct import Survey, key_of, survey
from rpdr_core.workflow.linking_engine import Engine, Linker, Load, LocalEngine
from rpdr_core.workflow.linking_journal import Entry, Head, Journal
from rpdr_core.workflow.linking_output import COLUMNS, Output

__all__ = ["CHUNK", "COLUMNS", "Entry", "Head", "Journal", "Linked", "Linker", "key_of", "link_file"]

CHUNK = 2_048
"""Mentions that go to the worker together."""

SLOW_CHUNK = 256
"""As many where a student ranks, so that a stop costs little."""

# A message to the worker has a limit; mentions with long contexts go in smaller chunks.
_CHARACTERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Linked:
    """Counts of a finished run; `resumed` distinct mentions came from the journal of an earlier one. `accepted`: rows
    that may stand without review, None where no error rate was asked for.
    """

    rows: int
    distinct: int
    resumed: int
    unlinked: int
    accepted: int | None = None


def link_file(
    mentions: Callable[[], Iterator[NewMention]],
    output: Path,
    head: Head,
    link: Linker | Engine,
    *,
    restart: bool = False,
    on_progress: Callable[[int, int], object],
    on_stage: Watch = unwatched,
    accept: Callable[[Journal, Survey], float | None] | None = None,
) -> Linked:
    """Link every row that `mentions()` yields (it is called three times) and write `output` in one swap, in the format
    that its name says.

    `link` is an engine, or a function that is called in a thread of its own, one chunk at a time. `accept` gets all
    results and gives the confidence from which rows are accepted (None: none is); without it there is no such column.
    """
    writer = Output.of(output, head)
    journal = Journal(output.with_name(output.name + ".journal"), head, restart=restart)
    try:
        found = survey(mentions(), on_stage)
        _check_fits(output, found.rows)
        resumed = min(len(journal), found.distinct)
        on_progress(resumed, found.distinct)
        engine = link if isinstance(link, Engine) else LocalEngine(link)
        chunks = _chunks(found.firsts(mentions(), resumed), head.chunk or CHUNK)
        with closing(engine.linked(chunks, _load(found, resumed, head.chunk or CHUNK))) as linked:
            for rankings in linked:
                journal.add(rankings)
                on_progress(len(journal), found.distinct)
        threshold = accept(journal, found) if accept is not None else None
        counts = writer.write(
            found.numbered(mentions()),
            journal,
            found.rows,
            threshold=threshold,
            judged=accept is not None,
            on_stage=on_stage,
        )
    except BaseException:
        journal.close()
        raise
    journal.remove()
    return Linked(counts.rows, found.distinct, resumed, counts.unlinked, counts.accepted if accept else None)


def _check_fits(output: Path, rows: int) -> None:
    """Before hours of work, not after."""
    if output.suffix.lower() == ".xlsx" and rows >= MAX_ROWS:
        message = f"more than {MAX_ROWS - 1:,} rows do not fit a worksheet"
        raise UserInputError(message, hint="write a .csv or .jsonl file", file=output.name)


def _load(found: Survey, resumed: int, chunk: int) -> Load:
    left = found.distinct - resumed
    # Each chunk but the last is full, of mentions or of characters; a character is at least one byte.
    return Load(left, found.size, left // chunk + found.size // _CHARACTERS + 1 if left else 0)


def _chunks(mentions: Iterator[NewMention], size: int) -> Iterator[list[NewMention]]:
    chunk: list[NewMention] = []
    characters = 0
    for mention in mentions:
        chunk.append(mention)
        characters += len(mention.text) + len(mention.context)
        if len(chunk) == size or characters >= _CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk
