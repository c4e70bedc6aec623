"""A space: one opened knowledge base with everything that retrieval over it needs."""

from __future__ import annotations

import hashlib
import math
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from rpdr_core.errors import RpdrError
from rpdr_core.knowledge_base.catalogue import read_entities, verify
from rpdr_core.knowledge_base.lexicon import read_lexicon, read_tokens
from rpdr_core.knowledge_base.paraphrases import abbreviation_tokens, read_paraphrases
from rpdr_core.paths import cache_dir
from rpdr_core.records import MemoryTerm
from rpdr_worker.retrieval.encoder import Encoder, Vectors, int8_graph
from rpdr_worker.retrieval.encoder_folder import EncoderFolder, open_encoder_folder
from rpdr_worker.retrieval.lexical import LexicalIndex
from rpdr_worker.retrieval.memory import Memory
from rpdr_worker.retrieval.queries import encoder_of_queries
from rpdr_worker.retrieval.reach import Reaches
from rpdr_worker.retrieval.retriever import Retriever
from rpdr_worker.retrieval.segment import Segment
from rpdr_worker.retrieval.terms import Terminology, TermTable
from rpdr_worker.retrieval.text import Expander
from rpdr_worker.retrieval.vectors import Shard, shards

Build = Callable[[int, int], None]
# Smaller memories are embedded afresh: quicker than a file per correction.
_KEPT_FROM = 512
_LEXICAL = ("grams", "idf", "indptr", "docs", "weights")
_MAPPED_FROM = 64 << 20
_DTYPES = {"U64": "<u8", "I64": "<i8", "I32": "<i4", "F64": "<f8", "F32": "<f4", "F16": "<f2"}


class Space:
    """Official terms, lexicon and memory of one knowledge base; lexical at once, dense as shards come."""

    def __init__(
        self,
        folder: Path,
        fingerprint: str,
        *,
        lexicons: Sequence[Path] = (),
        tokens: Sequence[Path] = (),
        paraphrases: Path | None = None,
        priority: Sequence[str] = (),
        memory: Sequence[MemoryTerm] = (),
        encoder: str = "",
    ) -> None:
        verify(folder, fingerprint)
        self.fingerprint = fingerprint
        self.terminology = Terminology.of(list(read_entities(folder)))
        terms = [term for path in lexicons for term in read_lexicon(path)]
        wordings = read_paraphrases(paraphrases) if paraphrases is not None else ()
        known = [token for path in tokens for token in read_tokens(path)]
        names = {entity.code: entity.name for entity in self.terminology.entities}
        expander = Expander.of([*known, *abbreviation_tokens(terms, names)], wordings)
        official = TermTable.of(self.terminology.official_rows())
        ours = TermTable.of(self.terminology.lexicon_rows(terms))
        lexical = _cached_lexical(official).widened()
        self.segments = (Segment(official, lexical), Segment(ours, LexicalIndex.build(ours.keys, lexical).widened()))
        self.memory = Memory(self.terminology, lexical, memory)
        self.reaches = Reaches(self.terminology)
        self.retriever = Retriever(self.terminology, expander, self.segments, self.memory)
        self._priority = tuple(priority)
        self._memory_vectors: dict[str, Vectors] = {}
        self._sources = _digest([*lexicons, *tokens, *([paraphrases] if paraphrases is not None else [])])
        self._encoder: Encoder | None = None
        self._encoder_lock = threading.Lock()
        self._queries: Encoder | None = None
        self.encoder_folder, self.no_encoder = _encoder_folder(encoder)
        self._missing = [(s, shard) for s in self.segments for shard in self._load(s)]

    def entities(self) -> int:
        return len(self.terminology.entities)

    def dense_counts(self) -> tuple[int, int]:
        """Strings with a vector, and strings in all shards that a complete build would make."""
        total = sum(len(segment) for segment in self.segments)
        return total - sum(shard.stop - shard.start for _, shard in self._missing), total

    def vector_files(self) -> tuple[str, ...]:
        """The files of official and lexicon vectors, there or not, as paths below `vectors`. The memory's are not among
        them, for they tell of its wordings; nor those of other knowledge bases.
        """
        if self.encoder_folder is None:
            return ()
        fingerprint = self.encoder_folder.fingerprint
        found = [shard.path for segment in self.segments for shard in shards(segment.table.strings, fingerprint)]
        return tuple(dict.fromkeys(f"{path.parent.name}/{path.name}" for path in found))

    def state_key(self) -> str:
        """What a ranking depends on besides the knowledge base and the encoder: lexicon files, memory, vectors."""
        done, total = self.dense_counts()
        # Vectors of seven-bit weights are others than those of eight: the processor decides which it is.
        queries = f" queries=int8 graph={int8_graph()}" if self._queries is not None else ""
        read = self.encoder_folder.context if self.encoder_folder is not None else 0
        context = f" context={read}" if read else ""
        return f"lexicon={self._sources} memory={self.memory.digest()} vectors={done}/{total}{queries}{context}"

    def encoder(self) -> Encoder | None:
        """The encoder, loaded on first need; None while no vector exists or there is no encoder."""
        if self.encoder_folder is None or not any(segment.done() for segment in self.segments):
            return None
        return self._opened()

    def query_encoder(self) -> Encoder | None:
        """What encodes mentions: `encoder`, or the same in int8 once `settle_queries` has said so."""
        encoder = self.encoder()
        return encoder if encoder is None or self._queries is None else self._queries

    def settle_queries(self, check: Callable[[], None] = lambda: None) -> None:
        """Decide for good, once all official strings have vectors, whether queries are encoded in int8."""
        official = self.segments[0]
        if self._queries is None and self.encoder_folder is not None and official.complete():
            view = official.dense()
            if view is not None:
                self._queries = encoder_of_queries(self._opened(), official.table, view.vectors, check)

    def build(self, check: Callable[[], None], progress: Build, *, priority_only: bool = False) -> None:
        """Embed the missing shards, those with priority codes first. May be stopped between batches, and resumes."""
        if self.encoder_folder is None:
            return
        encoder = self._opened()
        for segment, shard in sorted(self._missing, key=self._urgency):
            if priority_only and not self._wanted(segment, shard):
                break
            segment.make(shard, encoder, check)
            self._missing.remove((segment, shard))
            progress(*self.dense_counts())
        self.embed_memory(check)
        self.settle_queries(check)

    def embed_memory(self, check: Callable[[], None] = lambda: None) -> None:
        """Give new memory its vectors, if dense retrieval is in use."""
        encoder = self.encoder()
        if encoder is None:
            return

        def load(segment: Segment) -> None:
            if len(segment) < _KEPT_FROM:
                segment.make_unkept(encoder, self._memory_vectors, check)
                return
            for shard in segment.load(encoder.folder.fingerprint):
                segment.make(shard, encoder, check)

        self.memory.embed(load)

    def _opened(self) -> Encoder:
        with self._encoder_lock:
            if self._encoder is None:
                assert self.encoder_folder is not None
                self._encoder = Encoder.open(self.encoder_folder)
            return self._encoder

    def _load(self, segment: Segment) -> list[Shard]:
        return segment.load(self.encoder_folder.fingerprint) if self.encoder_folder is not None else []

    def _urgency(self, item: tuple[Segment, Shard]) -> tuple[bool, bool, int]:
        segment, shard = item
        return not self._wanted(segment, shard), segment is self.segments[0], shard.start

    def _wanted(self, segment: Segment, shard: Shard) -> bool:
        """Official terms with priority codes: our lexicon finds its terms by their letters meanwhile."""
        if segment is not self.segments[0]:
            return False
        codes = (
            self.terminology.entities[owner.entity].code
            for owners in segment.table.owners[shard.start : shard.stop]
            for owner in owners[:1]
        )
        hits = sum(code.startswith(self._priority) for code in codes) if self._priority else 0
        return hits > (shard.stop - shard.start) // 4


