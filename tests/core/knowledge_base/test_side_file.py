from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import DamagedFileError
from rpdr_core.knowledge_base import side_file
from rpdr_core.knowledge_base.release import MapTarget
from rpdr_core.knowledge_base.side_file import Lookup, write_side_file

CODE = st.text('ab"\\é一\U0001f600 .1', max_size=4)
ROWS = st.lists(st.tuples(CODE, st.text(max_size=30)), max_size=40)


def written(folder: Path, rows: list[MapTarget]) -> Lookup[MapTarget]:
    return Lookup(folder, write_side_file(folder / "maps.jsonl", rows, lambda _: None), MapTarget)


@given(ROWS, st.sampled_from([1, 3, 100_000]))
def test_each_code_finds_its_rows_in_their_order(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]], run: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(side_file, "RUN", run)
        rows = [MapTarget(code, "ICD-10", target) for code, target in pairs]
        lookup = written(tmp_path_factory.getbasetemp(), rows)
    lookup.verify()
    expected: dict[str, tuple[MapTarget, ...]] = {}
    for row in rows:
        expected[row.code] = (*expected.get(row.code, ()), row)
    assert lookup.of([*expected, "nowhere", "zzz"]) == expected
    assert list(lookup.rows()) == [row for code in sorted(expected) for row in expected[code]]


def test_progress_is_heard_while_rows_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_file, "RUN", 2)
    heard: list[int] = []
    write_side_file(tmp_path / "maps.jsonl", [MapTarget(str(n), "X", "Y") for n in range(5)], heard.append)
    assert heard == [2, 4, 5]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.replace(b"ICD", b"ICE", 1),
        lambda data: data[:-7],
        lambda data: b"",
        lambda data: data.replace(b'"', b"", 1),
    ],
)
def test_damage_is_told(tmp_path: Path, spoil: object) -> None:
    lookup = written(tmp_path, [MapTarget(str(n), "ICD-10", "A00") for n in range(9)])
    path = tmp_path / "maps.jsonl"
    path.write_bytes(spoil(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(DamagedFileError) as caught:
        lookup.verify()
    assert "import the terminology again" in caught.value.hint
    assert caught.value.file == str(path)


def test_a_row_that_is_none_and_a_file_that_is_gone_are_damage(tmp_path: Path) -> None:
    lookup = written(tmp_path, [MapTarget("1", "ICD-10", "A00")])
    (tmp_path / "maps.jsonl").write_bytes(b"\xff\n{}\n")
    with pytest.raises(DamagedFileError):
        lookup.of(["1"])
    (tmp_path / "maps.jsonl").unlink()
    for ask in (lookup.verify, lambda: lookup.of(["1"]), lambda: list(lookup.rows())):
        with pytest.raises(DamagedFileError):
            ask()
