"""Rewriting model files in this process."""

from pathlib import Path

from irodori.engine.device import dtype_of
from irodori.engine.loading.rewrite import rewrite
from irodori.engine.loading.source import open_source
from irodori.recipe.names import Dtype


def convert(source: Path, target: Path, dtype: Dtype = Dtype.AUTO) -> tuple[str, ...]:
    """Write a model of any form as one safetensors file.

    Args:
        source: a file, pickled or not, or a folder of diffusers.
        target: the new file; replaced whole, or not at all.
        dtype: of its numbers; `AUTO` keeps each as it is.

    Returns:
        The names of tensors that no part of the model has; they are left out.

    Raises:
        ModelFileError: the source cannot be read, or is no whole SDXL checkpoint.
        OutputError: the file cannot be written.
    """
    return rewrite(open_source(source), target, dtype_of(dtype)).unknown
