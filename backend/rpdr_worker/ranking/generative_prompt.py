"""What a generative student reads and writes: a template file, checked on load, and what it makes of one list.

Candidates stand under the letters A to Y, `Z` is "none of these". Mention, context and names are data: white space is
folded, control characters are made visible, and the tokenizer's special tokens are broken up.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.records import Candidate, Verdict
from rpdr_core.resources import resource_path

LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXY"
NONE = "Z"
# Read at the label's place, against each other alone: is the best candidate an exact or a close match?
EXACT, CLOSE = "e", "c"
MOST = len(LABELS)
_FORMAT = 1
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_PLACES = {
    "instruction": frozenset[str](),
    "question": frozenset({"mention", "context", "candidates"}),
    "context": frozenset({"text"}),
    "candidate": frozenset({"label", "name", "matched"}),
    "matched": frozenset({"text"}),
    "ask": frozenset[str](),
}


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    none: str
    exact: str
    close: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    name: str
    language: str
    window: int
    instruction: str
    question: str
    context: str
    candidate: str
    matched: str
    ask: str
    answer: _Answer


@dataclass(frozen=True, slots=True)
class StudentTemplate:
    """A checked template. `sha256` (hex, of `content`, the file's bytes) names it in a ranking's provenance."""

    name: str
    window: int
    instruction: str
    question: str
    context: str
    candidate: str
    matched: str
    ask: str
    none: str
    exact: str
    close: str
    content: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Question:
    """One list as the student is asked about it; `candidates` at most `MOST`, in the order shown."""

    mention: str
    context: str
    candidates: tuple[Candidate, ...]


def load_student_template(reference: str) -> StudentTemplate:
    """A bundled template by name (`student_en`), or a template file by its path (ends in `.toml`)."""
    path = Path(reference) if reference.endswith(".toml") else _bundled(reference)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotFoundError("no such prompt template", hint="check the path", file=str(path)) from error
    read = _decode(path, content)
    _check(path, content.decode("utf-8"), read)
    parts = (read.instruction.strip(), read.question.strip(), read.context, read.candidate, read.matched, read.ask)
    answer = (read.answer.none, read.answer.exact, read.answer.close)
    return StudentTemplate(read.name, read.window, *parts, *answer, content, hashlib.sha256(content).hexdigest())


def render(
    template: StudentTemplate, question: Question, *, with_none: bool, specials: Sequence[str] = (), squeeze: int = 0
) -> str:
    """Instruction and question as one text. `specials`: strings that the tokenizer would take for its own.

    `squeeze` makes the text shorter, step by step (see `squeezed`), for what does not fit the model.
    """
    mention, around, also, longest = squeezed(template, question, squeeze)
    lines = []
    for label, candidate in zip(LABELS, question.candidates, strict=False):
        name = as_data(candidate.name, specials)[:longest]
        matched = as_data(candidate.matched, specials)[:longest] if also and _tells(candidate) else ""
        values = {
            "label": label,
            "name": name,
            "matched": _fill(template.matched, {"text": matched}) if matched else "",
        }
        lines.append(_fill(template.candidate, values))
    if with_none:
        lines.append(_fill(template.candidate, {"label": NONE, "name": template.none, "matched": ""}))
    values = {
        "mention": as_data(mention, specials),
        "context": _fill(template.context, {"text": as_data(around, specials)}) if around else "",
        "candidates": "\n".join(lines),
    }
    asked = _fill(template.question, values)
    return f"{template.instruction}\n" + "\n".join(line for line in asked.split("\n") if line.strip())


# Longest name in characters, at each step after context and synonyms are gone.
_NAME_STEPS = (200, 80, 40, 20)
SQUEEZES = 2 + len(_NAME_STEPS)


def squeezed(template: StudentTemplate, question: Question, step: int) -> tuple[str, str, bool, int]:
    """Mention, context, whether synonyms are shown, and the longest name: 0 all, 1 no context, 2 no synonyms, ..."""
    mention = " ".join(question.mention.split())
    context = window(question.context, mention, template.window) if step == 0 else ""
    if step < 3:
        return mention[:1000], context, step < 2, 1000
    longest = _NAME_STEPS[min(step - 3, len(_NAME_STEPS) - 1)]
    return mention[: 2 * longest], "", False, longest


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
    """White space as single spaces, control and direction characters visible, special tokens broken up."""
    seen = " ".join("".join(_visible(character) for character in text).split())
    for special in specials:
        if len(special) > 1 and special in seen:
            seen = seen.replace(special, f"{special[0]} {special[1:]}")
    return seen


def window(context: str, mention: str, width: int) -> str:
    """The mention's surroundings: `width` characters on each side, whole words."""
    around = " ".join(context.split())
    if width <= 0 or not around or around == mention:
        return ""
    at = around.casefold().find(mention.casefold())
    start, end = (max(0, at - width), at + len(mention) + width) if at >= 0 else (0, 2 * width)
    cut = around[start:end]
    if start > 0 and " " in cut[:20]:
        cut = cut[cut.index(" ") + 1 :]
    if end < len(around) and " " in cut[-20:]:
        cut = cut[: cut.rindex(" ")]
    return ("… " if start > 0 else "") + cut.strip() + (" …" if end < len(around) else "")


def _tells(candidate: Candidate) -> bool:
    """A memory term or a code tells nothing about the entity's meaning."""
    same = " ".join(candidate.matched.split()).casefold() == " ".join(candidate.name.split()).casefold()
    return candidate.source in ("synonym", "lexicon") and bool(candidate.matched.strip()) and not same


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn"):
        return f"⟨U+{ord(character):04X}⟩"
    return character


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)


