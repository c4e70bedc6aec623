"""One opened knowledge base through its service: lexical at once, dense as shards come, memory at the next query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.terminologies import SMALL, lexicon_file, small_table, token_file
from helpers.tiny_encoders import TokenRuntime, encoder_folder

from rpdr_core.errors import Cancelled, DamagedFileError, FileFormatError, MissingExtraError, NotFoundError
from rpdr_core.knowledge_base.catalogue import ENTITIES, read_manifest, write_catalogue
from rpdr_core.knowledge_base.table import read_table
from rpdr_core.protocol.messages import (
    BuildIndex,
    Forget,
    KnowledgeBaseRef,
    MentionText,
    OpenRetrieval,
    Remember,
    RetrievalState,
    Retrieve,
)
from rpdr_core.records import MemoryTerm, Ranking
from rpdr_worker.job import RecordingJob
from rpdr_worker.retrieval import encoder as encoder_module
from rpdr_worker.retrieval import space as space_module
from rpdr_worker.retrieval import vectors
from rpdr_worker.retrieval.service import RetrievalService


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards of two strings, so that a small terminology has several."""
    monkeypatch.setattr(vectors, "_SMALLEST", 2)
    monkeypatch.setattr(vectors, "_LARGEST", 2)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> TokenRuntime:
    runtime = TokenRuntime()
    monkeypatch.setattr(encoder_module, "_runtime", lambda folder: runtime)
    return runtime


class Clinic:
    """The small terminology on disk, and the requests that a desk would send about it."""

    def __init__(self, folder: Path) -> None:
        table = small_table(folder)
        self.folder = write_catalogue(
            folder / "kb", read_table(table), id="clinic", title="Clinic", version="", source="t"
        )
        self.fingerprint = read_manifest(self.folder).info.fingerprint
        self.encoder = str(encoder_folder(folder / "encoder"))
        self.lexicon = lexicon_file(folder, "cloudy eye\tE1.9|E1\tlay", "alien\tZZZ\tlay")
        self.tokens = token_file(folder, "OD\tright eye\t")
        self.service = RetrievalService()

    def open(self, *memory: MemoryTerm, priority: tuple[str, ...] = (), encoder: str | None = None) -> RetrievalState:
        reference = KnowledgeBaseRef(
            self.fingerprint, str(self.folder), (str(self.lexicon),), (str(self.tokens),), priority
        )
        chosen = self.encoder if encoder is None else encoder
        return self.service.open(OpenRetrieval(reference, memory, chosen), RecordingJob())

    def build(self, job: RecordingJob | None = None, *, priority_only: bool = False) -> RetrievalState:
        return self.service.build(BuildIndex(self.fingerprint, priority_only), job or RecordingJob())

    def state(self) -> RetrievalState:
        return self.service.state(BuildIndex(self.fingerprint), RecordingJob())

    def rankings(self, *texts: str, mode: str = "auto", k: int = 5) -> list[Ranking]:
        job = RecordingJob()
        mentions = tuple(MentionText(at * 10, text) for at, text in enumerate(texts))
        done = self.service.retrieve(Retrieve(self.fingerprint, mentions, k, mode), job)  # type: ignore[arg-type]
        assert done.items == len(texts)
        found = [value for value in job.partials if isinstance(value, Ranking)]
        assert len(found) == len(job.partials)
        return found

    def codes(self, text: str, mode: str = "auto") -> list[str]:
        return [candidate.code for candidate in self.rankings(text, mode=mode)[0].candidates]


@pytest.fixture
def clinic(tmp_path: Path, runtime: TokenRuntime) -> Clinic:
    return Clinic(tmp_path)


def stopping_after(strings: int) -> RecordingJob:
    """Cancels once the build has told of that many strings."""

    class Stopping(RecordingJob):
        def progress(self, done: int, total: int, seconds_left: float | None = None, note: str = "") -> None:
            super().progress(done, total, seconds_left, note)
            self.cancelled = self.cancelled or done >= strings

    return Stopping()


