"""`irodori iterate`: the next picture from one before it."""

import json
from pathlib import Path
from typing import Any

import click

from irodori.cli.clock import now


@click.command()
@click.argument("picture")
@click.option("--add", multiple=True, metavar="TAG[:W]", help='Add a tag: "dutch angle:0.3".')
@click.option("--drop", multiple=True, metavar="TAG", help="Drop a tag.")
@click.option("--weight", multiple=True, metavar="TAG=W", help="Give a tag a weight: dark=0.5.")
@click.option("--add-negative", multiple=True, metavar="TAG[:W]", help="Add to the negative.")
@click.option("--drop-negative", multiple=True, metavar="TAG", help="Drop from the negative.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="cfg_scale=4.5 ...")
@click.option("--seed", type=click.IntRange(0), help="This seed.  [default: a new one]")
@click.option("--same-seed", is_flag=True, help="The parent's seed.")
@click.option("--variation", type=click.FloatRange(0, 1), help="The parent's seed, varied.")
@click.option("--promote", metavar="PRESET", help="Lay a preset over it, same seed: final.")
@click.option("--model", help="Another model.")
@click.option("--batch", type=click.IntRange(1, 64), default=1, help="Pictures; seeds count up.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write: .png .jpg .webp .avif")
@click.option("--json", "as_json", is_flag=True, help="Print the pictures with their changes.")
def command(*, picture: str, as_json: bool, **given: Any) -> None:  # click has typed them
    """Draw the next picture from PICTURE: an id of the history, `last`, or a file.

    What is not said stays as it was. Added tags go where the order of a prompt wants them.
    """
    from rich.console import Console

    from irodori.app.config import load_config
    from irodori.app.generate import prepare, save
    from irodori.app.history import changes_to_list
    from irodori.app.iterate import child_request, rank_of
    from irodori.app.vocabulary import open_tags
    from irodori.cli.commands.generate import described, show_problems, show_review
    from irodori.cli.drawing import draw_job
    from irodori.recipe.diff import diff

    console = Console(stderr=True, highlight=False)
    config = load_config()
    with open_tags(config) as vocabulary:
        rank = rank_of(vocabulary.get)
        request, parent = child_request(_request(picture, given), config, now(), rank=rank)
    job = prepare(request, config)
    changes = diff(parent, job.recipes[0])
    for change in changes:
        console.print(f"  {change}", style="bold", markup=False, soft_wrap=True)
    show_review(job, console)
    pictures = draw_job(job, config, console)
    for note in dict.fromkeys(note for drawn in pictures for note in drawn.notes):
        console.print(note, style="yellow", soft_wrap=True, markup=False)
    saved = save(pictures, job, config, now())
    show_problems(saved, console)
    if as_json:
        rows = [{**described(each), "changes": changes_to_list(changes)} for each in saved]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for each in saved:
        click.echo(f"{each.id}  {each.path}")


def _request(picture: str, given: dict[str, Any]) -> Any:
    from irodori.app.iterate import IterateRequest

    if given["seed"] is not None and (given["same_seed"] or given["variation"] is not None):
        raise click.UsageError(
            "--seed gives another seed; --same-seed and --variation keep the parent's: take one"
        )
    return IterateRequest(
        reference=picture,
        add=given["add"],
        drop=given["drop"],
        weigh=tuple(map(_weight, given["weight"])),
        add_negative=given["add_negative"],
        drop_negative=given["drop_negative"],
        settings=given["settings"],
        seed=given["seed"],
        same_seed=given["same_seed"],
        variation=given["variation"],
        promote=given["promote"],
        model=given["model"],
        count=given["batch"],
        out=given["out"],
    )


def _weight(text: str) -> tuple[str, float]:
    tag, _, number = text.rpartition("=")
    try:
        weight = float(number)
    except ValueError:
        weight = None
    if not tag.strip() or weight is None or not -10 <= weight <= 10:
        raise click.BadParameter(f"'{text}': write it as dark=0.5", param_hint="--weight")
    return tag.strip(), weight
