"""`irodori tags`: look tags up, search them, take in dumps, fetch newer counts."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from irodori.cli.clock import now

if TYPE_CHECKING:
    from rich.table import Table

    from irodori.tags import Match, Tag, Vocabulary
    from irodori.tags.importing import Imported

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Look tags up: how many pictures, what they mean, what they imply and exclude."""


@command.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@_JSON
def search(text: tuple[str, ...], *, limit: int, as_json: bool) -> None:
    """Find tags by beginning, word, part, alias or a misspelling of TEXT."""
    with _vocabulary() as vocabulary:
        matches = vocabulary.search(" ".join(text), limit)
    if as_json:
        _print_json([_match_json(match) for match in matches])
    elif matches:
        _print_matches(matches)
    else:
        click.echo(
            "nothing found; a list holds only tags with pictures enough: see irodori tags stats"
        )


@command.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@_JSON
def show(names: tuple[str, ...], *, as_json: bool) -> None:
    """Print all that is known of tags; quote names that have blanks.

    Understands long_hair, aliases, and names with backslashes as prompts have them.
    """
    with _vocabulary() as vocabulary:
        known = [(name, vocabulary.get(name)) for name in names]
        if as_json:
            _print_json(
                [_unknown_json(name) if tag is None else _tag_json(tag) for name, tag in known]
            )
            return
        for name, tag in known:
            if tag is None:
                _print_unknown(name, vocabulary)
            else:
                _print_tag(tag)


@command.command("import")
@click.argument("file", type=_FILE)
@click.option(
    "--date",
    "taken",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day the counts are of. Default: the day the file was last written.",
)
@click.option(
    "--least",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Leave out tags with fewer pictures.",
)
@_JSON
def import_file(file: Path, *, taken: datetime | None, least: int, as_json: bool) -> None:
    """Take in a dump: tagcomplete's CSV (name,type,count,"aliases") or hanatsumi's.

    Counts of a later day replace earlier ones. What the shipped table says of a tag stays; a
    second import of the same kind of file replaces the first.
    """
    from irodori.tags.dump_files import read_dump
    from irodori.tags.importing import import_dump

    written = datetime.fromtimestamp(file.stat().st_mtime, tz=UTC)
    dump = read_dump(file, (taken or written).date(), least=least)
    _print_imported(import_dump(dump), as_json=as_json)


@command.command()
@click.option(
    "--least",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Leave out tags with fewer pictures.",
)
@click.option("--address", default=None, help="Of the booru. Default: https://danbooru.donmai.us")
@_JSON
def update(*, least: int, address: str | None, as_json: bool) -> None:
    """Fetch newer counts, aliases and implications from Danbooru.

    One request a second: some minutes. An interrupted run goes on where it stopped; nothing
    changes until all of it has come.
    """
    from irodori.tags.danbooru import ADDRESS, Fetching, Progress, fetch
    from irodori.tags.importing import import_dump
    from irodori.tags.vocabulary import default_path

    def report(progress: Progress) -> None:
        click.echo(f"{progress.endpoint}: {progress.records} records", err=True)

    how = Fetching(address=(address or ADDRESS).rstrip("/"), least=least)
    notes = default_path().with_name("tags-update.jsonl")
    imported = import_dump(fetch(notes, now().date(), how, report))
    notes.unlink(missing_ok=True)
    _print_imported(imported, as_json=as_json)


@command.command()
@_JSON
def stats(*, as_json: bool) -> None:
    """Count the tags there are, by category, source, group and facet."""
    with _vocabulary() as vocabulary:
        counted, sources = vocabulary.stats(), vocabulary.sources()
    if as_json:
        _print_json(
            {
                **asdict(counted),
                "groups": counted.groups,
                "sources": [
                    {
                        "name": source.key,
                        "title": source.title,
                        "date": _iso(source.taken),
                        "note": source.note,
                        "tags": counted.sources.get(source.key, 0),
                    }
                    for source in sources
                ],
            }
        )
        return
    console = _console()
    click.echo(
        f"{counted.tags} tags, {counted.curated} of them described; {counted.aliases} aliases"
    )
    table = _table("source", "tags", "date", "what it is")
    for source in sources:
        number = counted.sources.get(source.key, 0)
        table.add_row(source.key, str(number), _iso(source.taken) or "", source.title)
    console.print(table)
    table = _table("group", "tags", "facets")
    for group, number in counted.groups.items():
        facets = [f"{facet} {n}" for facet, n in counted.facets.items() if facet.group is group]
        table.add_row(group.value, str(number), ", ".join(facets))
    console.print(table)


