"""The declared answer as a JSON schema, for endpoints that offer structured output."""

from __future__ import annotations

from rpdr_core.prompting.template import VERDICTS


def answer_schema(k: int) -> dict[str, object]:
    """A value for `response_format`: an order of the numbers 1..k and a verdict, nothing else.

    Sizes and uniqueness are left out: endpoints differ in what they accept, and every answer is checked again.
    """
    if k < 1:
        raise ValueError("a list has at least one candidate")
    schema = {
        "type": "object",
        "properties": {
            "order": {"type": "array", "items": {"type": "integer", "enum": list(range(1, k + 1))}},
            "verdict": {"type": "string", "enum": list(VERDICTS)},
        },
        "required": ["order", "verdict"],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "ranking", "strict": True, "schema": schema}}
