"""The template file of a generative student's prompts, checked on load. A copy of it travels with every adapter."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.prompting.placeholders import line_of_placeholder, placeholders
from rpdr_core.prompting.toml_file import decode_toml, line_of_key
from rpdr_core.resources import resource_path

FORMAT = 1
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
    """A checked template. `window`: characters of context on each side of the mention. `sha256` (hex, of `content`,
    the file's bytes) names it in a ranking's provenance."""

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


def load_student_template(reference: str) -> StudentTemplate:
    """A bundled template by name (`student_en`), or a template file by its path (ends in `.toml`)."""
    path = Path(reference) if reference.endswith(".toml") else _bundled(reference)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotFoundError("no such prompt template", hint="check the path", file=str(path)) from error
    text, read = decode_toml(path, content, _File, "student's prompt template")
    _check(path, text, read)
    parts = (read.instruction.strip(), read.question.strip(), read.context, read.candidate, read.matched, read.ask)
    answer = (read.answer.none, read.answer.exact, read.answer.close)
    return StudentTemplate(read.name, read.window, *parts, *answer, content, hashlib.sha256(content).hexdigest())


def _bundled(name: str) -> Path:
    folder = resource_path("prompts")
    known = sorted(path.stem for path in folder.glob("student_*.toml"))
    if name not in known:
        raise NotFoundError(f"no student template {name!r}", hint=f"one of {', '.join(known)}, or a .toml file")
    return folder / f"{name}.toml"


def _check(path: Path, text: str, read: _File) -> None:
    def refuse(message: str, hint: str, line: int) -> FileFormatError:
        return FileFormatError(message, hint=hint, file=str(path), line=line)

    if read.format != FORMAT:
        hint = f"this program reads format {FORMAT}"
        raise refuse(f"template format {read.format} is not known", hint, line_of_key(text, "format"))
    if read.window < 0:
        raise refuse("the window is negative", "0 shows no context", line_of_key(text, "window"))
    for part, wanted in _PLACES.items():
        found = placeholders(getattr(read, part))
        for word in sorted(found - wanted):
            hint = f"`{part}` knows {', '.join(sorted(wanted)) or 'no placeholder'}"
            raise refuse(f"unknown placeholder {word!r} in `{part}`", hint, line_of_placeholder(text, word))
        for word in sorted(wanted - found):
            hint = f"write {{{{{word}}}}} where it belongs"
            raise refuse(f"`{part}` lacks the placeholder {word!r}", hint, line_of_key(text, part))
    words = (read.answer.none, read.answer.exact, read.answer.close)
    if len({word.strip().casefold() for word in words} - {""}) < len(words):
        hint = "one word or phrase for each of none, exact and close"
        raise refuse("the answer's words must differ", hint, line_of_key(text, "none"))
