"""read(write(x)) = x, whatever the documents and whatever was decided about them."""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.documents import TEXT, WORD, bioc_documents, mappings, read, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rpdr_core.formats.documents.brat import open_brat
from rpdr_core.formats.documents.model import Annotation, Collection, CorpusDocument
from rpdr_core.formats.documents.output import Output
from rpdr_core.formats.documents.saying import mapping_from, words_of
from rpdr_core.formats.documents.storing import annotated, restored, restored_collection, stored_collection
from rpdr_core.formats.mappings.record import Mapping
from rpdr_core.records import Document, Target

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TITLE, REST = "x.ann", "lines"


def _said(document: CorpusDocument, said: dict[int, Mapping]) -> CorpusDocument:
    """The document as it must come back: what was said of an annotation stands at it."""
    marks = tuple(replace(one, said=said.get(number, one.said)) for number, one in enumerate(document.annotations))
    return replace(document, annotations=marks)


@st.composite
def outputs(draw: st.DrawFn, documents: st.SearchStrategy[CorpusDocument]) -> Output:
    document = draw(documents)
    numbers = range(len(document.annotations))
    chosen = {
        number: draw(mappings()) for number in numbers if document.annotations[number].spans and draw(st.booleans())
    }
    return Output(document, chosen)


def back(format_id: str, given_outputs: list[Output], collection: Collection | None = None) -> list[CorpusDocument]:
    with tempfile.TemporaryDirectory() as folder:
        name = "x.zip" if format_id == "brat" else "x"
        return read(write(Path(folder, name), format_id, given_outputs, collection), format_id)


@given(st.lists(outputs(bioc_documents("d")), max_size=2), st.sampled_from(["bioc-xml", "bioc-json"]))
@FEW
def test_bioc(made: list[Output], format_id: str) -> None:
    named = [Output(replace(output.document, key=f"d{n}"), output.said) for n, output in enumerate(made)]
    assert back(format_id, named) == [_said(output.document, output.said) for output in named]


SPANS = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), min_size=1, max_size=2)


@st.composite
def brat_documents(draw: st.DrawFn) -> CorpusDocument:
    text = draw(st.text(st.sampled_from("ab é中𝔐\n\r\t"), min_size=14, max_size=20))
    marks, lines = [], ["A1\tNegated T1", "#1\tAnnotatorNotes T1\tsays who?"] if draw(st.booleans()) else []
    for number in range(draw(st.integers(0, 3))):
        spans = tuple(sorted((start, start + length) for start, length in draw(SPANS)))
        said = " ".join(text[start:end] for start, end in spans)
        code = draw(st.sampled_from(["", "D1"]))
        if code:
            lines.append(f"N{number + 7}\tReference T{number} MESH:{code}\tname")
        said = "".join(" " if char.isspace() else char for char in said)
        marks.append(Annotation(f"T{number}", spans, said, draw(WORD), (code,) if code else ()))
    return CorpusDocument("x", text, "x", annotations=tuple(marks), rest={"lines": lines})


@given(outputs(brat_documents()))
@FEW
def test_brat(made: Output) -> None:
    assert back("brat", [made]) == [_said(made.document, made.said)]


@st.composite
def medcat_documents(draw: st.DrawFn) -> CorpusDocument:
    text = draw(st.text(st.sampled_from("ab é中𝔐\n"), min_size=8, max_size=12))
    marks = []
    for number in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, 6))
        span, value = (start, start + 2), text[start : start + 2]
        fields = {"id": number, "cui": draw(WORD), "value": value, "start": start, "end": start + 2, "validated": False}
        fields |= {"comment": "as it was", "meta_anns": draw(st.sampled_from([{}, [{"name": "Time"}]]))}
        marks.append(Annotation(str(number), (span,), value, codes=(fields["cui"],), rest=fields))
    rest = {"project": 0, "text": True, "fields": {"id": 5, "name": "n", "last_modified": "then"}}
    return CorpusDocument("3/5", text, "n", annotations=tuple(marks), rest=rest)


@given(outputs(medcat_documents()))
@FEW
def test_medcattrainer(made: Output) -> None:
    projects = {"projects": [{"name": "p", "id": 3}], "wrapped": True, "beside": {"more": 1}}
    found = back("medcattrainer", [made], Collection("medcattrainer", rest=projects))
    assert found == [_said(made.document, made.said)]


