"""Our own lexicon: lay terms, clinical abbreviations and Chinese names mapped to codes. Never official names.

A lexicon file is tab separated with the header `term codes kind`; a token file has `token expansion context`.
Files of both shapes may be added per project.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.resources import resource_path

KINDS = frozenset(("lay", "abbreviation", "clinical", "eponym", "misspelling"))


@dataclass(frozen=True, slots=True)
class LexiconTerm:
    """`codes` best first; `kind` is one of `KINDS`."""

    term: str
    codes: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Token:
    """A word inside a mention and what it stands for; `context` names the field it is limited to, or is empty."""

    token: str
    expansion: str
    context: str


def bundled_lexicons(knowledge_base_id: str) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Lexicon files and token files that come with the program for a knowledge base (none for unknown ids)."""
    root = resource_path("lexicon")
    folder = root / knowledge_base_id
    files = sorted(folder.glob("*.tsv")) if folder.is_dir() else []
    tokens = [path for path in files if path.stem.endswith("_tokens")]
    return tuple(path for path in files if path not in tokens), tuple(tokens)


def bundled_wordings() -> Path:
    """Our table of clinical terms and what laypeople say for them; it belongs to no knowledge base."""
    return resource_path("lexicon") / "wordings_en.tsv"


def read_wordings(path: Path) -> Iterator[tuple[str, str]]:
    """(what is said, clinical term) of each wording, in order. The file's columns: `term`, `said` (parted by |)."""
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        term, _, said = line.partition("\t")
        for wording in said.split("|"):
            yield wording, term


def project_lexicons(project: Path) -> tuple[Path, ...]:
    """The user's own lexicon of a project: `clinic.lexicon.tsv` beside `clinic.rpdr`, where there is one."""
    path = project.with_suffix(".lexicon.tsv")
    return (path,) if path.is_file() else ()


def read_lexicon(path: Path) -> Iterator[LexiconTerm]:
    """Terms of a lexicon file, in order."""
    for line, (term, codes, kind) in _rows(path, ("term", "codes", "kind")):
        found = tuple(code.strip() for code in codes.split("|") if code.strip())
        if not term or not found:
            raise FileFormatError("a row without term or code", hint="fill both cells", file=str(path), line=line)
        if kind not in KINDS:
            raise FileFormatError(
                f"unknown kind {kind!r}", hint=f"one of {', '.join(sorted(KINDS))}", file=str(path), line=line
            )
        yield LexiconTerm(term, found, kind)


def read_tokens(path: Path) -> Iterator[Token]:
    """Token expansions of a token file, in order."""
    for line, (token, expansion, context) in _rows(path, ("token", "expansion", "context")):
        if not token or not expansion:
            raise FileFormatError("a row without token or expansion", hint="fill both cells", file=str(path), line=line)
        yield Token(token, expansion, context)


def _rows(path: Path, header: tuple[str, str, str]) -> Iterator[tuple[int, tuple[str, str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            if tuple(next(reader, [])) != header:
                raise FileFormatError(
                    "not the header of a lexicon file",
                    hint=f"write: {' TAB '.join(header)}",
                    file=str(path),
                    line=1,
                )
            for row in reader:
                if not any(row):
                    continue
                if len(row) not in (2, 3):
                    raise FileFormatError(
                        f"{len(row)} cells instead of 3",
                        hint="separate with tabs",
                        file=str(path),
                        line=reader.line_num,
                    )
                first, second, third = (*(cell.strip() for cell in row), "")[:3]
                yield reader.line_num, (first, second, third)
    except FileNotFoundError as error:
        raise NotFoundError("no such lexicon file", hint="check the path", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise FileFormatError("the file is not UTF-8", hint="save it as UTF-8", file=str(path)) from error
    except csv.Error as error:
        raise FileFormatError(f"not readable as a table: {error}", hint="save it as TSV", file=str(path)) from error
