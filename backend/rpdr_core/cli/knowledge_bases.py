"""`rpdr kb`: the knowledge bases on this machine."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import click
import msgspec

from rpdr_core.cli.kb_options import ShownProgress, release_options
from rpdr_core.cli.options import JSON, print_json
from rpdr_core.errors import NotFoundError
from rpdr_core.knowledge_base.importing import Look, look
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.knowledge_base.release import Association, MapTarget, ReleaseOptions
from rpdr_core.records import Entity, KnowledgeBaseInfo

_FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group("kb")
def kb_group() -> None:
    """The knowledge bases on this machine."""


@kb_group.command("list")
@JSON
def kb_list(as_json: bool) -> None:
    """List the knowledge bases, each by the name that opens it."""
    library = Library()
    infos = library.list()
    if as_json:
        print_json([{**msgspec.to_builtins(info), "reference": library.reference(info)} for info in infos])
        return
    for info in infos:
        size = f"{info.entities:,} entities" if info.fingerprint else "made when first used"
        name = library.reference(info)
        click.echo(f"{name:<20} {_title(info)}  {size}  {info.fingerprint[:12]}".rstrip())


@kb_group.command("look")
@_FILE
@release_options
@JSON
def kb_look(file: Path, options: ReleaseOptions, as_json: bool) -> None:
    """Look at a terminology in FILE (a file, zip or folder) and import nothing."""
    seen = look(file, options)
    if as_json:
        print_json(msgspec.to_builtins(seen))
    else:
        _print_look(seen)


@kb_group.command("import")
@_FILE
@click.option("--id", default="", help="Short name to open it by (default: as the file says).")
@click.option("--title", default="", help="Name to show.")
@click.option("--version", default="", help="The release, to tell several of one id apart.")
@release_options
@JSON
def kb_import(file: Path, id: str, title: str, version: str, options: ReleaseOptions, as_json: bool) -> None:
    """Import a terminology from FILE: a file, zip or folder, in any format that `rpdr kb look` knows.

    Other releases of the same id stay. Ctrl-C leaves nothing behind.
    """
    progress, library = ShownProgress(), Library()
    try:
        made = library.import_release(file, options=options, id=id, title=title, version=version, watch=progress)
    finally:
        progress.end()
    for remark in made.remarks():
        click.echo(f"note: {remark}", err=True)
    _print_info(made.info, as_json, library.reference(made.info))


@kb_group.command("show")
@click.argument("kb")
@click.argument("code", required=False, default="")
@JSON
def kb_show(kb: str, code: str, as_json: bool) -> None:
    """Show a knowledge base, or one of its entities by CODE with what its release says of it."""
    library = Library()
    catalogue = library.open(kb)
    if not code:
        _print_info(catalogue.info, as_json, library.reference(catalogue.info))
        return
    entity, children = _entity(catalogue, code), _children(catalogue, code)
    history, maps = list(catalogue.associations([code])), catalogue.maps([code]).get(code, ())
    if as_json:
        print_json(
            {
                **msgspec.to_builtins(entity),
                "children": [child.code for child in children],
                "associations": msgspec.to_builtins(history),
                "maps": msgspec.to_builtins(maps),
            }
        )
    else:
        _print_entity(entity, children, history, maps)


@kb_group.command("remove")
@click.argument("kb")
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
def kb_remove(kb: str, yes: bool, as_json: bool) -> None:
    """Delete an imported knowledge base. Projects that use it need it imported again."""
    library = Library()
    info = library.find(kb)
    if not yes:
        question = f"Delete {_title(info)} ({info.entities:,} entities)? Projects made with it need it again."
        click.confirm(question, abort=True, err=True)
    removed = library.remove(info.fingerprint)
    if as_json:
        print_json(msgspec.to_builtins(removed))
    else:
        click.echo(f"removed {_title(info)}: {removed.size / 1e6:,.1f} MB")


def _title(info: KnowledgeBaseInfo) -> str:
    return f"{info.title} {info.version}".strip()


def _entity(catalogue: Catalogue, code: str) -> Entity:
    found = next((entity for entity in catalogue.entities() if entity.code == code), None)
    if found is None:
        near = [entity.code for entity in catalogue.entities() if entity.code.casefold().startswith(code.casefold())]
        hint = f"there is {', '.join(islice(near, 5))}" if near else "check the code; codes keep their dots and case"
        raise NotFoundError(f"no entity {code!r} in {catalogue.info.id}", hint=hint)
    return found


def _children(catalogue: Catalogue, code: str) -> list[Entity]:
    return [entity for entity in catalogue.entities() if code in entity.parents]


def _print_info(info: KnowledgeBaseInfo, as_json: bool, reference: str) -> None:
    if as_json:
        print_json({**msgspec.to_builtins(info), "reference": reference})
        return
    for name, value in (
        ("id", info.id),
        ("title", _title(info)),
        ("entities", f"{info.entities:,}"),
        ("terms", f"{info.terms:,}"),
        ("fingerprint", info.fingerprint),
        ("open it as", reference),
    ):
        click.echo(f"{name:<12} {value}")


def _print_look(seen: Look) -> None:
    rows = [("format", seen.format_title), ("id", seen.id), ("title", f"{seen.title} {seen.version}".strip())]
    if seen.estimate:
        rows.append(("entities", f"about {seen.estimate:,}"))
    rows += [("dialect", f"{value}  {title}") for value, title in seen.dialects]
    rows += [("vocabulary", f"{value}  {title}") for value, title in seen.vocabularies]
    if seen.table is not None:
        given = {header: name for name, header in seen.table.columns}
        rows += [("encoding", seen.table.encoding)] if seen.table.encoding else []
        rows += [("perhaps", f"{one.encoding}  {' / '.join(one.lines[:2])}") for one in seen.table.alternatives]
        rows += [("column", f"{header}  ({given.get(header, 'not read')})") for header in seen.table.headers]
    rows += [("warning", text) for text in seen.warnings]
    rows += [("choose", what) for what in seen.needs]
    rows += [("entity", f"{one.code}  {one.name}") for one in seen.entities]
    for name, value in rows:
        click.echo(f"{name:<12} {value}")


def _print_entity(
    entity: Entity, children: list[Entity], history: list[Association], maps: tuple[MapTarget, ...]
) -> None:
    state = "" if entity.assignable else "  (not assignable)" if entity.active else "  (inactive)"
    click.echo(f"{entity.code}  {entity.name}{state}")
    for title, values in (
        ("type", (entity.type,) if entity.type else ()),
        ("parents", entity.parents),
        ("synonyms", entity.synonyms),
        ("notes", tuple(f"{note.kind}: {note.text}" for note in entity.notes)),
        ("history", tuple(f"{one.kind.replace('_', ' ')}: {one.target}" for one in history)),
        ("maps to", tuple(map(_map_line, maps))),
        ("narrower", tuple(f"{child.code}  {child.name}" for child in children)),
    ):
        for value in values:
            click.echo(f"  {title:<9} {value}")


def _map_line(one: MapTarget) -> str:
    said = "; ".join(text for text in (one.rule, one.advice) if text)
    place = f"{one.group}.{one.priority}"
    return f"{one.to} {one.target or 'no target'}  [{place}]" + (f"  {said}" if said else "")
