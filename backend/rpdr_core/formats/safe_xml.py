"""XML from strangers: streamed, capped, and nothing in it is ever looked up, loaded or filled in.

The parser is the standard library's expat, fed with text that is strictly decoded here (`xml_text`). No DOCTYPE passes
unless the format has one; then it may only name a DTD, which is never loaded, and is blanked before the parser sees
it: a parser that knows of an unread DTD must pass over entities that it does not know, and would drop them in silence.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import IO, NoReturn
from xml.etree import ElementTree
from xml.parsers import expat

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.xml_text import decoded, without_doctype

_UNFINISHED = frozenset(
    expat.errors.codes[words]
    for words in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
)
_SEPARATOR = " "


@dataclass(frozen=True, slots=True)
class XmlCaps:
    """How much of a document is borne with.

    `depth`: elements inside one another. `token`: characters of one tag, comment or instruction. `kept_text` and
    `kept_elements`: what is in memory at once, that is one yielded element and the heads of those around it.
    `total`: characters of the document.
    """

    depth: int = 256
    token: int = 1 << 20
    kept_text: int = 1 << 25
    kept_elements: int = 500_000
    total: int = 1 << 32


class Element(ElementTree.Element):
    """An element with the `line` (1-based) of its start tag. Tags and attributes have no namespaces and prefixes."""

    __slots__ = ("line",)
    line: int


@dataclass(frozen=True, slots=True)
class Found:
    """A complete element, and those around it, outermost first: their attributes and what was read of them so far."""

    element: Element
    inside: tuple[Element, ...]

    @property
    def line(self) -> int:
        return self.element.line


DEFAULT_CAPS = XmlCaps()


def elements(
    stream: IO[bytes],
    file: str,
    *,
    tags: Collection[str],
    doctype: bool = False,
    caps: XmlCaps = DEFAULT_CAPS,
) -> Iterator[tuple[Element, int]]:
    """Each element of those tags, complete, with the line of its start tag, in the order of the end tags.

    An element is taken out of the one around it when it has been given out, so that one of `tags` inside another of
    `tags` comes first and alone; text behind it is not kept. `doctype`: whether the format has a `<!DOCTYPE x SYSTEM
    "x.dtd">`. Raises `FileFormatError` with file and line for whatever is not sound XML or beyond the caps.
    """
    for found in places(stream, file, tags=tags, doctype=doctype, caps=caps):
        yield found.element, found.element.line


def places(
    stream: IO[bytes],
    file: str,
    *,
    tags: Collection[str],
    doctype: bool = False,
    caps: XmlCaps = DEFAULT_CAPS,
) -> Iterator[Found]:
    """As `elements`, each with those around it."""
    reading = _Reading(file, frozenset(tags), caps)
    for text in without_doctype(decoded(stream, file), file, allowed=doctype):
        reading.feed(text)
        while reading.found:
            yield reading.found.popleft()
    reading.close()
    yield from reading.found


def root(stream: IO[bytes], file: str, *, doctype: bool = False) -> Element:
    """The start tag of the document, without what is inside: enough to recognise a format by."""
    reading = _Reading(file, frozenset(), DEFAULT_CAPS)
    for text in without_doctype(decoded(stream, file), file, allowed=doctype):
        reading.feed(text)
        if reading.root is not None:
            return _bare(reading.root)
    reading.close()
    raise FileFormatError("no element in the file", hint="choose another file", file=file)


def text_of(element: ElementTree.Element) -> str:
    """All text in an element, in order, runs of white space as one space."""
    return " ".join("".join(element.itertext()).split())


class _Reading:
    """One document on its way through the parser."""

    def __init__(self, file: str, tags: frozenset[str], caps: XmlCaps) -> None:
        self.found: deque[Found] = deque()
        self.root: Element | None = None
        self._file, self._tags, self._caps = file, tags, caps
        self._open: list[Element] = []
        self._text: list[str] = []
        # Characters and elements kept, now and when each open element began.
        self._texts = self._elements = 0
        self._before: list[tuple[int, int]] = []
        self._drop_tail = False
        self._total = self._silent = 0
        self._parser = self._new_parser()

    def feed(self, text: str) -> None:
        """Parse the next part of the document."""
        self._total += len(text)
        self._silent += len(text)
        if self._total > self._caps.total:
            self._refuse(f"more than {self._caps.total:,} characters of XML", "split the file")
        self._parse(text.encode("utf-8", "surrogatepass"), final=False)
        if self._silent > self._caps.token:
            self._refuse(f"a tag or comment of more than {self._caps.token:,} characters", "shorten it")

    def close(self) -> None:
        """The document ends here: raises unless it is whole."""
        self._parse(b"", final=True)

    def _new_parser(self) -> expat.XMLParserType:
        # The text is UTF-8 by now, whatever the declaration says.
        parser = expat.ParserCreate("utf-8", _SEPARATOR)
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.CommentHandler = parser.ProcessingInstructionHandler = self._heard
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self._declared
        parser.SkippedEntityHandler = parser.ExternalEntityRefHandler = self._declared
        return parser

    def _parse(self, data: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            whole = error.code not in _UNFINISHED
            words = expat.ErrorString(error.code)
            message = f"not sound XML: {words}" if whole else f"the file breaks off: {words}"
            hint = "mend the line" if whole else "get the file again, it is cut short"
            raise FileFormatError(message, hint=hint, file=self._file, line=error.lineno) from error

    def _start(self, name: str, attributes: list[str]) -> None:
        self._silent = 0
        if len(self._open) >= self._caps.depth:
            self._refuse(f"more than {self._caps.depth} elements inside one another", "this is no file of that format")
        self._flush()
        names = [_local(key) for key in attributes[::2]]
        if len(set(names)) < len(names):
            self._refuse("two attributes of one name", "keep one of them")
        element = Element(_local(name), dict(zip(names, attributes[1::2], strict=True)))
        element.line = self._parser.CurrentLineNumber
        if self._open:
            self._open[-1].append(element)
        else:
            self.root = element
        self._open.append(element)
        self._before.append((self._texts, self._elements))
        self._keep(sum(map(len, attributes)), 1)

    def _end(self, _name: str) -> None:
        self._silent = 0
        self._flush()
        element = self._open.pop()
        before = self._before.pop()
        if element.tag in self._tags:
            if self._open:
                del self._open[-1][-1]
            self._texts, self._elements = before
            self._drop_tail = True
            self.found.append(Found(element, tuple(self._open)))

    def _data(self, data: str) -> None:
        self._silent = 0
        if not self._drop_tail:
            self._text.append(data)
            self._keep(len(data), 0)

    def _heard(self, *_: str) -> None:
        self._silent = 0

    def _declared(self, *_: object) -> NoReturn:
        self._refuse("a DOCTYPE or entity where none may be", "write the characters themselves, without entities")

    def _flush(self) -> None:
        """Put the text that was heard where it belongs: in the open element, or behind its last child."""
        self._drop_tail = False
        if not self._text:
            return
        text = "".join(self._text)
        self._text.clear()
        if not self._open:
            return
        parent = self._open[-1]
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + text
        else:
            parent.text = (parent.text or "") + text

    def _keep(self, text: int, elements: int) -> None:
        self._texts += text
        self._elements += elements
        if self._texts > self._caps.kept_text:
            self._refuse(f"more than {self._caps.kept_text:,} characters in one element", "split it")
        if self._elements > self._caps.kept_elements:
            self._refuse(f"more than {self._caps.kept_elements:,} elements in one", "split it")

    def _refuse(self, message: str, hint: str) -> NoReturn:
        raise FileFormatError(message, hint=hint, file=self._file, line=self._parser.CurrentLineNumber)


def _local(name: str) -> str:
    return name.rpartition(_SEPARATOR)[2]


def _bare(element: Element) -> Element:
    bare = Element(element.tag, element.attrib)
    bare.line = element.line
    return bare
