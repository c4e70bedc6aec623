"""A lexicon beside the project is searched and sent to the worker, and its faults are told by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.desk_parts import make_catalogue, make_project

from rpdr_core.errors import FileFormatError
from rpdr_core.knowledge_base.catalogue import read_manifest
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_desk.operations.terminology import FromLibrary


class Shelf(Library):
    """A library of the small terminology alone: opening another would make ICD-10-CM first."""

    def is_made(self, reference: str) -> bool:
        return True

    def open(self, reference: str, *, lexicons: object = ()) -> Catalogue:
        folder = make_catalogue()
        return Catalogue(read_manifest(folder).info, folder, tuple(lexicons))  # type: ignore[call-overload]


def test_the_lexicon_beside_the_project_is_used(tmp_path: Path) -> None:
    project = make_project(tmp_path / "clinic.rpdr", 2)
    info = read_manifest(make_catalogue()).info
    assert not FromLibrary(info, library=Shelf(), project=project)().search.search("wobbly knee")
    lexicon = tmp_path / "clinic.lexicon.tsv"
    lexicon.write_text("term\tcodes\tkind\nwobbly knee\tX03\tlay\n", encoding="utf-8")
    opened = FromLibrary(info, library=Shelf(), project=project)()
    assert [(hit.code, hit.source) for hit in opened.search.search("wobbly knee")][:1] == [("X03", "lexicon")]
    assert opened.reference.lexicons == (str(lexicon),)


def test_a_fault_in_it_names_file_and_line(tmp_path: Path) -> None:
    project = make_project(tmp_path / "clinic.rpdr", 2)
    (tmp_path / "clinic.lexicon.tsv").write_text("term\tcodes\tkind\nwobbly knee\t\tlay\n", encoding="utf-8")
    with pytest.raises(FileFormatError) as caught:
        FromLibrary(read_manifest(make_catalogue()).info, library=Shelf(), project=project)()
    assert caught.value.line == 2
    assert caught.value.file.endswith("clinic.lexicon.tsv")
