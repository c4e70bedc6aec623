"""The text of a .pdf, page by page, by pypdf (BSD), which the extra `documents` brings."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from rpdr_core.errors import FileFormatError, MissingExtraError

PAGES_CAP = 5_000
TEXT_CAP = 16 << 20
"""Characters of one document."""


def pdf_text(data: BytesIO, file: str) -> str:
    """Pages parted by a form feed. Raises `MissingExtraError` where pypdf is not installed."""
    try:
        import pypdf
    except ImportError as error:
        hint = 'pip install "rpdr-desk[documents]"'
        raise MissingExtraError("reading PDF files needs pypdf", hint=hint, file=file) from error
    pages, length = [], 0
    with _quiet():
        try:
            reader = pypdf.PdfReader(data, strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                hint = "save it without a password"
                raise FileFormatError("a PDF with a password", hint=hint, file=file)
            if len(reader.pages) > PAGES_CAP:
                raise FileFormatError(f"more than {PAGES_CAP:,} pages", hint="split it", file=file)
            for page in reader.pages:
                pages.append(page.extract_text())
                length += len(pages[-1])
                if length > TEXT_CAP:
                    raise FileFormatError(f"more than {TEXT_CAP:,} characters", hint="split it", file=file)
        except FileFormatError:
            raise
        except Exception as error:  # a parser of a stranger's file raises whatever it stumbles over
            hint = "open it in a viewer and save it again, or as .txt"
            raise FileFormatError(f"no sound PDF ({type(error).__name__})", hint=hint, file=file) from error
    return "\f".join(_sound(page) for page in pages)


def _sound(page: str) -> str:
    """Text without halves of characters, which broken fonts yield."""
    return page.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


@contextmanager
def _quiet() -> Iterator[None]:
    """pypdf logs about what it reads, and quotes it: that is patients' text."""
    log, nowhere = logging.getLogger("pypdf"), logging.NullHandler()
    before = log.propagate
    log.addHandler(nowhere)
    log.propagate = False
    try:
        yield
    finally:
        log.propagate = before
        log.removeHandler(nowhere)
