"""What the pages that link files and teach the search show on the pictures. Figures are those of our benchmarks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from shots import Studio


def show(studio: Studio, page: QWidget | None, kind: str, mentions: Path) -> None:
    """Bring the page to where the picture is taken."""
    from rpdr_desk.views.encoders.encoders_page import EncodersPage
    from rpdr_desk.views.linking.link_page import LinkPage

    if isinstance(page, LinkPage) and kind == "link":
        page.open_file(mentions)
        page.form.accept.wanted.setChecked(True)
        studio.wait(lambda: bool(page.form.columns.boxes["mention"].currentData()), 20)
        page.form.target.setText("/home/meyer/mappings/eye clinic 2026-Q3 linked.csv")
    elif isinstance(page, LinkPage):
        page._leave_form()
        page.door.show_result(_linked())
    elif isinstance(page, EncodersPage):
        _taught(studio, page)


def _linked() -> object:
    from rpdr_desk.operations.link_state import Accepted, LinkResult, Unlike

    accepted = Accepted(0.02, 6_120, 0.87, 310, 2, 400, True, (Unlike("length", 18, 24), Unlike("context", 0.9, 0.2)))
    source = Path("/home/meyer/mappings/eye clinic 2026-Q3.csv")
    return LinkResult(source, source.with_name("eye clinic 2026-Q3 linked.csv"), 9_400, 5_011, 12, 0, 75.0, accepted)


def _taught(studio: Studio, page: object) -> None:
    from rpdr_core.encoder_manifest import EncoderCheck, EncoderManifest
    from rpdr_core.protocol.messages import AdapterInfo
    from rpdr_core.workflow.encoders import encoders_folder
    from rpdr_desk.operations.encoder_state import Learned
    from rpdr_desk.views.encoders.encoders_page import EncodersPage

    workspace = studio.window.workspace
    if workspace is None or not isinstance(page, EncodersPage):
        return
    about = workspace.knowledge_base
    won = EncoderCheck(1_000, 20_000, 0.373, 0.418, (0.021, 0.068), 0.744, 0.78, (0.017, 0.055), True)
    tuned = EncoderCheck(389, 3_604, 0.755, 0.79, (0.003, 0.067), 0.946, 0.96, (-0.004, 0.03), True)
    lost = EncoderCheck(1_000, 20_000, 0.418, 0.421, (-0.012, 0.018), 0.78, 0.779, (-0.01, 0.008), False)
    for name, recipe, check in (
        ("icd10cm-aligned-20261120-091500", "self-alignment", won),
        ("eye-clinic-tuned-20261121-101000", "retriever", tuned),
        ("icd10cm-aligned-20261121-154200", "sapbert", lost),
    ):
        info = AdapterInfo(name, "", f"{recipe}@0", "m", "0", 4, 1, 0.0, 0.0, "w", kind="retriever")
        folder = encoders_folder() / name
        folder.mkdir(parents=True, exist_ok=True)
        manifest = EncoderManifest(info, "", about.fingerprint, 0, check)
        (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    page._changed()
    page._hear(Learned("icd10cm-aligned-20261120-091500", about.title, won, "in use"))
    studio.wait(lambda: len(page._found.lines) == 4, 20)
    page.table.stand_on(1)
