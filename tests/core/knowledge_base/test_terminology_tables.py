"""Tables as people have them: any headers or none, titles above, workbooks, other encodings, several rows a code."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from helpers.terminologies import small_table
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from rpdr_core.errors import FileFormatError, UserInputError
from rpdr_core.knowledge_base.catalogue import write_release
from rpdr_core.knowledge_base.importing import look
from rpdr_core.knowledge_base.recognising import open_release, recognise
from rpdr_core.knowledge_base.release import Association, Release, ReleaseOptions
from rpdr_core.knowledge_base.table import open_table_release, read_table
from rpdr_core.knowledge_base.table_columns import ALIASES, FIELDS, guess, resolve
from rpdr_core.records import Entity


def read(path: Path, **options: object) -> list[Entity]:
    return list(read_table(path, ReleaseOptions(**options)))  # type: ignore[arg-type]


def opened(path: Path, **options: object) -> Release:
    return open_table_release(path, ReleaseOptions(**options))  # type: ignore[arg-type]


def book(path: Path, *sheets: tuple[str, list[tuple[object, ...]]]) -> Path:
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("Code,Name", {"code": "Code", "name": "Name"}),
        ("疾病编码,疾病名称", {"code": "疾病编码", "name": "疾病名称"}),
        ("诊断代码,诊断名称,别名", {"code": "诊断代码", "name": "诊断名称", "synonyms": "别名"}),
        ("ICD-10编码,中文名称,英文名称", {"code": "ICD-10编码", "name": "中文名称", "synonyms": "英文名称"}),
        ("concept_code,concept_name", {"code": "concept_code", "name": "concept_name"}),
        ("主要编码(必填),名称（中文）", {"code": "主要编码(必填)", "name": "名称（中文）"}),
        (
            "ＣＯＤＥ,Preferred.Name,Parent_Code",
            {"code": "ＣＯＤＥ", "name": "Preferred.Name", "parents": "Parent_Code"},
        ),
        ("foo,bar", {}),
    ],
)
def test_headers_are_guessed_in_two_languages(headers: str, expected: dict[str, str]) -> None:
    assert dict(guess(headers.split(","))) == expected


def test_every_alias_is_found_and_none_means_two_things() -> None:
    seen: dict[str, str] = {}
    for name, aliases in ALIASES.items():
        assert name in FIELDS
        for alias in aliases:
            assert guess([alias]) == ((name, alias),)
            assert seen.setdefault(alias, name) == name


def test_the_columns_that_are_given_are_taken(tmp_path: Path) -> None:
    path = small_table(tmp_path, "code,name,k,label,alt,alt 2\nx,y,K1,Knee,joint,Gonarthron\n")
    columns = (("code", "K"), ("name", "label"), ("synonyms", "alt"), ("synonyms", "alt 2"))
    assert read(path, columns=columns) == [Entity("K1", "Knee", ("joint", "Gonarthron"))]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ((("code", "none"), ("name", "name")), "no column 'none'"),
        ((("code", "code"),), "no column 'name'"),
        ((("code", "code"), ("name", "name"), ("colour", "code")), "no field 'colour'"),
        ((("code", "code"), ("name", "name"), ("type", "code"), ("type", "name")), "2 columns are given for 'type'"),
    ],
)
def test_columns_that_are_not_there_are_named(tmp_path: Path, columns: tuple[tuple[str, str], ...], words: str) -> None:
    path = small_table(tmp_path, "code,name\nA,a\n")
    with pytest.raises(FileFormatError, match=words) as caught:
        opened(path, columns=columns)
    assert caught.value.hint
    with pytest.raises(FileFormatError, match=words):
        look(path, ReleaseOptions(columns=columns))


def test_two_columns_of_one_name_are_ambiguous() -> None:
    with pytest.raises(FileFormatError, match="2 columns are called"):
        resolve(["code", "name", "name"], (), "x.csv")


@pytest.mark.parametrize("name", ["list.csv", "list.txt", "list.tsv"])
def test_a_list_of_codes_and_names_needs_no_headers(tmp_path: Path, name: str) -> None:
    mark = "\t" if name.endswith("tsv") else ","
    rows = [("A00.0", "Cholera"), ("A00.9", "Cholera, unspecified"), ("U07.1", "COVID-19")]
    text = "".join(f'{code}{mark}"{term}"\n' if mark == "," else f"{code}{mark}{term}\n" for code, term in rows)
    path = small_table(tmp_path, text, name)
    release = opened(path)
    assert [(entity.code, entity.name) for entity in release.entities()] == rows
    assert any("no header" in warning for warning in release.warnings)
    seen = look(path)
    assert seen.table is not None
    assert seen.table.headless
    assert seen.table.columns == (("code", "column 1"), ("name", "column 2"))
    assert len(seen.entities) == 3


def test_columns_may_be_called_by_their_place(tmp_path: Path) -> None:
    path = small_table(tmp_path, "Cholera,A00,x\nTyphoid,A01,y\n")
    columns = (("code", "column 2"), ("name", "column 1"))
    assert [(one.code, one.name) for one in read(path, columns=columns)] == [("A00", "Cholera"), ("A01", "Typhoid")]


def test_words_without_codes_are_no_list(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no column 'code'"):
        opened(small_table(tmp_path, "alpha,beta\ngamma,delta\n"))


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx"])
def test_titles_above_the_headers_are_passed_over(tmp_path: Path, name: str) -> None:
    rows = [("疾病分类与代码", "", ""), ("2026 版", "", ""), ("编码", "名称", "备注"), ("K29", "胃炎", "x")]
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    else:
        book(path, ("表", [tuple(cell or None for cell in row) for row in rows]))
    found = read(path)
    assert [(one.code, one.name) for one in found] == [("K29", "胃炎")]
    path_error = small_table(tmp_path, "标题,,\n编码,名称,备注\nK29,,x\n", "e.csv")
    with pytest.raises(FileFormatError) as caught:
        read(path_error)
    assert caught.value.line == 3


def test_the_sheet_that_fits_is_read_unless_one_is_chosen(tmp_path: Path) -> None:
    path = book(
        tmp_path / "b.xlsx",
        ("说明", [("本表说明", None)]),
        ("表一", [("编码", "名称"), ("A00", "霍乱")]),
        ("表二", [("编码", "名称"), ("B00", "疱疹")]),
    )
    assert recognise(path).format == "table"
    assert [one.code for one in read(path)] == ["A00"]
    assert [one.code for one in read(path, sheet="表二")] == ["B00"]
    seen = look(path)
    assert seen.table is not None
    assert (seen.table.sheets, seen.table.sheet) == (("说明", "表一", "表二"), "表一")
    with pytest.raises(FileFormatError, match="'表三'"):
        opened(path, sheet="表三")


def test_long_codes_that_excel_rounded_are_told(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", ("S", [("code", "name"), (1234567890123456, "x")]))
    assert any("15 digits" in warning for warning in opened(path).warnings)


def test_semicolons_separate_too(tmp_path: Path) -> None:
    assert read(small_table(tmp_path, "code;name\nA;Herz, Infarkt\n")) == [Entity("A", "Herz, Infarkt")]


def test_other_encodings_are_suggested_and_never_taken_unasked(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("编码,名称\r\nK29,胃炎\r\n".encode("gb18030"))
    with pytest.raises(FileFormatError) as caught:
        opened(path)
    assert "gb18030" in caught.value.hint
    for name in ("gb18030", "gbk", "GB2312"):
        assert [one.name for one in read(path, encoding=name)] == ["胃炎"]
    with pytest.raises(UserInputError):
        opened(path, encoding="klingon")
    path.write_bytes("编码,名称\r\nK29,胃炎\r\n".encode("utf-16"))
    assert [one.name for one in read(path)] == ["胃炎"]


def test_rows_that_repeat_a_code_are_synonyms_when_asked_for(tmp_path: Path) -> None:
    path = small_table(tmp_path, "code,name,synonyms,type\nA,one,uno,t\nB,two,,t\nA,eins,un|one,\nA,een,,t\n")
    with pytest.raises(FileFormatError, match="line 2") as caught:
        read(path)
    assert caught.value.line == 4
    release = opened(path, repeated=True)
    assert list(release.entities()) == [
        Entity("A", "one", ("uno", "eins", "un", "een"), type="t"),
        Entity("B", "two", type="t"),
    ]
    assert any("1 codes stand on several rows" in remark for remark in release.remarks())


def test_rows_of_one_code_may_not_contradict(tmp_path: Path) -> None:
    path = small_table(tmp_path, "code,name,type\nA,one,t\nA,eins,u\n")
    with pytest.raises(FileFormatError, match="than on line 2") as caught:
        read(path, repeated=True)
    assert caught.value.line == 3


def test_what_replaces_a_retired_code_is_its_history(tmp_path: Path) -> None:
    release = opened(small_table(tmp_path, "code,name,active,replaced by\nA,a,0,B\nB,b,1,\n"))
    assert list(release.associations()) == [Association("A", "replaced_by", "B")]
    assert list(opened(small_table(tmp_path)).associations()) == []


def test_formula_cells_are_text(tmp_path: Path) -> None:
    assert read(small_table(tmp_path, "code,name\n=1,=cmd|' /C calc'!A0\n")) == [Entity("=1", "=cmd|' /C calc'!A0")]


HEADS = st.sampled_from(["code,name", "编码,名称,别名", "code\tname\tparents", "a,b"])


@given(HEADS, st.text('AB01.x,\t\n"|; 癌\u202e=', max_size=120))
def test_any_table_is_read_or_refused_with_its_file(
    tmp_path_factory: pytest.TempPathFactory, head: str, body: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(f"{head}\n{body}".encode())
    refusal: UserInputError | None = None
    found: list[Entity] = []
    try:
        found = list(open_release(path).entities())
    except UserInputError as error:
        refusal = error
    assert len({entity.code for entity in found}) == len(found)
    assert refusal is None or (refusal.file == str(path) and refusal.hint)


def test_spoilt_workbooks_are_read_or_refused(tmp_path: Path) -> None:
    chance = random.Random(7)
    rows: list[tuple[object, ...]] = [("编码", "名称"), *((f"K{n}", f"胃炎{n}") for n in range(30))]
    whole = book(tmp_path / "b.xlsx", ("S", rows)).read_bytes()
    write_release(tmp_path / "kb", open_release(tmp_path / "b.xlsx"), source="s")
    refused = 0
    for number in range(120):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path = tmp_path / f"{number}.xlsx"
        path.write_bytes(bytes(content[: chance.randrange(200, len(content) + 1)] if number % 3 == 0 else content))
        try:
            write_release(tmp_path / "kb", open_release(path), source="s")
        except UserInputError:
            refused += 1
    assert refused > 40
    assert not [folder for folder in (tmp_path / "kb").iterdir() if folder.name.startswith(".")]
