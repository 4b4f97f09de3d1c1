"""`irodori generate`: draw a picture from a prompt."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from irodori.cli.clock import now
from irodori.cli.detailer_options import detailer_options, given_detailers
from irodori.cli.drawing import draw_job
from irodori.cli.pass_options import (
    end_options,
    given_approximations,
    given_hires,
    given_recipe,
    given_refiner,
    hires_options,
    refiner_options,
    settings_options,
    with_settings,
)
from irodori.recipe.names import Dtype

if TYPE_CHECKING:
    from rich.console import Console

    from irodori.app.generate import GenerateRequest, Job
    from irodori.app.outputs import Saved

SHOWN: Final = 3
"""Findings printed before a picture is drawn; the rest are folded."""


@click.command()
@click.argument("prompt", required=False)
@click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="A recipe to draw: .json with any field left out, a picture, a .txt; options stand above.",
)
@settings_options
@click.option(
    "--combinations",
    type=click.IntRange(1, 64),
    help="Draw every result of the prompt's {a|b} and __wildcards__ with one seed, at most N.",
)
@click.option("--hires", help="Then a second pass, larger: by a factor (1.5) or to 1248x1824.")
@hires_options
@refiner_options
@click.option("--detailer", multiple=True, help="Then draw what it finds anew: face, a file ...")
@detailer_options
@end_options
def command(*, as_json: bool, **given: Any) -> None:  # click has typed them
    """Draw PROMPT, or a recipe's.

    What is not given comes from the preset, then from the model's own card. The review of the
    prompt is printed before anything is drawn; the picture holds its infotext and its recipe.
    """
    draw_and_show(_request(given), given=given, as_json=as_json)


def draw_and_show(request: "GenerateRequest", *, given: Mapping[str, Any], as_json: bool) -> None:
    """Draw what was asked for, save it, and say what came of it.

    Args:
        request: its parent may be an id, `last` or a file.
        given: of `end_options`: the arithmetic in place of the configuration's, and speed-ups.
        as_json: print the pictures as JSON.
    """
    from rich.console import Console

    from irodori.app.config import load_config
    from irodori.app.generate import prepare, save
    from irodori.app.hashing import hashing
    from irodori.app.outputs import find_parent

    console = Console(stderr=True, highlight=False)
    config = load_config()
    if given["dtype"] is not None:
        config = replace(config, dtype=Dtype(given["dtype"]))
    request = replace(request, approximations=given_approximations(given))
    if request.parent:
        request = replace(request, parent=find_parent(request.parent, config, now()).id)
    job = prepare(request, config, hash_later=True)
    show_review(job, console)
    with hashing((job.model, *job.given.models)) as hashes:
        pictures = hashes.completed(draw_job(job, config, console))
    notes = tuple(dict.fromkeys(note for drawn in pictures for note in drawn.notes))
    for note in notes:
        console.print(note, style="yellow", soft_wrap=True, markup=False)
    saved = save(pictures, job, config, now())
    show_problems(saved, console)
    if as_json:
        told = [{**described(each), "notes": list(notes)} for each in saved]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for each in saved:
        click.echo(str(each.path))
    first = saved[0]
    console.print(
        f"what is in it: irodori info {first.path}\n"
        f"go on from it: irodori iterate {first.id[:8]} --add TAG --drop TAG --weight TAG=0.5\n"
        f"finish it: irodori hires {first.path}\n"
        "how a prompt is read: irodori explain PROMPT   more ways: irodori generate --help",
        style="dim",
        soft_wrap=True,
    )


def _request(given: dict[str, Any]) -> "GenerateRequest":
    from irodori.app.generate import GenerateRequest
    from irodori.app.settings import recipe_layer
    from irodori.recipe.resolve import overlay

    layer = recipe_layer(given["recipe"]) if given["recipe"] else {}
    recipe = given_recipe(given)
    refiner = given_refiner(given)
    if refiner is not None:
        recipe["refiner"] = refiner
    if given["hires"] is not None:
        recipe["hires"] = given_hires(given["hires"], given)
    detailers = given_detailers(given["detailer"], given)
    if detailers:
        recipe["detailers"] = detailers
    recipe = with_settings(overlay(layer, recipe), given)
    if "prompt" not in recipe:
        raise click.UsageError("give a PROMPT, or a --recipe that has one")
    told = recipe.get("model", {}).get("file", {}).get("name")
    return GenerateRequest(
        recipe=recipe,
        model=given["model"] or told or None,
        preset=given["preset"],
        count=given["batch"],
        combinations=given["combinations"],
        out=given["out"],
        parent=given["parent"],
    )


def show_review(job: "Job", console: "Console") -> None:
    """Print what is drawn with what, and what the prompt's text says."""
    from rich.markup import escape

    from irodori.app.config import load_config
    from irodori.app.library import Library
    from irodori.app.model_facts import model_facts
    from irodori.app.review import review
    from irodori.cli.findings_view import counts, findings_lines

    recipe = job.recipes[0]
    base = recipe.base
    console.print(
        f"[bold]{escape(job.model.title)}[/]  {base.sampler}, {base.schedule.value}, "
        f"{base.steps} steps, CFG {base.cfg_scale:g}, {base.width}x{base.height}, "
        f"seed {recipe.noise.seed}" + (f", {len(job.recipes)} pictures" if job.recipes[1:] else "")
    )
    config = load_config()
    library = Library(config)
    facts = model_facts(job.model, recipe, library)
    seen = review(recipe, config, facts, library.embedding_table([recipe.prompt]))
    fill = " + ".join(f"{count}/75" for count in seen.chunks)
    console.print(f"prompt: {fill} tokens, {counts(seen.findings)}", soft_wrap=True)
    for line in findings_lines(seen.findings[:SHOWN], seen.source, indent="  "):
        click.echo(line, err=True)
    if seen.findings[SHOWN:]:
        more = f"  and {len(seen.findings) - SHOWN} more: irodori lint PROMPT"
        console.print(more, style="dim", soft_wrap=True)
    for note in job.notes:
        console.print(escape(f"  {note}"), style="yellow")


def show_problems(saved: "tuple[Saved, ...]", console: "Console") -> None:
    """Say which pictures were saved but are not in the history, and why."""
    for problem in dict.fromkeys(each.problem for each in saved if each.problem):
        console.print(f"saved, but not in the history: {problem}", style="yellow", soft_wrap=True)


def described(saved: "Saved") -> dict[str, Any]:
    """Return what `--json` prints of a picture."""
    from irodori.recipe.codec import to_mapping

    return {
        "path": str(saved.path),
        "id": saved.id,
        "parent": saved.parent,
        "step": None if saved.step is None else saved.step.value,
        "recipe": to_mapping(saved.recipe),
    }
