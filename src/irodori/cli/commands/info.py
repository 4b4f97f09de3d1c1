"""`irodori info`: what pictures and pasted texts say about how they were drawn."""

import json
import sys
from pathlib import Path

import click

from irodori.errors import PictureFileError
from irodori.recipe.info import PictureInfo, read_picture, read_text


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--text", help="Read this infotext instead of files; - reads standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object, or a list.")
@click.option("--no-stealth", is_flag=True, help="Do not search pixels for hidden metadata.")
def command(*, files: tuple[Path, ...], text: str | None, as_json: bool, no_stealth: bool) -> None:
    """Say how pictures were drawn: program, prompts, settings, recipe, and what was not read.

    FILES are PNG, JPEG, WebP, AVIF or GIF, by Irodori, A1111, Forge, ComfyUI, SwarmUI, NovelAI,
    InvokeAI, Fooocus, Draw Things or Easy Diffusion.

    Exit codes: 0 all were read, 2 a file could not be (the others are still shown).
    """
    if (text is None) == (not files):
        raise click.UsageError("give picture files, or --text, and not both")
    if text is not None:
        _show([("text", read_text(sys.stdin.read() if text == "-" else text))], as_json=as_json)
        return
    found: list[tuple[str, PictureInfo]] = []
    failures: list[PictureFileError] = []
    for file in files:
        try:
            found.append((str(file), read_picture(file, stealth=not no_stealth)))
        except PictureFileError as error:
            failures.append(error)
            if len(files) > 1:
                click.echo(f"irodori: {error}", err=True)
    if found or len(files) > 1:
        _show(found, as_json=as_json, several=len(files) > 1)
    if failures:
        last = failures[-1]
        raise last if len(files) == 1 else PictureFileError(_count(len(failures), len(files)))


def _count(failed: int, of: int) -> str:
    return f"{failed} of {of} files could not be read"


def _show(found: list[tuple[str, PictureInfo]], *, as_json: bool, several: bool = False) -> None:
    if as_json:
        objects = [info.to_mapping() for _, info in found]
        click.echo(json.dumps(objects if several else objects[0], ensure_ascii=False, indent=2))
        return
    for index, (name, info) in enumerate(found):
        if index:
            click.echo()
        _show_one(name, info)


def _show_one(name: str, info: PictureInfo) -> None:
    click.secho(f"{name}: {info.source.value}", bold=True)
    if info.prompt:
        click.echo(info.prompt)
    if info.negative_prompt:
        click.echo(f"Negative prompt: {info.negative_prompt}")
    width = max(map(len, info.parameters), default=0)
    for key, value in info.parameters.items():
        click.echo(f"  {key:<{width}}  {value}")
    for warning in info.warnings:
        click.secho(f"  ! {warning}", fg="yellow", err=True)
