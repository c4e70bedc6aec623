"""`rpdr align`: a knowledge base teaches the encoder its own synonyms."""

from __future__ import annotations

from pathlib import Path

import click

from rpdr_core.cli.following import HOST
from rpdr_core.cli.options import JSON, LEXICON
from rpdr_core.cli.retriever_training import RECIPE_HELP, Course, carry_out
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.messages import TrainingSpec
from rpdr_core.workflow.aligning import HELD_OUT, rows_from_names
from rpdr_core.workflow.runs import refuse_recipe


@click.command("align")
@click.argument("kb")
@click.option("--recipe", default="self-alignment", show_default=True, help=RECIPE_HELP)
@click.option("--encoder", "base", default="", help="Encoder to begin with (default: the bundled one).")
@click.option("--name", default="", help="Name of the new encoder (default: by KB).")
@click.option("--no-lexicon", is_flag=True, help="Leave the bundled lexicon out: official names and synonyms alone.")
@LEXICON
@click.option("--held-out", default=HELD_OUT, show_default=True, type=click.FloatRange(0.0, 0.9), help="Of synonyms.")
@click.option("--keep", is_flag=True, help="Keep the new encoder, but never put it in use.")
@HOST
@click.option("--detach", is_flag=True, help="Start and return; see rpdr runs.")
@click.option("--checkpoint", default=60.0, show_default=True, help="Seconds between two checkpoints.")
@click.option("--seed", default=0, show_default=True, help="Equal seeds and names give equal encoders.")
@JSON
def align_command(
    kb: str,
    recipe: str,
    base: str,
    name: str,
    no_lexicon: bool,
    lexicon: tuple[Path, ...],
    held_out: float,
    keep: bool,
    host: str,
    detach: bool,
    checkpoint: float,
    seed: int,
    as_json: bool,
) -> None:
    """Train the encoder on the synonyms of KB: no label, minutes on a CPU for the bundled encoder.

    It is judged by synonyms that were held out. If it wins, KB gets its index anew and is searched with it from then
    on; until then, and if it does not win, nothing changes.
    """
    refuse_recipe(recipe, retriever=True)
    catalogue = Library().open(kb, lexicons=lexicon)
    rows = rows_from_names(catalogue, seed=seed, held_out=held_out, lexicon=not no_lexicon)
    spec = TrainingSpec(recipe, catalogue.info.fingerprint, base, seed)
    course = Course(name or f"{catalogue.info.id}-aligned", host, detach, checkpoint, not keep, as_json)
    carry_out(spec, rows, catalogue, course)
