"""The text of an XML file: its encoding by mark or declaration (XML 1.0, appendix F), strictly decoded; its DOCTYPE.

A byte order mark is believed before the declaration: strict decoding proves it, and editors change just one of them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO
from xml.parsers import expat

from rpdr_core.errors import FileFormatError, UserInputError
from rpdr_core.formats.lines import CHUNK, known_encoding

_STARTS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([^"'<>]{1,60})["']""")
_DOCTYPE = "<!DOCTYPE"


def decoded(stream: IO[bytes], file: str) -> Iterator[str]:
    """The document in parts. Raises `FileFormatError` where bytes are not of the encoding."""
    head = stream.read(CHUNK)
    if not head:
        raise FileFormatError("the file is empty", hint="choose another file", file=file)
    encoding = _encoding(head, file)
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    chunk = head
    while True:
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            lines += error.object[: error.start].decode(encoding, "ignore").count("\n")
            message = f"byte 0x{error.object[error.start]:02X} is not {encoding}"
            hint = "save the file as UTF-8, and have its first line say so"
            raise FileFormatError(message, hint=hint, file=file, line=lines) from error
        if text:
            yield text
        if not chunk:
            return
        lines += text.count("\n")
        chunk = stream.read(CHUNK)


def without_doctype(texts: Iterable[str], file: str, *, allowed: bool) -> Iterator[str]:
    """The parts with their DOCTYPE, if it may be there and has no internal subset, replaced by spaces."""
    parts = iter(texts)
    head = ""
    for part in parts:
        head += part
        if len(head) >= CHUNK:
            break
    yield _blanked(head, file, allowed=allowed) if _DOCTYPE in head else head
    yield from parts


def _encoding(head: bytes, file: str) -> str:
    marked = next((name for start, name in _STARTS if head.startswith(start)), "")
    declared = _DECLARED.match(head)
    if marked or declared is None:
        return marked or "utf-8"
    name = declared[1].decode("ascii", "replace")
    try:
        encoding = known_encoding(name)
    except UserInputError as error:
        raise FileFormatError(f"{error.message}", hint="save the file as UTF-8", file=file, line=1) from error
    if encoding.startswith(("utf-16", "utf-32")):
        hint = "save the file as UTF-8, and have its first line say so"
        raise FileFormatError(f"the first line says {name}, and is not", hint=hint, file=file, line=1)
    return encoding


def _blanked(head: str, file: str, *, allowed: bool) -> str:
    data = head.encode("utf-8", "surrogatepass")
    end = _doctype_end(data, file, allowed=allowed)
    if end < 0:
        return head
    start = data.rfind(_DOCTYPE.encode(), 0, end)
    blank = re.sub(rb"[^\r\n]", b" ", data[start : end + 1])
    return (data[:start] + blank + data[end + 1 :]).decode("utf-8", "surrogatepass")


def _doctype_end(data: bytes, file: str, *, allowed: bool) -> int:
    """Where the `>` of the DOCTYPE is, or -1: the parser itself will say what is wrong with it."""
    ends: list[int] = []
    parser = expat.ParserCreate("utf-8")

    def doctype(_name: str, _system: str | None, _public: str | None, subset: int) -> None:
        if not allowed:
            message, hint = "a DOCTYPE in the file", "save it without the line that begins <!DOCTYPE"
            raise FileFormatError(message, hint=hint, file=file, line=parser.CurrentLineNumber)
        if subset:
            message, hint = "a DOCTYPE with declarations inside", "remove what stands between [ and ]"
            raise FileFormatError(message, hint=hint, file=file, line=parser.CurrentLineNumber)
        ends.append(parser.CurrentByteIndex)

    parser.StartDoctypeDeclHandler = doctype
    # What is not well formed is found again, and told, by the parser that reads on.
    with suppress(expat.ExpatError):
        parser.Parse(data, False)
    return ends[0] if ends else -1
