"""What a generative student reads of one list, and the answers it is taught to write.

Candidates stand under the letters A to Y, `Z` is "none of these". Mention, context and names are data: they stay on
their line, nothing in them is hidden, and the tokenizer's special tokens are broken up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rpdr_core.prompting.lines import one_line
from rpdr_core.prompting.placeholders import fill
from rpdr_core.prompting.window import window
from rpdr_core.records import Candidate, Verdict
from rpdr_worker.ranking.generative_template import StudentTemplate

LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXY"
NONE = "Z"
# Read at the label's place, against each other alone: is the best candidate an exact or a close match?
EXACT, CLOSE = "e", "c"
# How a prompt that is too long for the model is made shorter, step by step: longest name in characters, context and
# synonyms or not.
_STEPS = (
    (1000, True, True),
    (1000, False, True),
    (1000, False, False),
    *((n, False, False) for n in (200, 80, 40, 20)),
)
SQUEEZES = len(_STEPS)


@dataclass(frozen=True, slots=True)
class Question:
    """One list as the student is asked about it; at most as many candidates as there are labels, in the order shown."""

    mention: str
    context: str
    candidates: tuple[Candidate, ...]


def render(
    template: StudentTemplate, question: Question, *, with_none: bool, specials: Sequence[str] = (), squeeze: int = 0
) -> str:
    """Instruction and question as one text. `specials`: strings that the tokenizer would take for its own.

    `squeeze` (0 to `SQUEEZES` - 1) leaves out context, then synonyms, then the ends of names.
    """
    longest, with_context, with_synonyms = _STEPS[squeeze]

    def data(text: str) -> str:
        return as_data(text, specials)[:longest]

    lines = []
    for label, candidate in zip(LABELS, question.candidates, strict=False):
        also = data(candidate.matched) if with_synonyms and _tells(candidate) else ""
        matched = fill(template.matched, {"text": also}) if also else ""
        lines.append(fill(template.candidate, {"label": label, "name": data(candidate.name), "matched": matched}))
    if with_none:
        lines.append(fill(template.candidate, {"label": NONE, "name": template.none, "matched": ""}))
    around = window(question.context, question.mention, template.window) if with_context and template.window else ""
    values = {
        "mention": data(question.mention),
        "context": fill(template.context, {"text": as_data(around, specials)}) if around else "",
        "candidates": "\n".join(lines),
    }
    asked = fill(template.question, values)
    return f"{template.instruction}\n" + "\n".join(line for line in asked.split("\n") if line.strip())


def written_labels(template: StudentTemplate, order: Sequence[int], verdict: Verdict) -> str:
    """`C > A > B; exact`. `order`: places of the candidates shown, best first; with verdict `none`, Z leads."""
    labels = [*([NONE] if verdict == "none" else []), *(LABELS[place] for place in order)]
    judged = {"exact": f"; {template.exact}", "close": f"; {template.close}"}.get(verdict, "")
    return " > ".join(labels) + judged


def written_names(template: StudentTemplate, names: Sequence[str], verdict: Verdict) -> str:
    """The names, one a line, best first; with verdict `none` the words for it lead."""
    lead = [template.none] if verdict == "none" else []
    return "\n".join([*lead, *(as_data(name) for name in names)])


def as_data(text: str, specials: Sequence[str] = ()) -> str:
    """One line without hidden characters; the tokenizer's special tokens are broken up by a space."""
    seen = one_line(text)
    for special in specials:
        if len(special) > 1 and special in seen:
            seen = seen.replace(special, f"{special[0]} {special[1:]}")
    return seen


def _tells(candidate: Candidate) -> bool:
    """Whether the string that brought a candidate says more than its name; memory terms and codes do not."""
    matched, name = one_line(candidate.matched), one_line(candidate.name)
    return candidate.source in ("synonym", "lexicon") and bool(matched) and matched.casefold() != name.casefold()
