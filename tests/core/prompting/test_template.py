from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.prompting.answer_schema import answer_schema
from rpdr_core.prompting.template import bundled_templates, load_template
from rpdr_core.resources import resource_path


def test_the_hash_is_that_of_the_file() -> None:
    path = resource_path("prompts", "rerank_en.toml")
    assert load_template("rerank_en").sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert load_template(str(path)) == load_template("rerank_en")


def edited(tmp_path: Path, before: str, after: str) -> str:
    content = resource_path("prompts", "rerank_en.toml").read_text("utf-8")
    assert before in content
    path = tmp_path / "mine.toml"
    path.write_text(content.replace(before, after), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("before", "after", "said", "at"),
    [
        ("Mention: {{mention}}", "Mention: {{mentoin}}", "unknown placeholder 'mentoin' in `user`", "mentoin"),
        ("{{candidates}}", "the list", "`user` lacks the placeholder 'candidates'", "user ="),
        ("{{number}}. {{name}}", "{{name}}", "`candidate` lacks the placeholder 'number'", "candidate ="),
        ('form = "order_and_verdict"', 'form = "poem"', "declared answer", "form ="),
        ("format = 1", "format = 2", "template format 2", "format = 2"),
        ("order = [3, 5, 4, 2, 1]", "order = [3, 5, 4, 2, 2]", "example 2 is not a valid answer", "[[examples]]"),
        ('verdict = "none"', 'verdict = "maybe"', "Invalid enum value 'maybe'", "maybe"),
        ('verdict = "none"', 'verdict = ""', "example 5 is not a valid answer", "[[examples]]"),
        ("window = 80", "window = -1", "the window is negative", "window"),
        ("window = 80", 'window = "wide"', "Expected `int`, got `str`", "window"),
        ("window = 80", "widow = 80", "widow", "widow"),
        ("format = 1", "format = ", "not valid TOML", "format ="),
    ],
)
def test_a_broken_template_is_refused_with_its_place(
    tmp_path: Path, before: str, after: str, said: str, at: str
) -> None:
    path = edited(tmp_path, before, after)
    with pytest.raises(FileFormatError, match=re.escape(said)) as caught:
        load_template(path)
    assert caught.value.file == path
    assert caught.value.hint
    place = Path(path).read_text("utf-8").split("\n")[caught.value.line - 1]
    assert caught.value.line > 0
    assert at in place


def test_an_unknown_placeholder_names_its_line(tmp_path: Path) -> None:
    path = edited(tmp_path, "Mention: {{mention}}", "Mention: {{mention}} {{age}}")
    with pytest.raises(FileFormatError) as caught:
        load_template(path)
    assert "{{age}}" in Path(path).read_text("utf-8").split("\n")[caught.value.line - 1]


def test_a_template_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="rerank_en"):
        load_template("rerank_fr")
    with pytest.raises(NotFoundError):
        load_template(str(tmp_path / "gone.toml"))
    with pytest.raises(NotFoundError):
        load_template("../recipes/encoder-student")


def test_a_template_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes('name = "白内障"'.encode("gb18030"))
    with pytest.raises(FileFormatError, match="UTF-8"):
        load_template(str(path))


def test_a_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b'format = 1\nname = "\xff"\n')
    with pytest.raises(FileFormatError) as caught:
        load_template(str(path))
    assert caught.value.line == 2


@pytest.mark.parametrize("k", [1, 6, 25])
def test_the_schema_asks_for_what_the_templates_declare(k: int) -> None:
    asked = answer_schema(k)
    assert asked["type"] == "json_schema"
    schema = asked["json_schema"]
    assert isinstance(schema, dict)
    assert schema["strict"] is True
    properties = schema["schema"]["properties"]
    assert properties["order"]["items"]["enum"] == list(range(1, k + 1))
    assert properties["verdict"]["enum"] == ["exact", "close", "none"]
    # Strict mode of the endpoints: every field required, no other allowed.
    assert schema["schema"]["required"] == list(properties)
    assert schema["schema"]["additionalProperties"] is False


def test_a_schema_of_no_candidates() -> None:
    with pytest.raises(ValueError, match="at least one"):
        answer_schema(0)


@pytest.mark.parametrize("name", ["rerank_en", "rerank_zh"])
def test_bundled_templates_follow_the_papers_shape(name: str) -> None:
    """Understand the mention, the task, the output format, four or five examples."""
    template = load_template(name)
    assert name in bundled_templates()
    assert 4 <= len(template.examples) <= 5
    assert '{"order": [' in template.system
    for word in ("exact", "close", "none", "1. ", "2. ", "3. "):
        assert word in template.system
    assert any(example.context for example in template.examples)
    # The words of the declared form are never translated.
    assert {example.verdict for example in template.examples} == {"exact", "close", "none"}


@pytest.mark.parametrize("name", ["rerank_en", "rerank_zh"])
def test_no_example_gives_the_candidates_own_order_away(name: str) -> None:
    """Examples whose answers all begin with the first candidate would teach the retriever's order."""
    firsts = {example.order[0] for example in load_template(name).examples}
    assert len(firsts) >= 3
