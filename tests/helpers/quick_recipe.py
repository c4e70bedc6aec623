"""The bundled recipe with a few numbers changed, as a file."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from rpdr_core.resources import resource_text


def quick_recipe(folder: Path, **numbers: float) -> str:
    """A recipe file for tiny models: small batches, many epochs, a high learning rate."""
    text = resource_text("recipes", "encoder-student.toml")
    wanted = {"rank": 8, "epochs": 14, "batch": 16, "learning_rate": 5e-3, "patience": 14, "dropout": 0.0} | numbers
    for key, value in wanted.items():
        text, times = re.subn(rf"^{key} = \S+", f"{key} = {value}", text, flags=re.M)
        assert times == 1, key
    path = folder / f"quick-{hashlib.sha256(text.encode()).hexdigest()[:8]}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)
