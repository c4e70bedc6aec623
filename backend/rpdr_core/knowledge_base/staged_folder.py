"""A folder that appears whole: written beside its place under a hidden name, then renamed."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rpdr_core.errors import DamagedFileError

_PREFIX = ".staging-"
LEFT_OVER_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Staging:
    """The hidden folder to write into."""

    folder: Path

    def publish(self, place: Path, manifest: str, check: Callable[[Path], None]) -> Path:
        """Rename it to `place`. A sound folder that is there already stays, and takes the new manifest."""
        try:
            self.folder.rename(place)
        except OSError:
            # Somebody else made the same meanwhile, or an older one is damaged or names another source.
            try:
                check(place)
                (self.folder / manifest).replace(place / manifest)
            except (OSError, DamagedFileError):
                shutil.rmtree(place, ignore_errors=True)
                self.folder.rename(place)
        return place


@contextmanager
def staged_folder(root: Path) -> Iterator[Staging]:
    """A new hidden folder below `root`, gone at the end whatever happens, unless it was published."""
    root.mkdir(parents=True, exist_ok=True)
    _clear_left_overs(root)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
    try:
        yield Staging(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear_left_overs(root: Path) -> None:
    """What killed imports left. A folder with a young file in it may be at work in another process."""
    for folder in root.glob(f"{_PREFIX}*/"):
        # Its owner may take it away while it is looked at.
        with contextlib.suppress(OSError):
            youngest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
            if time.time() - youngest > LEFT_OVER_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
