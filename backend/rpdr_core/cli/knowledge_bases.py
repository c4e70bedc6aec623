"""`rpdr kb`: the knowledge bases on this machine."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import click
import msgspec

from rpdr_core.cli.options import JSON, print_json
from rpdr_core.errors import NotFoundError
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.records import Entity, KnowledgeBaseInfo


@click.group("kb")
def kb_group() -> None:
    """The knowledge bases on this machine."""


@kb_group.command("list")
@JSON
def kb_list(as_json: bool) -> None:
    """List the knowledge bases."""
    infos = Library().list()
    if as_json:
        print_json(msgspec.to_builtins(infos))
        return
    for info in infos:
        size = f"{info.entities:,} entities" if info.fingerprint else "made when first used"
        click.echo(f"{info.id:<20} {info.title} {info.version}  {size}  {info.fingerprint[:12]}".rstrip())


@kb_group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--id", default="", help="Short name to open it by (default: from the file's name).")
@click.option("--title", default="", help="Name to show.")
@JSON
def kb_import(file: Path, id: str, title: str, as_json: bool) -> None:
    """Import a terminology from FILE (CSV or TSV: code, name, synonyms, parents, type, active)."""
    if not file.is_file():
        raise NotFoundError("no such terminology file", hint="check the path", file=str(file))
    _print_info(Library().import_table(file, id=id, title=title).info, as_json)


@kb_group.command("show")
@click.argument("kb")
@click.argument("code", required=False, default="")
@JSON
def kb_show(kb: str, code: str, as_json: bool) -> None:
    """Show a knowledge base, or one of its entities by CODE."""
    catalogue = Library().open(kb)
    if not code:
        _print_info(catalogue.info, as_json)
        return
    entity, children = _entity(catalogue, code), _children(catalogue, code)
    if as_json:
        print_json({**msgspec.to_builtins(entity), "children": [child.code for child in children]})
    else:
        _print_entity(entity, children)


def _entity(catalogue: Catalogue, code: str) -> Entity:
    found = next((entity for entity in catalogue.entities() if entity.code == code), None)
    if found is None:
        near = [entity.code for entity in catalogue.entities() if entity.code.casefold().startswith(code.casefold())]
        hint = f"there is {', '.join(islice(near, 5))}" if near else "check the code; codes keep their dots and case"
        raise NotFoundError(f"no entity {code!r} in {catalogue.info.id}", hint=hint)
    return found


def _children(catalogue: Catalogue, code: str) -> list[Entity]:
    return [entity for entity in catalogue.entities() if code in entity.parents]


def _print_info(info: KnowledgeBaseInfo, as_json: bool) -> None:
    if as_json:
        print_json(msgspec.to_builtins(info))
        return
    for name, value in (
        ("id", info.id),
        ("title", f"{info.title} {info.version}".strip()),
        ("entities", f"{info.entities:,}"),
        ("terms", f"{info.terms:,}"),
        ("fingerprint", info.fingerprint),
    ):
        click.echo(f"{name:<12} {value}")


def _print_entity(entity: Entity, children: list[Entity]) -> None:
    state = "" if entity.assignable else "  (not assignable)" if entity.active else "  (inactive)"
    click.echo(f"{entity.code}  {entity.name}{state}")
    for title, values in (
        ("type", (entity.type,) if entity.type else ()),
        ("parents", entity.parents),
        ("synonyms", entity.synonyms),
        ("notes", tuple(f"{note.kind}: {note.text}" for note in entity.notes)),
        ("narrower", tuple(f"{child.code}  {child.name}" for child in children)),
    ):
        for value in values:
            click.echo(f"  {title:<9} {value}")
