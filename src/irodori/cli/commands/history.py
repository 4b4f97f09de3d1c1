"""`irodori history`: every picture, what it came from, what changed."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from irodori.cli.clock import now
from irodori.cli.history_view import counted, line, show_report, show_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from irodori.store.database import Database
    from irodori.store.outputs import Output


@click.group()
def command() -> None:
    """Look at what was drawn, in the order and the way it came to be.

    A picture is named by its id, the first digits of it (4 or more), its file, or `last`.
    """


@command.command()
@click.option("--limit", "-n", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--starred", is_flag=True, help="Favourites only.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of pictures.")
def log(*, limit: int, starred: bool, as_json: bool) -> None:
    """List the latest pictures, newest first."""
    from irodori.store.search import Search, page

    with _open() as db:
        _show_list(page(db, Search(starred=starred), limit=limit).outputs, as_json=as_json)


@command.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", "-n", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print a list of pictures.")
def search(*, words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find pictures: words of prompts, tags, models, seeds, notes, favourites, dates.

    \b
    red hair, smi*       both; words of a phrase stand beside each other
    -city                without it
    tag:dutch angle      the tag itself
    seed:42  model:sumire  source:forge  step:hires  is:starred
    after:2026-11-01  before:2026-11-23

    Parts are separated by commas. Put `--` before a search that begins with `-`.
    """  # noqa: D301  # \b is click's mark for "keep these lines"
    from irodori.store.search import count, page
    from irodori.store.search_text import parse_search

    asked = parse_search(" ".join(words))
    with _open() as db:
        found = page(db, asked, limit=limit)
        _show_list(found.outputs, as_json=as_json)
        if found.next is not None and not as_json:
            click.echo(f"{count(db, asked)} in all; see more with --limit", err=True)


@command.command()
@click.argument("picture", default="last")
@click.option("--html", type=click.Path(path_type=Path), help="Write a page with thumbnails.")
@click.option("--png", type=click.Path(path_type=Path), help="Write a contact sheet.")
@click.option("--json", "as_json", is_flag=True, help="Print the pictures with their changes.")
def tree(*, picture: str, html: Path | None, png: Path | None, as_json: bool) -> None:
    """Draw the tree that PICTURE belongs to: each picture and what changed."""
    from irodori.app import history
    from irodori.app.contact_sheet import sheet_html, sheet_png
    from irodori.store.outputs import find

    with _open() as db:
        rows = history.tree(db, find(db, picture))
        if html is not None:
            _write(html, sheet_html(rows, db.outputs, title=rows[0].output.prompt[:60]).encode())
        if png is not None:
            _write(png, sheet_png(rows, db.outputs))
    if as_json:
        listed = [
            {**history.to_mapping(row.output), "changes": history.changes_to_list(row.changes)}
            for row in rows
        ]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    elif html is None and png is None:
        show_tree(rows)


@command.command()
@click.argument("picture", default="last")
@click.option("--json", "as_json", is_flag=True, help="Print all of it, with the recipe.")
def show(*, picture: str, as_json: bool) -> None:
    """Show everything known about PICTURE."""
    from irodori.app import history
    from irodori.recipe.codec import to_mapping
    from irodori.recipe.infotext import write
    from irodori.store.history import children_of
    from irodori.store.outputs import find, find_ids, recipe_of

    with _open() as db:
        output = find(db, picture)
        recipe = recipe_of(db, output)
        parents = find_ids(db, [output.parent] if output.parent else [])
        changes = history.changes_between(db, parents[0], output) if parents else ()
        made = children_of(db, output)
    if as_json:
        data = {
            **history.to_mapping(output),
            "changes": history.changes_to_list(changes),
            "children": [one.id for one in made],
            "recipe": None if recipe is None else to_mapping(recipe),
        }
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    click.secho(line(output), bold=True)
    click.echo(f"  {output.path}")
    click.echo(f"  {output.width}x{output.height}, {output.bytes} bytes, by {output.source}")
    if output.note:
        click.echo(f"  note: {output.note}")
    if output.parent:
        gone = "" if parents else " (no longer here)"
        click.echo(f"  made by {output.step} from {output.parent}{gone}")
    for change in changes:
        click.echo(f"    {change}")
    for one in made:
        click.echo(f"  then: {line(one)}")
    click.echo()
    click.echo(write(recipe) if recipe else output.prompt)


