"""Inner products of many queries with many rows: in eight bits where ONNX Runtime is there, with a bound of the error.

Eight bits are several times faster than float32 and take a quarter of its memory. What comes of them is not exact, but
how wrong it can be is known (Cauchy-Schwarz over what rounding took away), so that the few rows that may be among the
best can be told, and looked at again in float32.
"""

from __future__ import annotations

import os
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rpdr_worker.retrieval.precision import full_range

Floats = npt.NDArray[np.float32]

# What float32 itself may be wrong by, summing a few hundred products of unit vectors.
_ROUNDING = 1e-5
_LEVELS, _LEVELS_IN_SEVEN_BITS = 127, 63
_ZERO = 128
_BLOCK = 4_096


class Product(Protocol):
    """`scores(queries (q, d))` gives inner products (q, rows), and for each query what each of them may be wrong by.

    Where all numbers are at least 0, a product is 0 if and only if the exact one is.
    """

    def scores(self, queries: Floats) -> tuple[Floats, Floats]: ...


class FloatProduct:
    """In float32, over an array that is there anyway."""

    def __init__(self, rows: npt.NDArray[np.floating]) -> None:
        self._rows = np.asarray(rows, np.float32)

    def scores(self, queries: Floats) -> tuple[Floats, Floats]:
        return queries @ self._rows.T, np.full(len(queries), _ROUNDING, np.float32)


class Int8Product:
    """In eight bits, one scale a row; the rows have seven where sums of products would overflow."""

    def __init__(self, rows: npt.NDArray[np.floating]) -> None:
        levels = _LEVELS if full_range() else _LEVELS_IN_SEVEN_BITS
        whole = np.empty(rows.shape, np.int8)
        scales = np.empty(len(rows), np.float32)
        self._error = self._length = 0.0
        for start in range(0, len(rows), _BLOCK):
            part = slice(start, start + _BLOCK)
            exact = np.asarray(rows[part], np.float32)
            whole[part], scales[part], error = _rounded(exact, levels)
            self._error = max(self._error, float(error.max()))
            self._length = max(self._length, float(np.linalg.norm(exact, axis=1).max()))
        self._session = _session(whole, scales)

    def scores(self, queries: Floats) -> tuple[Floats, Floats]:
        whole, scale, error = _rounded(queries, _LEVELS)
        shifted = (whole.astype(np.int16) + _ZERO).astype(np.uint8)
        found: Floats = self._session.run(None, {"queries": shifted})[0]
        found *= scale[:, None]
        slack = self._error * np.linalg.norm(queries, axis=1) + error * (self._length + self._error) + _ROUNDING
        return found, slack.astype(np.float32)


def open_product(rows: npt.NDArray[np.floating]) -> Product:
    """The fastest that is there. The rows must stay as they are."""
    try:
        import onnx  # noqa: F401 - to make the graph
        import onnxruntime  # noqa: F401
    except ImportError:
        return FloatProduct(rows)
    return Int8Product(rows) if rows.size else FloatProduct(rows)


def _rounded(exact: Floats, levels: int) -> tuple[npt.NDArray[np.int8], Floats, Floats]:
    """Whole numbers, the scale of each row, and the length of what rounding took. Only 0 becomes 0."""
    scale = np.maximum(np.abs(exact).max(axis=1), 1e-12) / np.float32(levels)
    whole = np.rint(exact / scale[:, None])
    lost = (whole == 0) & (exact != 0)
    whole[lost] = np.sign(exact[lost])
    return whole.astype(np.int8), scale, np.linalg.norm(exact - whole * scale[:, None], axis=1)


def _session(whole: npt.NDArray[np.int8], scales: Floats) -> Any:
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    constants: dict[str, npt.NDArray[Any]] = {
        "query_scale": np.array(1.0, np.float32),
        "row_scales": scales,
        "zero": np.array(_ZERO, np.uint8),
    }
    # Given beside the graph: inside of it, it would be copied four times.
    rows = TensorProto(name="rows", data_type=TensorProto.INT8, dims=whole.T.shape, data_location=TensorProto.EXTERNAL)
    rows.external_data.add(key="location", value="given")
    names = ["queries", "rows", "query_scale", "row_scales", "zero"]
    node = helper.make_node("MatMulIntegerToFloat", names, ["products"], domain="com.microsoft")
    graph = helper.make_graph(
        [node],
        "products",
        [helper.make_tensor_value_info("queries", TensorProto.UINT8, [None, whole.shape[1]])],
        [helper.make_tensor_value_info("products", TensorProto.FLOAT, [None, len(whole)])],
        [rows, *(numpy_helper.from_array(array, name) for name, array in constants.items())],
    )
    versions = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=versions, ir_version=9)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False  # what a batch took is given back
    threads = os.environ.get("OMP_NUM_THREADS", "")
    options.intra_op_num_threads = int(threads) if threads.isdecimal() else 0
    given = onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(whole.T))
    options.add_external_initializers(["rows"], [given])
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
