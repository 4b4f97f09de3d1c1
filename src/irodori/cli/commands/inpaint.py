"""`irodori inpaint`: draw a part of a picture anew, or more picture around it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

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
    said,
    settings_options,
)
from irodori.recipe.names import InpaintArea, MaskedContent

ROOM_BLUR: Final = 8
"""Pixels that the edge of a picture is blurred by where more is drawn around it: no seam shows."""

_NUMBERS: Final = 4


class Numbers(click.ParamType[tuple[int, ...]]):
    """Four whole numbers, separated by commas."""

    name = "numbers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the numbers."""
        if isinstance(value, tuple):
            return value
        parts = str(value).split(",")
        try:
            numbers = tuple(int(part) for part in parts)
        except ValueError:
            numbers = ()
        if len(numbers) != _NUMBERS:
            self.fail(f"'{value}' is not four whole numbers: left,top,right,bottom", param, ctx)
        return numbers


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("prompt", required=False)
@click.option("--mask", type=click.Path(path_type=Path), help="Mask file: white is drawn anew.")
@click.option("--box", type=Numbers(), multiple=True, help="Or a part: left,top,right,bottom.")
@click.option("--extend", type=Numbers(), help="Or more room: left,top,right,bottom.")
@click.option("--invert", is_flag=True, help="Draw anew what is not masked.")
@click.option(
    "--blur",
    type=click.IntRange(0, 512),
    help="Blur of its edge, pixels.  [default: 4; 8 with --extend]",
)
@click.option(
    "--content",
    type=click.Choice([content.value for content in MaskedContent]),
    help="What stands under the mask first.  [default: original; fill with --extend]",
)
@click.option("--only-masked", is_flag=True, help="Draw the masked part alone, enlarged.")
@click.option("--padding", type=click.IntRange(0, 4096), help="Pixels around it.  [default: 32]")
@click.option(
    "--soft/--hard",
    default=None,
    help="Greys of the mask decide how much changes.  [default: hard; soft with --extend]",
)
@click.option("--mask-weight", type=click.FloatRange(0, 1), help="For inpainting checkpoints.")
@over_options
@settings_options
@click.option("--hires", help="Then a second pass, larger: by a factor (1.5) or to 1248x1824.")
@hires_options
@refiner_options
@click.option("--detailer", multiple=True, help="Then draw what it finds anew: face, a file ...")
@detailer_options
@end_options
def command(*, as_json: bool, **given: Any) -> None:  # click has typed them
    """Draw a part of FILE anew.

    The part is a mask file's white, one or more boxes, room around the picture, or, with none of
    them, what is transparent. Outside it every pixel stays.
    """
    from irodori.app.config import load_config
    from irodori.app.given import given_picture
    from irodori.app.masks import box_mask
    from irodori.app.over_picture import img2img_request

    if given["mask"] and given["box"]:
        raise click.UsageError("give a mask or boxes, not both")
    config = load_config()
    if given["box"]:
        given["mask"] = box_mask(given["box"], given_picture(given["file"]), config)
    recipe = {**over_recipe(given), "inpaint": _part(given)}
    refiner = given_refiner(given)
    if refiner is not None:
        recipe["refiner"] = refiner
    if given["hires"] is not None:
        recipe["hires"] = given_hires(given["hires"], given)
    detailers = given_detailers(given["detailer"], given)
    if detailers:
        recipe["detailers"] = detailers
    request = img2img_request(picture_request(given, recipe), config)
    draw_and_show(request, given=given, as_json=as_json)


def _part(given: Mapping[str, Any]) -> dict[str, Any]:
    content, soft, blur = given["content"], given["soft"], given["blur"]
    if given["extend"] is not None:
        blur = ROOM_BLUR if blur is None else blur
        content = content or MaskedContent.FILL.value
        soft = soft is not False
    return said(
        blur=blur,
        invert=given["invert"] or None,
        content=content,
        area=InpaintArea.MASKED.value if given["only_masked"] else None,
        padding=given["padding"],
        conditional_mask_weight=given["mask_weight"],
        extend=None if given["extend"] is None else list(given["extend"]),
        soft={} if soft else None,
    )
