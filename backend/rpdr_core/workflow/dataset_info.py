"""`dataset_info.json`: how LLaMA-Factory finds the columns of a training file that lies beside it.

Source: LLaMA-Factory, data/README.md (alpaca and sharegpt formats). Entries of other files are left as they are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.lines import opened
from rpdr_core.store.staging import staged

NAME = "dataset_info.json"
_SIZE_CAP = 16 << 20

_ALPACA = {"columns": {"prompt": "instruction", "query": "input", "response": "output"}}
_CHAT = {
    "formatting": "sharegpt",
    "columns": {"messages": "messages"},
    "tags": {
        "role_tag": "role",
        "content_tag": "content",
        "user_tag": "user",
        "assistant_tag": "assistant",
        "system_tag": "system",
    },
}


def describe(path: Path, form: Literal["chat", "alpaca"]) -> None:
    """Put the entry of a training file, named by its stem, into the `dataset_info.json` of its folder.

    Raises `FileFormatError` where there is one that cannot be read: it is somebody else's, and stays.
    """
    beside = path.with_name(NAME)
    entries = _entries(beside) if beside.exists() else {}
    entries[path.stem] = {"file_name": path.name, **(_ALPACA if form == "alpaca" else _CHAT)}
    with staged(beside, "the description of the training set") as staging:
        staging.write_text(json.dumps(entries, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _entries(path: Path) -> dict[str, object]:
    hint = "mend or move it, then export again"
    with opened(path) as stream:
        data = stream.read(_SIZE_CAP + 1)
    try:
        found = json.loads(data) if len(data) <= _SIZE_CAP else None
    except (ValueError, RecursionError) as error:
        raise FileFormatError("the description beside it is no JSON", hint=hint, file=str(path)) from error
    if not isinstance(found, dict):
        raise FileFormatError("the description beside it is no JSON object", hint=hint, file=str(path))
    return found
