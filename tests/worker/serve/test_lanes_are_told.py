"""PROTOCOL.md names the methods of the long lane."""

from __future__ import annotations

import re
from pathlib import Path

from rpdr_core.protocol import messages
from rpdr_worker.serve.dispatch import LONG


def test_the_long_methods_are_marked() -> None:
    text = (Path(messages.__file__).parent / "PROTOCOL.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([a-z.]+)` \|.*\| long\b", text, re.MULTILINE)) == LONG
