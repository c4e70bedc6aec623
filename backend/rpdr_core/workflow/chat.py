"""A candidate list as the chat that a language model is trained on, in the words of a prompt template.

The template is the one that inference uses (`rpdr_resources/prompts`), without its worked examples.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rpdr_core.resources import resource_text

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """The parts of a template; `window` is the context kept on each side of the mention, in characters."""

    name: str
    sha256: str
    system: str
    user: str
    context: str
    candidate: str
    window: int


@dataclass(frozen=True, slots=True)
class Message:
    """A chat message: `role` is system, user or assistant."""

    role: str
    content: str


def load_chat_template(name: str) -> ChatTemplate:
    """A bundled template by name, e.g. `rerank_en`."""
    text = resource_text("prompts", f"{name}.toml")
    table = tomllib.loads(text)
    return ChatTemplate(
        name=name,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        system=table["system"].strip(),
        user=table["user"].strip(),
        context=table["context"],
        candidate=table["candidate"],
        window=table["window"],
    )


def chat(
    template: ChatTemplate, mention: str, context: str, names: Sequence[str], order: Sequence[int], verdict: str
) -> tuple[Message, ...]:
    """Instructions, the question with numbered names, and the answer: an order (numbers from 1) and a verdict."""
    text = one_line(mention)
    around = _window(one_line(context), text, template.window)
    lines = [
        _fill(template.candidate, {"number": str(number), "name": one_line(name)})
        for number, name in enumerate(names, 1)
    ]
    question = _fill(
        template.user,
        {
            "mention": text,
            "context": _fill(template.context, {"text": around}) if around else "",
            "candidates": "\n".join(lines),
        },
    )
    return (
        Message("system", template.system),
        Message("user", "\n".join(line for line in question.split("\n") if line.strip())),
        Message("assistant", json.dumps({"order": list(order), "verdict": verdict})),
    )


def one_line(text: str) -> str:
    """White space as single spaces; control and direction characters as visible marks, so that nothing hides."""
    return " ".join("".join(map(_visible, text)).split())


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn")
    return f"⟨U+{ord(character):04X}⟩" if hidden else character


def _window(context: str, mention: str, width: int) -> str:
    """The mention's surroundings, `width` characters on each side, whole words where there are words."""
    if not context or context == mention:
        return ""
    at = context.casefold().find(mention.casefold())
    start, end = (max(0, at - width), at + len(mention) + width) if at >= 0 else (0, 2 * width)
    cut = context[start:end]
    if start > 0 and " " in cut[:20]:
        cut = cut[cut.index(" ") + 1 :]
    if end < len(context) and " " in cut[-20:]:
        cut = cut[: cut.rindex(" ")]
    return ("… " if start > 0 else "") + cut.strip() + (" …" if end < len(context) else "")


def _fill(text: str, values: Mapping[str, str]) -> str:
    """Values are put in once and never looked at again: a mention that holds braces stays what it is."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)
