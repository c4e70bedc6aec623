r"""PubTator: a title and an abstract, annotations in tab-separated lines behind them, a blank line between documents.

As NCBI describes it (https://www.ncbi.nlm.nih.gov/research/pubtator3/tutorial, "PubTator format") and the BioCreative V
CDR corpus uses it: `id|t|title`, `id|a|abstract`, then `id TAB start TAB end TAB text TAB type TAB codes`, where
offsets count from the title's first character, one character lying between title and abstract; relations are lines of
other shapes (`id TAB kind TAB code TAB code`), which are kept as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.documents.losing import Losing
from rpdr_core.formats.documents.model import Annotation, Collection, Corpus, CorpusDocument, Part
from rpdr_core.formats.documents.offsets import UNITS, Ruler, hull, misplaced, stands
from rpdr_core.formats.documents.output import Output, Written
from rpdr_core.formats.encodings import chosen
from rpdr_core.formats.lines import read_lines
from rpdr_core.formats.mappings.record import Mapping

ID = "pubtator"
HEAD = re.compile(r"([^|\t\r\n]+)\|([ta])\|(.*)", re.DOTALL)
_HINT = "each document is id|t|title, id|a|abstract, then lines of id, start, end, text, type and codes with tabs"
_BETWEEN = re.compile(r"[;,|]")
# Names of variants hold the signs that stand between codes (`p|SUB|R|117|H`).
_WHOLE = re.compile("mutation|variant|snp|change", re.IGNORECASE)
_NO_CODE = frozenset(("", "-", "-1"))
_BREAKS = re.compile(r"[\t\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@dataclass(slots=True)
class _Block:
    """The lines of one document."""

    id: str
    line: int
    texts: dict[str, str] = field(default_factory=dict)
    marks: list[tuple[int, list[str]]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def open_pubtator(path: Path, encoding: str = "") -> Corpus:
    """A PubTator file. One document is in memory at a time."""
    used: list[str] = []
    odd: list[str] = []

    def documents() -> Iterator[CorpusDocument]:
        used[:] = [chosen(path, encoding)]
        odd.clear()
        for block in _blocks(path, used[0], odd):
            yield _document(str(path), block)

    return Corpus(path, ID, documents, lambda: Collection(ID, used[0] if used else "utf-8"), lambda: tuple(odd))


def _blocks(path: Path, encoding: str, odd: list[str]) -> Iterator[_Block]:
    block: _Block | None = None
    for number, raw in enumerate(read_lines(path, encoding), 1):
        line = raw.rstrip("\r\n")
        if line == raw:
            odd.append(f"line {number:,}, the last, does not end: the file may be cut short")
        if not line.strip():
            if block is not None:
                yield block
            block = None
            continue
        head = HEAD.fullmatch(line)
        if head is not None:
            block = _headed(path, block, head, number)
            continue
        cells = line.split("\t")
        if block is None or cells[0] != block.id:
            # What stands where an id should may be anything: the line says where it is.
            message = "a line of another document" if block else "a line without a document"
            raise FileFormatError(message, hint=_HINT, file=str(path), line=number)
        if len(cells) >= 5 and cells[1].isdecimal() and cells[2].isdecimal():
            block.marks.append((number, cells))
        elif len(cells) >= 2:
            block.others.append("\t".join(cells[1:]))
        else:
            message = "no annotation and no relation"
            raise FileFormatError(message, hint=_HINT, file=str(path), line=number)
    if block is not None:
        yield block


def _headed(path: Path, block: _Block | None, head: re.Match[str], number: int) -> _Block:
    id_, which, text = head.groups()
    if block is None:
        block = _Block(id_, number)
    if block.id != id_ or which in block.texts or block.marks:
        message = "a title or abstract where none belongs"
        raise FileFormatError(message, hint="put a blank line between documents", file=str(path), line=number)
    block.texts[which] = text
    return block


def _document(file: str, block: _Block) -> CorpusDocument:
    title, abstract = block.texts.get("t", ""), block.texts.get("a")
    text = title if abstract is None else f"{title}\n{abstract}"
    parts = [Part(0, len(title), 0, {"type": "title"})]
    for unit in UNITS:
        ruler = Ruler(text, unit)
        found = [_annotation(ruler, text, number, *mark) for number, mark in enumerate(block.marks)]
        if None not in found:
            break
    else:
        number = _first_wrong(text, block)
        raise misplaced(file, block.id, f"T{number + 1}", block.marks[number][0])
    if abstract is not None:
        parts.append(Part(len(title) + 1, len(text), ruler.units(len(title) + 1), {"type": "abstract"}))
    annotations = tuple(_within(one, len(title)) for one in found if one is not None)
    rest = {"lines": block.others, "title": "t" in block.texts}
    return CorpusDocument(
        block.id, text, title.strip(), "abstract" if abstract is not None else "",
        parts=tuple(parts), annotations=annotations, unit=unit, rest=rest,
    )  # fmt: skip


def _first_wrong(text: str, block: _Block) -> int:
    ruler = Ruler(text, "code points")
    return next(n for n, mark in enumerate(block.marks) if _annotation(ruler, text, n, *mark) is None)


def _annotation(ruler: Ruler, text: str, number: int, line: int, cells: list[str]) -> Annotation | None:  # noqa: ARG001
    start, end = (ruler.points(int(cell)) if len(cell) < 16 else None for cell in cells[1:3])
    if start is None or end is None or end < start or not stands(text, [(start, end)], cells[3]):
        return None
    given = cells[5] if len(cells) > 5 else None
    codes = _codes(cells[4], given or "")
    return Annotation(f"T{number + 1}", ((start, end),), cells[3], cells[4], codes, rest=cells[5:])


def _codes(type_: str, cell: str) -> tuple[str, ...]:
    split = [cell] if _WHOLE.search(type_) else _BETWEEN.split(cell)
    return tuple(dict.fromkeys(code.strip() for code in split if code.strip() not in _NO_CODE))


def _within(one: Annotation, title: int) -> Annotation:
    part = 0 if one.spans[0][0] <= title and one.spans[0][1] <= title else 1
    return Annotation(one.id, one.spans, one.text, one.type, one.codes, rest=one.rest, part=part)


def write(path: Path, collection: Collection, outputs: Iterable[Output]) -> Written:
    """Write documents with our codes in the column of codes: there is no other place for them."""
    writing = _Writing(own=collection.format == ID)
    documents = annotations = 0
    encoding = collection.encoding if collection.format == ID else "utf-8"
    with path.open("w", encoding=encoding, errors="strict", newline="\n") as stream:
        for output in outputs:
            lines = list(writing.lines(output))
            stream.write(("\n" if documents else "") + "".join(f"{line}\n" for line in lines))
            documents += 1
            annotations += len(output.document.annotations)
    return Written(documents, annotations, writing.losing.report())


class _Writing:
    """Lines of documents; `losing` counts what they do not hold."""

    def __init__(self, *, own: bool) -> None:
        self._own = own
        self.losing = Losing()

    def lines(self, output: Output) -> Iterator[str]:
        document = output.document
        id_ = _BREAKS.sub(" ", document.id or document.key).replace("|", "/")
        own = self._own and isinstance(document.rest, dict)
        breaks = document.parts[1].start - 1 if own and len(document.parts) > 1 else document.text.find("\n")
        title, abstract = (document.text, None) if breaks < 0 else (document.text[:breaks], document.text[breaks + 1 :])
        if not own or document.rest.get("title"):
            yield f"{id_}|t|{self._one_line(title)}"
        if abstract is not None:
            yield f"{id_}|a|{self._one_line(abstract)}"
        ruler = Ruler(document.text, document.unit if own else "code points")
        for number, one in enumerate(document.annotations):
            yield from self._mark(id_, ruler, one, output.said.get(number), own=own)
        if own:
            yield from (f"{id_}\t{line}" for line in document.rest.get("lines", ()))
        else:
            self.losing.lose("relations between annotations", len(document.relations))

    def _mark(self, id_: str, ruler: Ruler, one: Annotation, said: Mapping | None, *, own: bool) -> Iterator[str]:
        start, end = hull(one.spans)
        if start is None or end is None:
            self.losing.lose("annotations without a place", 1)
            return
        self.losing.lose("gaps in annotations", len(one.spans) > 1)
        self.losing.lose(
            "what the file says of annotations beside type and code", bool(one.infons or one.rest) and not own
        )
        given = one.rest if own and isinstance(one.rest, list) else ["|".join(one.codes)]
        cells = [*self._coded(one, given, said)]
        text = self._one_line(one.text if own else ruler.text[start:end])
        yield "\t".join([id_, str(ruler.units(start)), str(ruler.units(end)), text, self._one_line(one.type), *cells])

    def _coded(self, one: Annotation, given: list[str], said: Mapping | None) -> list[str]:
        if said is None or said.status in ("unreviewed", "deferred"):
            self.losing.lose("comments and flags", said is not None and bool(said.remark or said.flagged))
            return given
        codes = tuple(target.code for target in said.targets)
        self.losing.lose("statuses, reviewers and times", 1)
        self.losing.lose("reasons of mentions without a target", not codes)
        self.losing.lose("comments and flags", bool(said.comment or said.remark or said.flagged))
        self.losing.lose(
            "relations other than the same meaning", any(one.relation != "equivalent" for one in said.targets)
        )
        self.losing.lose("names of targets", bool(codes))
        self.losing.lose("the file's codes where others were decided", bool(one.codes) and one.codes != codes)
        if codes == one.codes and given:
            return given
        return ["|".join(codes) if codes else "-", *given[1:]]

    def _one_line(self, text: str) -> str:
        """The text with a space for each tab and line break, so that offsets stay right."""
        fit, times = _BREAKS.subn(" ", text)
        self.losing.lose("tabs and line breaks", times)
        return fit
