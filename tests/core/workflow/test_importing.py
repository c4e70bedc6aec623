from __future__ import annotations

import hashlib
import json
import os
import random
import tracemalloc
from pathlib import Path

import msgspec
import pytest
from helpers.mention_files import csv_text, workbook
from helpers.projects import KNOWLEDGE_BASE, new_project, state

from rpdr_core.errors import Cancelled, FileFormatError, NotAllowedError, NotFoundError, RpdrError
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.records import Entity
from rpdr_core.resources import resource_path
from rpdr_core.store import Project, QueueQuery
from rpdr_core.workflow.importing import Columns, GoldNames, import_file, imported_before, preview

ROWS = [
    ("R1", "catarct", "seen with catarct", "3", "H26.9", "Eye"),
    ("R2", "白内障", "右眼白内障术后", "2", "", "眼科"),
    ("R3", "catarct", "seen with catarct", "1", "H26.8", "Eye"),
]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    with Project.create(tmp_path / "p.rpdr", name="p", knowledge_base=KNOWLEDGE_BASE) as opened:
        yield opened


def _file(folder: Path, text: str, name: str = "list.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def test_an_import_merges_equal_mentions_and_keeps_every_row(project: Project, tmp_path: Path) -> None:
    result = import_file(project, _file(tmp_path, csv_text(ROWS)))
    assert (result.rows, result.added, result.merged, result.skipped) == (3, 2, 1, 0)
    assert result.changes.kinds == {"mentions"}
    [first, second] = project.mentions(project.queue(QueueQuery()))
    assert (first.text, first.count, first.start, first.end, first.department) == ("catarct", 4, 10, 17, "Eye")
    assert (second.text, second.count) == ("白内障", 2)
    [source] = project.sources()
    kept = [(row.mention_id, row.row, row.key, row.count, row.code) for row in project.source_rows(source.id)]
    assert kept == [(1, 1, "R1", 3, "H26.9"), (2, 2, "R2", 2, ""), (1, 3, "R3", 1, "H26.8")]


def test_given_codes_are_no_decisions(project: Project, tmp_path: Path) -> None:
    import_file(project, _file(tmp_path, csv_text(ROWS)))
    assert project.progress().decided == 0
    assert list(project.decisions()) == []
    assert {mention.code for mention in project.mentions([1, 2])} == {""}


def test_the_source_is_known_by_its_bytes_and_mapping(project: Project, tmp_path: Path) -> None:
    path = _file(tmp_path, csv_text(ROWS), encoding="gb18030")
    import_file(project, path, encoding="gbk")
    [source] = project.sources()
    file = source.file
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (file.name, file.format, file.encoding, source.rows) == ("list.csv", "csv", "gb18030", 3)
    expected = Columns("mention", "context", "count", "code", "id", "department")
    assert msgspec.json.decode(file.columns, type=Columns) == expected


def test_columns_may_be_chosen(project: Project, tmp_path: Path) -> None:
    path = _file(tmp_path, csv_text(ROWS, ("a", "b", "c", "d", "e", "f")))
    with pytest.raises(FileFormatError, match="no column of mentions"):
        import_file(project, path)
    import_file(project, path, Columns(mention="c", count="d"))
    assert [m.text for m in project.mentions([1, 2])] == ["seen with catarct", "右眼白内障术后"]


def test_a_workbooks_sheet_is_on_record(project: Project, tmp_path: Path) -> None:
    import_file(project, workbook(tmp_path / "a.xlsx", ROWS, sheet="Liste"))
    [source] = project.sources()
    assert (source.file.format, source.file.encoding) == ("xlsx", "")
    assert msgspec.json.decode(source.file.columns, type=Columns).sheet == "Liste"


def test_skipped_rows_are_counted(project: Project, tmp_path: Path) -> None:
    result = import_file(project, _file(tmp_path, "mention,context\na,x\n,y\n ,z\n\n"))
    assert (result.rows, result.skipped) == (1, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mention,n\n" + "a,1\n" * 6_000 + "b,zero\n", "a count of 'zero'"),
        ("mention,n\n" + "a,1\n" * 6_000 + "b,1,2\n", "3 cells"),
        ("mention,context\n,x\n", "no row holds a mention"),
        ("mention,context\n", "no row holds a mention"),
    ],
)
def test_a_fault_anywhere_imports_nothing(project: Project, tmp_path: Path, text: str, words: str) -> None:
    import_file(project, _file(tmp_path, csv_text(ROWS), "first.csv"))
    before = state(project.path)
    with pytest.raises(FileFormatError, match=words):
        import_file(project, _file(tmp_path, text))
    assert state(project.path) == before
    assert import_file(project, _file(tmp_path, csv_text(ROWS), "again.csv"), again=True).merged == 3