# 8 targets with 5 synonyms ("Old term" is inactive, the chapter no target), and one lexicon term.
TOTAL = 14


def test_opening_serves_lexical_retrieval_at_once(clinic: Clinic, runtime: TokenRuntime) -> None:
    state = clinic.open()
    assert (state.entities, state.terms) == (10, TOTAL)
    assert (state.dense, state.dense_done, state.dense_total) == ("absent", 0, TOTAL)
    assert re.fullmatch(r"encoder@[0-9a-f]{12}", state.encoder)
    assert clinic.codes("lens opacity")[0] == "E1"
    assert clinic.codes("cloudy eye")[0] == "E1.9"
    assert clinic.codes("nuclear cataract OD")[0] == "E1.11"
    assert clinic.codes("青光眼")[0] == "E2"
    assert clinic.codes("e1.12")[0] == "E1.12"
    assert "E4" not in clinic.codes("old term")
    assert runtime.batches == []


def test_a_build_embeds_every_string_and_counts_as_it_goes(clinic: Clinic, runtime: TokenRuntime) -> None:
    clinic.open()
    job = RecordingJob()
    state = clinic.build(job)
    assert (state.dense, state.dense_done) == ("ready", TOTAL)
    assert [event.done for event in job.events] == sorted({event.done for event in job.events})
    assert (job.events[0].done, job.events[-1].done) == (0, TOTAL)
    assert {event.total for event in job.events} == {TOTAL}
    assert job.events[-1].seconds_left == 0
    assert clinic.state() == state
    assert clinic.rankings("lens opacity")[0].candidates[0].code == "E1"
    assert clinic.build() == state


def test_vectors_are_kept_for_the_next_start(clinic: Clinic, runtime: TokenRuntime) -> None:
    clinic.open()
    ready = clinic.build()
    before = clinic.rankings("blurry lens")
    runtime.batches.clear()
    clinic.service = RetrievalService()
    assert clinic.open() == ready
    assert runtime.batches == []
    assert clinic.rankings("blurry lens") == before


def test_a_cancelled_build_keeps_its_shards_and_a_partial_index_serves(clinic: Clinic) -> None:
    clinic.open()
    with pytest.raises(Cancelled):
        clinic.build(stopping_after(4))
    state = clinic.state()
    assert state.dense == "partial"
    assert 4 <= state.dense_done < TOTAL
    for text, code in (("lens opacity", "E1"), ("heart attack", "E3"), ("青光眼", "E2")):
        assert clinic.codes(text)[0] == code
    assert clinic.rankings("lens opacity")[0].provenance.model.startswith("encoder@")


@pytest.mark.parametrize("stop", [1, 3, 5, 7, 9, 11])
def test_a_killed_build_makes_only_what_is_missing(clinic: Clinic, runtime: TokenRuntime, stop: int) -> None:
    clinic.open()
    with pytest.raises(Cancelled):
        clinic.build(stopping_after(stop))
    done = clinic.state().dense_done
    runtime.batches.clear()
    clinic.service = RetrievalService()
    assert clinic.open().dense_done == done
    assert clinic.build().dense == "ready"
    assert sum(rows for rows, _ in runtime.batches) <= TOTAL - done + 1


def test_a_damaged_shard_is_made_again(clinic: Clinic, rpdr_home: Path, runtime: TokenRuntime) -> None:
    clinic.open()
    clinic.build()
    before = clinic.rankings("lens")
    shard = sorted((rpdr_home / "cache" / "vectors").rglob("*.f16"))[0]
    content = bytearray(shard.read_bytes())
    content[-1] ^= 1
    shard.write_bytes(content)
    clinic.service = RetrievalService()
    assert clinic.open().dense == "partial"
    assert clinic.build().dense == "ready"
    assert clinic.rankings("lens") == before


def test_priority_codes_are_embedded_first(clinic: Clinic) -> None:
    clinic.open(priority=("E3",))
    with pytest.raises(Cancelled):
        clinic.build(stopping_after(1))
    space = clinic.service._space(clinic.fingerprint)
    segment = space.segments[0]
    view = segment.dense()
    assert view is not None
    made = {segment.table.strings[at] for at in view.present.nonzero()[0]}
    assert "Myocardial infarction" in made or "heart attack" in made
    assert "Cataract" not in made


