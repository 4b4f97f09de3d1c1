"""`irodori img2img`: draw over a picture."""

from pathlib import Path
from typing import Any

import click

from irodori.cli.commands.generate import draw_and_show
from irodori.cli.detailer_options import detailer_options, given_detailers
from irodori.cli.over_picture import over_options, over_recipe, picture_request
from irodori.cli.pass_options import (
    end_options,
    given_hires,
    given_refiner,
    hires_options,
    refiner_options,
    settings_options,
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("prompt", required=False)
@over_options
@settings_options
@click.option("--hires", help="Then a second pass, larger: by a factor (1.5) or to 1248x1824.")
@hires_options
@refiner_options
@click.option("--detailer", multiple=True, help="Then draw what it finds anew: face, a file ...")
@detailer_options
@end_options
def command(*, as_json: bool, **given: Any) -> None:  # click has typed them
    """Draw over FILE.

    PROMPT and all that is not said are those of the picture, where it tells them; the size is the
    picture's. Denoise 0.65 to 0.75 keeps the composition only, 0.3 to 0.5 makes variations, 0.1 to
    0.2 refines (practice P19).
    """
    from irodori.app.config import load_config
    from irodori.app.over_picture import img2img_request

    recipe = over_recipe(given)
    refiner = given_refiner(given)
    if refiner is not None:
        recipe["refiner"] = refiner
    if given["hires"] is not None:
        recipe["hires"] = given_hires(given["hires"], given)
    detailers = given_detailers(given["detailer"], given)
    if detailers:
        recipe["detailers"] = detailers
    request = img2img_request(picture_request(given, recipe), load_config())
    draw_and_show(request, given=given, as_json=as_json)
