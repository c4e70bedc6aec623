"""Queries in int8: made once, the same each time, taken only where a check on a terminology's strings allows it."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.tiny_encoders import TokenRuntime, encoder_folder, tiny_bert
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.encoder_queries import (
    QUICKER,
    RECALL_LOST,
    VARIABLE,
    QueryCheck,
    encoder_cache,
    query_checks,
    read_query_check,
    write_query_check,
)
from rpdr_core.errors import MissingExtraError, UserInputError
from rpdr_core.knowledge_base.catalogue import read_manifest, write_catalogue
from rpdr_core.knowledge_base.table import read_table
from rpdr_core.paths import cache_dir
from rpdr_core.protocol.messages import BuildIndex, KnowledgeBaseRef, MentionText, OpenRetrieval, Retrieve
from rpdr_core.records import MemoryTerm, Ranking
from rpdr_worker.job import RecordingJob
from rpdr_worker.retrieval import onnx_runtime, precision, queries, query_check, space
from rpdr_worker.retrieval.encoder import Encoder, Ids, Vectors, int8_graph
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder
from rpdr_worker.retrieval.queries import encoder_of_queries
from rpdr_worker.retrieval.service import RetrievalService
from rpdr_worker.retrieval.terms import Owner, TermTable

SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu")


def names(count: int, seed: int = 1) -> list[str]:
    rng = random.Random(seed)
    found = dict[str, None]()
    while len(found) < count:
        found["".join(rng.choices(SYLLABLES, k=3)) + " " + "".join(rng.choices(SYLLABLES, k=3))] = None
    return list(found)


def table(count: int = 240) -> TermTable:
    """Two strings for each entity but the last ten, which have one."""
    texts = names(2 * count - 10)
    rows = [(text, Owner(at % count, "name" if at < count else "synonym")) for at, text in enumerate(texts)]
    return TermTable.of(rows)


class Lossy(TokenRuntime):
    """Half of every vector is noise."""

    def hidden(self, ids: Ids, mask: Ids) -> Vectors:
        hidden = super().hidden(ids, mask)
        return np.asarray(hidden + 5 * np.random.default_rng(3).standard_normal(hidden.shape), np.float32)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("tiny") / "bert")


@pytest.fixture
def no_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "multiplies_bf16", lambda: False)
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def encoder(tmp_path: Path, no_bf16: None) -> Encoder:
    return Encoder(open_encoder_folder(str(encoder_folder(tmp_path / "m"))), TokenRuntime())


def given_int8(monkeypatch: pytest.MonkeyPatch, runtime: TokenRuntime, quicker: float = 2.0) -> list[int]:
    """The int8 encoder is this one, and is so much faster; gets a number for each check that is made."""
    made: list[int] = []

    def measured(*arguments: object) -> QueryCheck | None:
        made.append(1)
        found = measure(*arguments)  # type: ignore[arg-type]
        return None if found is None else QueryCheck(**{**slots(found), "quicker": quicker})

    measure = query_check.measure
    monkeypatch.setattr(queries, "measure", measured)
    monkeypatch.setattr(Encoder, "open_int8", classmethod(lambda cls, folder: cls(folder, runtime)))
    return made


def slots(check: QueryCheck) -> dict[str, object]:
    return {name: getattr(check, name) for name in QueryCheck.__dataclass_fields__}


@pytest.mark.parametrize(("said", "native", "bf16"), [("auto", True, True), ("", False, False), ("f32", True, False)])
def test_what_is_asked_for_goes_before_the_processor(
    said: str, native: bool, bf16: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, said)
    monkeypatch.setattr(precision, "multiplies_bf16", lambda: native)
    assert precision.in_bf16() is bf16


def test_another_word_is_refused_with_those_that_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "fp8")
    with pytest.raises(UserInputError, match="RPDR_ENCODER_RUNTIME is 'fp8'") as raised:
        precision.in_bf16()
    assert "bf16" in raised.value.hint


@pytest.mark.parametrize(
    ("flags", "expected"), [("avx512f avx512_vnni", True), ("avx_vnni", True), ("avx2 avx512f", False)]
)
def test_weights_have_eight_bits_where_sums_do_not_overflow(
    flags: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cpuinfo").write_text(f"model name : A Processor\nflags : {flags}\n\nflags : {flags}\n", "ascii")
    monkeypatch.setattr(precision, "_CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(precision.platform, "machine", lambda: "x86_64")
    assert precision.full_range() is expected
    assert precision.processor() == "A Processor"


def test_vectors_of_bf16_and_f32_have_keys_of_their_own_and_int8_those_of_f32(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {}
    for said in ("f32", "bf16", "int8"):
        monkeypatch.setenv(VARIABLE, said)
        found[said] = open_encoder_folder(str(tiny)).fingerprint
    assert found["f32"] == found["int8"] != found["bf16"]


def test_int8_is_made_once_is_near_and_is_the_same_each_time(
    tiny: Path, no_bf16: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = open_encoder_folder(str(tiny))
    int8 = Encoder.open_int8(folder)
    texts = names(90)
    found = int8.encode(texts)
    assert float((found * Encoder.open(folder).encode(texts)).sum(1).mean()) > 0.99
    monkeypatch.setattr(onnx_runtime, "quantise", lambda *_, **__: pytest.fail("made again"))
    assert np.array_equal(Encoder.open_int8(folder).encode(texts), found)


def test_queries_are_the_same_for_the_same_strings_and_can_be_answered() -> None:
    ours = table()
    chosen = list(range(len(ours.strings)))
    made = query_check.queries_of(ours, chosen, random.Random(5))
    assert made == query_check.queries_of(ours, chosen, random.Random(5))
    assert {query.hidden >= 0 for query in made} == {True, False}
    for query in made:
        others = {o.entity for at in chosen if at != query.hidden for o in ours.owners[at]}
        assert query.right
        assert query.right <= others


@given(st.text(max_size=40), st.integers(0, 99))
def test_a_varied_string_is_a_string(text: str, seed: int) -> None:
    assert query_check.varied(text, random.Random(seed)) == query_check.varied(text, random.Random(seed))


def test_shares_by_hand() -> None:
    ours = TermTable.of([("a", Owner(0, "name")), ("b", Owner(1, "name")), ("c", Owner(0, "synonym"))])
    index = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    asked = [
        query_check.Query("a", 0, frozenset((0,))),  # its own string is hidden: the synonym is nearest
        query_check.Query("c", 2, frozenset((0,))),  # b is nearer than a: found, but not first
        query_check.Query("b", -1, frozenset((1,))),
        query_check.Query("b", -1, frozenset((7,))),
    ]
    encoded = np.array([[1, 0], [0.6, 0.8], [0, 1], [0, 1]], np.float32)
    assert query_check.found(ours, [0, 1, 2], index, encoded, asked) == (0.5, 0.75)


def test_int8_is_taken_where_it_finds_as_much_and_is_not_measured_again(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, runtime = table(), TokenRuntime()
    made = given_int8(monkeypatch, runtime)
    vectors = encoder.encode(ours.strings)
    for _ in range(2):
        taken = encoder_of_queries(encoder, ours, vectors)
        assert taken is not None
        assert taken._runtime is runtime
    assert len(made) == 1
    (kept,) = query_checks()
    assert kept.at_10 == kept.at_10_int8 > 0.5
    assert (kept.encoder, kept.strings, kept.taken) == (encoder.folder.fingerprint, len(ours.strings), True)
    # Another terminology is another question.
    other = table(200)
    encoder_of_queries(encoder, other, encoder.encode(other.strings))
    assert len(query_checks()) == len(made) == 2


def test_int8_is_asked_about_where_bf16_is_native_too(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, runtime = table(), TokenRuntime()
    given_int8(monkeypatch, runtime)
    monkeypatch.setattr(precision, "multiplies_bf16", lambda: True)
    taken = encoder_of_queries(encoder, ours, encoder.encode(ours.strings))
    assert taken is not None
    assert taken._runtime is runtime


def test_of_two_workers_that_measure_at_once_the_first_speaks_for_both(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = table()
    given_int8(monkeypatch, TokenRuntime())
    measure, written = queries.measure, []

    def meanwhile(*given: Any) -> QueryCheck | None:
        found = measure(*given)
        assert found is not None
        # Another worker is done a moment before, and found int8 no quicker.
        path = (
            encoder_cache(encoder.folder.fingerprint)
            / f"queries-{queries._key(query_check.digest(ours.strings), *given[4])}.json"
        )
        written.append(write_query_check(path, replace(found, quicker=1.0)))
        return found

    monkeypatch.setattr(queries, "measure", meanwhile)
    assert encoder_of_queries(encoder, ours, encoder.encode(ours.strings)) is None
    assert query_checks() == written


def test_a_check_that_cannot_be_read_is_made_again(tmp_path: Path) -> None:
    check = QueryCheck("e", "t", "1", "p", "g", 1, 10, 100, 0.9, 0.9, 0.95, 0.95, 0.99, 2.0)
    path = tmp_path / "deep" / "queries-x.json"
    assert write_query_check(path, check) == check
    assert write_query_check(path, replace(check, quicker=1.0)) == check == read_query_check(path)
    path.write_text("{", encoding="utf-8")
    assert write_query_check(path, check) == check == read_query_check(path)
    assert [one.name for one in path.parent.iterdir()] == ["queries-x.json"]


def test_int8_that_loses_recall_is_not_taken(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = table()
    made = given_int8(monkeypatch, Lossy())
    vectors = encoder.encode(ours.strings)
    assert encoder_of_queries(encoder, ours, vectors) is None
    assert encoder_of_queries(encoder, ours, vectors) is None
    assert len(made) == 1
    (kept,) = query_checks()
    assert kept.at_10 - kept.at_10_int8 > RECALL_LOST


def test_int8_that_is_hardly_faster_is_not_taken(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = table()
    given_int8(monkeypatch, TokenRuntime(), quicker=QUICKER - 0.01)
    assert encoder_of_queries(encoder, ours, encoder.encode(ours.strings)) is None


@pytest.mark.parametrize("said", ["f32", "bf16"])
def test_nothing_is_measured_where_something_else_was_asked_for(
    said: str, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, said)
    made = given_int8(monkeypatch, TokenRuntime())
    ours = table()
    assert encoder_of_queries(encoder, ours, encoder.encode(ours.strings)) is None
    assert made == []


def test_few_strings_or_no_onnx_runtime_leave_f32(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    made = given_int8(monkeypatch, TokenRuntime())
    few, ours = table(60), table()
    assert encoder_of_queries(encoder, few, encoder.encode(few.strings)) is None

    def missing() -> str:
        raise MissingExtraError("onnxruntime is not installed")

    monkeypatch.setattr(onnx_runtime, "version", missing)
    assert encoder_of_queries(encoder, ours, encoder.encode(ours.strings)) is None
    assert made == []


def test_rankings_say_that_queries_are_in_int8_and_the_index_stays_that_of_f32(
    tiny: Path, tmp_path: Path, no_bf16: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "\n".join(f"E{at},{name}" for at, name in enumerate(names(30)))
    (tmp_path / "kb.csv").write_text(f"code,name\n{rows}\n", encoding="utf-8")
    folder = write_catalogue(
        tmp_path / "kb", read_table(tmp_path / "kb.csv"), id="kb", title="KB", version="", source="t"
    )
    fingerprint = read_manifest(folder).info.fingerprint
    states, found = {}, {}
    for said in ("f32", "int8"):
        monkeypatch.setenv(VARIABLE, said)
        service = RetrievalService()
        before = service.open(OpenRetrieval(KnowledgeBaseRef(fingerprint, str(folder)), (), str(tiny)), RecordingJob())
        assert before.dense == ("absent" if said == "f32" else "ready")
        states[said] = service.build(BuildIndex(fingerprint), RecordingJob())
        job = RecordingJob()
        asked = (MentionText(1, names(2, 9)[0]), MentionText(2, names(2, 9)[1]))
        service.retrieve(Retrieve(fingerprint, asked, 5, "dense"), job)
        found[said] = [one for one in job.partials if isinstance(one, Ranking)]
    assert states["f32"].encoder == states["int8"].encoder
    assert states["int8"].inputs == f"{states['f32'].inputs} queries=int8 graph={int8_graph()}"
    assert "queries=int8" in found["int8"][0].provenance.parameters
    assert [one.candidates[0].score for one in found["f32"]] != [one.candidates[0].score for one in found["int8"]]


def test_which_of_two_graphs_reads_the_queries_is_said(
    tiny: Path, tmp_path: Path, no_bf16: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that goes on on a processor of the other kind would mix their vectors."""
    (tmp_path / "kb.csv").write_text("code,name\nE1,bace\n", encoding="utf-8")
    folder = write_catalogue(
        tmp_path / "kb", read_table(tmp_path / "kb.csv"), id="kb", title="KB", version="", source="t"
    )
    opening = OpenRetrieval(KnowledgeBaseRef(read_manifest(folder).info.fingerprint, str(folder)), (), str(tiny))
    monkeypatch.setenv(VARIABLE, "int8")
    said = []
    for full in (True, False):
        monkeypatch.setattr("rpdr_worker.retrieval.encoder.full_range", lambda full=full: full)
        service = RetrievalService()
        service.open(opening, RecordingJob())
        said.append(service.build(BuildIndex(opening.knowledge_base.fingerprint), RecordingJob()).inputs)
    assert [one.partition(" queries=")[2] for one in said] == [
        "int8 graph=model.int8.onnx",
        "int8 graph=model.int7.onnx",
    ]


