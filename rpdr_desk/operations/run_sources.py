"""What runs are made of: rows and recipes; and what the project keeps of a run."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from rpdr_core.resources import resource_path
from rpdr_desk.operations.train_state import OriginLine, RecipeChoice, RowsSummary, Run, RunStateName, TrainChoice

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader, StoredRun
    from rpdr_core.workflow.distilling import TrainingRows

_STATES: tuple[RunStateName, ...] = ("queued", "running", "paused", "cancelled", "failed", "done", "lost")


def training_rows(reader: ProjectReader, host: str = "") -> TrainingRows:
    """The rows for a training there. Raises `NotAllowedError` where they may not leave this machine."""
    from rpdr_core.workflow.consent import refuse_host
    from rpdr_core.workflow.distilling import select_rows

    refuse_host(reader, host)
    return select_rows(reader)


def rows_summary(reader: ProjectReader) -> RowsSummary:
    """The rows in numbers, heaviest origins first as the table of weights has them."""
    from rpdr_core.workflow.distilling import HELD_OUT
    from rpdr_core.workflow.origins import WEIGHTS

    rows = training_rows(reader)
    origins = tuple(
        OriginLine(origin, rows.origins[origin], weight) for origin, weight in WEIGHTS.items() if origin in rows.origins
    )
    left_out = tuple((why, count) for why, count in rows.excluded.items() if why != HELD_OUT)
    return RowsSummary(len(rows.train), len(rows.validation), origins, left_out, rows.excluded.get(HELD_OUT, 0))


def bundled_recipes() -> tuple[RecipeChoice, ...]:
    """Students: the default first, then the other encoders, which are for machines without a GPU."""
    from rpdr_core.workflow.runs import RETRIEVER_KINDS

    found = [_recipe(path) for path in resource_path("recipes").glob("*.toml")]
    found = [one for one in found if one.kind not in RETRIEVER_KINDS]
    return tuple(
        sorted(found, key=lambda one: (one.reference != TrainChoice().recipe, one.kind != "encoder", one.reference))
    )


def makes_encoder(stored: StoredRun) -> bool:
    """Whether a run leaves an encoder for the search, and no student."""
    from rpdr_desk.operations.encoder_state import KeptSpec

    try:
        return bool(msgspec.json.decode(stored.spec or "{}", type=KeptSpec).lesson)
    except msgspec.MsgspecError:
        return False


def unused_name(proposed: str, taken: set[str]) -> str:
    """The name, with a number where it is taken: two trainings never share a folder."""
    names = (proposed, *(f"{proposed}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def shown(stored: StoredRun) -> Run:
    """A run as the project last saw it; its machine knows better."""
    state: RunStateName = next((name for name in _STATES if name == stored.state), "lost")
    return Run(
        stored.id,
        stored.name,
        stored.host,
        state,
        created_at=stored.created_at,
        adapter_id=stored.adapter_id,
        message=stored.message,
    )


def _recipe(path: Path) -> RecipeChoice:
    kind = str(tomllib.loads(path.read_text(encoding="utf-8")).get("kind", ""))
    return RecipeChoice(path.stem, path.stem, kind)
