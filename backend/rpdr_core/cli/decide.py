"""`rpdr decide`: one decision from the command line, as undoable as one made on screen."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from rpdr_core.cli.login import login
from rpdr_core.cli.options import JSON, print_json
from rpdr_core.errors import UserInputError
from rpdr_core.knowledge_base.library import Library
from rpdr_core.records import DecisionKind, NewDecision, NoMatchReason, Relation
from rpdr_core.relations import sentence_of
from rpdr_core.store import Project
from rpdr_core.workflow.deciding import map_to_code
from rpdr_core.workflow.leading import counting

_REASONS = get_args(NoMatchReason)
_RELATIONS: tuple[Relation, ...] = get_args(Relation)


@click.command("decide")
@click.argument("project", type=click.Path(path_type=Path))
@click.argument("mention_id", type=int)
@click.argument("code", required=False, default="")
@click.option("--relation", type=click.Choice(_RELATIONS), default="equivalent", help="CODE as seen from the mention.")
@click.option("--also", multiple=True, metavar="CODE[=RELATION]", help="A further code of the mention; repeatable.")
@click.option("--no-match", "reason", type=click.Choice(_REASONS), help="No entity fits, and why.")
@click.option("--defer", is_flag=True, help="Leave it for later.")
@click.option("--reopen", is_flag=True, help="Take the decision in force back.")
@click.option("--comment", default="", help="Kept with the decision.")
@click.option("--reviewer", default="", help="Who decides (default: the name you are logged in with).")
@JSON
def decide_command(
    project: Path,
    mention_id: int,
    code: str,
    relation: Relation,
    also: tuple[str, ...],
    reason: NoMatchReason | None,
    defer: bool,
    reopen: bool,
    comment: str,
    reviewer: str,
    as_json: bool,
) -> None:
    """Decide MENTION_ID of PROJECT: map it to CODE, or one of --no-match REASON, --defer, --reopen."""
    if [bool(code), reason is not None, defer, reopen].count(True) != 1:
        raise UserInputError("one decision at a time", hint="give CODE, --no-match REASON, --defer or --reopen")
    if not code and (also or relation != "equivalent"):
        raise UserInputError("a relation belongs to a code", hint="give CODE")
    further = [_further(one) for one in also]
    with Project.open(project) as opened:
        if code:
            decision = map_to_code(opened, Library(), mention_id, code, comment, relation=relation, also=further)
        else:
            kind: DecisionKind = "no_match" if reason is not None else "defer" if defer else "reopen"
            shown = counting(opened.rankings(mention_id), opened.promoted())
            base = opened.knowledge_base().fingerprint
            decision = NewDecision(
                mention_id, kind, reason=reason or "", comment=comment, shown=shown, knowledge_base=base
            )
        changes = opened.decide(decision, reviewer=reviewer or login())
    if as_json:
        outcome = {"mention_id": mention_id, "kind": decision.kind, "code": decision.code, "name": decision.name}
        relation_now = sentence_of(decision.relation) if decision.code else ""
        further_now = [{"code": one.code, "relation": sentence_of(one.relation)} for one in decision.also]
        told = {"relation": relation_now, "also": further_now, "reason": decision.reason}
        print_json({**outcome, **told, "remembered": len(changes.remembered)})
    else:
        what = " ".join(filter(None, (decision.code, decision.name, decision.reason)))
        click.echo(decision.kind.replace("_", " ") + (f": {what}" if what else ""))
        if decision.relation != "equivalent":
            click.echo(sentence_of(decision.relation))
        for one in decision.also:
            click.echo(f"also {one.code} {one.name}: {sentence_of(one.relation)}")


def _further(text: str) -> tuple[str, Relation]:
    code, _, relation = text.partition("=")
    known = next((one for one in _RELATIONS if one == (relation or "equivalent")), None)
    if not code or known is None:
        raise UserInputError(f"{text!r} is no further code", hint=f"write CODE or CODE={'|'.join(_RELATIONS)}")
    return code, known
