"""Catalogues as earlier versions took them: today's imports refuse a circle, those that are here may have one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from rpdr_core.knowledge_base.catalogue import write_catalogue
from rpdr_core.knowledge_base.hierarchy import Hierarchy
from rpdr_core.records import Entity


def catalogue_with_circles(root: Path, entities: Sequence[Entity]) -> Path:
    """A catalogue whose hierarchy nobody has checked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Hierarchy, "check", lambda self: None)
        return write_catalogue(root, entities, id="t", title="T", version="1", source="test")
