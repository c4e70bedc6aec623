"""Documents into a project and out again: looked at first, all or nothing, with what was decided in them."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import pytest
from helpers.documents import FILES, golden, pdf, read
from helpers.projects import KNOWLEDGE_BASE, state

from rpdr_core.errors import (
    Cancelled,
    DamagedFileError,
    FileFormatError,
    NotAllowedError,
    NotFoundError,
    RpdrError,
    UserInputError,
)
from rpdr_core.formats.documents.formats import open_documents
from rpdr_core.formats.documents.medcattrainer_writing import relink
from rpdr_core.records import NewDecision, Target
from rpdr_core.store import Project, QueueQuery, open_reader
from rpdr_core.workflow.document_export import (
    DocumentExportOptions,
    document_losses,
    document_sources,
    export_documents,
    writable,
)
from rpdr_core.workflow.document_import import (
    LOOKED_AT,
    DocumentOptions,
    import_documents,
    look_documents,
    mappings_of,
)
from rpdr_core.workflow.mapping_files import open_mappings

WRITABLE = [form.id for form in writable()]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "p.rpdr", name="Clinic", knowledge_base=KNOWLEDGE_BASE)


def decide(project: Project) -> None:
    """About the first mention: two codes with all that can be said; about the second: that there is none."""
    further = (Target("H81.0", "Ménière's disease", "inexact"),)
    project.decide(
        NewDecision(1, "correct", "R42", "Dizziness", comment="sieht so aus", relation="broader", also=further,
                    seconds=2.5),
        reviewer="anna",
    )  # fmt: skip
    project.decide(NewDecision(2, "no_match", reason="unreadable"), reviewer="bo")
    project.set_flag(2, True, reason="guideline")
    project.set_comment(2, "says who?")


@pytest.mark.parametrize("format_id", FILES)
def test_a_look_says_what_an_import_brings(format_id: str, project: Project) -> None:
    path = golden(format_id)
    look = look_documents(path)
    result = import_documents(project, path)
    assert (look.format, look.documents, look.mentions) == (format_id, result.documents, result.rows)
    assert look.complete
    assert sum(times for _, times in look.types) == look.mentions
    assert [glimpse.text for glimpse in look.first] == [document.text for document in project.documents(1)]
    rows = list(project.source_rows(1))
    # An annotation with several codes counts once.
    assert look.coded == sum(bool(row.code) for row in rows)
    assert [row.row for row in rows] == list(range(1, result.rows + 1))
    for row in rows:
        assert row.document_id is not None
        document = project.document(row.document_id)
        assert document is not None
        assert row.start is not None
        assert row.end is not None
        text = project.mentions([row.mention_id])[0].text
        assert document.text[row.start : row.end] == text or format_id != "pubtator"


@pytest.mark.parametrize("out", WRITABLE)
@pytest.mark.parametrize("format_id", FILES)
def test_decisions_come_back_from_every_format_that_has_a_place(
    format_id: str, out: str, project: Project, tmp_path: Path
) -> None:
    import_documents(project, golden(format_id))
    decide(project)
    target = tmp_path / "out"
    done = export_documents(project, target, out)
    assert done.rows == sum(len(document.annotations) for document in read(golden(format_id)))
    assert document_losses(project, out).losses == done.report.losses
    if out == "pubtator":
        assert list(mappings_of(target, out)[1]) == []
        assert "R42|H81.0" in target.read_text(encoding="utf-8")
        return
    first, second = [one for one in mappings_of(target, out)[1] if one.reviewer in ("anna", "bo")][:2]
    stored = {mention.id: mention for mention in project.mentions([1, 2])}
    decision = project.decision(1)
    assert decision is not None
    assert first.targets == (Target("R42", "Dizziness", "broader"), Target("H81.0", "Ménière's disease", "inexact"))
    assert (first.text, first.context, first.start) == (stored[1].text, stored[1].context, stored[1].start)
    assert (first.status, first.comment, first.seconds, first.mode) == ("corrected", "sieht so aus", 2.5, "open")
    assert (first.reviewer, first.made_at) == ("anna", decision.made_at)
    assert (second.status, second.reason, second.targets) == ("no_match", "unreadable", ())
    assert (second.remark, second.flagged, second.flag_reason) == ("says who?", True, "guideline")


@pytest.mark.parametrize("format_id", FILES)
def test_an_export_imported_again_is_the_same_project(format_id: str, project: Project, tmp_path: Path) -> None:
    import_documents(project, golden(format_id))
    decide(project)
    target = tmp_path / "out"
    export_documents(project, target, format_id)
    with Project.create(tmp_path / "q.rpdr", name="Clinic", knowledge_base=KNOWLEDGE_BASE) as again:
        import_documents(again, target, DocumentOptions(format=format_id))
        texts = [[(one.text, one.context, one.count) for one in each.mentions(each.queue(QueueQuery()))]
                 for each in (project, again)]  # fmt: skip
        assert texts[0] == texts[1]
        if format_id != "pubtator":  # which has no other place for our codes than theirs
            rows = [[(row.code, row.start, row.end, row.annotation) for row in each.source_rows(1)]
                    for each in (project, again)]  # fmt: skip
            assert rows[0] == rows[1]
            assert [(one.text, one.structure) for one in again.documents(1)] == [
                (one.text, one.structure) for one in project.documents(1)
            ]
        assert all(decision.taken_from is None for decision in again.decisions())


def test_only_some_types_become_mentions_and_the_others_stay(project: Project, tmp_path: Path) -> None:
    result = import_documents(project, golden("bioc-xml"), DocumentOptions(types=("Procedure",)))
    assert result.rows == 1
    target = tmp_path / "out.xml"
    export_documents(project, target, "bioc-xml")
    assert read(target) == read(golden("bioc-xml"))


def test_notes_bring_documents_without_mentions(project: Project, tmp_path: Path) -> None:
    pdf(tmp_path / "x.pdf", "Patient seen")
    result = import_documents(project, tmp_path / "x.pdf")
    assert (result.rows, result.documents) == (0, 1)
    assert [document.text for document in project.documents(1)] == ["Patient seen"]
    export_documents(project, tmp_path / "x.xml", "bioc-xml")
    assert [document.text for document in read(tmp_path / "x.xml")] == ["Patient seen"]


def test_whoever_watches_may_stop_it(project: Project, tmp_path: Path) -> None:
    def watch(stage: str, done: int, total: int) -> None:
        raise Cancelled("stopped")

    before = state(project.path)
    with pytest.raises(Cancelled):
        import_documents(project, golden("brat"), watch=watch)
    assert state(project.path) == before
    import_documents(project, golden("brat"))
    with pytest.raises(Cancelled):
        export_documents(project, tmp_path / "out.zip", "brat", watch=watch)
    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


def test_progress_is_told(project: Project, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    import_documents(project, golden("brat"), watch=lambda *told: heard.append(told))
    export_documents(project, tmp_path / "out.zip", "brat", watch=lambda *told: heard.append(told))
    assert heard == [("documents", 2, 2), ("documents", 0, 2), ("documents", 2, 2)]


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("x.txt", "1|t|No annotation\n", "no annotation in it"),
        ("x.json", '{"source":"","documents":[]}', "no document in it"),
        ("x.txt", "1|t|One\n1\t0\t3\tOne\tX\t\n\n1|t|One\n1\t0\t3\tOne\tX\t\n", "two documents have the id '1'"),
        ("x.txt", "1|t|One\n1\t0\t3\tOne\tX\t\n\n2|t|Two\n2\t0\t9\tTwo\tX\t\n", "not what stands"),
    ],
)
def test_what_is_wrong_leaves_the_project_as_it_was(
    name: str, text: str, match: str, project: Project, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    before = state(project.path)
    with pytest.raises(FileFormatError, match=match) as caught:
        import_documents(project, tmp_path / name)
    assert caught.value.hint
    assert state(project.path) == before


def test_a_file_that_changes_meanwhile_is_refused(project: Project, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(golden("brat"), tmp_path / "in"))

    def watch(stage: str, done: int, total: int) -> None:
        (folder / "note-2.txt").write_text("Something else.")

    with pytest.raises(FileFormatError, match="changed while it was read"):
        import_documents(project, folder, watch=watch)
    assert not project.sources()


def test_what_holds_no_documents(project: Project, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("mention\nfall\n")
    with pytest.raises(NotFoundError, match="no format of documents fits"):
        look_documents(tmp_path / "x.csv")
    with pytest.raises(NotFoundError, match="is called 'xyz'"):
        look_documents(tmp_path / "x.csv", DocumentOptions(format="xyz"))
    with pytest.raises(NotFoundError, match="no documents to export"):
        export_documents(project, tmp_path / "x", "brat")


def test_a_look_at_many_documents_stops(tmp_path: Path) -> None:
    lines = [f"{n}|t|One \u202e\n{n}\t0\t3\tOne\tX\t\n\n" for n in range(LOOKED_AT + 1)]
    (tmp_path / "x.txt").write_text("".join(lines), encoding="utf-8")
    look = look_documents(tmp_path / "x.txt")
    assert (look.documents, look.complete) == (LOOKED_AT, False)
    assert any("direction of writing" in warning for warning in look.warnings)


def test_a_look_at_long_documents_stops_sooner(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text("word\n" * 200_000)
    look = look_documents(tmp_path)
    assert (look.documents, look.complete) == (2, False)


def test_one_file_at_a_time(project: Project, tmp_path: Path) -> None:
    for name in ("brat", "pubtator"):
        import_documents(project, golden(name))
    assert [source.id for source in document_sources(project)] == [1, 2]
    with pytest.raises(NotAllowedError, match="documents of 2 files") as caught:
        export_documents(project, tmp_path / "x", "pubtator")
    assert "2 (pubtator.txt)" in caught.value.hint
    export_documents(project, tmp_path / "x", "pubtator", DocumentExportOptions(source=2))
    assert read(tmp_path / "x", "pubtator") == read(golden("pubtator"))
    with pytest.raises(NotFoundError):
        export_documents(project, tmp_path / "x", "pubtator", DocumentExportOptions(source=3))
    with pytest.raises(NotAllowedError, match="nothing is written as"):
        export_documents(project, tmp_path / "x", "notes", DocumentExportOptions(source=2))


def test_an_export_runs_beside_the_writer(project: Project, tmp_path: Path) -> None:
    import_documents(project, golden("brat"))
    with open_reader(project.path) as reader:
        export_documents(reader, tmp_path / "x.zip", "brat")
    assert read(tmp_path / "x.zip") == read(golden("brat"))


def test_without_text_and_together_again(project: Project, tmp_path: Path) -> None:
    import_documents(project, golden("medcattrainer"))
    decide(project)
    bare, full, linked = (tmp_path / name for name in ("bare.json", "full.json", "linked.json"))
    report = export_documents(project, bare, "medcattrainer", DocumentExportOptions(text_free=True)).report
    export_documents(project, full, "medcattrainer")
    told = bare.read_text(encoding="utf-8")
    assert not [word for word in ("igraine", "knee pain", "fever", "sieht so aus", "says who", "sure") if word in told]
    assert '"name":"Subject 1"' in told
    assert any("text of documents" in loss.what for loss in report.losses)
    assert relink(bare, [golden("medcattrainer")], linked) == 2

    def plain(path: Path) -> object:
        value = json.loads(path.read_text(encoding="utf-8"))
        for mark in value["projects"][0]["documents"][0]["annotations"]:
            for fields in (mark, mark.get("rpdr", {}), mark.get("rpdr", {}).get("before", {})):
                for word in ("comment", "remark"):
                    fields.pop(word, None)
        return value

    assert plain(linked) == plain(full)
    with pytest.raises(NotAllowedError, match="does not do without text"):
        export_documents(project, bare, "brat", DocumentExportOptions(text_free=True))


@pytest.mark.parametrize(("change", "match"), [("Subject 9", "no text of document 'Subject 1'")])
def test_relinking_needs_the_documents(change: str, match: str, tmp_path: Path) -> None:
    text = golden("medcattrainer").read_text(encoding="utf-8")
    (tmp_path / "other.json").write_text(text.replace("Subject 1", change), encoding="utf-8")
    with pytest.raises(FileFormatError, match=match):
        relink(golden("medcattrainer"), [tmp_path / "other.json"], tmp_path / "out.json")
    (tmp_path / "other.json").write_text(text.replace("left knee pain", "right knee pain"), encoding="utf-8")
    originals = [golden("medcattrainer"), tmp_path / "other.json"]
    with pytest.raises(FileFormatError, match="two texts of document 'Subject 1'"):
        relink(golden("medcattrainer"), originals, tmp_path / "out.json")


def test_an_export_without_text_has_no_mentions_to_import(tmp_path: Path) -> None:
    marks = [{"id": 1, "cui": "C", "start": 0, "end": 4, "validated": True}, {"id": 2, "cui": "D", "value": "fall"}]
    value = {"name": "p", "id": 1, "cuis": "", "documents": [{"id": 1, "name": "n", "annotations": marks}]}
    (tmp_path / "x.json").write_text(json.dumps(value))
    look = look_documents(tmp_path / "x.json")
    assert (look.format, look.documents, look.mentions) == ("medcattrainer", 1, 1)
    corpus = open_documents(tmp_path / "x.json")
    assert [one.rest for document in corpus.documents() for one in document.annotations] == marks


def test_the_text_of_documents_is_told_to_nobody(
    project: Project, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    import_documents(project, golden("brat"))
    decide(project)
    export_documents(project, tmp_path / "x.zip", "brat")
    audit = project._connection.rows("SELECT * FROM audit")
    assert not [word for word in ("Schwindel", "Hörverlust", "note-1") if word in repr(audit) + caplog.text]


def test_a_structure_that_is_damaged_is_told(project: Project, tmp_path: Path) -> None:
    import_documents(project, golden("brat"))
    project._connection.execute("UPDATE mention_row SET annotation = '{' WHERE id = 1")
    with pytest.raises(DamagedFileError, match="structure cannot be read") as caught:
        export_documents(project, tmp_path / "x.zip", "brat")
    assert isinstance(caught.value, RpdrError)
    assert not (tmp_path / "x.zip").exists()


def test_a_terminology_is_no_folder_of_notes(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "sct2_Concept_Snapshot_INT_20260101.txt").write_text("id\teffectiveTime\n")
    for read_it in (lambda: look_documents(folder), lambda: import_documents(project, folder)):
        with pytest.raises(UserInputError, match="SNOMED CT release") as caught:
            read_it()
        assert "kb import" in caught.value.hint
    assert document_sources(project) == []


def test_notes_hold_no_mappings(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Patient has asthma.\n")
    with pytest.raises(UserInputError, match="no mappings"):
        open_mappings(tmp_path)


def test_what_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such file"):
        look_documents(tmp_path / "x.xml")


def test_without_text_means_without_anything_that_may_be_text(project: Project, tmp_path: Path) -> None:
    told = json.loads(golden("medcattrainer").read_text(encoding="utf-8"))
    told["note"] = told["projects"][0]["guideline"] = told["projects"][0]["documents"][0]["raw"] = "canary"
    mark = told["projects"][0]["documents"][0]["annotations"][0]
    mark["source_value"] = mark["meta_anns"]["Experiencer"]["sentence"] = "canary"
    given, bare = tmp_path / "given.json", tmp_path / "bare.json"
    given.write_text(json.dumps(told), encoding="utf-8")
    import_documents(project, given)
    report = export_documents(project, bare, "medcattrainer", DocumentExportOptions(text_free=True)).report
    assert "canary" not in bare.read_text(encoding="utf-8")
    assert '"Experiencer"' in bare.read_text(encoding="utf-8")
    assert [loss.times for loss in report.losses if "not known to be free" in loss.what] == [5]
