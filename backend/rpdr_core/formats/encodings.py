"""Which encoding a text file has: certain for a byte order mark or sound UTF-8, else only suggestions."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from rpdr_core.errors import FileFormatError, remark
from rpdr_core.formats.lines import CHUNK, known_encoding, opened, read_lines

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What a detector may add to GB18030 and Windows-1252; of short texts it makes wild guesses.
_PLAUSIBLE = frozenset(
    ("big5", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949", "cp1250", "cp1251", "cp1253", "cp1254", "koi8-r")
)
_COHERENT = 0.1
_SAMPLE_LINES = 5
_SAMPLE_WIDTH = 200
_PLAIN_CONTROLS = frozenset("\t\n\r")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An encoding in which the whole file can be read, with its telling lines as they would look."""

    encoding: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Detected:
    """`encoding` is empty where only the user can choose; then `problem` says what is not UTF-8.

    `ends` counts line feeds in the whole file (0 for UTF-16 and UTF-32).
    """

    encoding: str
    suggestions: tuple[Suggestion, ...] = ()
    problem: FileFormatError | None = None
    ends: int = 0
    warnings: tuple[str, ...] = ()


def detect(path: Path) -> Detected:
    """Look at the whole file: byte order mark, then strict UTF-8, then what else it could be."""
    with opened(path) as stream:
        head = stream.read(CHUNK)
    if not head:
        raise FileFormatError("the file is empty", hint="choose another file", file=str(path))
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    if marked.startswith(("utf-16", "utf-32")):
        return Detected(marked)
    if not marked and b"\0" in head:
        return _wide(path, head)
    try:
        return Detected(marked or "utf-8", ends=_check_utf8(path))
    except FileFormatError as error:
        suggestions = tuple(_readable(path, _candidates(path, head)))
        return Detected("", suggestions, error, count_ends(path), _mixture(path))


def chosen(path: Path, encoding: str = "") -> str:
    """The encoding to read with: the user's choice, or the certain one; an error that names the choices if none."""
    if encoding:
        return known_encoding(encoding)
    found = detect(path)
    if found.problem is None:
        return found.encoding
    names = ", ".join(suggestion.encoding for suggestion in found.suggestions)
    error = found.problem
    hint = remark(f"choose the encoding, perhaps {names}" if names else "mend the line, or save the file as UTF-8")
    raise FileFormatError(error.message, hint=hint, file=error.file, line=error.line)


def _check_utf8(path: Path) -> int:
    """Line feeds in the file; raises at the first byte that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    ends = 0
    with opened(path) as stream:
        while True:
            chunk = stream.read(CHUNK)
            ends += chunk.count(b"\n")
            try:
                decoder.decode(chunk, not chunk)
            except UnicodeDecodeError:
                break
            if not chunk:
                return ends
    # Reading by lines is slower and knows the place.
    for _ in read_lines(path, "utf-8"):
        pass
    raise FileFormatError("the file is not UTF-8", hint="choose its encoding", file=str(path))


def count_ends(path: Path) -> int:
    """Line feeds in a file whose encoding has them as single bytes."""
    with opened(path) as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(CHUNK), b""))


def _wide(path: Path, head: bytes) -> Detected:
    """NUL bytes and no mark: UTF-16, if one of its byte orders gives plain text."""
    scores = {name: _plainness(head[: len(head) // 2 * 2], name) for name in ("utf-16-le", "utf-16-be")}
    likely = [name for name in sorted(scores, key=lambda name: -scores[name]) if scores[name] > 0]
    suggestions = tuple(_readable(path, likely))
    line = head[: head.index(b"\0")].count(b"\n") + 1
    offset = head.index(b"\0")
    what = "UTF-16 without a byte order mark" if suggestions else "no text file"
    problem = FileFormatError(
        f"a NUL byte at offset {offset:,}: this looks like {what}",
        hint="choose the encoding, or save the file as UTF-8",
        file=str(path),
        line=line,
    )
    return Detected("", suggestions, problem)


def _plainness(data: bytes, encoding: str) -> int:
    """How many characters are plain ASCII; -1 where the text has controls that no text file has."""
    text = codecs.getincrementaldecoder(encoding)("ignore").decode(data)
    if any(char < " " and char not in _PLAIN_CONTROLS for char in text):
        return -1
    return sum(char < "\x7f" for char in text)


def _candidates(path: Path, head: bytes) -> Iterator[str]:
    """Encodings worth trying, the likeliest first."""
    from charset_normalizer import from_bytes

    sample = b"".join(_telling(path)) or head
    names = ["gb18030", "windows-1252"]
    # In Chinese double-byte text the second byte is mostly high too; in Western text high bytes stand alone.
    pairs = _high_pairs(sample)
    yield from names if pairs > 0.5 else reversed(names)
    best = from_bytes(sample).best()
    if best is not None and best.coherence > _COHERENT:
        name = codecs.lookup(best.encoding).name
        if name in _PLAUSIBLE:
            yield name


def _high_pairs(data: bytes) -> float:
    """Share of high bytes that stand in pairs."""
    high = [byte >= 0xA1 for byte in data]
    paired = at = 0
    while at < len(high) - 1:
        both = high[at] and high[at + 1]
        paired += 2 * both
        at += 1 + both
    return paired / max(1, sum(high))


def _readable(path: Path, names: Iterator[str] | list[str]) -> Iterator[Suggestion]:
    for name in names:
        try:
            for _ in read_lines(path, known_encoding(name)):
                pass
        except FileFormatError:
            continue
        yield Suggestion(name, tuple(_sample(path, name)))


def _sample(path: Path, name: str) -> Iterator[str]:
    """The first lines that differ between encodings, else the first lines."""
    encoding = known_encoding(name)
    lines = (line.rstrip("\r\n") for line in read_lines(path, encoding))
    shown = lines if name.startswith("utf-16") else (line for line in lines if not line.isascii())
    return (line[:_SAMPLE_WIDTH] for line in islice(shown, _SAMPLE_LINES))


def _telling(path: Path) -> Iterator[bytes]:
    """Up to 1,000 lines with bytes beyond ASCII, long ones cut."""
    with opened(path) as stream:
        lines = (line for line in iter(lambda: stream.readline(CHUNK), b"") if not line.isascii())
        yield from islice(lines, 1_000)


def _mixture(path: Path) -> tuple[str, ...]:
    """Warn where sound UTF-8 beyond ASCII stands beside what is not UTF-8."""
    good = bad = 0
    with opened(path) as stream:
        for line in iter(lambda: stream.readline(CHUNK), b""):
            if not line.isascii():
                try:
                    line.decode()
                    good += 1
                except UnicodeDecodeError:
                    bad += 1
    if not good:
        return ()
    return (f"{bad:,} lines are not UTF-8 and {good:,} are: the file may mix encodings",)
