"""The record: appended, addressed by bytes, whole lines only."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.protocol.messages import TrainingEvent
from rpdr_worker.runs.events import EventLog, read_events, size_of
from rpdr_worker.runs.folder import EVENTS


def test_events_come_back_in_order_with_their_memory(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    log.add("state", state="running")
    log.add("training", training=TrainingEvent(3, 9, 0.3, 1.5, 0.5, 2.0))
    log.add("note", note="白内障 batch halved")
    log.close()
    first, second, third = read_events(tmp_path)
    assert (first.kind, first.state) == ("state", "running")
    assert second.training == TrainingEvent(3, 9, 0.3, 1.5, 0.5, 2.0)
    assert third.note == "白内障 batch halved"
    assert third.offset == size_of(tmp_path)
    assert first.memory > 1_000_000
    assert first.at <= third.at


@given(st.lists(st.text(max_size=20), max_size=8), st.integers(0, 8), st.binary(max_size=30))
def test_any_event_is_found_again_from_its_offset(notes: list[str], start: int, torn: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = EventLog(folder)
        for note in notes:
            log.add("note", note=note)
        log.close()
        whole = list(read_events(folder))
        assert [event.note for event in whole] == notes
        offset = whole[start].offset if start < len(whole) else size_of(folder)
        assert list(read_events(folder, offset)) == whole[start + 1 :]
        # A power cut tears the last line; the next process writes on.
        with (folder / EVENTS).open("ab") as out:
            out.write(torn.replace(b"\n", b""))
        assert list(read_events(folder)) == whole
        log = EventLog(folder)
        log.add("note", note="after")
        log.close()
        assert [event.note for event in read_events(folder)] == [*notes, "after"]


def test_a_record_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert list(read_events(tmp_path)) == []
    assert size_of(tmp_path) == 0