def test_a_priority_build_stops_after_them(clinic: Clinic) -> None:
    clinic.open(priority=("E3",))
    state = clinic.build(priority_only=True)
    assert state.dense == "partial"
    assert 0 < state.dense_done <= 4
    assert clinic.build().dense == "ready"


def test_lexical_and_dense_can_be_asked_for_alone(clinic: Clinic, runtime: TokenRuntime) -> None:
    clinic.open()
    clinic.build()
    runtime.batches.clear()
    (lexical,) = clinic.rankings("lens opacity", mode="lexical")
    assert runtime.batches == []
    assert lexical.provenance.model == "lexical"
    (dense,) = clinic.rankings("lens opacities", mode="dense")
    assert runtime.batches
    assert dense.candidates[0].code == "E1"


def test_rankings_carry_their_provenance_ids_and_confidence(clinic: Clinic) -> None:
    clinic.open()
    found = clinic.rankings("lens opacity", "zzz qqq", "heart attack")
    assert [ranking.mention_id for ranking in found] == [0, 10, 20]
    assert {ranking.ranker for ranking in found} == {"retriever"}
    for ranking in found:
        assert ranking.provenance.knowledge_base == clinic.fingerprint
        assert ranking.provenance.worker
        assert "mode=auto" in ranking.provenance.parameters
        assert (ranking.confidence is None) == (not ranking.candidates)
    assert (found[0].confidence or 0) > 0.9


def test_many_mentions_come_back_in_order(clinic: Clinic) -> None:
    clinic.open()
    texts = [f"lens opacity {number}" for number in range(150)]
    assert [ranking.mention_id for ranking in clinic.rankings(*texts)] == [at * 10 for at in range(150)]


def test_a_cancelled_retrieval_keeps_what_it_had_sent(clinic: Clinic) -> None:
    clinic.open()
    job = RecordingJob()

    def stop(value: object) -> None:
        job.cancelled = len(job.partials) == 64

    job.on_partial = stop
    mentions = tuple(MentionText(at, "lens") for at in range(200))
    with pytest.raises(Cancelled):
        clinic.service.retrieve(Retrieve(clinic.fingerprint, mentions), job)
    assert len(job.partials) == 64


def test_memory_is_there_from_the_start_and_changes_at_once(clinic: Clinic) -> None:
    state = clinic.open(MemoryTerm("foggy", "E2.9", 1))
    assert state.terms == TOTAL + 1
    assert clinic.codes("foggy")[0] == "E2.9"
    added = clinic.service.remember(Remember(clinic.fingerprint, (MemoryTerm("dim", "E3", 2),)), RecordingJob())
    assert added.terms == TOTAL + 2
    assert clinic.codes("dim")[0] == "E3"
    left = clinic.service.forget(Forget(clinic.fingerprint, (1, 99)), RecordingJob())
    assert left.terms == TOTAL + 1
    assert clinic.codes("foggy")[:1] != ["E2.9"]


def test_new_memory_gets_vectors_where_dense_retrieval_is_in_use(clinic: Clinic, runtime: TokenRuntime) -> None:
    clinic.open()
    clinic.build()
    clinic.service.remember(
        Remember(clinic.fingerprint, (MemoryTerm("dim light", "E3", 2), MemoryTerm("眼花", "E2", 3))), RecordingJob()
    )
    memory = clinic.service._space(clinic.fingerprint).memory
    assert [segment.done() for segment in memory.segments] == [1]
    assert clinic.codes("dim light", mode="dense")[0] == "E3"


def test_a_correction_embeds_what_is_new_and_not_the_whole_memory(clinic: Clinic, runtime: TokenRuntime) -> None:
    clinic.open()
    clinic.build()
    clinic.open(*(MemoryTerm(f"foggy {number}", "E2.9", number) for number in range(9)), MemoryTerm("眼花", "E2", 99))
    runtime.batches.clear()
    clinic.service.remember(Remember(clinic.fingerprint, (MemoryTerm("dim light", "E3", 200),)), RecordingJob())
    assert sum(rows for rows, _ in runtime.batches) == 1


