"""`rpdr link`: a whole mention file, offline and resumable."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from rpdr_core.cli.options import (
    ENCODER,
    JSON,
    KB,
    LEXICON,
    MEMORY,
    RANKER,
    SCOPE,
    adapter_of,
    memory_terms,
    opened,
    print_json,
    scope_text,
    sha256_of,
    show_progress,
)
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Library
from rpdr_core.knowledge_base.scope import scope_mark
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import LinkMentions, MentionText, ProgressEvent
from rpdr_core.records import NewMention, Ranking
from rpdr_core.workflow.linking import Head, link_file


@click.command("link")
@click.argument("mentions", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="CSV file to write.")
@KB
@MEMORY
@ENCODER
@LEXICON
@RANKER
@SCOPE
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
    encoding: str,
    restart: bool,
    as_json: bool,
) -> None:
    """Link every row of MENTIONS offline. Stopped and started again, it continues."""
    catalogue, within = Library().open(kb, lexicons=lexicon), scope_text(scope)
    with WorkerClient.start() as worker:
        state = opened(worker, catalogue, memory_terms(memory), encoder)

        def link(batch: list[NewMention]) -> list[Ranking]:
            found: list[Ranking] = []
            items = tuple(MentionText(at, item.text, item.context) for at, item in enumerate(batch))
            params = LinkMentions(state.fingerprint, items, adapter=adapter_of(ranker), scope=within)
            worker.call("link", params, on_partial=found.append)
            return found

        model = f"{ranker} {state.encoder if state.dense_done else 'lexical'} {state.dense_done}/{state.dense_total}"
        inputs = " ".join(filter(None, (state.inputs, scope_mark(within))))
        head = Head(sha256_of(mentions), state.fingerprint, model, inputs)
        done = link_file(
            lambda: read_mentions(mentions, encoding=encoding),
            output,
            head,
            link,
            restart=restart,
            on_progress=lambda at, total: show_progress(ProgressEvent(at, total)),
        )
    if as_json:
        print_json({**msgspec.to_builtins(done), "output": str(output)})
    else:
        click.echo(f"{done.rows:,} rows ({done.distinct:,} distinct mentions) linked: {output}")