def _digest(paths: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]


def _encoder_folder(encoder: str) -> tuple[EncoderFolder | None, str]:
    """The checked folder, or why there is none: lexical retrieval serves without."""
    try:
        return open_encoder_folder(encoder), ""
    except RpdrError as error:
        if encoder:
            raise
        return None, error.message


def _cached_lexical(table: TermTable) -> LexicalIndex:
    """The lexical index of a large table, kept on disk under the hash of its keys."""
    digest = hashlib.sha256()
    for key in table.keys:
        digest.update(f"{key}\n".encode())
    path = cache_dir() / "lexical" / f"{digest.hexdigest()}-2.safetensors"
    index = _read_lexical(path)
    if index is None:
        index = LexicalIndex.build(table.keys)
        _write_lexical(path, index)
    return index


def _read_lexical(path: Path) -> LexicalIndex | None:
    """A large one is mapped, not read: of a million strings it has half a gigabyte, and a search touches little."""
    try:
        with path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != path.with_suffix(".sha256").read_text("ascii"):
                return None
    except (OSError, UnicodeDecodeError):
        return None
    arrays = _mapped(path)
    size, rare = arrays["shape"].tolist()
    grams, idf, indptr, docs, weights = (arrays[name] for name in _LEXICAL)
    return LexicalIndex(grams, idf, indptr, docs, weights, int(size), float(rare))


def _mapped(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file (a length, a header in JSON, then the bytes); those of a small one in memory."""
    with path.open("rb") as stream:
        start = 8 + int.from_bytes(stream.read(8), "little")
        header = msgspec.json.decode(stream.read(start - 8))
    found: dict[str, np.ndarray] = {}
    for name, one in header.items():
        shape, dtype = tuple(one["shape"]), _DTYPES[one["dtype"]]
        if not math.prod(shape):
            found[name] = np.zeros(shape, dtype)
            continue
        lies = np.memmap(path, dtype, "r", start + one["data_offsets"][0], shape)
        found[name] = lies if lies.nbytes > _MAPPED_FROM else np.array(lies)
    return found


def _write_lexical(path: Path, index: LexicalIndex) -> None:
    from safetensors.numpy import save_file

    shape = np.array([index.size, index.rare], np.float64)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    save_file({name: getattr(index, name) for name in _LEXICAL} | {"shape": shape}, temporary)
    with temporary.open("rb") as stream:
        path.with_suffix(".sha256").write_text(hashlib.file_digest(stream, "sha256").hexdigest(), "ascii")
    temporary.replace(path)
