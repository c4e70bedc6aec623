"""The processes of one training run: one alone, or one for each GPU under `accelerate launch`.

Only the first speaks to the context; what it hears (stop, the newest checkpoint) and finds (scores) counts for all.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from rpdr_core.errors import Cancelled
from rpdr_core.protocol.messages import TrainingEvent
from rpdr_worker.distillation.context import TrainingContext, WriteState
from rpdr_worker.retrieval.torch_runtime import LOADING

# A paused run holds its processes in an exchange for as long as it is paused.
_PATIENCE = timedelta(days=7)


class Processes:
    """`accelerator` places model and batches on this process's device."""

    def __init__(self, context: TrainingContext) -> None:
        with LOADING:
            import torch
            from accelerate import Accelerator
            from accelerate.utils import InitProcessGroupKwargs

        patience = InitProcessGroupKwargs(timeout=_PATIENCE)
        self.accelerator: Any = Accelerator(cpu=not torch.cuda.is_available(), kwargs_handlers=[patience])
        self._context = context

    @property
    def count(self) -> int:
        return int(self.accelerator.num_processes)

    @property
    def place(self) -> int:
        return int(self.accelerator.process_index)

    @property
    def first(self) -> bool:
        return bool(self.accelerator.is_main_process)

    def check(self) -> None:
        """Raises `Cancelled` in all processes when the first one is asked to stop."""
        if self.count == 1:
            self._context.check()
            return
        stop = False
        if self.first:
            try:
                self._context.check()
            except Cancelled:
                stop = True
        if self.agreed(stop):
            raise Cancelled("stopped on request")

    def agreed(self, value: Any) -> Any:
        """The first process's value, in all of them."""
        if self.count == 1:
            return value
        from accelerate.utils import broadcast_object_list

        box = [value]
        broadcast_object_list(box, from_process=0)
        return box[0]

    def summed(self, value: float) -> float:
        """The sum of all processes' values."""
        if self.count == 1:
            return value
        import torch

        found = self.accelerator.reduce(torch.tensor(value, device=self.accelerator.device), reduction="sum")
        return float(found)

    def event(self, event: TrainingEvent) -> None:
        if self.first:
            self._context.event(event)

    def say(self, note: str) -> None:
        if self.first:
            self._context.say(note)

    def checkpoint(self, write: WriteState, step: int) -> None:
        if self.first:
            self._context.checkpoint(write, step=step)

    def resume(self) -> Path | None:
        found: Path | None = self.agreed(self._context.resume() if self.first else None)
        return found

    def wait(self) -> None:
        """Until all processes are here."""
        self.accelerator.wait_for_everyone()
