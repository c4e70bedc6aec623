"""`rpdr retrieve` and `rpdr index build`."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from rpdr_core.cli.options import (
    ENCODER,
    ENCODER_RUNTIME,
    JSON,
    KB,
    LEXICON,
    MEMORY,
    MODE,
    SCOPE,
    K,
    memory_terms,
    mode_of,
    opened,
    print_json,
    scope_text,
    show_progress,
)
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import BuildIndex
from rpdr_core.workflow.retrieving import open_retrieval, retrieve


@click.command("retrieve")
@click.argument("mention")
@KB
@K
@MEMORY
@ENCODER
@ENCODER_RUNTIME
@LEXICON
@MODE
@SCOPE
@JSON
def retrieve_command(
    mention: str,
    kb: str,
    k: int,
    memory: Path | None,
    encoder: str,
    lexicon: tuple[Path, ...],
    mode: str,
    scope: str,
    as_json: bool,
) -> None:
    """Show the candidates for one MENTION."""
    catalogue, within = Library().open(kb, lexicons=lexicon), scope_text(scope)
    with WorkerClient.start() as worker:
        state = opened(worker, catalogue, memory_terms(memory), encoder)
        texts = [(mention, "")]
        ranking = retrieve(worker, state.fingerprint, texts, k, mode_of(mode), scope=within)[0]
    rows = [{"rank": at, **msgspec.to_builtins(candidate)} for at, candidate in enumerate(ranking.candidates, 1)]
    if as_json:
        print_json({"mention": mention, "confidence": ranking.confidence, "candidates": rows})
        return
    for row in rows:
        matched = "" if row["matched"] == row["name"] else f"   [{row['matched']}: {row['source']}]"
        click.echo(f"{row['rank']:>3}  {row['code']:<10} {row['name']}{matched}")


@click.group("index")
def index_group() -> None:
    """The dense index of a knowledge base."""


@index_group.command("build")
@KB
@ENCODER
@ENCODER_RUNTIME
@LEXICON
@JSON
def index_build(kb: str, encoder: str, lexicon: tuple[Path, ...], as_json: bool) -> None:
    """Embed every string of the knowledge base. Stopped or killed, it goes on where it was."""
    catalogue = Library().open(kb, lexicons=lexicon)
    with WorkerClient.start() as worker:
        state = open_retrieval(worker, catalogue, encoder=encoder)
        state = worker.call("index.build", BuildIndex(state.fingerprint), on_progress=show_progress)
    if as_json:
        print_json(msgspec.to_builtins(state))
    else:
        click.echo(
            f"{state.dense_done:,} of {state.dense_total:,} strings embedded with {state.encoder or 'no encoder'}"
        )
