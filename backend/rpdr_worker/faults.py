"""The world's faults told as such: a missing library, no memory, a disk that refuses."""

from __future__ import annotations

from rpdr_core.errors import Bug, MissingExtraError, RpdrError, WorldError

_EXTRAS = {"openai": "teacher", "hnswlib": "index", "submitit": "cluster"}


def told(error: BaseException) -> RpdrError | None:
    """The error of our tree that says what happened; None for what only a programmer understands."""
    if isinstance(error, RpdrError):
        # A refused connection is an OSError, too.
        return error
    if isinstance(error, ModuleNotFoundError):
        return _missing(error)
    # torch's own is a RuntimeError of this name.
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return WorldError("out of memory", hint="close other programs, or send smaller batches")
    if isinstance(error, OSError):
        return WorldError(error.strerror or type(error).__name__, file=str(error.filename or ""))
    return None


def _missing(error: ModuleNotFoundError) -> RpdrError:
    library = (error.name or "").partition(".")[0]
    if library in ("", "rpdr_worker", "rpdr_core", "rpdr_resources"):
        return Bug(f"the module {error.name} is missing from the installation")
    extra = _EXTRAS.get(library, "worker")
    return MissingExtraError(f"{library} is not installed", hint=f'pip install "rpdr-desk[{extra}]"')
