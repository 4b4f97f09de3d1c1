"""Begin with what was trained for another model: a former release's demonstrator, say.

A LoRA or LoKr keeps its factors, a textual inversion its vectors: they mean nearly the same to a
model that was trained on from the one they were made for. A checkpoint keeps its difference to that
model, added to the new one. So a third of the steps is enough. A DoRA's magnitudes are those of the
new model's weights; its direction is kept.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from irodori.errors import InputError, ModelFileError
from irodori.painter.adapt.adapter import Inversion, Network
from irodori.painter.adapt.base import open_base
from irodori.painter.adapt.config import AdapterConfig
from irodori.painter.adapt.difference import SUFFIX, assemble
from irodori.painter.adapt.finetune import FineTune


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What there was.

    Attributes:
        file: an adapter, a checkpoint, or the difference of one.
        model: what that was made for.
    """

    file: Path
    model: Path


@torch.no_grad()
def begin_with(
    module: Network | Inversion | FineTune, former: Former, config: AdapterConfig
) -> None:
    """Give what is trained the values of something former, in place.

    Args:
        module: as it begins.
        former: of the same kind and ranks.
        config: what the module is trained by.

    Raises:
        InputError: there is no former file, or it has other tensors.
        ModelFileError: a file cannot be read.
    """
    if not former.file.exists():
        raise InputError(f"{former.file}: is not there, nothing to begin {config.name} with")
    try:
        if isinstance(module, FineTune):
            _add_difference(module, former, config)
        else:
            tensors = load_file(former.file)
            for name, parameter in module.named_tensors():
                parameter.copy_(tensors[name].view_as(parameter))
    except SafetensorError as error:
        raise ModelFileError(f"'{former.file}' cannot be read: {error}") from error
    except (KeyError, RuntimeError) as error:
        raise InputError(
            f"{former.file}: nothing to begin {config.name} with, it has other tensors ({error})"
        ) from error


def _add_difference(module: FineTune, former: Former, config: AdapterConfig) -> None:
    with TemporaryDirectory() as folder:
        checkpoint = former.file
        if checkpoint.suffix == SUFFIX:
            checkpoint = Path(folder) / f"{config.name}.safetensors"
            assemble(former.file, former.model, checkpoint)
        before, after = open_base(former.model).module, open_base(checkpoint).module
    for part, trained in module.named_children():
        _move(trained, before.get_submodule(part), after.get_submodule(part))


def _move(trained: nn.Module, before: nn.Module, after: nn.Module) -> None:
    for (name, value), (_, old) in zip(
        after.named_parameters(), before.named_parameters(), strict=True
    ):
        trained.get_parameter(name).add_(value - old)
