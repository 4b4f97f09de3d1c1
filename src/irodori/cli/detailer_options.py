"""Options of detailers, and the part of a recipe they make."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from irodori.cli.pass_options import given_size, said
from irodori.recipe.names import MaskMerge, TopK

Command = TypeVar("Command", bound=Callable[..., Any])

_FRACTION: Final = click.FloatRange(0.0, 1.0)
_PIXELS: Final = click.IntRange(0, 4096)
_OPTIONS: Final = (
    click.option("--detail-prompt", help="Its prompt: [SEP] between masks, [SKIP], [PROMPT]."),
    click.option("--detail-negative", help="Its negative prompt."),
    click.option("--detail-confidence", type=_FRACTION, help="Least confidence.  [default: 0.3]"),
    click.option("--detail-classes", help="Labels to look for, separated by commas."),
    click.option("--detail-top", type=click.IntRange(0, 1000), help="Only the largest so many."),
    click.option(
        "--detail-top-by",
        type=click.Choice([each.value for each in TopK]),
        help="What ranks them.  [default: Area]",
    ),
    click.option("--detail-min", type=_FRACTION, help="Least share of the picture.  [default: 0]"),
    click.option("--detail-max", type=_FRACTION, help="Its largest share.  [default: 1]"),
    click.option("--detail-right", type=int, help="Move masks right, pixels."),
    click.option("--detail-up", type=int, help="Move masks up, pixels."),
    click.option("--detail-dilate", type=int, help="Grow (+) or shrink (-) masks.  [default: 4]"),
    click.option(
        "--detail-merge",
        type=click.Choice([each.value for each in MaskMerge]),
        help="Masks to one.",
    ),
    click.option("--detail-blur", type=_PIXELS, help="Blur of a mask's edge.  [default: 4]"),
    click.option("--detail-denoise", type=_FRACTION, help="How much is new.  [default: 0.4]"),
    click.option("--detail-whole", is_flag=True, help="Draw the whole picture, not the part."),
    click.option("--detail-padding", type=_PIXELS, help="Pixels around the part.  [default: 32]"),
    click.option("--detail-size", help="Size the part is drawn at: 512x512."),
    click.option("--detail-steps", type=click.IntRange(1, 1000), help="Its steps."),
    click.option("--detail-sampler", help="Its sampler."),
    click.option("--detail-schedule", help="Its sigma schedule."),
    click.option("--detail-model", help="Its checkpoint."),
    click.option("--detail-cfg", type=float, help="Its CFG scale."),
    click.option("--detail-noise", type=click.FloatRange(0.0, 2.0), help="Factor on its noise."),
)
_FIELDS: Final = {
    "confidence": "detail_confidence",
    "classes": "detail_classes",
    "top_k": "detail_top",
    "top_k_by": "detail_top_by",
    "min_ratio": "detail_min",
    "max_ratio": "detail_max",
    "x_offset": "detail_right",
    "y_offset": "detail_up",
    "dilate_erode": "detail_dilate",
    "merge": "detail_merge",
    "mask_blur": "detail_blur",
    "denoise": "detail_denoise",
    "padding": "detail_padding",
    "steps": "detail_steps",
    "noise_multiplier": "detail_noise",
}
_OWN: Final = {
    "prompt": "detail_prompt",
    "negative_prompt": "detail_negative",
    "sampler": "detail_sampler",
    "schedule": "detail_schedule",
    "checkpoint": "detail_model",
    "cfg_scale": "detail_cfg",
}


def detailer_options(command: Command) -> Command:
    """Add the options of detailers, all but which."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def given_detailers(names: tuple[str, ...], given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the recipe's detailers: one for each detector, all with the same settings.

    Args:
        names: of detectors, in the order they run.
        given: of `detailer_options`.

    Raises:
        UsageError: there are settings, but no detector.
    """
    part = said(**{name: given[option] for name, option in _FIELDS.items()})
    own = said(**{name: given[option] for name, option in _OWN.items()})
    part |= given_size(given["detail_size"])
    if own:
        part["own"] = own
    if given["detail_whole"]:
        part["only_masked"] = False
    if part and not names:
        raise click.UsageError("the --detail- options need --detailer")
    return [{"model": name, **part} for name in names]