def _vocabulary() -> "Vocabulary":
    from irodori.app.config import load_config
    from irodori.app.vocabulary import open_tags

    return open_tags(load_config())


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _tag_json(tag: "Tag") -> dict[str, Any]:
    return {
        "name": tag.name,
        "category": tag.category,
        "count": tag.count,
        "count_date": _iso(tag.count_date),
        "source": tag.source,
        "group": tag.group,
        "facet": tag.facet,
        "regions": sorted(tag.regions),
        "colour": tag.colour or None,
        "people": tag.people,
        "flags": sorted(tag.flags),
        "implies": list(tag.implies),
        "excludes": list(tag.excludes),
        "hides": list(tag.hides),
        "aliases": list(tag.aliases),
        "curated": tag.curated,
    }


def _unknown_json(name: str) -> dict[str, Any]:
    """Return the same keys for a name that no list has."""
    nothing = dict.fromkeys(("category", "count", "count_date", "source", "group", "facet"))
    empty: dict[str, Any] = {
        key: [] for key in ("regions", "flags", "implies", "excludes", "hides", "aliases")
    }
    return {"name": name, **nothing, **empty, "colour": None, "people": 0, "curated": False}


def _match_json(match: "Match") -> dict[str, Any]:
    return {
        **_tag_json(match.tag),
        "match": match.kind,
        "spelling": match.spelling,
        "distance": match.distance,
    }


def _print_imported(imported: "Imported", *, as_json: bool) -> None:
    if as_json:
        _print_json(asdict(imported))
        return
    click.echo(
        f"{imported.tags} tags from {imported.source}: {imported.renewed} described ones have a "
        f"newer count, {imported.new} are new; {imported.aliases} aliases, "
        f"{imported.implications} implications"
    )


def _print_matches(matches: "list[Match]") -> None:
    table = _table("tag", "pictures", "group", "facet", "found by")
    for match in matches:
        tag = match.tag
        found = (
            match.kind.value if not match.by_alias else f"{match.kind.value} of {match.spelling}"
        )
        table.add_row(
            tag.name, _count(tag), tag.group or "", tag.facet or "", found, style=_style(tag)
        )
    _console().print(table)


def _print_tag(tag: "Tag") -> None:
    lines = {
        "pictures": f"{_count(tag)} ({tag.source}, {_iso(tag.count_date) or 'not counted'})",
        "category": tag.category,
        "group": f"{tag.group or 'not known'}"
        + (f", facet {tag.facet}" if tag.facet else "")
        + ("" if tag.curated else " (by its name)"),
        "seen on": ", ".join(sorted(tag.regions)),
        "colour": tag.colour,
        "people": str(tag.people or ""),
        "flags": ", ".join(sorted(tag.flags)),
        "implies": ", ".join(tag.implies),
        "excludes": ", ".join(tag.excludes),
        "hides": ", ".join(tag.hides),
        "aliases": ", ".join(tag.aliases),
    }
    click.secho(tag.name, bold=True)
    for label, text in lines.items():
        if text:
            click.echo(f"  {label}: {text}")


def _print_unknown(name: str, vocabulary: "Vocabulary") -> None:
    click.secho(name, bold=True)
    guess = vocabulary.classify(name)
    click.echo("  not known to this list; that does not mean that no pictures have it")
    if guess.facet is not None:
        click.echo(f"  by its name: group {guess.group}, facet {guess.facet}")
    near = vocabulary.neighbours(name, least=0)
    if near:
        click.echo(f"  near: {', '.join(f'{tag.name} ({_count(tag)})' for tag in near)}")


def _table(*headings: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in headings:
        number = heading in ("pictures", "tags")
        table.add_column(heading, justify="right" if number else "left", no_wrap=heading == "tag")
    return table


def _console() -> Any:
    from rich.console import Console

    return Console()


def _count(tag: "Tag") -> str:
    return "-" if tag.count_date is None and tag.count == 0 else f"{tag.count:,}"


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _style(tag: "Tag") -> str:
    return "dim" if tag.deprecated else ""