@given(st.lists(st.tuples(TEXT, st.none() | TEXT), min_size=1, max_size=3), st.data())
@FEW
def test_pubtator(texts: list[tuple[str, str | None]], data: st.DataObject) -> None:
    lines = []
    for number, (title, abstract) in enumerate(texts):
        lines += [f"{number}|t|{title}"] + ([] if abstract is None else [f"{number}|a|{abstract}"])
        text = title if abstract is None else f"{title}\n{abstract}"
        for _ in range(data.draw(st.integers(0, 2))):
            start = data.draw(st.integers(0, len(text)))
            end = data.draw(st.integers(start, len(text)))
            said = text[start:end].replace("\n", " ")
            lines.append(
                f"{number}\t{start}\t{end}\t{said}\tDisease\t{data.draw(st.sampled_from(['', 'D1', 'D1|D2', '-']))}"
            )
        lines += [f"{number}\tCID\tD1\tD2", ""]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.txt")
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        documents = read(path, "pubtator")
        assert len(documents) == len(texts)
        written = write(path.with_name("y.txt"), "pubtator", [Output(document) for document in documents])
        assert written.read_text(encoding="utf-8").strip() == path.read_text(encoding="utf-8").strip()


@given(bioc_documents("d"), st.sampled_from(["pubtator", "brat", "medcattrainer"]))
@FEW
def test_bioc_in_another_format_keeps_text_and_annotations(document: CorpusDocument, format_id: str) -> None:
    [found] = back(format_id, [Output(document)], Collection("bioc-xml"))
    if format_id != "pubtator":
        assert found.text == document.text
    assert len(found.annotations) == sum(
        bool(one.spans) or format_id == "medcattrainer" for one in document.annotations
    )
    assert [one.codes[:1] for one in found.annotations] == [one.codes[:1] for one in document.annotations]


@given(st.one_of(bioc_documents("d"), brat_documents(), medcat_documents()), st.booleans())
@FEW
def test_a_project_gives_back_what_it_took(document: CorpusDocument, some: bool) -> None:
    types = tuple({one.type for one in document.annotations[:1]}) if some else ()
    taken = annotated(document, 1, types)
    stored = Document(
        1, 1, taken.document.key, taken.document.title, taken.document.text, "", "", taken.document.structure
    )
    found = restored(stored, [mention.row.annotation for mention in taken.mentions], "x")
    assert found.document == document
    for number, mention in zip(found.numbers, taken.mentions, strict=True):
        assert document.annotations[number].id == mention.row.key
        assert mention.start is None or mention.context[mention.start : mention.end] == mention.text
        assert mention.text.strip() == mention.text != ""
    assert [mention.row.row for mention in taken.mentions] == list(range(1, len(taken.mentions) + 1))


@given(mappings())
def test_what_was_said_comes_back(mapping: Mapping) -> None:
    assert mapping_from(words_of(mapping), "x", "there") == mapping


def test_a_collection_comes_back() -> None:
    collection = Collection("bioc-json", "utf-8", {"source": "s", "infons": {"a": [1]}}, {"version": "1"}, "icd10cm")
    assert restored_collection(stored_collection(collection), "x") == collection


def test_nothing_is_said_of_what_nobody_looked_at() -> None:
    assert words_of(Mapping("x", confidence=0.4, department="ward")) == {}


@pytest.mark.parametrize("stem", ["a/b", "note"])
def test_folders_inside_a_folder_come_back(stem: str, tmp_path: Path) -> None:
    source = tmp_path / "in"
    (source / stem).parent.mkdir(parents=True)
    (source / f"{stem}.txt").write_text("Text")
    (source / f"{stem}.ann").write_text("T1\tX 0 4\tText\n")
    corpus = open_brat(source)
    [document] = corpus.documents()
    assert document.key == stem
    assert back("brat", [Output(document)], corpus.collection()) == [document]


def test_codes_with_a_colon_stay_whole_in_brat(tmp_path: Path) -> None:
    document = CorpusDocument("d", "fits", annotations=(Annotation("1", ((0, 4),), "fits", "D", ("MESH:D012640",)),))
    said = Mapping(text="", targets=(Target("HP:0001250", "Seizure"),), status="accepted")
    path = write(
        tmp_path / "x.zip", "brat", [Output(document, {0: said})], Collection("bioc-xml", target="hp"),
    )  # fmt: skip
    with zipfile.ZipFile(path) as archive:
        lines = archive.read("d.ann").decode().splitlines()
    assert lines[1:3] == ["N1\tReference T1 given:MESH:D012640\t", "N2\tReference T1 hp:HP:0001250\tSeizure"]
    (found,) = read(path)
    assert found.annotations[0].codes == ("MESH:D012640",)
    assert found.annotations[0].said == said
