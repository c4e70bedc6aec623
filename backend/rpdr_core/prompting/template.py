"""Prompt templates: a TOML file with declared placeholders, a declared answer and worked examples.

Read strictly: an unknown key, placeholder or form is an error with file, line and cure.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import msgspec

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.prompting.placeholders import line_of_placeholder, placeholders
from rpdr_core.prompting.toml_file import decode_toml, line_of_example, line_of_key
from rpdr_core.records import Verdict, WorkedExample
from rpdr_core.resources import resource_path

FORMAT = 1
VERDICTS: tuple[Verdict, ...] = tuple(word for word in get_args(Verdict) if word)
# What each part of a template must contain, and what it may.
_REQUIRED: dict[str, frozenset[str]] = {
    "system": frozenset(),
    "user": frozenset({"mention", "candidates"}),
    "context": frozenset({"text"}),
    "candidate": frozenset({"number", "name"}),
    "matched": frozenset({"text"}),
}
_ALLOWED: dict[str, frozenset[str]] = {
    **_REQUIRED,
    "user": frozenset({"mention", "context", "candidates"}),
    "candidate": frozenset({"number", "name", "matched"}),
}


class AnswerForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The declared answer: a JSON object with an order of candidate numbers and a verdict."""

    form: str
    order: str
    verdict: str
    verdicts: tuple[str, ...]


_ANSWER = AnswerForm("order_and_verdict", "order", "verdict", VERDICTS)


class _Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mention: str
    candidates: tuple[str, ...]
    order: tuple[int, ...]
    verdict: Verdict
    context: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    name: str
    language: str
    system: str
    user: str
    context: str
    candidate: str
    matched: str
    answer: AnswerForm
    examples: tuple[_Example, ...]
    window: int = 80


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template. `sha256` (hex, of the file's bytes) names it in a ranking's provenance.

    `window`: characters of context kept on each side of the mention.
    """

    name: str
    language: str
    system: str
    user: str
    context: str
    candidate: str
    matched: str
    window: int
    examples: tuple[WorkedExample, ...]
    sha256: str


def load_template(reference: str) -> Template:
    """A bundled template by name (`rerank_en`), or a template file by its path (ends in `.toml`).

    Raises `NotFoundError`, and `FileFormatError` with the line.
    """
    path = Path(reference) if reference.endswith(".toml") else _bundled(reference)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotFoundError("no such prompt template", hint="check the path", file=str(path)) from error
    content, read = decode_toml(path, data, _File, "prompt template")
    _check(path, content, read)
    examples = tuple(
        WorkedExample(example.mention, example.context, example.candidates, example.order, example.verdict)
        for example in read.examples
    )
    return Template(
        read.name,
        read.language,
        read.system.strip(),
        read.user.strip(),
        read.context,
        read.candidate,
        read.matched,
        read.window,
        examples,
        hashlib.sha256(data).hexdigest(),
    )


def bundled_templates() -> tuple[str, ...]:
    """Names of the teacher's templates that come with the program; a student's are another room's."""
    return tuple(sorted(path.stem for path in resource_path("prompts").glob("rerank_*.toml")))


def _bundled(name: str) -> Path:
    known = bundled_templates()
    if name not in known:
        raise NotFoundError(f"no prompt template {name!r}", hint=f"one of {', '.join(known)}, or a .toml file")
    return resource_path("prompts", f"{name}.toml")


def _check(path: Path, content: str, read: _File) -> None:
    def refuse(message: str, hint: str, line: int) -> FileFormatError:
        return FileFormatError(message, hint=hint, file=str(path), line=line)

    if read.format != FORMAT:
        line = line_of_key(content, "format")
        raise refuse(f"template format {read.format} is not known", f"this program reads format {FORMAT}", line)
    if read.window < 0:
        raise refuse("the window is negative", "0 sends no context", line_of_key(content, "window"))
    for part, required in _REQUIRED.items():
        found = placeholders(getattr(read, part))
        for word in sorted(found - _ALLOWED[part]):
            hint = f"`{part}` knows {', '.join(sorted(_ALLOWED[part])) or 'no placeholder'}"
            raise refuse(f"unknown placeholder {word!r} in `{part}`", hint, line_of_placeholder(content, word))
        for word in sorted(required - found):
            hint = f"write {{{{{word}}}}} where it belongs"
            raise refuse(f"`{part}` lacks the placeholder {word!r}", hint, line_of_key(content, part))
    if read.answer != _ANSWER:
        hint = 'declare form = "order_and_verdict" with its three keys as the bundled templates do'
        raise refuse("the declared answer is unknown", hint, line_of_key(content, "form"))
    for number, example in enumerate(read.examples, 1):
        if sorted(example.order) != list(range(1, len(example.candidates) + 1)) or not example.verdict:
            hint = "order holds each candidate number once; verdict is exact, close or none"
            raise refuse(f"example {number} is not a valid answer", hint, line_of_example(content, number))
