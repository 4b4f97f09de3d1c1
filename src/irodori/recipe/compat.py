"""Where other tools' behaviour is a fault that existing pictures depend on: one frozen switch.

All flags are off by default: a new picture gets what is right. A recipe read from the infotext of
A1111, Forge or reForge turns on those of its tool, so that it draws the picture again. Where two
behaviours are both in use (`names.RefinerRule`), the recipe names one instead.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Tool(StrEnum):
    """The programs whose infotext is read."""

    IRODORI = "irodori"
    A1111 = "a1111"
    FORGE = "forge"
    REFORGE = "reforge"


class AysRange(StrEnum):
    """What Align Your Steps does on a model whose noise range is not SDXL's 0.029..14.615.

    `ANCHORED` moves the list's ends to the model's, so that a model of zero-terminal SNR starts
    from pure noise. `LITERAL` keeps the list (A1111, Forge): such a model starts at
    14.615. `RATIO` multiplies the whole list (reForge): such a model stops at sigma 9.
    """

    ANCHORED = "anchored"
    LITERAL = "literal"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompatFlags:
    """Which upstream behaviours are reproduced; the defaults are our own recipes'.

    Attributes:
        nearest_timestep: the model gets the nearest whole timestep, not the interpolated one.
        forge_beta_schedule: `Beta` is Forge's (linear in sigma), not ComfyUI's (in timesteps).
        ays_range: how Align Your Steps meets another noise range than SDXL's.
        leading_timesteps: DDIM and PLMS run on range(0, 1000, 1000 // steps) + 1, one model call
            fewer than asked and another count where steps do not divide 1000; UniPC stops at
            sigma_min.
        variation_by_column: variation noise is mixed per channel and column, and nearly
            parallel noises with swapped weights.
        brownian_over_schedule: the Brownian path of SDE samplers begins at the lowest positive
            sigma of the schedule, so that another step count or schedule is another path.
        boundary_lcm: LCM's denoiser runs on a table of 50 timesteps with boundary scaling.
        img2img_from_start: img2img takes sigmas[steps - t_enc - 1:], also where the schedule
            returned more entries than asked for, and denoise 0 still takes one step.
    """

    nearest_timestep: bool = False
    forge_beta_schedule: bool = False
    ays_range: AysRange = AysRange.ANCHORED
    leading_timesteps: bool = False
    variation_by_column: bool = False
    brownian_over_schedule: bool = False
    boundary_lcm: bool = False
    img2img_from_start: bool = False

    @property
    def any(self) -> bool:
        """Whether anything differs from our own behaviour."""
        return self != OUR_BEHAVIOUR


OUR_BEHAVIOUR: Final = CompatFlags()
"""Nothing of another tool: what a new picture is drawn with."""


def compat_of(tool: Tool) -> CompatFlags:
    """Return the flags that draw a tool's pictures again."""
    if tool is Tool.IRODORI:
        return OUR_BEHAVIOUR
    return CompatFlags(
        nearest_timestep=True,
        forge_beta_schedule=tool is Tool.FORGE,
        ays_range=AysRange.RATIO if tool is Tool.REFORGE else AysRange.LITERAL,
        leading_timesteps=True,
        variation_by_column=True,
        brownian_over_schedule=True,
        boundary_lcm=True,
        img2img_from_start=True,
    )


def tool_of_version(version: str | None) -> Tool:
    """Return the tool that wrote an infotext's `Version` value.

    `f2.0.1v1.10.1-previous-669-gdfdcbab6` is Forge, `v1.10.1` A1111, `irodori 0.1.0` ours. A
    missing value is A1111's: every tool that writes none descends from it.
    """
    text = (version or "").strip().casefold()
    if text.startswith("irodori"):
        return Tool.IRODORI
    if "reforge" in text:
        return Tool.REFORGE
    if text.startswith(("f1.", "f2.", "f0.")) or "classic" in text or "neo" in text:
        return Tool.FORGE
    return Tool.A1111
