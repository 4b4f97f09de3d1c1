"""Any form of a model as one safetensors file in SDXL's layout, tensor by tensor, bit for bit."""

from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from irodori.catalog.prediction import V_MARK, ZTSNR_MARK
from irodori.engine.loading.checkpoint import PREFIXES, LoadReport, inspected, traits_of
from irodori.engine.loading.configs import METADATA_KEY, stated_by
from irodori.engine.loading.fill import Prefixed
from irodori.engine.loading.source import ModelSource
from irodori.errors import OutputError
from irodori.recipe.names import Prediction

_FORMAT: Final = {"format": "pt"}  # what other programs look for


def rewrite(source: ModelSource, path: Path, dtype: torch.dtype | None = None) -> LoadReport:
    """Write a model as one file; `load_checkpoint` and other programs read it.

    Args:
        source: a pickled file, a folder of diffusers, or a single file.
        path: of the new file; replaced whole, or not at all.
        dtype: of the tensors in it; None keeps each as it is. Float8 with scales becomes float32,
            which holds it without loss.

    Returns:
        What the source has beside the model; none of that is written.

    Raises:
        ModelFileError: the source is no whole SDXL checkpoint.
        OutputError: the file cannot be written.
    """
    header = source.header
    parts, report = inspected(header)
    traits = traits_of(header)
    with source.opened() as read:
        tensors = {}
        for part, prefix in PREFIXES.items():
            found = Prefixed(header, prefix, read)
            for name in getattr(parts, part).state_dict():
                value = found.tensor(name)
                tensors[prefix + name] = value.to(dtype or value.dtype).contiguous()
        if traits.prediction is Prediction.V:
            tensors[V_MARK] = torch.empty(0)
        if traits.zero_terminal_snr:
            tensors[ZTSNR_MARK] = torch.empty(0)
        stated = {**_FORMAT, **header.metadata, METADATA_KEY: stated_by(parts.configs)}
        partial = path.with_name(path.name + ".part")
        try:
            save_file(tensors, partial, stated)
            partial.replace(path)
        except (OSError, SafetensorError) as error:
            partial.unlink(missing_ok=True)
            raise OutputError(f"'{path}' cannot be written: {error}") from error
    return report
