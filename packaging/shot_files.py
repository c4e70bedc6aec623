"""Files that the pictures show: what the Import and the Terminologies page have looked at. Everything is synthetic."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shots import Studio

    from rpdr_core.records import Entity

MENTIONS = (
    ("blurry vision R eye", "Seen with blurry vision R eye for 3 weeks.", 128, "Ophthalmology"),
    ("白内障术后", "患者白内障术后一周复查。", 64, "眼科"),
    ("nuclear cataract OS", "Slit lamp: nuclear cataract OS, grade 2.", 40, "Ophthalmology"),
    ("POAG both eyes", "Known POAG both eyes, on latanoprost.", 31, "Glaucoma clinic"),
    ("糖尿病视网膜病变", "双眼糖尿病视网膜病变，建议激光治疗。", 27, "眼科"),
    ("dry eye", "Complains of dry eye at the screen.", 22, "Optometry"),
)


def look_at(studio: Studio, kind: str) -> None:
    """Open a file of this kind on the page that is on screen, and wait until it was looked at."""
    from rpdr_desk.views.importing.import_page import ImportPage
    from rpdr_desk.views.terminologies.terminologies_page import TerminologiesPage

    page = studio.window.pages.currentWidget() if studio.window.pages is not None else None
    if isinstance(page, ImportPage):
        page.open_file(_mentions(studio.folder) if kind == "mentions" else _mappings(studio))
        studio.wait(page.form.go.isEnabled, 20)
        studio.wait(lambda: kind != "mappings" or page.form.foreseen.isVisible(), 30)
    elif isinstance(page, TerminologiesPage) and kind == "terminology":
        page.open_file(_terminology(studio.folder))
        studio.wait(page.form.go.isEnabled, 20)
    elif isinstance(page, TerminologiesPage):
        _upgrade(studio, page)
    elif kind in ("link", "linked", "taught"):
        from shot_pages import show

        show(studio, page, kind, _mentions(studio.folder))
    studio.settle()


def name_target(studio: Studio) -> None:
    """Where the file would go, as on a reviewer's own machine."""
    from rpdr_desk.views.exporting.export_page import ExportPage

    page = studio.window.pages.currentWidget() if studio.window.pages is not None else None
    if isinstance(page, ExportPage):
        page.target.setText(f"/home/meyer/mappings/{Path(page.target.text()).name}")


def _mentions(folder: Path) -> Path:
    path = folder / "eye clinic 2026-Q3.csv"
    lines = ["mention,context,count,department"]
    lines += [f'"{text}","{context}",{count},{where}' for text, context, count, where in MENTIONS]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _mappings(studio: Studio) -> Path:
    """The project's own decisions, as it exports them."""
    from rpdr_desk.operations.exports import FORMS, Choice

    path = studio.folder / "eye clinic usagi.csv"
    workspace, done = studio.window.workspace, []
    if workspace is not None and not path.exists():
        form = next(form for form in FORMS if form.id == "usagi")
        workspace.exports.write(form, Choice(decided=True), path, done.append, done.append)
        studio.wait(lambda: bool(done), 30)
    return path


def _terminology(folder: Path) -> Path:
    path = folder / "国家临床版2.0 眼科.csv"
    rows = (
        ("H25.900", "老年性白内障", "老年白内障|年龄相关性白内障", "H25"),
        ("H25.901", "老年性初期白内障", "", "H25"),
        ("H26.901", "白内障", "", "H26"),
        ("H40.100", "原发性开角型青光眼", "开角型青光眼|POAG", "H40"),
        ("H36.001", "糖尿病性视网膜病变", "糖网", "H36"),
    )
    lines = ["主要编码,诊断名称,别名,上级编码", *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _upgrade(studio: Studio, page: object) -> None:
    """A later release of the project's terminology without some of the codes that were decided."""
    from rpdr_core.knowledge_base.library import Library
    from rpdr_core.store import open_reader
    from rpdr_desk.operations.shelf import Held
    from rpdr_desk.views.terminologies.terminologies_page import TerminologiesPage

    workspace = studio.window.workspace
    if workspace is None or not isinstance(page, TerminologiesPage):
        return
    library = Library()
    found = next((info for info in library.list() if info.version == "October 2026"), None)
    if found is None:
        with open_reader(workspace.path) as reader:
            codes = list(dict.fromkeys(one.code for one in reader.decisions() if one.code))[:4]
        path = studio.folder / "later.tsv"
        base = library.open(workspace.knowledge_base.fingerprint)
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter="\t").writerows(_later(base.entities(), frozenset(codes)))
        title = workspace.knowledge_base.title
        found = library.import_release(path, id=workspace.knowledge_base.id, title=title, version="October 2026").info
    page._ask_upgrade(Held(found))
    studio.wait(lambda: page._plan is not None, 120)


def _later(entities: Iterator[Entity], gone: frozenset[str]) -> Iterator[tuple[str, ...]]:
    yield "code", "name", "parents"
    for one in entities:
        if one.code not in gone:
            yield one.code, one.name, "|".join(one.parents)
