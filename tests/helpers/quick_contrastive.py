"""A bundled retriever recipe with a few numbers changed, as a file; and synonyms that a tiny encoder can learn."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from helpers.tiny_models import LAY

from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import Candidate
from rpdr_core.resources import resource_text

_QUICK = {"steps": 60, "batch": 5, "learning_rate": 3e-3, "epochs": 80, "every": 0}
_SIDES = ("left", "right", "old", "mild", "severe", "daily", "bad", "some")


def quick_contrastive(folder: Path, recipe: str = "self-alignment", **numbers: float) -> str:
    """A recipe file for tiny models."""
    text = resource_text("recipes", f"{recipe}.toml")
    for key, value in (_QUICK | numbers).items():
        text, times = re.subn(rf"^{key} = \S+", f"{key} = {value}", text, flags=re.M)
        assert times == 1, key
    path = folder / f"quick-{hashlib.sha256(text.encode()).hexdigest()[:8]}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def synonym_rows(words: tuple[str, ...] = _SIDES) -> tuple[TrainingRow, ...]:
    """What each lay word means, with a word beside it that tells nothing."""
    names = tuple(Candidate(f"C-{name}", name) for name in LAY.values())
    rows = []
    for place, lay in enumerate(LAY):
        order = (place, *(other for other in range(len(names)) if other != place))
        own = tuple(names[at] for at in order)
        rows += [TrainingRow(f"{word} {lay}", "", own, tuple(range(len(own))), "terminology") for word in words]
    return tuple(rows)
