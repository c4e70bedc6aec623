"""The metadata block of an SSSOM/TSV file: YAML behind `#` signs.

Written by ourselves: plain block style, every text double-quoted. Read with PyYAML as plain strings; what the format
forbids (anchors, aliases, tags, directives) is refused before anything is built, so that no alias can multiply, and
size and depth are capped. Source: mapping-commons.github.io/sssom/spec-formats-tsv, "Metadata block".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from collections.abc import Mapping as Map
from typing import NoReturn

from rpdr_core.errors import FileFormatError

HEADER_CAP = 1 << 20
"""Characters of the block."""

_DEPTH = 20
_HINT = "write the metadata as plain YAML, as mapping-commons.github.io/sssom describes"
_INVISIBLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")

Value = str | list[Map[str, str]] | Map[str, str]


def dumped(values: Map[str, Value]) -> Iterator[str]:
    """Lines of the block: texts, lists of objects and one level of objects."""
    for name, value in values.items():
        if isinstance(value, str):
            yield f"#{name}: {_quoted(value)}\n"
        elif isinstance(value, list):
            yield f"#{name}:\n"
            for item in value:
                for number, (key, text) in enumerate(item.items()):
                    yield f"#  {'-' if number == 0 else ' '} {key}: {_quoted(text)}\n"
        else:
            yield f"#{name}:\n"
            for key, text in value.items():
                yield f"#  {key}: {_quoted(text)}\n"


def parsed(text: str, file: str) -> dict[str, object]:
    """The block as texts, lists and objects; `FileFormatError` where it is none."""
    import yaml

    if len(text) > HEADER_CAP:
        _refuse(f"a metadata block of more than {HEADER_CAP:,} characters", file, 1)
    try:
        _check(text, file)
        found = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - strings, lists and dictionaries only
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileFormatError("the metadata block is not YAML", hint=_HINT, file=file, line=line) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise FileFormatError("the metadata block is not YAML", hint=_HINT, file=file, line=1) from error
    if found in (None, ""):
        return {}
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        _refuse("the metadata block is no list of names and values", file, 1)
    return found


def _check(text: str, file: str) -> None:
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line + 1
        forbidden = isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None)
        if forbidden or getattr(event, "version", None) or getattr(event, "tags", None):
            _refuse("anchors, aliases, tags and directives are not allowed in the metadata block", file, line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH:
            _refuse("the metadata block is nested too deep", file, line)


def _refuse(message: str, file: str, line: int) -> NoReturn:
    raise FileFormatError(message, hint=_HINT, file=file, line=line)


def _quoted(text: str) -> str:
    """A text as YAML double-quoted style, which JSON's is a part of but for what YAML calls unprintable."""
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))
