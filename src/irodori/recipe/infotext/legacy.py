"""What older versions and other programs wrote differently, put into today's keys.

Each function is one quirk with its date; they act on canonical keys, before the table reads.
"""

import re
from collections.abc import Callable
from typing import Final

from irodori.errors import UnknownNameError
from irodori.recipe.infotext.aliases import SAME
from irodori.recipe.samplers import split_sampler

Values = dict[str, str]

_SAMPLER_KEYS: Final = (
    ("Sampler", "Schedule type"),
    ("Hires sampler", "Hires schedule type"),
)
_SIZES_OF_NOTHING: Final = ("Hires resize", "First pass size")
_FIRST_PASS: Final = re.compile(r"\s*(\d+)x(\d+)\s*")


def modernise(values: Values) -> Values:
    """Return parameters with every known quirk of older writers put right."""
    for quirk in _QUIRKS:
        values = quirk(values)
    return values


def drop_same(values: Values) -> Values:
    """`Hires sampler: Use same sampler` says nothing (A1111 1.6, ADetailer 24)."""
    return {
        key: value
        for key, value in values.items()
        if not (value.strip().casefold() in SAME and re.search("sampler|schedule|checkpoint", key))
    }


def split_schedule(values: Values) -> Values:
    """`Sampler: DPM++ 2M Karras` carried the schedule before A1111 1.9 (April 2024)."""
    result = dict(values)
    pairs = list(_SAMPLER_KEYS)
    pairs += [
        (key, key.replace("sampler", "scheduler"))
        for key in values
        if key.startswith("ADetailer sampler")
    ]
    for sampler_key, schedule_key in pairs:
        sampler = values.get(sampler_key)
        if sampler is None:
            continue
        try:
            info, schedule = split_sampler(sampler)
        except UnknownNameError:
            continue
        if schedule is not None:
            result[sampler_key] = info.name
            result.setdefault(schedule_key, schedule.value)
    return result


def drop_nothing(values: Values) -> Values:
    """`Hires resize: 0x0` is A1111's way to say that the scale counts."""
    return {
        key: value
        for key, value in values.items()
        if not (key in _SIZES_OF_NOTHING and value.replace(" ", "") == "0x0")
    }


def vae_ending(values: Values) -> Values:
    """A1111 writes the VAE's file name, `sdxl_vae.safetensors`; a recipe holds its stem."""
    if values.get("Version", "").startswith("irodori") or "VAE" not in values:
        return values
    return {**values, "VAE": re.sub(r"\.(safetensors|ckpt|pt)$", "", values["VAE"])}


def first_pass_size(values: Values) -> Values:
    """`First pass size` named the base's size, `Size` the result's, before A1111 0.9 (Jan 2023)."""
    match = _FIRST_PASS.fullmatch(values.get("First pass size", ""))
    if match is None or (match[1], match[2]) == ("0", "0"):
        return values
    result = {key: value for key, value in values.items() if key != "First pass size"}
    result["Hires resize"] = values.get("Size", "0x0")
    result["Size"] = f"{match[1]}x{match[2]}"
    return result


def whole_cells(values: Values) -> Values:
    """A1111 drew 833 as 832: sizes are cut to whole latent cells of 8 pixels (compat 7.1)."""
    match = _FIRST_PASS.fullmatch(values.get("Size", ""))
    if match is None:
        return values
    width, height = (int(side) // 8 * 8 for side in match.groups())
    return {**values, "Size": f"{width}x{height}"}


_QUIRKS: Final[tuple[Callable[[Values], Values], ...]] = (
    drop_same,
    drop_nothing,
    split_schedule,
    first_pass_size,
    whole_cells,
    vae_ending,
)