@command.command()
@click.argument("before")
@click.argument("after")
@click.option("--json", "as_json", is_flag=True, help="Print a list of changes.")
def diff(*, before: str, after: str, as_json: bool) -> None:
    """Say what changed from BEFORE to AFTER, tag by tag and setting by setting."""
    from irodori.app import history
    from irodori.errors import InputError
    from irodori.store.outputs import find

    with _open() as db:
        pair = find(db, before), find(db, after)
        for output in pair:
            if output.recipe is None:
                raise InputError(f"{output.path}: says nothing about how it was drawn")
        changes = history.changes_between(db, *pair)
    if as_json:
        click.echo(json.dumps(history.changes_to_list(changes), ensure_ascii=False, indent=2))
        return
    for change in changes:
        click.echo(str(change))
    if not changes:
        click.echo("no difference", err=True)


@command.command()
@click.argument("pictures", nargs=-1, required=True)
@click.option("--off", is_flag=True, help="No longer a favourite.")
def star(*, pictures: tuple[str, ...], off: bool) -> None:
    """Make PICTURES favourites."""
    from irodori.store.history import set_star
    from irodori.store.outputs import find

    with _open() as db:
        for output in [find(db, picture) for picture in pictures]:
            set_star(db, output, starred=not off)


@command.command()
@click.argument("picture")
@click.argument("text", nargs=-1)
def note(*, picture: str, text: tuple[str, ...]) -> None:
    """Put a note on PICTURE, in place of the one before; without TEXT take it off."""
    from irodori.store.history import set_note
    from irodori.store.outputs import find

    with _open() as db:
        set_note(db, find(db, picture), " ".join(text))


@command.command()
@click.option("--changed", is_flag=True, help="Read only files that are new or changed.")
def rebuild(*, changed: bool) -> None:
    """Make the index again from the picture files; damaged files are told.

    Stars and notes are kept. A damaged index is put aside under another name.
    """
    from irodori.app.config import load_config
    from irodori.app.history import rebuild_history

    with counted() as tell:
        report, aside = rebuild_history(load_config(), now(), everything=not changed, tell=tell)
    if aside is not None:
        click.echo(f"the index was damaged; it is now '{aside}'", err=True)
    show_report(report)


@command.command(name="add-folder")
@click.argument("folder", type=click.Path(path_type=Path))
def add_folder(*, folder: Path) -> None:
    """Index FOLDER of A1111, Forge or any other program where it lies, read-only."""
    from irodori.store import scan

    with _open() as db, counted() as tell:
        report = scan.add_folder(db, folder, tell=tell)
    show_report(report)


@command.command(name="remove-folder")
@click.argument("folder", type=click.Path(path_type=Path))
def remove_folder(*, folder: Path) -> None:
    """Take FOLDER's pictures out of the index; the files stay."""
    from irodori.store import scan

    with _open() as db:
        click.echo(f"{scan.remove_folder(db, folder)} pictures are no longer in the index")


@command.command()
def folders() -> None:
    """List the indexed folders."""
    from irodori.store.scan import list_folders

    with _open() as db:
        for path, count in list_folders(db):
            click.echo(f"{count:7}  {path}")


def _open() -> "Database":
    from irodori.app.config import load_config
    from irodori.app.history import open_history

    return open_history(load_config(), now())


def _show_list(outputs: "Sequence[Output]", *, as_json: bool) -> None:
    from irodori.app.history import to_mapping

    if as_json:
        listed = [to_mapping(output) for output in outputs]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    for output in outputs:
        click.echo(line(output))
    if not outputs:
        click.echo("no picture", err=True)


def _write(path: Path, data: bytes) -> None:
    from irodori.store.files import write_whole

    write_whole(path, lambda temporary: _fill(temporary, data))
    click.echo(str(path))


def _fill(path: Path, data: bytes) -> None:
    path.write_bytes(data)
