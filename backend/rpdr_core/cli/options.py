"""Options and small print that several commands share."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

import click

from rpdr_core.encoder_queries import VARIABLE, Asked
from rpdr_core.errors import NotFoundError
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.knowledge_base.scope import parse_scope
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import ProgressEvent, RetrievalState
from rpdr_core.records import MemoryTerm
from rpdr_core.store import SUFFIX, open_reader
from rpdr_core.workflow.adapters import find_adapter
from rpdr_core.workflow.retrieving import memory_of, open_retrieval
from rpdr_core.workflow.scoping import scope_of

KB = click.option("--kb", required=True, help="Knowledge base: icd10cm, an imported id, or a CSV/TSV file.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
MEMORY = click.option(
    "--memory", type=click.Path(path_type=Path), help="Coded mentions (CSV/TSV) used as accepted corrections."
)
ENCODER = click.option(
    "--encoder", default="", help="Another bi-encoder: a name of rpdr encoders, or a folder (safetensors)."
)


def _ask_runtime(_: click.Context, __: click.Parameter, value: str | None) -> None:
    """The worker of this command, a process of its own, is told by its environment."""
    if value is not None:
        os.environ[VARIABLE] = value


ENCODER_RUNTIME = click.option(
    "--encoder-runtime",
    type=click.Choice(get_args(Asked)),
    expose_value=False,
    callback=_ask_runtime,
    help=f"In which numbers strings are encoded; auto (also by {VARIABLE}) takes what is fastest here and as good.",
)
LEXICON = click.option(
    "--lexicon", multiple=True, type=click.Path(path_type=Path), help="A lexicon file of your own (term, codes, kind)."
)
K = click.option("-k", "k", default=10, show_default=True, type=click.IntRange(1, 100), help="Candidates per mention.")
MODE = click.option("--mode", type=click.Choice(["auto", "lexical", "dense"]), default="auto", show_default=True)
SCOPE = click.option(
    "--scope",
    "scope",
    default="",
    help="Propose nothing else: an expression such as '<< H25', or a project whose scope is used.",
)
RANKER = click.option(
    "--ranker", default="retriever", show_default=True, help="retriever, or student:ADAPTER (folder, name or id)."
)


def memory_terms(path: Path | None) -> list[MemoryTerm]:
    return memory_of(read_mentions(path)) if path else []


def opened(worker: WorkerClient, catalogue: Catalogue, memory: Iterable[MemoryTerm], encoder: str) -> RetrievalState:
    """Open the catalogue in the worker, with progress shown and a word on what is missing."""
    state = open_retrieval(worker, catalogue, memory=memory, encoder=encoder, on_progress=show_progress)
    note_index(state, catalogue.info.id)
    return state


def scope_text(scope: str) -> str:
    """A scope as the worker takes it: an expression read and written anew, or that of a project file."""
    if scope.endswith(SUFFIX) and Path(scope).is_file():
        with open_reader(Path(scope)) as reader:
            return scope_of(reader)
    return parse_scope(scope).text if scope.strip() else ""


def adapter_of(ranker: str) -> str:
    """The adapter folder of `student:ADAPTER` (folder, name or id); empty for the retriever."""
    kind, _, folder = ranker.partition(":")
    if kind == "retriever" and not folder:
        return ""
    if kind == "student" and folder:
        return find_adapter(folder).folder
    raise NotFoundError(f"no ranker {ranker!r}", hint="retriever, or student:ADAPTER (folder, name or id)")


def mode_of(mode: str) -> Literal["auto", "lexical", "dense"]:
    return "lexical" if mode == "lexical" else "dense" if mode == "dense" else "auto"


def note_index(state: RetrievalState, kb: str) -> None:
    if state.dense in ("absent", "partial"):
        done = f"{state.dense_done:,} of {state.dense_total:,} strings"
        click.echo(f"note: dense index {state.dense} ({done}); build it with: rpdr index build --kb {kb}", err=True)
    elif state.dense == "unavailable":
        click.echo(f"note: lexical retrieval only: {state.reason}", err=True)


def show_progress(event: ProgressEvent) -> None:
    if sys.stderr.isatty():
        left = "" if event.seconds_left is None else f", {event.seconds_left:.0f} s left"
        click.echo(f"\r{event.done:,} of {event.total:,}{left}   ", nl=event.done == event.total, err=True)


def show_stage(stage: str, done: int, total: int) -> None:
    """A `Watch` that tells a person, and nobody else."""
    if sys.stderr.isatty():
        of = f" of {total:,}" if total else ""
        click.echo(f"\r{stage} {done:,}{of}   ", nl=bool(total) and done == total, err=True)


def sha256_of(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise NotFoundError("no such file", hint="check the path", file=str(path)) from error


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
