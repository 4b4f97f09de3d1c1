"""`irodori upscale`: enlarge a picture without drawing."""

import json
from pathlib import Path
from typing import Final

import click

from irodori.cli.clock import now
from irodori.cli.drawing import stoppable
from irodori.cli.progress import show_progress

DEFAULT: Final = "Lanczos"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--by", type=click.FloatRange(1.0, 8.0), default=2.0, help="Factor.  [default: 2]")
@click.option("--upscaler", default=DEFAULT, help=f"Which one.  [default: {DEFAULT}]")
@click.option("--out", type=click.Path(path_type=Path), help="File to write: .png .jpg .webp .avif")
@click.option(
    "--parent", default="", help="Picture of the history that it is: an id, last, a file."
)
@click.option("--json", "as_json", is_flag=True, help="Print path and recipe.")
def command(
    *, file: Path, by: float, upscaler: str, out: Path | None, parent: str, as_json: bool
) -> None:
    """Enlarge FILE; transparency and, where it has one, its recipe are kept."""
    from rich.console import Console

    from irodori.app.config import load_config
    from irodori.app.outputs import find_parent
    from irodori.app.upscale import UpscaleRequest, upscale
    from irodori.recipe.codec import to_mapping

    config = load_config()
    request = UpscaleRequest(
        file=file,
        scale=by,
        upscaler=upscaler,
        out=out,
        parent=parent and find_parent(parent, config, now()).id,
    )
    console = Console(stderr=True, highlight=False)
    with stoppable(console) as stopped, show_progress(console) as tell:
        enlarged = upscale(request, config, now(), tell=tell, cancelled=stopped)
    if enlarged is None:
        raise click.Abort
    if as_json:
        recipe = None if enlarged.recipe is None else to_mapping(enlarged.recipe)
        told = [{"path": str(enlarged.path), "recipe": recipe}]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo(str(enlarged.path))
    if enlarged.recipe is None:
        console.print("it does not say how it was drawn, so it is not in the history", style="dim")
