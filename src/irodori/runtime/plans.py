"""Memory plans for a machine that is described, not asked; PyTorch is not loaded."""

from collections.abc import Sequence
from pathlib import Path

from irodori.catalog.describe import SAFETENSORS
from irodori.catalog.header import Header, read_header
from irodori.engine.memory_plan import (
    GIB,
    IN_FULL,
    NAMES,
    RESERVE,
    Estimate,
    Formats,
    MemoryWishes,
    Part,
    Phase,
    Plan,
    Planned,
    fastest,
    plans_for,
    with_fp8,
)
from irodori.engine.model_sizes import LARGE, model_sizes
from irodori.recipe.names import Dtype

__all__ = [
    "GIB",
    "NAMES",
    "RESERVE",
    "Estimate",
    "MemoryWishes",
    "Part",
    "Phase",
    "Plan",
    "Planned",
    "both_stay",
    "chosen",
    "header_of",
    "plans",
]


def header_of(path: Path) -> Header:
    """Return a model's header; PyTorch is loaded for pickled files and folders of diffusers only.

    Raises:
        ModelFileError: it cannot be read, is damaged, or of another kind.
    """
    if path.suffix.lower() == SAFETENSORS:
        return read_header(path)
    from irodori.engine.loading.source import open_source

    return open_source(path).header


def plans(
    header: Header, picture: Planned, *, fp8: bool = False, dtype: Dtype = Dtype.AUTO
) -> tuple[Estimate, ...]:
    """Return all plans of drawing on a graphics card, the fastest first.

    Args:
        header: of the checkpoint.
        picture: the largest one.
        fp8: the UNet is held in eight bits, as it is anyway where the file has no more.
        dtype: the arithmetic.

    Raises:
        ModelFileError: the file is no whole SDXL checkpoint.
    """
    sizes = model_sizes(header)
    formats = _formats(dtype, is_large=header.elements >= LARGE)
    if fp8 or sizes.is_fp8:
        formats = with_fp8(formats)
    return plans_for(sizes, formats, picture)


def _formats(dtype: Dtype, *, is_large: bool) -> Formats:
    """Return the types a card holds a model's weights in; the autoencoder's is never float16."""
    if dtype is Dtype.AUTO:
        return Formats() if is_large else IN_FULL
    if dtype is Dtype.FLOAT32:
        return IN_FULL
    return Formats(unet=dtype.value, small=dtype.value, text=dtype.value)


def chosen(estimates: Sequence[Estimate], vram: float) -> tuple[Estimate, bool]:
    """Return the plan for a card of so many GiB, and whether it fits.

    Args:
        estimates: from `plans`.
        vram: of the whole card; a part is left to the driver and the screen.
    """
    budget = int(vram * GIB) - RESERVE
    found = fastest(estimates, budget)
    return found, found.peak <= budget


def both_stay(first: Estimate, second: Estimate, vram: float) -> bool:
    """Tell whether two models are on a card together; else the one that does not draw waits.

    Args:
        first: how the picture's model is drawn with.
        second: how the refiner is.
        vram: GiB of the whole card.
    """
    return first.peak + second.peak <= int(vram * GIB) - RESERVE
