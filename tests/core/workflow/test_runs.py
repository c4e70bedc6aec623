"""Starting and fetching as conversations: what is asked, what is sent again, what is refused."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from helpers.far_side import FarSide
from helpers.tiny_models import lay_rows
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import Cancelled, DamagedFileError, NotFoundError, UserInputError, WorkerLostError, WorldError
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import AdapterInfo, TrainingRow, TrainingSpec
from rpdr_core.protocol.run_messages import (
    FilePart,
    HeldPart,
    RunFile,
    RunPart,
    RunResult,
    RunRow,
    RunState,
    StartRun,
)
from rpdr_core.protocol.transport import MemoryTransport
from rpdr_core.resources import resource_path
from rpdr_core.workflow import runs
from rpdr_core.workflow.distilling import TrainingRows
from rpdr_core.workflow.fetching import fetching
from rpdr_core.workflow.runs import Ask, RunSettings, new_run_id, play, starting, stored_run, trouble_of

SPEC = TrainingSpec("encoder-student", "ab" * 32, "", 3)
ROWS = TrainingRows(lay_rows(30, seed=1), lay_rows(7, seed=2))
RUN = "20261121-101112-abcdef"
INFO = AdapterInfo("a1b2c3d4e5", "/far/adapter", "r", "m", "0", 4, 1, 0.5, 0.7, "w")


class Far:
    """A worker's answers in this process. `fails_at`: the request that breaks the connection, from 0; `flip`: every
    fetched part is damaged on its way.
    """

    def __init__(
        self, files: dict[str, bytes] | None = None, *, fails_at: int | None = None, flip: bool = False
    ) -> None:
        self.held: dict[str, bytes] = {}
        self.started: list[StartRun] = []
        self.files = files or {}
        self.asked: list[Ask] = []
        self.fails_at = fails_at
        self.flip = flip

    def play(self, talk: Generator[Ask, Any, Any]) -> Any:
        try:
            ask = next(talk)
            while True:
                self.asked.append(ask)
                try:
                    answer = self.answer(ask)
                except WorkerLostError as error:
                    ask = talk.throw(error)
                else:
                    ask = talk.send(answer)
        except StopIteration as end:
            return end.value

    def answer(self, ask: Ask) -> object:
        if len(self.asked) - 1 == self.fails_at:
            raise WorkerLostError("gone")
        match ask.method:
            case "run.upload":
                return self._upload(ask.params)
            case "run.start":
                self.started.append(ask.params)
                return RunState(ask.params.run, ask.params.name, "queued")
            case "run.result":
                sums = {name: hashlib.sha256(data).hexdigest() for name, data in self.files.items()}
                return RunResult(INFO, tuple(RunFile(name, len(self.files[name]), sums[name]) for name in self.files))
            case "run.fetch":
                data = self.files[ask.params.file][ask.params.offset :][:7]
                data = bytes([data[0] ^ 1]) + data[1:] if self.flip and data else data
                return FilePart(base64.b64encode(data).decode())
        raise AssertionError(ask.method)

    def _upload(self, part: RunPart) -> HeldPart:
        data = base64.b64decode(part.data, validate=True)
        before = self.held.get(part.file, b"")
        if data:
            assert part.offset <= len(before)
            self.held[part.file] = before[: part.offset] + data
        return HeldPart(len(self.held.get(part.file, b"")))


def adapter(id: str = INFO.id) -> dict[str, bytes]:
    manifest = msgspec.json.encode({"info": replace(INFO, id=id, folder="")})
    return {"manifest.json": manifest, "base/weights.safetensors": bytes(range(100))}


def rows_in(data: bytes) -> tuple[list[TrainingRow], list[TrainingRow]]:
    rows = [msgspec.json.decode(line, type=RunRow) for line in data.splitlines()]
    found = [(row.part, msgspec.convert(row.row, TrainingRow)) for row in rows]
    return [row for part, row in found if part == "train"], [row for part, row in found if part == "validation"]


def test_recipe_and_rows_are_sent_and_sealed() -> None:
    far = Far()
    state = far.play(starting(SPEC, ROWS, "clinic", run=RUN))
    assert (state.run, state.state) == (RUN, "queued")
    [started] = far.started
    assert rows_in(far.held["rows.jsonl"]) == (list(ROWS.train), list(ROWS.validation))
    assert far.held["recipe.toml"] == (resource_path("recipes") / "encoder-student.toml").read_bytes()
    assert started.rows_sha256 == hashlib.sha256(far.held["rows.jsonl"]).hexdigest()
    assert started.recipe_sha256 == hashlib.sha256(far.held["recipe.toml"]).hexdigest()
    assert (started.spec, started.launcher) == (SPEC, "process")


def test_a_path_of_this_machine_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("x = 1")
    far = Far()
    far.play(starting(replace(SPEC, recipe=str(path)), ROWS, "clinic"))
    assert far.started[0].spec.recipe == "mine.toml"
    assert far.held["recipe.toml"] == b"x = 1"


@given(part=st.integers(500, 3000), fails_at=st.integers(0, 12))
def test_an_upload_that_was_cut_off_goes_on_where_it_stopped(part: int, fails_at: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "PART", part)
        far = Far(fails_at=fails_at)
        try:
            far.play(starting(SPEC, ROWS, "clinic", run=RUN))
        except WorkerLostError:
            far.fails_at = None
            held = {name: len(data) for name, data in far.held.items()}
            far.asked.clear()
            far.play(starting(SPEC, ROWS, "clinic", run=RUN))
            sent = [ask.params for ask in far.asked if ask.method == "run.upload" and ask.params.data]
            assert all(one.offset > held.get(one.file, 0) - part for one in sent)
        assert rows_in(far.held["rows.jsonl"]) == (list(ROWS.train), list(ROWS.validation))
        assert len(far.started) == 1
        parts = [ask.params.data for ask in far.asked if ask.method == "run.upload"]
        assert all(len(base64.b64decode(data)) <= part for data in parts)


def test_a_part_fits_the_worker() -> None:
    assert len(base64.b64encode(bytes(runs.PART))) <= 1_000_000


def test_what_cannot_be_started() -> None:
    with pytest.raises(UserInputError, match="nothing to train on"):
        Far().play(starting(SPEC, TrainingRows((), ()), "x"))
    for recipe in ("no-such", "/no/such.toml"):
        with pytest.raises(NotFoundError):
            Far().play(starting(replace(SPEC, recipe=recipe), ROWS, "x"))


def test_ids_are_new_and_sort_by_time() -> None:
    ids = {new_run_id() for _ in range(50)}
    assert len(ids) == 50
    assert all(len(one) == len(RUN) for one in ids)


def test_a_conversation_over_a_client_hears_the_workers_errors() -> None:
    def talk() -> Generator[Ask, Any, str]:
        try:
            yield Ask("run.upload", RunPart(RUN, "rows.jsonl", 0))
        except NotFoundError as error:
            return error.message
        return "no error"

    far = FarSide(lambda session, request: session.failure(request.id, NotFoundError("no such")))
    with WorkerClient.connect(MemoryTransport(far)) as worker:
        assert play(worker, talk()) == "no such"


class TestFetching:
    def test_an_adapter_arrives_whole(self, tmp_path: Path) -> None:
        info = Far(adapter()).play(fetching(RUN, "clinic", folder=tmp_path))
        assert info == replace(INFO, folder=str(tmp_path / "clinic"))
        assert (tmp_path / "clinic" / "base" / "weights.safetensors").read_bytes() == bytes(range(100))
        assert [path.name for path in tmp_path.iterdir()] == ["clinic"]

    def test_again_it_is_there_already(self, tmp_path: Path) -> None:
        first = Far(adapter()).play(fetching(RUN, "clinic", folder=tmp_path))
        far = Far(adapter())
        assert far.play(fetching(RUN, "clinic", folder=tmp_path)) == first
        assert [ask.method for ask in far.asked] == ["run.result"]

    def test_another_adapter_of_that_name_stays(self, tmp_path: Path) -> None:
        (tmp_path / "clinic").mkdir()
        (tmp_path / "clinic" / "manifest.json").write_bytes(adapter("ffff")["manifest.json"])
        info = Far(adapter()).play(fetching(RUN, "clinic", folder=tmp_path))
        assert info.folder == str(tmp_path / "clinic-a1b2c3d4")
        assert json.loads((tmp_path / "clinic" / "manifest.json").read_bytes())["info"]["id"] == "ffff"

    @given(fails_at=st.integers(0, 40))
    def test_cut_off_it_goes_on_with_what_is_here(
        self, fails_at: int, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        folder = tmp_path_factory.mktemp("fetch")
        far = Far(adapter(), fails_at=fails_at)
        try:
            far.play(fetching(RUN, "clinic", folder=folder))
        except WorkerLostError:
            assert not (folder / "clinic").exists()
            again = Far(adapter())
            again.play(fetching(RUN, "clinic", folder=folder))
            asked = {(ask.params.file, ask.params.offset) for ask in far.asked[1:-1]}
            assert asked.isdisjoint((ask.params.file, ask.params.offset) for ask in again.asked[1:])
        assert (folder / "clinic" / "base" / "weights.safetensors").read_bytes() == bytes(range(100))

    def test_a_file_damaged_on_its_way_is_not_put_in_place(self, tmp_path: Path) -> None:
        with pytest.raises(DamagedFileError, match="on its way"):
            Far(adapter(), flip=True).play(fetching(RUN, "clinic", folder=tmp_path))
        assert not (tmp_path / "clinic").exists()
        Far(adapter()).play(fetching(RUN, "clinic", folder=tmp_path))
        assert (tmp_path / "clinic").is_dir()

    def test_an_adapter_that_is_another_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DamagedFileError, match="not the one"):
            Far(adapter("ffff")).play(fetching(RUN, "clinic", folder=tmp_path))
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "", "C:evil", "a\\..\\evil", "x\0y"])
    def test_a_host_cannot_write_elsewhere(self, name: str, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        with pytest.raises(DamagedFileError, match="outside"):
            Far({**adapter(), name: b"evil"}).play(fetching(RUN, "clinic", folder=tmp_path / "in"))
        assert [path.name for path in tmp_path.iterdir()] == ["in"]

    @pytest.mark.parametrize("name", ["..", "a/b", "", "白内障 1", ".hidden"])
    def test_a_name_is_no_path(self, name: str, tmp_path: Path) -> None:
        info = Far(adapter()).play(fetching(RUN, name, folder=tmp_path))
        assert Path(info.folder).parent == tmp_path


@pytest.mark.parametrize(
    ("state", "kind"), [("cancelled", Cancelled), ("lost", WorkerLostError), ("failed", WorldError)]
)
def test_each_end_but_done_is_an_error_with_its_cure(state: Any, kind: type[Exception]) -> None:
    trouble = trouble_of(RunState(RUN, "x", state, message="out of memory", hint="smaller batches"))
    assert type(trouble) is kind
    assert trouble.hint  # type: ignore[union-attr]


def test_a_run_that_is_done_or_goes_on_is_no_trouble() -> None:
    assert trouble_of(RunState(RUN, "x", "done")) is None
    assert trouble_of(RunState(RUN, "x", "paused")) is None


def test_what_a_project_keeps_of_a_run() -> None:
    going = stored_run(RunState(RUN, "x", "running", "2026-11-21"), SPEC, "gpu")
    assert (going.host, going.state, going.finished_at) == ("gpu", "running", "")
    assert msgspec.json.decode(going.spec, type=TrainingSpec) == SPEC
    done = stored_run(RunState(RUN, "x", "done", "2026-11-21", adapter_id="a1"), SPEC)
    assert done.finished_at
    assert done.adapter_id == "a1"
    assert RunSettings().checkpoints.seconds == 60
