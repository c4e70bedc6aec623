r"""OBO 1.4 as stanzas of clauses: tag, value, trailing modifiers in braces, a comment behind `!`, escapes with `\`.

After the OBO Flat File Format 1.4 syntax (http://purl.obolibrary.org/obo/oboformat/spec.html), sections 2 and 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rpdr_core.errors import FileFormatError

CLAUSES_CAP = 100_000
"""Clauses of one stanza."""
LINE_CAP = 1 << 20
"""Characters after which a line that goes on and on is given out as it is."""

_STANZA = re.compile(r"\[([^\[\]]+)\]\s*(?:!.*)?")
_CLAUSE = re.compile(r"([^\s:\"\\]+):[ \t]*(.*)", re.DOTALL)
_PLAIN = re.compile(r"(?:\\.|[^\\!{])*", re.DOTALL)
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"\s*(.*)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "W": " "}
_HINT = "write it as the OBO format 1.4 has it"


@dataclass(frozen=True, slots=True)
class Clause:
    """`value` is what stands behind the tag, untouched."""

    tag: str
    value: str
    line: int

    def plain(self) -> str:
        """The value without modifiers and comment."""
        found = _PLAIN.match(self.value)
        return unescaped(found[0].strip()) if found else ""

    def quoted(self, file: str) -> tuple[str, str]:
        """The text in quotes at the beginning, and what follows it."""
        found = _QUOTED.match(self.value)
        if found is None:
            raise FileFormatError(f"{self.tag} without a text in quotes", hint=_HINT, file=file, line=self.line)
        return " ".join(unescaped(found[1]).split()), found[2]


@dataclass(frozen=True, slots=True)
class Stanza:
    """`kind` is `Term`, `Typedef`, `Instance`, or empty for the header."""

    kind: str
    line: int
    clauses: list[Clause] = field(default_factory=list)

    def all(self, tag: str) -> Iterator[Clause]:
        return (clause for clause in self.clauses if clause.tag == tag)

    def first(self, tag: str) -> str:
        """The plain value of the first clause of that tag, or nothing."""
        return next((clause.plain() for clause in self.all(tag)), "")


def unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _LETTERS.get(found[1], found[1]), text) if "\\" in text else text


def stanzas(lines: Iterable[str], file: str) -> Iterator[Stanza]:
    """The header, then all stanzas."""
    stanza = Stanza("", 1)
    for number, line in _whole(lines):
        text = line.strip()
        if not text or text.startswith("!"):
            continue
        if text.startswith("["):
            opened = _STANZA.fullmatch(text)
            if opened is None:
                raise FileFormatError("a stanza's name without its bracket", hint=_HINT, file=file, line=number)
            yield stanza
            stanza = Stanza(opened[1].strip(), number)
            continue
        clause = _CLAUSE.fullmatch(text)
        if clause is None:
            raise FileFormatError("a line without a tag", hint=_HINT, file=file, line=number)
        stanza.clauses.append(Clause(clause[1], clause[2], number))
        if len(stanza.clauses) > CLAUSES_CAP:
            raise FileFormatError(f"more than {CLAUSES_CAP:,} lines in a stanza", hint=_HINT, file=file, line=number)
    yield stanza


def _whole(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; one that ends with a backslash goes on in the next."""
    parts: list[str] = []
    first = size = 0
    for number, line in enumerate(lines, 1):
        text = line.rstrip("\r\n")
        goes_on = text.endswith("\\") and not text.endswith("\\\\")
        parts.append(text[:-1] if goes_on else text)
        first, size = first or number, size + len(parts[-1])
        if not goes_on or size > LINE_CAP:
            yield first, "".join(parts)
            parts.clear()
            first = size = 0
    if parts:
        yield first, "".join(parts)
