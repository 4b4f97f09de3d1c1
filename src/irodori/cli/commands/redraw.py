"""`irodori redraw`: draw a picture again from its own metadata."""

import json
from pathlib import Path
from typing import Any

import click

from irodori.cli.clock import now
from irodori.recipe.names import NoiseKind


@click.command()
@click.argument("picture")
@click.option("--model", help="Draw with this model in place of the picture's own.")
@click.option(
    "--noise",
    type=click.Choice([kind.value for kind in NoiseKind]),
    help="Noise source in place of the picture's own; nv for pictures of NVIDIA cards.",
)
@click.option("--check", is_flag=True, help="Only compare; save nothing. Exit code 1: not equal.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write: .png .jpg .webp .avif")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison and the new picture.")
@click.pass_context
def command(context: click.Context, /, *, picture: str, check: bool, **given: Any) -> None:
    """Draw PICTURE (a file, an id of the history, or `last`) again, and compare.

    On the same machine and build the picture comes back bit for bit. What will differ elsewhere,
    and why, is told by `irodori doctor`.
    """
    from rich.console import Console

    from irodori.app.config import load_config
    from irodori.app.outputs import save_pictures
    from irodori.app.redraw import RedrawRequest, compare, prepare_redraw
    from irodori.cli.commands.generate import described, show_problems, show_review
    from irodori.cli.drawing import draw_job

    console = Console(stderr=True, highlight=False)
    config = load_config()
    noise = NoiseKind(given["noise"]) if given["noise"] else None
    request = RedrawRequest(reference=picture, model=given["model"], noise=noise, out=given["out"])
    redraw = prepare_redraw(request, config, now())
    show_review(redraw.job, console)
    drawn = draw_job(redraw.job, config, console)[redraw.index]
    for note in drawn.notes:
        console.print(note, style="yellow", soft_wrap=True, markup=False)
    comparison = compare(redraw.original, drawn.pixels)
    saved = () if check else save_pictures((drawn,), redraw.job.destination, config, now())
    show_problems(saved, console)
    if given["as_json"]:
        data = {
            "original": str(redraw.original),
            "bit_equal": comparison.bit_equal,
            "psnr": None if comparison.bit_equal else comparison.psnr,
            "saved": [described(each) for each in saved],
            "findings": [finding.to_mapping() for finding in redraw.findings],
        }
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        for each in saved:
            click.echo(str(each.path))
        click.echo(str(comparison))
    if check and not comparison.bit_equal:
        context.exit(1)
