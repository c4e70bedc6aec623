"""`rpdr teach`: let a closed model rank candidates. The one command that sends mention text off this machine."""

from __future__ import annotations

import os
from pathlib import Path

import click

from rpdr_core.cli.options import JSON, K, print_json, show_progress
from rpdr_core.errors import NotFoundError
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import Endpoint, PreviewPrompt, PromptPreview
from rpdr_core.store import Project
from rpdr_core.workflow.teaching import ask_teacher, retrieve_missing, waiting


@click.command("teach")
@click.argument("project", type=click.Path(path_type=Path))
@click.option("--endpoint", "url", required=True, help="Address of an OpenAI-compatible server, up to /v1.")
@click.option("--model", required=True, help="The model's name there.")
@click.option("--kind", type=click.Choice(["openai", "azure"]), default="openai", show_default=True)
@click.option("--key-env", default="", help="Environment variable that holds the key; none for a server without.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="Most mentions to send.")
@click.option("--template", default="rerank_en", show_default=True, help="Prompt template: a name or a .toml file.")
@click.option("--timeout", default=60.0, show_default=True, type=click.FloatRange(1.0), help="Seconds per request.")
@K
@click.option("--preview", is_flag=True, help="Show the first request as it would be sent; send nothing.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@JSON
def teach_command(
    project: Path,
    url: str,
    model: str,
    kind: str,
    key_env: str,
    limit: int,
    template: str,
    timeout: float,
    k: int,
    preview: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Let a teacher rank the candidates of PROJECT's undecided mentions, most frequent first.

    Each request holds one mention, a short window of its context and the candidates' names. What was answered once is
    not sent again.
    """
    endpoint = Endpoint(url, model, "azure" if kind == "azure" else "openai", timeout)
    key = _take_key(key_env)
    with Project.open(project) as opened, WorkerClient.start() as worker:
        retrieve_missing(opened, worker, Library(), limit, k)
        items = waiting(opened, limit)
        if not items:
            _say({"sent": 0}, "no mention waits for the teacher", as_json)
            return
        first = worker.call("rank.teacher.preview", PreviewPrompt(endpoint, template, items[0]))
        if preview:
            _show(first, len(items), as_json)
            return
        if not yes:
            click.confirm(f"Send {len(items):,} mentions to {first.url} (model {model})?", abort=True, err=True)
        done = ask_teacher(opened, worker, endpoint, key, items, template=template, on_progress=show_progress)
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in done.counts.items() if count)
    _say({"items": done.items, "seconds": round(done.seconds, 1), "counts": done.counts}, counts, as_json)


def _take_key(name: str) -> str:
    """The key, and out of the environment with it: the worker gets it on its stdin, not from its parent."""
    if not name:
        return ""
    key = os.environ.pop(name, "")
    if not key:
        raise NotFoundError(f"the environment variable {name} is empty", hint=f"export {name}=...")
    return key


def _show(first: PromptPreview, items: int, as_json: bool) -> None:
    value = {"items": items, "url": first.url, "body": first.body, "sha256": first.sha256}
    _say(value, f"{items:,} requests to {first.url}, the first of them:\n{first.body}", as_json)


def _say(value: object, words: str, as_json: bool) -> None:
    if as_json:
        print_json(value)
    else:
        click.echo(words)
