"""What older versions and other programs wrote differently, put into today's keys.

Each function is one quirk with its date; they act on canonical keys, before the table reads.
"""

import re
from collections.abc import Callable
from typing import Final

from irodori.errors import UnknownNameError
from irodori.recipe.infotext.aliases import SAME
from irodori.recipe.schedules import SCHEDULES, find_schedule

Values = dict[str, str]

_SAMPLER_KEYS: Final = (
    ("Sampler", "Schedule type"),
    ("Hires sampler", "Hires schedule type"),
)
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
        name, schedule = without_schedule(sampler)
        if schedule is not None:
            result[sampler_key] = name
            result.setdefault(schedule_key, schedule)
    return result


def without_schedule(sampler: str) -> tuple[str, str | None]:
    """Return a sampler's name without the schedule at its end, and that schedule.

    The longest schedule wins, so that `Euler SGM Uniform` is not `Euler SGM` (compat 4.2).
    """
    folded = sampler.casefold()
    labels = sorted(
        (name for info in SCHEDULES for name in (info.name, *info.aliases)), key=len, reverse=True
    )
    for label in labels:
        if folded.endswith(" " + label.casefold()):
            return sampler[: -len(label) - 1].strip(), label
    return sampler, None


def beta_spelling(values: Values) -> Values:
    """`Hires resize: 0x0` and an unknown schedule of nothing are A1111's way to say none."""
    return {key: value for key, value in values.items() if not _is_nothing(key, value)}


def _is_nothing(key: str, value: str) -> bool:
    return key == "Hires resize" and value.replace(" ", "") == "0x0"


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


def schedule_spelling(values: Values) -> Values:
    """Drop a `Schedule type` that is no schedule's name, where the sampler has none either."""
    result = dict(values)
    for key in ("Schedule type", "Hires schedule type"):
        if key in result:
            try:
                result[key] = find_schedule(result[key]).value
            except UnknownNameError:
                continue
    return result


_QUIRKS: Final[tuple[Callable[[Values], Values], ...]] = (
    drop_same,
    beta_spelling,
    split_schedule,
    first_pass_size,
    whole_cells,
    schedule_spelling,
)
