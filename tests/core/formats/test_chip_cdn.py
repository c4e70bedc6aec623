from __future__ import annotations

import json
from pathlib import Path

from rpdr_core.formats.chip_cdn import GoldNames, is_chip_cdn, with_codes
from rpdr_core.formats.opening import open_table
from rpdr_core.formats.preview import preview
from rpdr_core.records import Entity

ENTITIES = (
    Entity("H25.9", "老年性白内障"),
    Entity("H40.9", "青光眼"),
    Entity("X1", "旧名", active=False),
    Entity("D1", "重名"),
    Entity("D2", "重名"),
)


def _file(folder: Path, *pairs: tuple[str, str]) -> Path:
    path = folder / "dev.json"
    rows = [{"text": text, "normalized_result": names} for text, names in pairs]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=2), encoding="utf-8")
    return path


def test_names_become_codes_where_they_are_exact(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        ("双眼白内障", "老年性白内障##青光眼"),
        ("旧", "旧名"),
        ("两个", "老年性白内障##没有"),
        ("重", "重名"),
        ("测试", ""),
        ("宽", " 青光眼 "),
    )
    table = open_table(path)
    assert is_chip_cdn(table.headers)
    names = GoldNames.of(ENTITIES)
    coded = with_codes(table, names)
    for _ in range(2):  # each pass counts anew
        assert [row.cells[-1] for row in coded.rows()] == ["H25.9|H40.9", "", "", "", "", "H40.9"]
        assert (names.found, names.unknown) == (4, 3)


def test_a_look_says_what_the_names_are(tmp_path: Path) -> None:
    look = preview(_file(tmp_path, ("白内障", "老年性白内障")))
    assert look.columns.mention == "text"
    assert any("names" in warning for warning in look.warnings)
