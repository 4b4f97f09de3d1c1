"""`irodori hires`: a second pass over a finished picture."""

from pathlib import Path
from typing import Any

import click

from irodori.cli.commands.generate import draw_and_show
from irodori.cli.detailer_options import detailer_options, given_detailers
from irodori.cli.over_picture import picture_request
from irodori.cli.pass_options import (
    end_options,
    given_hires,
    given_recipe,
    given_refiner,
    hires_options,
    refiner_options,
    settings_options,
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("prompt", required=False)
@click.option("--by", default="1.5", help="Factor (1.5), or size to reach (1248x1824).")
@hires_options
@refiner_options
@click.option("--detailer", multiple=True, help="Then draw what it finds anew: face, a file ...")
@detailer_options
@click.option("--new-seed", is_flag=True, help="Draw with a new seed, not with the picture's.")
@settings_options
@end_options
def command(*, as_json: bool, **given: Any) -> None:  # click has typed them
    """Draw a second pass over FILE: this very picture, larger.

    It goes on from the picture's pixels, with its prompt and seed where it tells them; PROMPT
    replaces the prompt. Denoise about 0.4 keeps the picture (practice P1).
    """
    from irodori.app.config import load_config
    from irodori.app.over_picture import hires_request

    recipe = {**given_recipe(given), "hires": given_hires(given["by"], given)}
    refiner = given_refiner(given)
    if refiner is not None:
        recipe["refiner"] = refiner
    detailers = given_detailers(given["detailer"], given)
    if detailers:
        recipe["detailers"] = detailers
    given["keep_seed"] = not given["new_seed"]
    request = hires_request(picture_request(given, recipe), load_config())
    draw_and_show(request, given=given, as_json=as_json)
