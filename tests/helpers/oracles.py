"""Other people's readers of mapping files, asked for their opinion of ours.

They and what they stand on warn of all sorts while they load; a warning of theirs is no failure of ours.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Rows = list[dict[str, str]]


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _heard(name: str) -> Iterator[list[str]]:
    """What a logger warns of meanwhile. Extension slots, which sssom has no class for, are no complaint."""
    messages = list[str]()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.getMessage().startswith("No attr for ext_"):
                messages.append(record.getMessage())

    logger, listener = logging.getLogger(name), Listener(logging.WARNING)
    was, logger.propagate = logger.propagate, False
    logger.addHandler(listener)
    try:
        yield messages
    finally:
        logger.removeHandler(listener)
        logger.propagate = was


def fhir_says(release: str, text: str) -> str:
    """A ConceptMap as `fhir.resources` writes it after reading ours; raises where it finds a fault."""
    with _quiet():
        if release == "R4":
            # R4B left ConceptMap as R4 has it.
            from fhir.resources.R4B.conceptmap import ConceptMap
        else:
            from fhir.resources.conceptmap import ConceptMap
        return str(ConceptMap.model_validate_json(text).model_dump_json())


def sssom_says(path: Path, written: Path) -> tuple[dict[str, object], Rows, list[str]]:
    """What `sssom` reads of our file: metadata, rows and complaints. It writes it anew to `written`."""
    with _quiet():
        from sssom.constants import SchemaValidationType
        from sssom.parsers import parse_sssom_table
        from sssom.validators import validate
        from sssom.writers import write_table

        checks = [SchemaValidationType.JsonSchema, SchemaValidationType.PrefixMapCompleteness]
        with _heard("sssom") as complaints:
            # `strict=True` refuses sound metadata in sssom 0.4.21; what it finds is logged either way.
            found = parse_sssom_table(path)
            reports = validate(found, checks, False)
        complaints += [result.message for report in reports.values() for result in report.results]
        rows = [{str(name): str(cell) for name, cell in row.items()} for row in found.df.to_dict("records")]
        metadata = dict(found.metadata)
        with written.open("w", encoding="utf-8", newline="") as stream:
            write_table(found, stream, condense=False)
        return metadata, rows, complaints
