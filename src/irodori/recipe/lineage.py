"""Where a picture came from: its own id, the picture it was made from, and by what kind of step.

The three go into the file beside the recipe, so that a history lost can be read from the files
again. PNG: text chunk `irodori-lineage`; JPEG, WebP and AVIF: EXIF's MakerNote.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from irodori.recipe.picture import Metadata
from irodori.recipe.recipe import Recipe

LINEAGE: Final = "irodori-lineage"
"""PNG keyword of the lineage as JSON."""

ID_DIGITS: Final = 12
ID_PATTERN: Final = re.compile(f"[0-9a-f]{{{ID_DIGITS}}}")


class Step(StrEnum):
    """What was done to a parent to get its child."""

    EDIT = "edit"
    SEED = "seed"
    VARIATION = "variation"
    HIRES = "hires"
    DETAIL = "detail"
    IMG2IMG = "img2img"
    INPAINT = "inpaint"
    REDRAW = "redraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """A picture's id and descent.

    Args:
        id: 12 hex digits.
        parent: id of the picture it was made from; "" for a first one.
        step: what was done to the parent; None for a first one.
    """

    id: str
    parent: str = ""
    step: Step | None = None


def lineage_text(lineage: Lineage) -> str:
    """Return a lineage as the JSON that pictures hold; the inverse of `read_lineage`."""
    data = {"id": lineage.id}
    if lineage.parent and lineage.step is not None:
        data |= {"parent": lineage.parent, "step": lineage.step.value}
    return json.dumps(data)


def read_lineage(text: str) -> Lineage | None:
    """Return the lineage a text holds; None for any other text."""
    if not text.startswith("{") or len(text) > 512:
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    own, parent, step = (data.get(key, "") for key in ("id", "parent", "step"))
    if not _is_id(own):
        return None
    if not _is_id(parent) or step not in tuple(Step):
        return Lineage(id=own)
    return Lineage(id=own, parent=parent, step=Step(step))


def lineage_of(metadata: Metadata) -> Lineage | None:
    """Return the lineage in a picture's metadata; None where it has none."""
    return read_lineage(metadata.texts.get(LINEAGE) or metadata.exif.get("MakerNote", ""))


def step_between(before: Recipe, after: Recipe) -> Step:
    """Return the kind of step from a parent's recipe to its child's, by the largest change."""
    new_pass = _new_pass(before, after)
    if new_pass is not None:
        return new_pass
    if _without_seeds(before) != _without_seeds(after):
        return Step.EDIT
    old, new = before.noise, after.noise
    if (old.variation_seed, old.variation_strength) != (new.variation_seed, new.variation_strength):
        return Step.VARIATION
    return Step.SEED if old.seed != new.seed else Step.REDRAW


def _new_pass(before: Recipe, after: Recipe) -> Step | None:
    """Return the step that a pass makes which the parent did not have, or None."""
    if after.inpaint not in (None, before.inpaint):
        return Step.INPAINT
    begun = after.img2img if after.img2img != before.img2img else None
    if begun is not None and begun.denoise > 0:
        return Step.IMG2IMG
    # A picture begun with at denoise 0 is there for its later passes only.
    if after.hires is not None and (before.hires is None or begun is not None):
        return Step.HIRES
    return Step.DETAIL if len(after.detailers) > len(before.detailers) else None


def _without_seeds(recipe: Recipe) -> tuple[object, ...]:
    """Return what a person edits: prompts and settings, without seeds and place in the batch."""
    noise = recipe.noise
    return (
        recipe.prompt,
        recipe.negative_prompt,
        recipe.dialect,
        recipe.emphasis,
        recipe.empty_negative,
        recipe.base,
        recipe.model.file.name,
        recipe.model.file.short_hash,
        recipe.model.vae,
        recipe.hires,
        recipe.refiner,
        recipe.detailers,
        recipe.img2img,
        recipe.inpaint,
        recipe.upscale,
        recipe.compat,
        (noise.kind, noise.resize_from_width, noise.resize_from_height, noise.ensd),
    )


def _is_id(value: object) -> bool:
    return isinstance(value, str) and ID_PATTERN.fullmatch(value) is not None
