"""`rpdr link`: a whole mention file, offline and resumable."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click
import msgspec

from rpdr_core.cli.link_engine import check_engine, engine_options, ranked_on, ray_engine
from rpdr_core.cli.link_review import LEARN, given_review, judged_sample
from rpdr_core.cli.options import (
    ENCODER,
    ENCODER_RUNTIME,
    JSON,
    KB,
    LEXICON,
    MEMORY,
    RANKER,
    SCOPE,
    adapter_of,
    opened,
    print_json,
    scope_text,
    sha256_of,
    show_stage,
)
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.knowledge_base.scope import scope_mark
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import LinkMentions, MentionText, RetrievalState
from rpdr_core.records import NewMention, Ranking
from rpdr_core.workflow.encoders import encoder_folder
from rpdr_core.workflow.linking import CHUNK, SLOW_CHUNK, Head, Journal, Linked, link_file
from rpdr_core.workflow.linking_acceptance import Acceptance, acceptance
from rpdr_core.workflow.linking_distinct import Survey
from rpdr_core.workflow.linking_engine import Engine, Linker
from rpdr_core.workflow.linking_provenance import Made, Provenance, path_of, promised, write_provenance
from rpdr_core.workflow.retrieving import open_retrieval

_EVERY = 0.2


@click.command("link")
@click.argument("mentions", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write: .csv, .tsv, .jsonl, .xlsx or .parquet.",
)
@KB
@MEMORY
@ENCODER
@ENCODER_RUNTIME
@LEXICON
@RANKER
@SCOPE
@click.option(
    "--max-error",
    type=click.FloatRange(0.0005, 0.5),
    help="Mark rows that may stand unreviewed with at most this share of errors, at 95 % certainty.",
)
@click.option(
    "--reviewed",
    type=click.Path(path_type=Path),
    help="For --max-error: reviewed mentions with codes, drawn by lot from such files. Their wordings are "
    "left out of --memory.",
)
@click.option(
    "--project", type=click.Path(path_type=Path), help="For --max-error: a project with an answered random check."
)
@LEARN
@engine_options
@click.option("--encoding", default="", help="Encoding of MENTIONS, where it is not UTF-8.")
@click.option("--restart", is_flag=True, help="Begin anew even if an unfinished run is there.")
@JSON
def link_command(
    mentions: Path,
    output: Path,
    kb: str,
    memory: Path | None,
    encoder: str,
    lexicon: tuple[Path, ...],
    ranker: str,
    scope: str,
    max_error: float | None,
    reviewed: Path | None,
    project: Path | None,
    learn: bool,
    engine: str,
    ray_address: str,
    agreed: str,
    encoding: str,
    restart: bool,
    as_json: bool,
) -> None:
    """Link every row of MENTIONS (CSV, TSV, JSONL, XLSX, Parquet or plain text) offline, in the order of the rows.
    Stopped or killed and started again, it continues. OUTPUT.provenance.json says what made the file.
    """
    check_engine(engine, ray_address, agreed, project)
    catalogue, within, digest = Library().open(kb, lexicons=lexicon), scope_text(scope), sha256_of(mentions)
    adapter, folder = adapter_of(ranker), encoder_folder(encoder, catalogue.info.fingerprint)
    given = given_review(max_error, reviewed, project, memory, learn=learn, student=adapter, encoder=folder)
    with WorkerClient.start() as worker:
        state, chunk = opened(worker, catalogue, given.memory, encoder), SLOW_CHUNK if adapter else CHUNK
        link = _linker(worker, state, adapter, within)
        judged = judged_sample(given, worker, state.fingerprint, link, chunk)
        remembered = [*given.memory, *judged.learned]
        if judged.learned:
            # Opened anew, it is the same to the last digit whoever opens it, and whenever.
            state = open_retrieval(worker, catalogue, memory=remembered, encoder=encoder)
        model = f"{ranker} {state.encoder if state.dense_done else 'lexical'} {state.dense_done}/{state.dense_total}"
        inputs = " ".join(filter(None, (state.inputs, scope_mark(within), ranked_on(worker, adapter, ray_address))))
        head = Head(digest, state.fingerprint, model, inputs, chunk)
        found: list[Acceptance] = []

        def read() -> Iterator[NewMention]:
            return read_mentions(mentions, encoding=encoding)

        def accept(journal: Journal, rows: Survey) -> float | None:
            found.append(acceptance(judged, journal, rows, max_error or 0.0, read, show_stage))
            return found[0].promise.threshold

        linked_by: Linker | Engine = link
        if engine == "ray":
            linked_by = ray_engine(
                ray_address,
                agreed,
                worker,
                catalogue,
                remembered,
                encoder,
                state,
                adapter,
                within,
                digest,
                judged=max_error is not None,
            )
        done = link_file(
            read,
            output,
            head,
            linked_by,
            restart=restart,
            on_progress=_Progress(),
            on_stage=show_stage,
            accept=accept if max_error is not None else None,
        )
        made = _made(mentions, output, catalogue, state, head, ranker, within, memory, worker.worker.worker)
    promise = promised(max_error or 0.0, len(given.sample), found[0], given.silent) if found else None
    write_provenance(output, Provenance(made, replace(done, resumed=0), promise))
    _tell(done, output, found, max_error or 0.0, as_json=as_json)


def _linker(
    worker: WorkerClient, state: RetrievalState, adapter: str, within: str
) -> Callable[[list[NewMention]], list[Ranking]]:
    def link(batch: list[NewMention]) -> list[Ranking]:
        found: list[Ranking] = []
        items = tuple(MentionText(at, item.text, item.context) for at, item in enumerate(batch))
        params = LinkMentions(state.fingerprint, items, adapter=adapter, scope=within)
        worker.call("link", params, on_partial=found.append)
        return found

    return link


def _made(
    mentions: Path,
    output: Path,
    catalogue: Catalogue,
    state: RetrievalState,
    head: Head,
    ranker: str,
    within: str,
    memory: Path | None,
    worker: str,
) -> Made:
    return Made(
        input=mentions.name,
        input_sha256=head.input,
        output=output.name,
        output_sha256=sha256_of(output),
        knowledge_base=head.knowledge_base,
        knowledge_base_title=catalogue.info.title,
        knowledge_base_version=catalogue.info.version,
        ranker=ranker,
        encoder=state.encoder if state.dense_done else "",
        vectors=f"{state.dense_done}/{state.dense_total}",
        inputs=head.memory,
        scope=within,
        memory_sha256=sha256_of(memory) if memory else "",
        worker=worker,
        chunk=head.chunk,
    )


class _Progress:
    """Tells a person, and nobody else, how far it is and how long it takes from what was done since the start."""

    def __init__(self) -> None:
        self._began = self._told = 0.0
        self._first = 0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if not self._began:
            self._began, self._first = now, done
        if not sys.stderr.isatty() or (now - self._told < _EVERY and done < total):
            return
        self._told = now
        rate = (done - self._first) / max(now - self._began, 1e-3)
        left = f", {_span((total - done) / rate)} left" if rate > 0 and done < total else ""
        click.echo(f"\rlinked {done:,} of {total:,} distinct mentions{left}        ", nl=done == total, err=True)


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"


def _tell(done: Linked, output: Path, found: list[Acceptance], rate: float, *, as_json: bool) -> None:
    if found and found[0].drift.warns:
        click.echo("warning: the file is not like the reviewed mentions:", err=True)
        for line in found[0].drift.told():
            click.echo(f"  {line}", err=True)
        click.echo("review a sample of this file before you trust what is accepted", err=True)
    if as_json:
        print_json(_json(done, output, found))
        return
    click.echo(f"{done.rows:,} rows ({done.distinct:,} distinct mentions) linked: {output}")
    if found:
        promise = found[0].promise
        click.echo(
            f"{done.accepted:,} of {done.rows:,} rows accepted at an error of at most {rate:.2%} (95 % certainty; "
            f"confidence from {promise.threshold:.2f}; {promise.wrong} of {promise.n} reviewed ones there wrong)"
        )
        if found[0].learned:
            click.echo(f"{found[0].learned:,} reviewed mentions are remembered; each was judged before it was")


def _json(done: Linked, output: Path, found: list[Acceptance]) -> dict[str, object]:
    out: dict[str, object] = {**msgspec.to_builtins(done), "output": str(output), "provenance": str(path_of(output))}
    if not found:
        out.pop("accepted")
        return out
    promise, drift = found[0].promise, found[0].drift
    return out | {
        "threshold": promise.threshold,
        "reviewed_at_or_above": promise.n,
        "wrong_at_or_above": promise.wrong,
        "learned": found[0].learned,
        "drift": {
            "distance": round(drift.distance, 4),
            "p": drift.p,
            "warns": drift.warns,
            "differences": msgspec.to_builtins(drift.differences),
            "told": drift.told(),
        },
    }
