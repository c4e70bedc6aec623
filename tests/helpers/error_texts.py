"""All messages and hints of the errors that core and worker raise on purpose, found in the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def templates(*folders: Path) -> dict[str, str]:
    """Each message and hint with %1, %2 ... where a value stands, and the place that raises it."""
    found: dict[str, str] = {}
    for path in sorted(one for folder in folders for one in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _raises(node):
                for text in _texts(node):
                    found.setdefault(text, f"{path.name}:{node.lineno}")
    return found


def _raises(call: ast.Call) -> bool:
    """Whether a call makes an error: by its class, or by a function `refuse` or `refusal(message, hint)` of a room.

    A `remark` is for the user's eyes just so, and so is what a run says.
    """
    if _name(call) == "say":
        return len(call.args) == 1
    return _name(call).endswith(("Error", "Bug", "Cancelled")) or _name(call) == "remark" or _is_short(call)


def _is_short(call: ast.Call) -> bool:
    return _name(call).lstrip("_") in ("refuse", "refusal")


def _texts(call: ast.Call) -> Iterator[str]:
    leading = call.args[: 2 if _is_short(call) else 1]
    for argument in (*leading, *(one.value for one in call.keywords if one.arg == "hint")):
        for one in _choices(argument):
            text = _template(one)
            if text:
                yield text


def _choices(node: ast.expr) -> Iterator[ast.expr]:
    """Both sides of `a if b else c`."""
    if isinstance(node, ast.IfExp):
        yield from _choices(node.body)
        yield from _choices(node.orelse)
    else:
        yield node


def _template(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts, number = [], 0
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value))
        else:
            number += 1
            parts.append(f"%{number}")
    return "".join(parts)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
