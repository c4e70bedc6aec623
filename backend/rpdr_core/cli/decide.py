"""`rpdr decide`: one decision from the command line, as undoable as one made on screen."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from rpdr_core.cli.login import login
from rpdr_core.cli.options import JSON, print_json
from rpdr_core.errors import UserInputError
from rpdr_core.knowledge_base.library import Library
from rpdr_core.records import NewDecision, NoMatchReason
from rpdr_core.store import Project
from rpdr_core.workflow.deciding import map_to_code

_REASONS = get_args(NoMatchReason)


@click.command("decide")
@click.argument("project", type=click.Path(path_type=Path))
@click.argument("mention_id", type=int)
@click.argument("code", required=False, default="")
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
    with Project.open(project) as opened:
        shown = tuple(opened.rankings(mention_id))
        if code:
            decision = map_to_code(opened, Library(), mention_id, code, comment)
        elif reason is not None:
            decision = NewDecision(mention_id, "no_match", reason=reason, comment=comment, shown=shown)
        else:
            decision = NewDecision(mention_id, "defer" if defer else "reopen", comment=comment, shown=shown)
        changes = opened.decide(decision, reviewer=reviewer or login())
    if as_json:
        outcome = {"mention_id": mention_id, "kind": decision.kind, "code": decision.code, "name": decision.name}
        print_json({**outcome, "reason": decision.reason, "remembered": len(changes.remembered)})
    else:
        what = " ".join(filter(None, (decision.code, decision.name, decision.reason)))
        click.echo(decision.kind.replace("_", " ") + (f": {what}" if what else ""))
