"""Prompt templates: a file with declared placeholders and a declared answer, rendered in one pass.

A placeholder is a word in double braces. Each value is put in once and never looked at again, so a mention that
holds braces, or the word of a placeholder, stays what it is.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import msgspec

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.protocol.messages import MentionText, RankItem
from rpdr_core.records import Candidate, Verdict
from rpdr_core.resources import resource_path

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
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
_FORMAT = 1
_VERDICTS = tuple(word for word in get_args(Verdict) if word)


class AnswerForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The declared answer: a JSON object with an order of candidate numbers and a verdict."""

    form: str
    order: str
    verdict: str
    verdicts: tuple[str, ...]


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One worked example. `order` holds candidate numbers from 1, best first."""

    mention: str
    candidates: tuple[str, ...]
    order: tuple[int, ...]
    verdict: str
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
    examples: tuple[Example, ...]
    window: int = 80


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template. `sha256` (hex, of the file's bytes) names it in a ranking's provenance."""

    name: str
    language: str
    system: str
    user: str
    context: str
    candidate: str
    matched: str
    window: int
    examples: tuple[Example, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Message:
    """A chat message: `role` is system, user or assistant."""

    role: str
    content: str


def load_template(reference: str) -> Template:
    """A bundled template by name (`rerank_en`), or a template file by its path (ends in `.toml`)."""
    path = Path(reference) if reference.endswith(".toml") else _bundled(reference)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotFoundError("no such prompt template", hint="check the path", file=str(path)) from error
    read = _decode(path, content)
    _check(path, content.decode("utf-8"), read)
    return Template(
        read.name,
        read.language,
        read.system.strip(),
        read.user.strip(),
        read.context,
        read.candidate,
        read.matched,
        read.window,
        read.examples,
        hashlib.sha256(content).hexdigest(),
    )


def render(template: Template, item: RankItem) -> tuple[Message, ...]:
    """The chat messages for one item: instructions, worked examples, then the question itself."""
    messages = [Message("system", template.system)]
    for example in template.examples:
        candidates = tuple(Candidate("", name) for name in example.candidates)
        shown = RankItem(MentionText(0, example.mention, example.context), candidates)
        answer = json.dumps({"order": list(example.order), "verdict": example.verdict})
        messages += [Message("user", _question(template, shown)), Message("assistant", answer)]
    return (*messages, Message("user", _question(template, item)))


def _question(template: Template, item: RankItem) -> str:
    mention = one_line(item.mention.text)
    around = _window(one_line(item.mention.context), mention, template.window)
    lines = [_candidate(template, number, candidate) for number, candidate in enumerate(item.candidates, 1)]
    text = _fill(
        template.user,
        {
            "mention": mention,
            "context": _fill(template.context, {"text": around}) if around else "",
            "candidates": "\n".join(lines),
        },
    )
    return "\n".join(line for line in text.split("\n") if line.strip())


def _candidate(template: Template, number: int, candidate: Candidate) -> str:
    name, matched = one_line(candidate.name), one_line(candidate.matched)
    # A memory term or a code tells the teacher nothing about the entity's meaning.
    also = matched if matched.casefold() != name.casefold() and candidate.source in ("synonym", "lexicon") else ""
    values = {
        "number": str(number),
        "name": name,
        "matched": _fill(template.matched, {"text": also}) if also else "",
    }
    return _fill(template.candidate, values)


def one_line(text: str) -> str:
    """White space as single spaces; control and direction characters as visible marks, so nothing hides."""
    seen = "".join(_visible(character) for character in text)
    return " ".join(seen.split())


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn"):
        return f"⟨U+{ord(character):04X}⟩"
    return character


def _window(context: str, mention: str, width: int) -> str:
    """The mention's surroundings and no more: `width` characters on each side, whole words."""
    at = context.casefold().find(mention.casefold())
    if not context or context == mention:
        return ""
    start, end = (max(0, at - width), at + len(mention) + width) if at >= 0 else (0, 2 * width)
    cut = context[start:end]
    if start > 0 and " " in cut[:20]:
        cut = cut[cut.index(" ") + 1 :]
    if end < len(context) and " " in cut[-20:]:
        cut = cut[: cut.rindex(" ")]
    return ("… " if start > 0 else "") + cut.strip() + (" …" if end < len(context) else "")


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)


def _bundled(name: str) -> Path:
    folder = resource_path("prompts")
    known = sorted(path.stem for path in folder.glob("*.toml"))
    if name not in known:
        raise NotFoundError(f"no prompt template {name!r}", hint=f"one of {', '.join(known)}, or a .toml file")
    return folder / f"{name}.toml"


def _decode(path: Path, content: bytes) -> _File:
    try:
        table = tomllib.loads(content.decode("utf-8"))
        return msgspec.convert(table, _File)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else 0
        raise FileFormatError(f"not valid TOML: {error}", hint="mend the line", file=str(path), line=line) from error
    except UnicodeDecodeError as error:
        raise FileFormatError("the template is not UTF-8", hint="save it as UTF-8", file=str(path)) from error
    except msgspec.ValidationError as error:
        hint = "compare it with a bundled template"
        raise FileFormatError(f"not a prompt template: {error}", hint=hint, file=str(path)) from error


def _check(path: Path, content: str, read: _File) -> None:
    if read.format != _FORMAT:
        raise FileFormatError(f"template format {read.format}", hint=f"this release reads {_FORMAT}", file=str(path))
    for part, required in _REQUIRED.items():
        found = set(_PLACEHOLDER.findall(getattr(read, part)))
        for word in sorted(found - _ALLOWED[part]):
            hint = f"`{part}` knows {', '.join(sorted(_ALLOWED[part])) or 'no placeholder'}"
            line = _line_of(content, word)
            raise FileFormatError(f"unknown placeholder {word!r} in `{part}`", hint=hint, file=str(path), line=line)
        for word in sorted(required - found):
            hint = f"write {{{{{word}}}}} where it belongs"
            raise FileFormatError(f"`{part}` lacks the placeholder {word!r}", hint=hint, file=str(path))
    if read.answer != AnswerForm("order_and_verdict", "order", "verdict", _VERDICTS):
        raise FileFormatError(
            "the declared answer is unknown", hint='declare form = "order_and_verdict"', file=str(path)
        )
    for number, example in enumerate(read.examples, 1):
        _check_example(path, number, example)


def _check_example(path: Path, number: int, example: Example) -> None:
    if not _is_permutation(example.order, len(example.candidates)) or example.verdict not in _VERDICTS:
        hint = "order holds each candidate number once; verdict is exact, close or none"
        raise FileFormatError(f"example {number} is not a valid answer", hint=hint, file=str(path))


def _is_permutation(order: Sequence[int], size: int) -> bool:
    return sorted(order) == list(range(1, size + 1))


def _line_of(content: str, word: str) -> int:
    found = re.search(rf"\{{\{{\s*{re.escape(word)}\s*\}}\}}", content)
    return content.count("\n", 0, found.start()) + 1 if found else 0
