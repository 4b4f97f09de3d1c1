"""`irodori recipe`: show, compare and make recipes without drawing."""

import json
import secrets
import sys
from pathlib import Path
from typing import Any

import click

from irodori import __version__
from irodori.errors import InputError
from irodori.recipe.codec import to_json
from irodori.recipe.diff import diff
from irodori.recipe.info import PictureInfo, read_source, read_text
from irodori.recipe.infotext import write
from irodori.recipe.presets import (
    PRESETS,
    PROFILES,
    QUALITY,
    find_preset,
    find_profile,
    find_quality,
    with_quality,
)
from irodori.recipe.recipe import Recipe
from irodori.recipe.resolve import overlay, resolve
from irodori.recipe.schema import recipe_schema

_SOURCE = click.Path(path_type=Path, allow_dash=True)


@click.group()
def command() -> None:
    """Show, compare and make recipes.

    A recipe comes from a picture, a recipe's .json, a .txt of infotext, or - (standard input).
    """


@command.command()
@click.argument("source", type=_SOURCE)
@click.option("--json", "as_json", is_flag=True, help="Print the complete recipe as JSON.")
def show(*, source: Path, as_json: bool) -> None:
    """Print SOURCE's recipe as infotext, or whole as JSON."""
    recipe, info = _load(source)
    click.echo(to_json(recipe, indent=2) if as_json else write(recipe))
    for warning in info.warnings:
        click.echo(f"! {warning}", err=True)


@command.command(name="diff")
@click.argument("before", type=_SOURCE)
@click.argument("after", type=_SOURCE)
@click.option("--json", "as_json", is_flag=True, help="Print a list of changes as JSON.")
def compare(*, before: Path, after: Path, as_json: bool) -> None:
    """Say what changed from BEFORE to AFTER, tag by tag and setting by setting."""
    changes = diff(_load(before)[0], _load(after)[0])
    if as_json:
        rows = [
            {
                "kind": change.kind.value,
                "where": change.where or "settings",
                "name": change.name,
                "before": change.before,
                "after": change.after,
                "text": str(change),
            }
            for change in changes
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for change in changes:
        click.echo(str(change))
    if not changes:
        click.echo("no difference", err=True)


@command.command()
@click.argument("prompt")
@click.option("--negative", default="", help="Negative prompt.")
@click.option("--preset", help="A way of working; see `irodori recipe presets`.")
@click.option("--profile", help="What suits a family of models; see `irodori recipe presets`.")
@click.option("--quality", default="none", show_default=True, help="Quality tags to add.")
@click.option("--seed", type=int, help="Seed; drawn at random without it.")
@click.option(
    "--set", "settings", multiple=True, metavar="PATH=VALUE", help="A field: base.steps=30."
)
def new(  # noqa: PLR0913  # one parameter an option
    *,
    prompt: str,
    negative: str,
    preset: str | None,
    profile: str | None,
    quality: str,
    seed: int | None,
    settings: tuple[str, ...],
) -> None:
    """Print the complete recipe for PROMPT as JSON."""
    tags = find_quality(quality)
    positive, negative = with_quality(prompt, negative, tags)
    request: dict[str, Any] = {
        "prompt": positive,
        "negative_prompt": negative,
        "software": f"irodori {__version__}",
    }
    if seed is not None:
        request["noise"] = {"seed": seed}
    for text in settings:
        request = overlay(request, _setting(text))
    recipe = resolve(
        request,
        draw_seed=secrets.randbelow,
        preset=find_preset(preset).layer if preset else None,
        profile=find_profile(profile).layer if profile else None,
    )
    click.echo(to_json(recipe, indent=2))


@command.command()
def presets() -> None:
    """List presets, profiles and quality tags."""
    for preset in PRESETS:
        note = f"; {preset.note}" if preset.note else ""
        click.echo(f"--preset  {preset.name:<15} {preset.summary}{note} ({preset.source})")
    for profile in PROFILES:
        click.echo(f"--profile {profile.name:<15} {profile.summary}")
    for tags in QUALITY:
        click.echo(f"--quality {tags.name:<15} {tags.note}")


@command.command()
def schema() -> None:
    """Print the JSON schema of recipes."""
    click.echo(json.dumps(recipe_schema(), indent=2))


def _load(source: Path) -> tuple[Recipe, PictureInfo]:
    info = read_text(sys.stdin.read()) if str(source) == "-" else read_source(source)
    if info.recipe is None:
        raise InputError(f"{source}: holds no recipe: {'; '.join(info.warnings)}")
    return info.recipe, info


def _setting(text: str) -> dict[str, Any]:
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise InputError(f"--set {text}: write it as PATH=VALUE, such as base.steps=30")
    try:
        data = json.loads(value)
    except ValueError:
        data = value
    for name in reversed(path.strip().split(".")):
        data = {name: data}
    return dict(data)
