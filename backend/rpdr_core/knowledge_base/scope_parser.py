"""Reading a scope: tokens, then a tree. Errors name the column, counted from 1, and the cure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn, cast

from rpdr_core.errors import UserInputError
from rpdr_core.knowledge_base.scope_nodes import (
    PLAIN,
    Both,
    Code,
    Either,
    Everything,
    Node,
    OfType,
    Operator,
    Related,
    Without,
)

LONGEST = 20_000
_DEEPEST = 50

_TOKEN = re.compile(
    r"(?P<operator><<!|<!|<<|<|>>!|>!|>>|>)|(?P<compare>!=|=)|(?P<sign>[(),])|(?P<every>\*)"
    r'|\|(?P<term>[^|]*)\||"(?P<quoted>(?:\\["\\]|[^"\\])*)"'
    rf"|(?P<word>{PLAIN.pattern})"
)
_SPACE = re.compile(r"\s*")
_UNKNOWN = {
    "^": ("members of a reference set (^) are no part of this language", "name the concepts, or their common ancestor"),
    ":": ("refinements (:) are no part of this language", "use types and the hierarchy"),
    "{": ("filters in braces are no part of this language", 'write type = ".."'),
    "[": ("cardinalities are no part of this language", "use types and the hierarchy"),
    ".": ("attribute values (.) are no part of this language", "a code that begins with a dot is written in quotes"),
    "|": ("this term has no end", "close it with |"),
    '"': ("this quotation has no end", 'close it with "; within, write \\" and \\\\'),
    "!": ("this sign stands alone", "write <! for children, >! for parents, != for another type"),
}


@dataclass(frozen=True, slots=True)
class _Token:
    """`kind` is a group of the pattern, `end` behind the last; `at` counts columns from 1."""

    kind: str
    text: str
    at: int


def parse(text: str) -> Node:
    """The tree of a scope. Raises `UserInputError` with the column of the first mistake."""
    if len(text) > LONGEST:
        raise UserInputError(f"the scope is longer than {LONGEST:,} characters", hint="name a common ancestor instead")
    if not text.strip():
        raise UserInputError("the scope is empty", hint='for example: << 73211009 AND type = "disorder"')
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while (at := _end_of_space(text, at)) < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            message, hint = _UNKNOWN.get(text[at], (f"{text[at]!r} is not expected", "write such a code in quotes"))
            _refuse(at + 1, message, hint)
        kind = str(match.lastgroup)
        word = match[kind]
        if kind == "quoted":
            word = re.sub(r"\\(.)", r"\1", word)
        upper = word.upper()
        if kind == "word" and upper in ("AND", "OR", "MINUS"):
            kind, word = "join", upper
        found.append(_Token(kind, word.strip() if kind == "term" else word, at + 1))
        at = match.end()
    found.append(_Token("end", "the end", len(text) + 1))
    return found


def _end_of_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return at if space is None else space.end()


def _refuse(column: int, message: str, hint: str) -> NoReturn:
    raise UserInputError(f"scope, column {column}: {message}", hint=hint)


class _Parser:
    """Recursive descent, as deep as brackets may be nested."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._joined()
        token = self._now
        if token.kind == "sign" and token.text == ")":
            _refuse(token.at, "this bracket was never opened", "remove it, or open it before")
        if token.kind != "end":
            _refuse(token.at, f"{token.text!r} follows without AND, OR or MINUS", "say how the two belong together")
        return node

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _joined(self) -> Node:
        """Operands joined by one kind of word: which of two would bind first is never guessed."""
        parts, word = [self._operand()], ""
        while (token := self._now).kind == "join" or (token.kind, token.text) == ("sign", ","):
            joins = "AND" if token.text == "," else token.text
            if word and joins != word:
                _refuse(token.at, f"{joins} after {word}", "put brackets round what belongs together")
            if word == "MINUS":
                _refuse(token.at, "a second MINUS", "put brackets: (A MINUS B) MINUS C, or A MINUS (B OR C)")
            word = joins
            self._next()
            parts.append(self._operand())
        if not word:
            return parts[0]
        if word == "MINUS":
            return Without(parts[0], parts[1])
        return Both(tuple(parts)) if word == "AND" else Either(tuple(parts))

    def _operand(self) -> Node:
        token = self._now
        if token.kind == "operator":
            self._next()
            if self._now.kind == "operator":
                _refuse(self._now.at, "two operators in a row", f"put brackets: {token.text} ({self._now.text} ..)")
            return Related(cast("Operator", token.text), self._focus())
        return self._type() if self._is_type() else self._focus()

    def _is_type(self) -> bool:
        token = self._now
        return token.kind == "word" and token.text.lower() == "type" and self._tokens[self._at + 1].kind == "compare"

    def _focus(self) -> Node:
        token = self._next()
        if token.kind in ("word", "quoted") and token.text:
            term = self._next().text if self._now.kind == "term" else ""
            return Code(token.text, term)
        if token.kind == "every":
            return Everything()
        if (token.kind, token.text) == ("sign", "("):
            return self._bracket(token)
        hint = "give a code, *, type = .. or a bracket"
        if token.kind == "quoted":
            _refuse(token.at, "the code is empty", "write it between the quotes")
        if token.kind == "term":
            _refuse(token.at, "a term without a code", "write the code before it: 73211009 |Diabetes mellitus|")
        found = "the scope ends" if token.kind == "end" else f"{token.text!r} stands"
        _refuse(token.at, f"{found} where a code is expected", hint)

    def _bracket(self, opened: _Token) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            _refuse(opened.at, f"brackets more than {_DEEPEST} deep", "take some apart")
        node = self._joined()
        token = self._next()
        if (token.kind, token.text) != ("sign", ")"):
            if token.kind == "end":
                _refuse(opened.at, "this bracket is never closed", "close it with )")
            _refuse(token.at, f"{token.text!r} follows without AND, OR or MINUS", "say how the two belong together")
        self._depth -= 1
        return node

    def _type(self) -> Node:
        self._next()
        other = self._next().text == "!="
        token = self._next()
        if token.kind in ("quoted", "word"):
            return OfType((token.text,), other)
        if (token.kind, token.text) != ("sign", "("):
            _refuse(token.at, "a type is expected here", 'write type = "disorder" or type = ("disorder" "finding")')
        types: list[str] = []
        while (found := self._next()).kind in ("quoted", "word"):
            types.append(found.text)
        if (found.kind, found.text) != ("sign", ")") or not types:
            _refuse(found.at, "a list of types ends with )", 'write type = ("disorder" "finding")')
        return OfType(tuple(types), other)