def _bundled(name: str) -> Path:
    folder = resource_path("prompts")
    known = sorted(path.stem for path in folder.glob("student_*.toml"))
    if name not in known:
        raise NotFoundError(f"no student template {name!r}", hint=f"one of {', '.join(known)}, or a .toml file")
    return folder / f"{name}.toml"


def _decode(path: Path, content: bytes) -> _File:
    try:
        return msgspec.convert(tomllib.loads(content.decode("utf-8")), _File)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else 0
        raise FileFormatError(f"not valid TOML: {error}", hint="mend the line", file=str(path), line=line) from error
    except UnicodeDecodeError as error:
        raise FileFormatError("the template is not UTF-8", hint="save it as UTF-8", file=str(path)) from error
    except msgspec.ValidationError as error:
        hint = "compare it with the bundled student_en template"
        raise FileFormatError(f"not a student's template: {error}", hint=hint, file=str(path)) from error


def _check(path: Path, content: str, read: _File) -> None:
    if read.format != _FORMAT:
        raise FileFormatError(f"template format {read.format}", hint=f"this release reads {_FORMAT}", file=str(path))
    for part, wanted in _PLACES.items():
        found = set(_PLACEHOLDER.findall(getattr(read, part)))
        for word in sorted(found - wanted):
            hint = f"`{part}` knows {', '.join(sorted(wanted)) or 'no placeholder'}"
            line = _line_of(content, word)
            raise FileFormatError(f"unknown placeholder {word!r} in `{part}`", hint=hint, file=str(path), line=line)
        for word in sorted(wanted - found):
            hint = f"write {{{{{word}}}}} where it belongs"
            raise FileFormatError(f"`{part}` lacks the placeholder {word!r}", hint=hint, file=str(path))
    words = (read.answer.none, read.answer.exact, read.answer.close)
    if len({word.strip().casefold() for word in words} - {""}) < len(words):
        raise FileFormatError("the answer's words must differ", hint="one word or phrase for each", file=str(path))


def _line_of(content: str, word: str) -> int:
    found = re.search(rf"\{{\{{\s*{re.escape(word)}\s*\}}\}}", content)
    return content.count("\n", 0, found.start()) + 1 if found else 0
