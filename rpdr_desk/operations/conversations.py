"""Workflows of several requests to the worker, carried on by the event loop instead of a blocked thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_desk.operations.one_thread import as_known
from rpdr_desk.operations.worker_link import WorkerLink

if TYPE_CHECKING:
    from rpdr_core.workflow.runs import Talk

T = TypeVar("T")


def converse(
    worker: WorkerLink,
    talk: Talk[T],
    done: Callable[[T], None],
    failed: Callable[[RpdrError], None],
    wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Send what `talk` asks, one request after the other, as long as it is `wanted`; it ends with `Cancelled` else."""

    def go_on(step: Callable[[], Any]) -> None:
        try:
            ask = step()
        except StopIteration as end:
            done(end.value)
        except Exception as error:  # noqa: BLE001 - a full disk, too, is told to whoever began the conversation
            failed(as_known(error))
        else:
            if not wanted():
                talk.close()
                failed(Cancelled("stopped on request"))
                return
            worker.request(
                ask.method,
                ask.params,
                done=lambda answer: go_on(lambda: talk.send(answer)),
                failed=lambda error: go_on(lambda: talk.throw(error)),
            )

    go_on(lambda: next(talk))
