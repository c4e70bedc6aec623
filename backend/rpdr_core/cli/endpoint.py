"""`rpdr endpoint`: the teachers you know, their keys, and the switch that turns all of them off."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from typing import Any

import click

from rpdr_core.cli.options import JSON, print_json
from rpdr_core.errors import UserInputError
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.teacher_switch import refuse_if_off, switch, why_off
from rpdr_core.workflow.endpoint_test import try_endpoint
from rpdr_core.workflow.keys import read_key, store_key
from rpdr_core.workflow.prices import own_prices_file, tariff_for
from rpdr_core.workflow.profiles import (
    PRESETS,
    Profile,
    find_profile,
    list_profiles,
    preset_named,
    profiles_file,
    remove_profile,
    save_profile,
)

_KINDS = ("openai", "azure", "deepseek", "compatible")
_FORMATS = ("text", "json_object", "json_schema")


@click.group("endpoint")
def endpoint_group() -> None:
    """Endpoint profiles: name, address, model, limits. Keys are in the system's key store or a variable, not here."""


@endpoint_group.command("add")
@click.argument("name")
@click.option("--preset", default="", help=f"Start from: {', '.join(preset.name for preset in PRESETS)}.")
@click.option("--base-url", default="", help="Address of an OpenAI-compatible server, up to /v1.")
@click.option("--model", required=True, help="The model's name there.")
@click.option("--kind", type=click.Choice(_KINDS), help="What kind of server it is (default: compatible).")
@click.option("--key-env", default="", help="Environment variable that will hold the key.")
@click.option("--key-name", default="", help="Name of the key in the system's key store (see `rpdr endpoint key`).")
@click.option("--timeout", default=60.0, show_default=True, type=click.FloatRange(1.0), help="Seconds per request.")
@click.option("--rate", default=0.0, type=click.FloatRange(0.0), help="Most requests a minute; 0: no limit.")
@click.option("--tokens", default=0.0, type=click.FloatRange(0.0), help="Most tokens a minute; 0: no limit.")
@click.option("--parallel", default=4, show_default=True, type=click.IntRange(1, 64), help="Requests at once.")
@click.option("--format", "answer_format", type=click.Choice(_FORMATS), help="How the answer's form is asked for.")
@JSON
def add_command(
    name: str,
    preset: str,
    base_url: str,
    model: str,
    kind: Any,
    key_env: str,
    key_name: str,
    timeout: float,
    rate: float,
    tokens: float,
    parallel: int,
    answer_format: Any,
    as_json: bool,
) -> None:
    """Add the profile NAME, or replace it."""
    known = preset_named(preset) if preset else None
    url = base_url or (known.base_url if known else "")
    if not url:
        raise UserInputError("an endpoint has an address", hint="give --base-url or --preset")
    stored = key_name or (name if known is not None and known.needs_key and not key_env else "")
    profile = Profile(
        name,
        kind or (known.kind if known else "compatible"),
        url,
        model,
        stored,
        key_env,
        timeout,
        rate,
        tokens,
        parallel,
        answer_format or (known.answer_format if known else "text"),
    )
    save_profile(profile)
    if as_json:
        print_json(asdict(profile))
        return
    click.echo(f"{name}: {model} at {profile.address.base_url}")
    if stored:
        click.echo(f"put its key into the key store with: rpdr endpoint key {stored}")


@endpoint_group.command("list")
@JSON
def list_command(as_json: bool) -> None:
    """List the profiles."""
    profiles = list_profiles()
    if as_json:
        print_json({"file": str(profiles_file()), "off": why_off(), "endpoints": [asdict(one) for one in profiles]})
        return
    for profile in profiles:
        tariff = tariff_for(profile.address, profile.model)
        price = tariff.version if tariff.known else f"no price (yours go into {own_prices_file()})"
        click.echo(f"{profile.name}  {profile.model} at {profile.address.base_url}  {profile.kind}  prices: {price}")
    if not profiles:
        click.echo("no endpoint yet: rpdr endpoint add NAME --preset openai --model MODEL")
    if off := why_off():
        click.echo(f"all are off: {off}")


@endpoint_group.command("remove")
@click.argument("name")
@JSON
def remove_command(name: str, as_json: bool) -> None:
    """Remove the profile NAME. Its key stays in the key store: rpdr endpoint key NAME --remove takes it out."""
    gone = remove_profile(name)
    if as_json:
        print_json({"removed": asdict(gone)})
    else:
        click.echo(f"removed {gone.name}")


@endpoint_group.command("key")
@click.argument("name")
@click.option("--remove", is_flag=True, help="Take the key out of the key store.")
@JSON
def key_command(name: str, remove: bool, as_json: bool) -> None:
    """Read a key, unseen or from a pipe, into the system's key store for the profile NAME. Never give it as an
    argument. A NAME that is no profile's is a key's own.
    """
    profile = next((one for one in list_profiles() if one.name == name), None)
    name = (profile.key_name if profile is not None else "") or name
    if remove:
        store_key(name, "")
        _say_key(name, as_json, kept=False)
        return
    key = click.prompt("Key", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not key.strip():
        raise UserInputError("no key was given", hint="type it, or pipe it in")
    store_key(name, key)
    if profile is not None and not profile.key_name:
        save_profile(replace(profile, key_name=name))
    _say_key(name, as_json, kept=True)


def _say_key(name: str, as_json: bool, *, kept: bool) -> None:
    if as_json:
        print_json({"key_name": name, "kept": kept})
    elif kept:
        click.echo(f"kept in the system's key store as {name!r}")
    else:
        click.echo(f"the key store has no key {name!r} any more")


@endpoint_group.command("test")
@click.argument("name")
@click.option("--key-env", default="", help="Environment variable that holds the key, in place of the profile's own.")
@JSON
def test_command(name: str, key_env: str, as_json: bool) -> None:
    """Send one made-up question to NAME: no project, no text of yours. Says what came back and how long it took."""
    refuse_if_off()
    profile = find_profile(name)
    with WorkerClient.start() as worker:
        outcome = try_endpoint(worker, profile, read_key(profile, key_env))
    if as_json:
        print_json(asdict(outcome))
        return
    click.echo(
        f"{profile.model} at {profile.address.place}: {outcome.answer_class}, {outcome.seconds:.1f} s, ", nl=False
    )
    click.echo(f"{outcome.prompt_tokens} tokens in, {outcome.completion_tokens} out")


@endpoint_group.command("off")
@JSON
def off_command(as_json: bool) -> None:
    """Keep all projects of this user from any teacher until `rpdr endpoint on`."""
    switch(False)
    if as_json:
        print_json({"off": why_off()})
    else:
        click.echo("off: no request leaves")


@endpoint_group.command("on")
@JSON
def on_command(as_json: bool) -> None:
    """Let teachers be asked again, where a project's consent says so."""
    switch(True)
    if as_json:
        print_json({"off": why_off()})
        return
    click.echo(f"still off: {off}" if (off := why_off()) else "on, for projects with consent")
