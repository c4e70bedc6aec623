"""XML from strangers: what passes is exactly what is written, and what does not has a place and a cure."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.safe_xml import Element, XmlCaps, elements, places, root, text_of

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<r><x>&c;&c;&c;&c;</x></r>"""
QUADRATIC = b'<!DOCTYPE r [<!ENTITY a "' + b"x" * 50_000 + b'">]>\n<r><x>' + b"&a;" * 50_000 + b"</x></r>"
EXTERNAL = b'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n<r><x>&e;</x></r>'
PARAMETER = b'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://localhost/x.dtd"> %p;]>\n<r><x/></r>'


def found(data: bytes, tags: tuple[str, ...] = ("x",), *, doctype: bool = False) -> list[tuple[Element, int]]:
    return list(elements(io.BytesIO(data), "f.xml", tags=tags, doctype=doctype))


def refused(data: bytes, *, doctype: bool = False) -> FileFormatError:
    with pytest.raises(FileFormatError) as caught:
        found(data, doctype=doctype)
    assert caught.value.file == "f.xml"
    assert caught.value.hint
    return caught.value


def test_elements_come_whole_with_their_lines() -> None:
    data = b'<r>\n <x a="1">one <b>two</b>\n three</x>\n <y/>\n\n <x/>tail</r>'
    (first, line), (second, last) = found(data)
    assert (line, last) == (2, 6)
    assert first.attrib == {"a": "1"}
    assert text_of(first) == "one two three"
    assert (first.line, first[0].line) == (2, 2)  # type: ignore[attr-defined]
    assert second.tail is None


def test_an_element_inside_another_comes_first_and_alone() -> None:
    data = b"<r><x n='1'><name>outer</name><x n='2'><name>inner</name></x> tail </x></r>"
    inner, outer = (element for element, _ in found(data))
    assert text_of(inner) == "inner"
    assert [child.tag for child in outer] == ["name"]


def test_those_around_are_known_as_far_as_read() -> None:
    data = b"<r v='2'><c><name>I</name><x/></c><c><name>II</name><x/></c></r>"
    seen = [
        (place.inside[0].attrib["v"], place.inside[-1].findtext("name"))
        for place in places(io.BytesIO(data), "f.xml", tags={"x"})
    ]
    assert seen == [("2", "I"), ("2", "II")]


def test_namespaces_and_prefixes_are_taken_off() -> None:
    ((element, _),) = found(b'<p:r xmlns:p="urn:p" xmlns="urn:q"><x xml:lang="de" p:a="1"/></p:r>')
    assert element.attrib == {"lang": "de", "a": "1"}
    assert "two attributes" in refused(b'<r xmlns:p="urn:p"><x a="1" p:a="2"/></r>').message


