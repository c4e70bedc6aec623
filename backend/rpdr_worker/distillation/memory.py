"""When the machine's memory does not hold a batch: the same batch in pieces of half the size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

from rpdr_core.errors import WorldError

Result = TypeVar("Result")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch or Python says that memory ran out; older kernels tell it by words alone."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "out of memory" in str(error).lower()


def in_fitting_pieces(
    work: Callable[[int], Result], size: int, *, batch: int, say: Callable[[str], None]
) -> tuple[Result, int]:
    """`work(size)`, with half the size after each time that memory ran out. Returns the size that fitted, too.

    `work` must be able to start again. Raises WorldError if even single examples do not fit.
    """
    while True:
        try:
            return work(size), size
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if size <= 1:
                raise WorldError("out of memory with one example at a time", hint="use a smaller model") from error
        size = (size + 1) // 2
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        say(f"memory ran out: {size} examples at a time, {-(-batch // size)} times a step")
