"""What a release calls its own modules and reference sets: looked up among a million descriptions, within seconds."""

from __future__ import annotations

import re
import time
from collections.abc import Collection

from rpdr_core.formats.archive import open_archive
from rpdr_core.knowledge_base.rf2.layout import Files
from rpdr_core.knowledge_base.rf2.metadata import FULLY_SPECIFIED_NAME

SECONDS = 2.5
_BLOCK = 1 << 22
_TAG = re.compile(r"(.*\S) \(([^()]+)\)")


def without_tag(name: str) -> str:
    """A fully specified name without its semantic tag."""
    return parted(name)[0]


def parted(name: str) -> tuple[str, str]:
    """A fully specified name as (term, semantic tag); the tag is empty where there is none."""
    found = _TAG.fullmatch(name)
    return (found[1], found[2]) if found else (name, "")


def titles(files: Files, codes: Collection[str]) -> dict[str, str]:
    """Fully specified names (without tag) of some concepts, as many as are found in `SECONDS`: for a person's eyes.

    Extensions are looked through first. Nothing is checked here, and nothing that is found is kept.
    """
    wanted = {code: _named(code) for code in codes}
    until, found = time.monotonic() + SECONDS, dict[str, str]()
    for file in sorted(files, key=lambda file: (file.country == "INT", file.base)):
        with open_archive(file.archive) as archive, archive.open(file.name) as stream:
            rest = b""
            while wanted and time.monotonic() < until and (block := stream.read(_BLOCK)):
                block = rest + block
                for code in [code for code in wanted if f"\t{code}\t".encode(errors="replace") in block]:
                    match = wanted[code].search(block)
                    if match:
                        found[code] = without_tag(match[1].decode("utf-8", errors="replace"))
                        del wanted[code]
                rest = block[block.rfind(b"\n") + 1 :][-_BLOCK:]
    return found


def _named(code: str) -> re.Pattern[bytes]:
    """The fully specified name of a concept. The code is as the file has it, whatever that is."""
    return re.compile(rf"\t{re.escape(code)}\t[^\t]*\t{FULLY_SPECIFIED_NAME}\t([^\t]*)\t".encode(errors="replace"))