def test_the_root_is_told_without_reading_on() -> None:
    class Head(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert self.tell() < 1 << 20, "read far beyond the root"
            return super().read(size)

    element = root(Head(b"<ClaML version='2.0.0'>" + b"<Class/>" * 1_000_000), "f.xml")
    assert (element.tag, element.attrib, len(element)) == ("ClaML", {"version": "2.0.0"}, 0)


@pytest.mark.parametrize("data", [LAUGHS, QUADRATIC, EXTERNAL, PARAMETER])
@pytest.mark.parametrize("doctype", [False, True])
def test_declarations_are_refused_even_where_a_doctype_may_be(data: bytes, doctype: bool) -> None:
    error = refused(data, doctype=doctype)
    assert "DOCTYPE" in error.message
    assert error.line in (1, 2)


def test_a_bare_doctype_passes_where_the_format_has_one() -> None:
    data = b'<?xml version="1.0"?>\n<!DOCTYPE r\n  PUBLIC "-//x//y" "r.dtd">\n<r>\n<x/></r>'
    assert [line for _, line in found(data, doctype=True)] == [5]
    assert refused(data).line == 3


@pytest.mark.parametrize("place", ["<x>&unknown;</x>", '<x a="&unknown;"/>'])
def test_an_entity_of_the_unread_dtd_is_no_silent_loss(place: str) -> None:
    """A parser that knows of an unread DTD may drop such an entity without a word."""
    data = f'<!DOCTYPE r SYSTEM "r.dtd">\n<r>\n{place}</r>'.encode()
    error = refused(data, doctype=True)
    assert "undefined entity" in error.message
    assert error.line == 3


def test_a_doctype_hidden_in_a_doctype_or_comment() -> None:
    refused(b'<!DOCTYPE r SYSTEM "<!DOCTYPE r>"><r><x/></r>', doctype=True)
    assert found(b"<!-- <!DOCTYPE r [ --><r><x/></r>")
    refused(b" " * 70_000 + LAUGHS)
    refused(b"<!--" + b"-x" * 40_000 + b"-->" + LAUGHS.partition(b"\n")[2])


@pytest.mark.parametrize(
    ("what", "data", "words"),
    [
        ("deep nesting", b"<x>" * 1_000_000, "inside one another"),
        ("a huge text", b"<r><x>" + b"y" * 100_000_000, "in one element"),
        ("a huge attribute", b'<r><x a="' + b"y" * 100_000_000, "tag or comment"),
        ("a huge comment", b"<r><!--" + b"y" * 100_000_000, "tag or comment"),
        ("a huge instruction", b"<r><?p " + b"y" * 100_000_000, "tag or comment"),
        ("a huge name", b"<r><" + b"y" * 100_000_000, "tag or comment"),
        ("many elements", b"<r><x>" + b"<y/>" * 1_000_000, "elements in one"),
        ("many elements beside", b"<r>" + b"<y/>" * 1_000_000, "elements in one"),
        ("many attributes", b"<r><x " + b"".join(b'a%d="" ' % n for n in range(200_000)), "tag or comment"),
    ],
)
def test_caps(what: str, data: bytes, words: str) -> None:
    tracemalloc.start()
    try:
        error = refused(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert words in error.message, what
    assert error.line == 1
    assert peak < 150 << 20


def test_the_cap_on_the_whole() -> None:
    data = b"<r>" + b"<x>text</x>" * 100_000 + b"</r>"
    with pytest.raises(FileFormatError, match="characters of XML"):
        list(elements(io.BytesIO(data), "f.xml", tags={"x"}, caps=XmlCaps(total=500_000)))


def test_many_elements_are_no_burden_when_given_out() -> None:
    class Long(io.RawIOBase):
        """<r> and many elements with white space between, as it is asked for."""

        def __init__(self) -> None:
            self.parts = iter([b"<r>", *[b"<x>text</x>\n  " * 1_000] * 100, b"</r>"])

        def read(self, size: int = -1) -> bytes:
            return next(self.parts, b"")

    tracemalloc.start()
    try:
        count = sum(1 for _ in elements(Long(), "f.xml", tags={"x"}))  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 100_000
    assert peak < 2 << 20


@pytest.mark.parametrize("end", range(1, 46))
def test_a_truncated_file_is_never_whole(end: int) -> None:
    data = '<?xml version="1.0"?>\n<r>\n<x a="ä">é</x>\n</r>'.encode()
    assert len(data) > 45
    error = refused(data[:end])
    assert error.line >= 1


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gb2312", "gbk"]
)
def test_encodings(encoding: str) -> None:
    name = encoding.removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    data = f'<?xml version="1.0" encoding="{name}"?><r><x n="左">白内障</x></r>'.encode(encoding)
    ((element, _),) = found(data)
    assert (element.text, element.attrib) == ("白内障", {"n": "左"})


def test_a_wrong_declaration() -> None:
    text = "<r>\n<x>é</x></r>"
    assert refused(b'<?xml version="1.0" encoding="UTF-8"?>' + text.encode("latin-1")).line == 2
    assert "is not" in refused(b'<?xml version="1.0" encoding="UTF-16"?>' + text.encode()).message
    assert "no encoding" in refused(b'<?xml version="1.0" encoding="UTF-7"?>' + text.encode()).message
    assert "no encoding" in refused(b'<?xml version="1.0" encoding="base64"?>' + text.encode()).message
    ((element, _),) = found(b'<?xml version="1.0" encoding="windows-1252"?>' + text.encode("cp1252"))
    assert element.text == "é"


@pytest.mark.parametrize("data", [b"", b"   ", b"no xml", b"PK\x03\x04", b"\x00" * 100, b"{}", b"<r/><r/>", b"<r/>x"])
def test_what_is_no_xml(data: bytes) -> None:
    refused(data)


names = st.sampled_from(["x", "y", "name", "Class"])
texts = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=12))


def _built(tag: str, attributes: dict[str, str], text: str | None, children: list[ElementTree.Element]) -> Callable:  # type: ignore[type-arg]
    def build(tail: str | None) -> ElementTree.Element:
        element = ElementTree.Element(tag, attributes)
        element.text, element.tail = text or None, tail or None
        element.extend(children)
        return element

    return build


trees = st.recursive(
    st.builds(lambda make, tail: make(tail), st.builds(_built, names, st.just({}), texts, st.just([])), texts),
    lambda children: st.builds(
        lambda make, tail: make(tail),
        st.builds(
            _built,
            names,
            st.dictionaries(st.sampled_from(["a", "b"]), texts.map(lambda text: text or "")),
            texts,
            st.lists(children, max_size=4),
        ),
        texts,
    ),
    max_leaves=20,
)


@given(trees, st.sampled_from(["utf-8", "utf-16"]))
def test_what_is_written_is_what_is_read(tree: ElementTree.Element, encoding: str) -> None:
    whole = ElementTree.Element("root")
    whole.append(tree)
    data = ElementTree.tostring(whole, encoding=encoding, xml_declaration=True)
    ((element, _),) = found(data, ("root",))
    assert ElementTree.tostring(element) == ElementTree.tostring(ElementTree.fromstring(data))


@given(st.binary(max_size=200), st.integers(0, 200))
def test_damage_is_told_or_harmless(junk: bytes, at: int) -> None:
    data = b'<?xml version="1.0"?><!DOCTYPE r SYSTEM "r.dtd"><r v="1"><x>text &amp; <b>more</b></x><x/></r>'
    with suppress(FileFormatError):
        assert all(element.tag == "x" for element, _ in found(data[:at] + junk + data[at:], doctype=True))