def test_no_encoding_is_guessed(project: Project, tmp_path: Path) -> None:
    path = _file(tmp_path, "诊断\n白内障\n", encoding="gb18030")
    with pytest.raises(FileFormatError, match="not utf-8") as caught:
        import_file(project, path)
    assert "gb18030" in caught.value.hint
    assert project.sources() == []
    assert import_file(project, path, encoding="gb18030").added == 1


def test_progress_is_told_and_may_cancel(project: Project, tmp_path: Path) -> None:
    path = _file(tmp_path, "mention\n" + "".join(f"m{n}\n" for n in range(12_000)))
    heard: list[int] = []
    import_file(project, path, on_progress=heard.append)
    assert heard == [5_000, 10_000, 12_000]
    before = state(project.path)

    def cancel(rows: int) -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        import_file(project, path, on_progress=cancel, again=True)
    assert state(project.path) == before


def test_a_file_that_changes_meanwhile_is_not_imported(project: Project, tmp_path: Path) -> None:
    path = _file(tmp_path, csv_text(ROWS))

    def touch(rows: int) -> None:
        os.utime(path, ns=(1, 1))

    with pytest.raises(FileFormatError, match="changed while it was read"):
        import_file(project, path, on_progress=touch)
    assert project.sources() == []


def test_a_missing_file(project: Project, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        import_file(project, tmp_path / "none.csv")


def test_the_sample_imports_as_its_preview_says(project: Project) -> None:
    path = resource_path("samples", "eye_clinic", "mentions.csv")
    look = preview(path)
    assert (look.rows_estimate, look.warnings) == (150, ())
    result = import_file(project, path, look.columns)
    assert (result.rows, result.added) == (150, 150)
    assert all(mention.start is not None for mention in project.mentions(range(1, 151)))


def test_broken_files_leave_the_project_as_it_was(tmp_path: Path) -> None:
    project = new_project(tmp_path)
    before = state(project.path)
    chance = random.Random("import")
    original = csv_text(ROWS * 20).encode()
    refused = 0
    for turn in range(60):
        data = bytearray(original)
        data[chance.randrange(len(data))] = chance.randrange(256)
        path = tmp_path / f"{turn}.csv"
        path.write_bytes(data)
        try:
            import_file(project, path)
            before = state(project.path)
        except RpdrError:
            refused += 1
            assert state(project.path) == before
    assert 5 < refused < 55
    project.close()


def test_reading_takes_the_same_memory_for_any_length(tmp_path: Path) -> None:
    row = "白内障术后复查,患者白内障术后复查三月,1\n"
    peaks = []
    for rows in (4_000, 40_000):
        path = _file(tmp_path, "mention,context,n\n" + row * rows)
        tracemalloc.start()
        assert sum(1 for _ in read_mentions(path)) == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2 + 100_000


def test_the_same_bytes_are_not_counted_twice_unasked(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("mention\nMI\nMI\n", encoding="utf-8")
    with Project.create(tmp_path / "again.rpdr", name="p", knowledge_base=KNOWLEDGE_BASE) as project:
        assert imported_before(project, path) is None
        import_file(project, path)
        copy = path.rename(tmp_path / "renamed.csv")
        found = imported_before(project, copy)
        assert found is not None
        assert (found.file.name, found.rows) == ("list.csv", 2)
        with pytest.raises(NotAllowedError, match=r"imported before.*list\.csv.*2 rows"):
            import_file(project, copy)
        assert project.progress().occurrences == 2
        import_file(project, copy, again=True)
        assert project.progress().occurrences == 4


def test_gold_names_become_codes(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    rows = [
        {"text": "白内障", "normalized_result": "老年性白内障##青光眼"},
        {"text": "咳", "normalized_result": "咳嗽"},
    ]
    path.write_text(json.dumps(rows), encoding="utf-8")
    names = GoldNames.of([Entity("H25.9", "老年性白内障"), Entity("H40.9", "青光眼")])
    with Project.create(tmp_path / "cdn.rpdr", name="p", knowledge_base=KNOWLEDGE_BASE) as project:
        import_file(project, path, names=names)
        assert (names.found, names.unknown) == (2, 1)
        assert [row.code for row in project.source_rows(1)] == ["H25.9|H40.9", ""]
