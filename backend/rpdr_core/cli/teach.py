"""`rpdr teach`: let a model behind an endpoint rank candidates. The one command that sends mention text."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click

from rpdr_core.cli.login import login
from rpdr_core.cli.options import JSON, K, show_progress
from rpdr_core.cli.teach_report import say, say_nothing_waits, say_preview, say_report
from rpdr_core.errors import NotAllowedError, UserInputError
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.store import Project
from rpdr_core.workflow.batches import begin_batch, follow_batch, open_batches, reopen_batch
from rpdr_core.workflow.consent import WINDOW, consent_of, masked_names, require_consent
from rpdr_core.workflow.keys import read_key
from rpdr_core.workflow.preparing import (
    Prepared,
    Strategy,
    choose_mentions,
    examples_from_decisions,
    prepare,
    retrieve_missing,
)
from rpdr_core.workflow.prices import Tariff, own_tariff, tariff_for
from rpdr_core.workflow.profiles import Profile, find_profile
from rpdr_core.workflow.redirection import redirections
from rpdr_core.workflow.sending import Ceiling, SendTerms
from rpdr_core.workflow.teaching import (
    Asking,
    ask_teacher,
    estimate_of,
    maybe_sent,
    new_run,
    preview_params,
    send_params,
)

_KINDS = click.Choice(["openai", "azure", "deepseek", "compatible"])


@click.command("teach")
@click.argument("project", type=click.Path(path_type=Path))
@click.option("--profile", "name", default="", help="The endpoint profile to ask (see `rpdr endpoint list`).")
@click.option("--endpoint", "url", default="", help="In place of a profile: a server's address, up to /v1.")
@click.option("--model", default="", help="With --endpoint: the model's name there.")
@click.option("--kind", type=_KINDS, default="compatible", show_default=True, help="With --endpoint: its kind.")
@click.option("--key-env", default="", help="Environment variable that holds the key, in place of the profile's own.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="Most mentions to ask about.")
@click.option("--choose", type=click.Choice(get_args(Strategy)), default="uncertain", show_default=True)
@click.option("--examples", default=0, show_default=True, type=click.IntRange(0, 8), help="Examples out of decisions.")
@click.option("--template", default="rerank_en", show_default=True, help="Prompt template: a name or a .toml file.")
@click.option("--orders", default=1, show_default=True, type=click.IntRange(1, 2), help="2: ask again, shuffled.")
@click.option("--seed", default=0, show_default=True, help="For choice and shuffling.")
@click.option("--max-cost", type=click.FloatRange(0.0), help="Ceiling in the price table's currency.")
@click.option("--max-requests", type=click.IntRange(0), help="Ceiling in requests.")
@click.option("--price", type=(float, float), help="Prices of a million tokens in and out, for this run.")
@click.option("--rate", type=click.FloatRange(0.0), help="Most requests a minute, in place of the profile's.")
@click.option("--timeout", type=click.FloatRange(1.0), help="Seconds per request, in place of the profile's.")
@click.option("--batch", is_flag=True, help="Through the batch interface: slower, and cheaper at some vendors.")
@click.option("--no-wait", is_flag=True, help="With --batch: hand it in and come back another time.")
@click.option("--ignore-environment", is_flag=True, help="Go on although variables would redirect other programs.")
@K
@click.option(
    "--preview", is_flag=True, help="Show a request as it would be sent, and what the run costs. Send nothing."
)
@click.option("--show", default=1, show_default=True, type=click.IntRange(1), help="With --preview: which request.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@JSON
def teach_command(project: Path, as_json: bool, **options: Any) -> None:
    """Let a teacher rank the candidates of PROJECT's undecided mentions.

    Each request holds one mention, a short window of its context, masked, and the candidates' names; with --examples
    also mentions that were decided, masked and cut alike. It needs the project's consent (`rpdr consent`), has a row
    in its ledger before it leaves, and is not sent twice.
    """
    profile = _profile(options)
    asking = Asking(profile, options["template"], options["orders"], options["seed"])
    tariff = _tariff(profile, options)
    if options["preview"]:
        _preview(project, asking, tariff, options, as_json)
        return
    with Project.open(project) as opened:
        given = require_consent(opened, profile, batch=options["batch"])
        _environment(profile, options["ignore_environment"])
        key = read_key(profile, options["key_env"])
        _tell_maybe_sent(opened)
        tariff = _priced(tariff, profile, options["max_requests"])
        ceiling = Ceiling(options["max_cost"], options["max_requests"])
        terms = SendTerms(new_run(), profile, tariff, ceiling, login() or given.who, batch=options["batch"])
        with WorkerClient.start() as worker:
            if options["batch"] and open_batches(opened):
                _collect(opened, worker, key, terms, options, as_json)
                return
            _tell_open(opened)
            prepared = _prepared(opened, worker, given.window, options)
            if not prepared.items:
                say_nothing_waits(as_json)
                return
            _send(opened, worker, key, terms, asking, prepared, options, as_json)


def _preview(project: Path, asking: Asking, tariff: Tariff, options: dict[str, Any], as_json: bool) -> None:
    """Before a consent, too: who consents should see what it is to."""
    with Project.open(project) as opened, WorkerClient.start() as worker:
        given = consent_of(opened)
        prepared = _prepared(opened, worker, given.window if given is not None else WINDOW, options)
        if not prepared.items:
            say_nothing_waits(as_json)
            return
        show = min(options["show"], len(prepared.items)) - 1
        preview = worker.call("rank.teacher.preview", preview_params(asking, prepared, show))
        estimate = estimate_of(preview, tariff, len(prepared.items), batch=options["batch"])
        say_preview(preview, prepared, estimate, as_json)


def _send(
    project: Project,
    worker: WorkerClient,
    key: str,
    terms: SendTerms,
    asking: Asking,
    prepared: Prepared,
    options: dict[str, Any],
    as_json: bool,
) -> None:
    preview = worker.call("rank.teacher.preview", preview_params(asking, prepared))
    estimate = estimate_of(preview, terms.tariff, len(prepared.items), batch=terms.batch)
    if not options["yes"]:
        say(preview, prepared, estimate)
        click.confirm(f"Send to {preview.url} (model {asking.profile.model})?", abort=True, err=True)
    terms = replace(terms, masks=prepared.masks, width=prepared.width, names=prepared.names)
    params = send_params(project, asking, prepared, key, terms.run, preview.digest)
    if terms.batch:
        keeper, asked = begin_batch(project, params, terms, wait=not options["no_wait"])
        report = follow_batch(project, worker, terms, keeper, asked, on_progress=show_progress)
    else:
        report = ask_teacher(project, worker, params, terms, on_progress=show_progress)
    say_report(report, prepared, estimate, as_json)


def _collect(
    project: Project, worker: WorkerClient, key: str, terms: SendTerms, options: dict[str, Any], as_json: bool
) -> None:
    """Batches that are open come before any new one: what was paid for is fetched first."""
    for open_ in open_batches(project):
        keeper, asked = reopen_batch(project, open_, key, terms, wait=not options["no_wait"])
        report = follow_batch(project, worker, terms, keeper, asked, on_progress=show_progress)
        say_report(report, None, None, as_json)


def _prepared(project: Project, worker: WorkerClient, width: int, options: dict[str, Any]) -> Prepared:
    strategy: Strategy = options["choose"]
    ids = choose_mentions(project, options["limit"], strategy, options["seed"])
    retrieve_missing(project, worker, Library(), ids, options["k"])
    n, template = options["examples"], options["template"]
    examples = examples_from_decisions(project, worker, Library(), ids, n, template) if n and ids else None
    return prepare(project, ids, width=width, names=masked_names(project), examples=examples)


def _profile(options: dict[str, Any]) -> Profile:
    if bool(options["name"]) == bool(options["url"]):
        raise UserInputError("a teacher is named by --profile, or by --endpoint and --model", hint="give one of them")
    if options["url"] and not options["model"]:
        raise UserInputError("an endpoint needs its model", hint="give --model")
    found = (
        find_profile(options["name"])
        if options["name"]
        else Profile("", options["kind"], options["url"], options["model"], key_env=options["key_env"])
    )
    rate = found.requests_per_minute if options["rate"] is None else options["rate"]
    return replace(found, requests_per_minute=rate, timeout=options["timeout"] or found.timeout)


def _tariff(profile: Profile, options: dict[str, Any]) -> Tariff:
    if options["price"] is None:
        return tariff_for(profile.address, profile.model)
    return own_tariff(profile.model, *options["price"])


def _priced(tariff: Tariff, profile: Profile, most_requests: int | None) -> Tariff:
    """A model without a price runs under a ceiling of requests, or at prices that somebody gives."""
    if tariff.known or most_requests is not None:
        return tariff
    if not sys.stdin.isatty():
        hint = "give --price IN OUT, or --max-requests, or put it into your price table"
        raise UserInputError(f"there is no price for {profile.model}", hint=hint)
    click.echo(f"There is no price for {profile.model}. What does a million tokens cost?", err=True)
    sent: float = click.prompt("sent", type=click.FloatRange(0.0), err=True)
    answered: float = click.prompt("answered", type=click.FloatRange(0.0), err=True)
    return own_tariff(profile.model, sent, answered)


def _environment(profile: Profile, ignore: bool) -> None:
    """Show what would redirect others; go on only when somebody said so."""
    found = redirections(profile)
    for one in found:
        click.echo(f"note: {one.variable} is set{f' ({one.shown})' if one.shown else ''}: {one.effect}", err=True)
    if not found or ignore:
        return
    if not sys.stdin.isatty():
        hint = "unset them, or say --ignore-environment"
        raise NotAllowedError("variables of the environment point elsewhere; they are not obeyed", hint=hint)
    click.confirm(f"They are not obeyed. Go on with {profile.address.base_url}?", abort=True, err=True)


def _tell_maybe_sent(project: Project) -> None:
    lost = len(maybe_sent(project))
    if lost:
        click.echo(f"note: {lost:,} earlier requests may have been sent without an answer; see rpdr ledger", err=True)


def _tell_open(project: Project) -> None:
    count = len(open_batches(project))
    if count:
        is_open = "1 batch is open" if count == 1 else f"{count:,} batches are open"
        click.echo(f"note: {is_open}: what is asked there is left out; fetch the answers with --batch", err=True)
