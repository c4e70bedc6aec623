"""The adapters on this machine, by their manifests. Their hashes are checked where they are used, by the worker."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from rpdr_core.paths import data_dir
from rpdr_core.protocol.messages import AdapterInfo

_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class _Manifest:
    info: AdapterInfo


def adapters_folder() -> Path:
    """Where adapters are kept under their names."""
    return data_dir() / "adapters"


def list_adapters(folder: Path | None = None) -> list[AdapterInfo]:
    """What is in the folder, by name. A folder without a readable manifest is no adapter and is passed over."""
    root = folder or adapters_folder()
    found = (_read(path) for path in sorted(root.glob(f"*/{_MANIFEST}")))
    return [info for info in found if info is not None]


def _read(path: Path) -> AdapterInfo | None:
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=_Manifest)
    except (OSError, msgspec.MsgspecError):
        return None
    return replace(manifest.info, folder=str(path.parent))
