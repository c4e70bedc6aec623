"""All texts of the desk that a user can see, found in the syntax tree: what a translator must know."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

_CALLS = {"tr": 0, "translate": 1, "say": 1}


@dataclass(frozen=True, slots=True)
class Text:
    """`text` is empty where the argument is no plain literal, which could never be translated."""

    text: str
    place: str


def texts(folder: Path) -> list[Text]:
    """Every call of `tr`, `QCoreApplication.translate` or its short form `say` below a folder."""
    found: list[Text] = []
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (argument := _argument(node)) is not None:
                literal = argument.value if isinstance(argument, ast.Constant) else ""
                found.append(Text(str(literal), f"{path.name}:{node.lineno}"))
    return found


def _argument(call: ast.Call) -> ast.expr | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    place = _CALLS.get(name)
    if place is None or (isinstance(call.func, ast.Attribute) and name == "translate" and not _is_qt(call.func)):
        return None
    return call.args[place] if len(call.args) > place else None


def _is_qt(function: ast.Attribute) -> bool:
    return isinstance(function.value, ast.Name) and function.value.id == "QCoreApplication"
