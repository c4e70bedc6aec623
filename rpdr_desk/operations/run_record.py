"""A run's record, event by event, as the Train page shows it."""

from __future__ import annotations

from dataclasses import replace

from rpdr_core.protocol.run_messages import RunEvent, RunState
from rpdr_desk.operations.jobs import Point
from rpdr_desk.operations.train_state import Remark, Run


def with_event(run: Run, event: RunEvent, began: float) -> Run:
    """`run` after one more event. `began`: the time of its first event, seconds since 1970."""
    run = replace(run, memory=max(run.memory, event.memory), gpu_memory=max(run.gpu_memory, event.gpu_memory))
    at = max(0.0, event.at - began)
    if event.training is not None:
        now = event.training
        point = Point(now.step, now.loss, now.acc_at_1)
        # What was done again after a resume takes the place of what was lost.
        kept = tuple(one for one in run.curve if one.step < point.step)
        return replace(
            run,
            step=now.step,
            steps=now.steps,
            epoch=now.epoch,
            seconds_left=now.seconds_left,
            curve=(*kept, point),
        )
    if event.kind == "checkpoint":
        return replace(run, checkpoint=event.step)
    if event.kind == "state" and event.state:
        run = replace(run, state=event.state)
    if event.note:
        return replace(run, remarks=(*run.remarks, Remark(at, event.note)))
    return run


def with_state(run: Run, state: RunState) -> Run:
    """`run` as the worker says it stands."""
    last = state.last
    run = replace(
        run,
        state=state.state,
        recipe=state.recipe or run.recipe,
        created_at=state.created_at or run.created_at,
        message=state.message,
        hint=state.hint,
        adapter_id=state.adapter_id or run.adapter_id,
    )
    if last is None:
        return run
    return replace(run, step=last.step, steps=last.steps, epoch=last.epoch, seconds_left=last.seconds_left)
