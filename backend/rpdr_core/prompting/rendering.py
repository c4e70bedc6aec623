"""A candidate list as a chat: instructions, worked examples, the question itself; and its answer for training.

Training rows and inference prompts come out of the same functions, so they ask in the same words.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from rpdr_core.prompting.lines import one_line
from rpdr_core.prompting.placeholders import fill
from rpdr_core.prompting.template import Template
from rpdr_core.prompting.window import window
from rpdr_core.records import Candidate, Verdict, WorkedExample


@dataclass(frozen=True, slots=True)
class Message:
    """A chat message: `role` is system, user or assistant."""

    role: str
    content: str


def render(
    template: Template,
    text: str,
    context: str,
    candidates: Sequence[Candidate],
    examples: Sequence[WorkedExample] | None = None,
) -> tuple[Message, ...]:
    """The messages that ask about one mention. `examples` None: the template's own; empty: none."""
    shown = template.examples if examples is None else examples
    return (
        Message("system", template.system),
        *(message for example in shown for message in _worked(template, example)),
        Message("user", question(template, text, context, candidates)),
    )


def training_chat(
    template: Template,
    text: str,
    context: str,
    candidates: Sequence[Candidate],
    order: Sequence[int],
    verdict: Verdict,
) -> tuple[Message, ...]:
    """What `render` asks without examples, and the answer: an order (numbers from 1, best first) and a verdict."""
    return (*render(template, text, context, candidates, ()), Message("assistant", answer(order, verdict)))


def question(template: Template, text: str, context: str, candidates: Sequence[Candidate]) -> str:
    """The user's message about one mention: each value on one line, lines that stay empty left out."""
    around = one_line(window(context, text, template.window))
    lines = [_candidate(template, number, candidate) for number, candidate in enumerate(candidates, 1)]
    filled = fill(
        template.user,
        {
            "mention": one_line(text),
            "context": fill(template.context, {"text": around}) if around else "",
            "candidates": "\n".join(lines),
        },
    )
    return "\n".join(line for line in filled.split("\n") if line.strip())


def answer(order: Sequence[int], verdict: Verdict) -> str:
    """An answer in the declared form."""
    return json.dumps({"order": list(order), "verdict": verdict})


def _worked(template: Template, example: WorkedExample) -> tuple[Message, Message]:
    candidates = [Candidate("", name) for name in example.candidates]
    return (
        Message("user", question(template, example.mention, example.context, candidates)),
        Message("assistant", answer(example.order, example.verdict)),
    )


def _candidate(template: Template, number: int, candidate: Candidate) -> str:
    name, matched = one_line(candidate.name), one_line(candidate.matched)
    # A memory term or a code says nothing of the entity's meaning; a memory term may also be somebody's words.
    also = matched if matched.casefold() != name.casefold() and candidate.source in ("synonym", "lexicon") else ""
    values = {
        "number": str(number),
        "name": name,
        "matched": fill(template.matched, {"text": also}) if also else "",
    }
    return fill(template.candidate, values)
