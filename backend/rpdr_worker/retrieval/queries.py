"""Which encoder reads the queries: that of the index, or the same in int8 where a check has shown that it may."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from rpdr_core.encoder_queries import encoder_cache, read_query_check, write_query_check
from rpdr_core.errors import MissingExtraError
from rpdr_worker.retrieval import onnx_runtime
from rpdr_worker.retrieval.encoder import Encoder, Vectors, int8_graph
from rpdr_worker.retrieval.precision import asked, processor
from rpdr_worker.retrieval.query_check import FEWEST, digest, measure
from rpdr_worker.retrieval.terms import TermTable


def encoder_of_queries(
    encoder: Encoder, table: TermTable, vectors: Vectors, check: Callable[[], None] = lambda: None
) -> Encoder | None:
    """The encoder in int8; None where queries are to be encoded as the index is.

    The check runs once for an encoder, terminology, processor and version of ONNX Runtime (seconds).
    """
    if asked() == "int8":
        return Encoder.open_int8(encoder.folder)
    if asked() != "auto" or len(table.strings) < FEWEST:
        return None
    try:
        where = (onnx_runtime.version(), processor(), int8_graph())
        path = encoder_cache(encoder.folder.fingerprint) / f"queries-{_key(digest(table.strings), *where)}.json"
        found = read_query_check(path)
        if found is not None and not found.taken:
            return None
        int8 = Encoder.open_int8(encoder.folder)
    except MissingExtraError:
        return None  # torch alone
    if found is None:
        found = measure(table, vectors, encoder, int8, where, check)
        if found is None:
            return None
        found = write_query_check(path, found)
    return int8 if found.taken else None


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
