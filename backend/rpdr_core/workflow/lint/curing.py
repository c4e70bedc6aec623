"""The suggested code in place of the one at fault: a correction like any other, undoable and audited."""

from __future__ import annotations

from dataclasses import replace

from rpdr_core.errors import NotAllowedError, NotFoundError
from rpdr_core.records import Changes, DecisionKind, NewDecision, Target
from rpdr_core.store import Project
from rpdr_core.workflow.leading import counting, leading


def cure(project: Project, mention_id: int, code: str, suggested: tuple[str, str], *, reviewer: str = "") -> Changes:
    """Replace `code` by `suggested` (code, name); everything else of the decision stays.

    `NotAllowedError` where the decision is another by now.
    """
    mention = next(iter(project.mentions([mention_id])), None)
    decision = project.decision(mention_id)
    if mention is None:
        raise NotFoundError(f"mention {mention_id} is not in this project")
    targets = (Target(mention.code, mention.name, decision.relation), *decision.also) if decision else ()
    if code not in [target.code for target in targets]:
        raise NotAllowedError("the decision has changed since this was found", hint="look through the decisions again")
    new_code, new_name = suggested
    changed = [replace(one, code=new_code, name=new_name) if one.code == code else one for one in targets]
    first, *also = list({target.code: target for target in changed}.values())
    shown = counting(project.rankings(mention_id), project.promoted())
    led = leading(shown)
    accepts = led is not None and bool(led.candidates) and led.candidates[0].code == first.code
    kind: DecisionKind = "accept" if accepts else "correct"
    return project.decide(
        NewDecision(
            mention_id,
            kind,
            first.code,
            first.name,
            comment=decision.comment if decision else "",
            shown=shown,
            relation=first.relation,
            also=tuple(also),
            knowledge_base=project.knowledge_base().fingerprint,
        ),
        reviewer=reviewer,
    )
