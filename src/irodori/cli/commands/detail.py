"""`irodori detail`: find faces and more in a finished picture, and draw them anew."""

import json
from pathlib import Path
from typing import Any

import click

from irodori.cli.commands.generate import draw_and_show
from irodori.cli.detailer_options import detailer_options, given_detailers
from irodori.cli.over_picture import picture_request
from irodori.cli.pass_options import end_options, given_recipe, settings_options


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("prompt", required=False)
@click.option(
    "--detailer",
    multiple=True,
    default=("face",),
    help="What finds: face, hand_yolov8n.pt ...; may be given several times.  [default: face]",
)
@detailer_options
@click.option("--boxes", is_flag=True, help="Only say what is found; draw nothing.")
@click.option("--new-seed", is_flag=True, help="Draw with a new seed, not with the picture's.")
@settings_options
@end_options
def command(*, as_json: bool, boxes: bool, **given: Any) -> None:  # click has typed them
    """Find what a detector knows in FILE and draw each anew, larger, then lay it back.

    Outside the masks every pixel stays. Prompt, seed and model are the picture's where it tells
    them; PROMPT replaces the prompt.
    """
    from irodori.app.config import load_config
    from irodori.app.over_picture import detail_request

    config = load_config()
    detailers = given_detailers(given["detailer"], given)
    if boxes:
        _show_boxes(given["file"], detailers, as_json=as_json)
        return
    recipe = {**given_recipe(given), "detailers": detailers}
    given["keep_seed"] = not given["new_seed"]
    request = detail_request(picture_request(given, recipe), config)
    draw_and_show(request, given=given, as_json=as_json)


def _show_boxes(file: Path, detailers: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print what is found, one line each: detector, label, confidence, left,top,right,bottom."""
    from irodori.app.config import load_config
    from irodori.app.detection import find_boxes

    found = find_boxes(file, detailers, load_config())
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for each in found:
        box = ",".join(str(side) for side in each["box"])
        click.echo(f"{each['detector']}  {each['label']}  {each['confidence']:.2f}  {box}")
    if not found:
        click.echo("nothing found", err=True)
