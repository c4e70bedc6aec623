"""`rpdr encoders`: the encoders that were trained here: seen, put in use for a knowledge base, removed."""

from __future__ import annotations

import os

import click
import msgspec

from rpdr_core.cli.options import JSON, KB, print_json
from rpdr_core.cli.retriever_training import as_dict, build_index, check_line
from rpdr_core.encoder_queries import VARIABLE, query_checks
from rpdr_core.knowledge_base.library import Library
from rpdr_core.workflow.encoders import (
    BUNDLED,
    find_encoder,
    list_encoders,
    remove_encoder,
    use_encoder,
    verify_encoder,
)

ENCODER = click.argument("encoder")


@click.group("encoders")
def encoders_group() -> None:
    """The trained encoders on this machine."""


@encoders_group.command("list")
@JSON
def list_command(as_json: bool) -> None:
    """List the encoders by name; a star marks those that a knowledge base is searched with."""
    found = list_encoders()
    if as_json:
        print_json([as_dict(one) for one in found])
        return
    for one in found:
        check = one.manifest.check
        mark = "*" if one.in_use else " "
        first = f"{check.at_1_before:.1%} -> {check.at_1:.1%}"
        click.echo(
            f"{mark} {one.id}  {one.name}  {first}{'' if check.wins else ' (no win)'}  {one.manifest.info.recipe}"
        )


@encoders_group.command("runtimes")
@JSON
def runtimes_command(as_json: bool) -> None:
    """List where queries may be encoded in int8 (encoder, terminology, this processor), and what was measured.

    Checked once each. RPDR_ENCODER_RUNTIME=int8 takes it without a check, f32 and bf16 never.
    """
    checks = query_checks()
    if as_json:
        print_json([{**msgspec.to_builtins(one), "taken": one.taken} for one in checks])
        return
    click.echo(f"asked for: {os.environ.get(VARIABLE) or 'auto'}")
    for one in checks:
        click.echo(
            f"{'int8 ' if one.taken else 'as is'} {one.encoder[:12]}  terminology {one.terminology[:12]}, "
            f"{one.strings:,} strings, {one.queries:,} queries: first {one.at_1:.2%} -> {one.at_1_int8:.2%}, "
            f"first ten {one.at_10:.2%} -> {one.at_10_int8:.2%}, {one.quicker:.1f} times as fast  "
            f"ONNX Runtime {one.onnxruntime}, {one.processor}"
        )


@encoders_group.command("show")
@ENCODER
@JSON
def show_command(encoder: str, as_json: bool) -> None:
    """One ENCODER (name, folder or id): what it was made from, how it did; every file of it is checked."""
    found = find_encoder(encoder)
    verify_encoder(found)
    if as_json:
        print_json(as_dict(found))
        return
    for name, value in as_dict(found).items():
        if name != "check":
            shown = ", ".join(one[:12] for one in value) if isinstance(value, list) else value
            click.echo(f"{name.replace('_', ' '):<16} {shown}")
    click.echo(f"{'check':<16} {check_line(found.manifest.check)}")


@encoders_group.command("use")
@ENCODER
@KB
@JSON
def use_command(encoder: str, kb: str, as_json: bool) -> None:
    """Search a knowledge base with ENCODER from now on, once its index is made; `bundled` goes back."""
    catalogue = Library().open(kb)
    if encoder != BUNDLED:
        build_index(catalogue, find_encoder(encoder))
    use_encoder(catalogue.info.fingerprint, encoder)
    if as_json:
        print_json({"knowledge_base": catalogue.info.fingerprint, "encoder": encoder})
    else:
        click.echo(f"{catalogue.info.id} is searched with {encoder}")


@encoders_group.command("remove")
@ENCODER
@JSON
def remove_command(encoder: str, as_json: bool) -> None:
    """Delete ENCODER, unless a knowledge base is searched with it."""
    found = remove_encoder(encoder)
    if as_json:
        print_json({"removed": found.name, "id": found.id})
    else:
        click.echo(f"encoder {found.name} is removed")
