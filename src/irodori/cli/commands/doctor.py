"""`irodori doctor`: what will differ when a picture is drawn again here, and why."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from irodori.app.doctor_findings import Effect, Finding

EXIT_DIFFERS = 3
EXIT_CANNOT = 4
_COLOURS = ("", "cyan", "yellow", "red")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object, or a list.")
@click.pass_context
def command(context: click.Context, /, *, files: tuple[Path, ...], as_json: bool) -> None:
    """Say what will differ when FILES are drawn again here, and why. Loads no model.

    FILES are pictures by Irodori, A1111, Forge, ComfyUI and others, or .txt and .json of theirs.

    Exit codes: 0 the same picture (in low bits at most), 2 a file could not be read, 3 one will
    differ, 4 one cannot be drawn.
    """
    from irodori.app.config import load_config
    from irodori.app.doctor import examine, worst
    from irodori.app.doctor_findings import Effect
    from irodori.app.redraw import place_of
    from irodori.app.shelf import open_shelf
    from irodori.errors import PictureFileError
    from irodori.recipe.info import read_source

    config = load_config()
    shelf = open_shelf(config)
    rows: list[tuple[Path, tuple[Finding, ...]]] = []
    unread: list[PictureFileError] = []
    for file in files:
        try:
            rows.append((file, examine(read_source(file), place_of(file, shelf, config))))
        except PictureFileError as error:
            unread.append(error)
            if len(files) > 1:
                click.echo(f"irodori: {error}", err=True)
    effects = [worst(findings) for _, findings in rows]
    if as_json:
        listed = [
            {
                "file": str(file),
                "effect": effect.name.lower(),
                "findings": [finding.to_mapping() for finding in findings],
            }
            for (file, findings), effect in zip(rows, effects, strict=True)
        ]
        if listed or len(files) > 1:
            shown = listed if len(files) > 1 else listed[0]
            click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        for (file, findings), effect in zip(rows, effects, strict=True):
            _show(file, findings, effect)
    if unread:
        raise unread[0]
    top = max(effects)
    context.exit({Effect.CANNOT: EXIT_CANNOT, Effect.DIFFERS: EXIT_DIFFERS}.get(top, 0))


def _show(file: Path, findings: "tuple[Finding, ...]", effect: "Effect") -> None:
    verdict = (
        "the same bits on this machine and build",
        "the same picture but for low bits",
        "another picture",
        "cannot be drawn here",
    )[effect.value]
    click.secho(f"{file}: {verdict}", bold=True)
    for finding in findings:
        click.secho(f"  {finding.effect.words:15} ", fg=_COLOURS[finding.effect] or None, nl=False)
        click.echo(f"{finding.why}  [{finding.code}]")
        if finding.cure:
            click.echo(f"{'':18}-> {finding.cure}")