def test_files_of_vectors_are_those_of_terms_and_lexicons_not_of_the_memory(
    tiny: Path, tmp_path: Path, no_bf16: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "_KEPT_FROM", 1)
    monkeypatch.setenv(VARIABLE, "f32")
    (tmp_path / "kb.csv").write_text("code,name\nE1,bace\nE2,difo\n", encoding="utf-8")
    folder = write_catalogue(
        tmp_path / "kb", read_table(tmp_path / "kb.csv"), id="kb", title="KB", version="", source="t"
    )
    reference, service = KnowledgeBaseRef(read_manifest(folder).info.fingerprint, str(folder)), RetrievalService()
    (tmp_path / "own.tsv").write_text("term\tcodes\tkind\nguha\tE1\tlay\n", encoding="utf-8")
    reference = replace(reference, lexicons=(str(tmp_path / "own.tsv"),))
    service.open(OpenRetrieval(reference, (MemoryTerm("keli", "E1", 1),), str(tiny)), RecordingJob())
    build = BuildIndex(reference.fingerprint)
    named = service.files(build, RecordingJob()).names
    assert len(named) == 2
    assert service.build(build, RecordingJob()).dense == "ready"
    kept = {path.relative_to(cache_dir() / "vectors").as_posix() for path in (cache_dir() / "vectors").rglob("*.f16")}
    assert kept > set(named)
    assert len(kept) == 3
    assert service.files(build, RecordingJob()).names == named