@pytest.mark.parametrize("kept_from", [1, 512])
def test_a_large_memory_keeps_its_vectors(clinic: Clinic, kept_from: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space_module, "_KEPT_FROM", kept_from)
    clinic.open()
    clinic.build()
    clinic.open(*(MemoryTerm(f"foggy {number}", "E2.9", number) for number in range(5)))
    memory = clinic.service._space(clinic.fingerprint).memory
    assert [segment.done() for segment in memory.segments] == [5]


def test_without_the_bundled_encoder_lexical_serves_and_the_reason_is_told(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(folder: str) -> object:
        raise MissingExtraError("the bundled encoder is not installed", hint="pip install")

    monkeypatch.setattr(space_module, "open_encoder_folder", missing)
    state = clinic.open(encoder="")
    assert (state.dense, state.encoder, state.reason) == ("unavailable", "", "the bundled encoder is not installed")
    assert (state.dense_done, state.dense_total) == (0, TOTAL)
    assert clinic.codes("lens opacity")[0] == "E1"
    assert clinic.build() == state
    clinic.service.remember(Remember(clinic.fingerprint, (MemoryTerm("dim", "E3", 2),)), RecordingJob())
    assert clinic.codes("dim")[0] == "E3"


def test_an_encoder_that_was_asked_for_and_is_not_there_is_an_error(clinic: Clinic, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        clinic.open(encoder=str(tmp_path / "none"))


def test_what_is_not_open_is_not_found(clinic: Clinic) -> None:
    with pytest.raises(NotFoundError, match=r"retrieval\.open"):
        clinic.state()


def test_another_content_than_the_fingerprint_says_is_refused(clinic: Clinic) -> None:
    with (clinic.folder / ENTITIES).open("ab") as stream:
        stream.write(b"\n")
    with pytest.raises(DamagedFileError):
        clinic.open()


def test_a_faulty_lexicon_is_named(clinic: Clinic) -> None:
    clinic.lexicon.write_text("term\tcodes\tkind\nx\ty\tz\n", encoding="utf-8")
    with pytest.raises(FileFormatError) as caught:
        clinic.open()
    assert (caught.value.file, caught.value.line) == (str(clinic.lexicon), 2)


def test_a_cancelled_job_opens_nothing(clinic: Clinic) -> None:
    reference = KnowledgeBaseRef(clinic.fingerprint, str(clinic.folder))
    with pytest.raises(Cancelled):
        clinic.service.open(OpenRetrieval(reference), RecordingJob(cancelled=True))


def lexical_files(home: Path) -> Iterator[Path]:
    yield from (home / "cache" / "lexical").glob("*.safetensors")


def test_the_lexical_index_is_kept_and_a_damaged_one_is_made_again(clinic: Clinic, rpdr_home: Path) -> None:
    clinic.open()
    before = clinic.rankings("lens", "glaucoma")
    (path,) = lexical_files(rpdr_home)
    stamp = path.stat().st_mtime_ns
    clinic.open()
    assert clinic.rankings("lens", "glaucoma") == before
    assert path.stat().st_mtime_ns == stamp
    for damage in (b"", path.read_bytes()[:-1], b"x" * 100):
        path.write_bytes(damage)
        clinic.open()
        assert clinic.rankings("lens", "glaucoma") == before
    assert [file.name for file in lexical_files(rpdr_home)] == [path.name]


def test_an_own_term_changes_lexical_retrieval_at_the_next_opening(clinic: Clinic) -> None:
    clinic.open()
    assert clinic.codes("ticker")[:1] != ["E3"]
    lexicon_file(clinic.lexicon.parent, "ticker\tE3\tlay")
    clinic.open()
    assert clinic.codes("ticker")[0] == "E3"


def test_the_counts_above_are_those_of_the_table() -> None:
    assert SMALL.count("\n") - 1 == 10
