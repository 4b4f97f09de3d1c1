"""Options of the commands that begin with a picture."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from irodori.cli.pass_options import given_recipe, said, with_settings
from irodori.recipe.names import ResizeMode

if TYPE_CHECKING:
    from irodori.app.over_picture import PictureRequest

Command = TypeVar("Command", bound=Callable[..., Any])

RESIZE: Final[Mapping[str, ResizeMode]] = {
    "stretch": ResizeMode.STRETCH,
    "crop": ResizeMode.CROP,
    "fill": ResizeMode.FILL,
    "latent": ResizeMode.LATENT,
}

_OPTIONS: Final = (
    click.option(
        "--denoise",
        type=click.FloatRange(0.0, 1.0),
        help="How much is drawn anew.  [default: 0.7]",
    ),
    click.option("--resize", type=click.Choice(list(RESIZE)), help="How it meets another size."),
    click.option("--exact-steps", is_flag=True, help="Run as many steps as asked, not a share."),
    click.option("--noise-multiplier", type=float, help="Factor on the starting noise."),
    click.option("--extra-noise", type=float, help="Noise on top of it."),
    click.option("--background", help="Colour under transparency.  [default: #ffffff]"),
    click.option("--keep-seed", is_flag=True, help="Draw with the picture's own seed."),
)


def over_options(command: Command) -> Command:
    """Add the options of drawing over a picture."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def over_recipe(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the partial recipe of `over_options` and `settings_options`."""
    resize = given["resize"]
    part = said(
        denoise=given["denoise"],
        resize_mode=None if resize is None else RESIZE[resize].value,
        exact_steps=given["exact_steps"] or None,
        noise_multiplier=given["noise_multiplier"],
        extra_noise=given["extra_noise"],
        background=given["background"],
    )
    return {**given_recipe(given), "img2img": part}


def picture_request(given: Mapping[str, Any], recipe: Mapping[str, Any]) -> "PictureRequest":
    """Return what was asked to be done with the picture `file`."""
    from irodori.app.over_picture import PictureRequest

    return PictureRequest(
        file=given["file"],
        recipe=with_settings(recipe, given),
        mask=given.get("mask"),
        keeps_seed=given.get("keep_seed", False),
        model=given["model"],
        preset=given["preset"],
        count=given["batch"],
        out=given["out"],
        parent=given["parent"],
    )
