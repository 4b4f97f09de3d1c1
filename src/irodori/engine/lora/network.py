"""A network file, and how it fits a model."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from irodori.catalog.network_names import DOWN, take_apart
from irodori.catalog.network_traits import NetworkFamily, network_family
from irodori.engine.loading.tensors import TensorFile, read_tensors
from irodori.engine.lora.build import PeftScale, bias_layer, is_finite, weight_layer
from irodori.engine.lora.keys import KeyTable, Target
from irodori.engine.lora.layers.base import Layer
from irodori.errors import ModelFileError

Stamp = tuple[str, int, int]
"""A file as it is now: path, bytes, time of change in nanoseconds."""

_BUNDLED: Final = "bundle_emb."
_PEFT_KEY: Final = "lora_adapter_metadata"
_TOLD: Final = 3  # names a message lists


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """What a network does to one weight.

    Attributes:
        target: the weight.
        layer: the algebra.
    """

    target: Target
    layer: Layer


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedNetwork:
    """A network as it fits a model.

    Attributes:
        path: of the file.
        stamp: what a cache knows the file by.
        changes: to the weights that were found; at least one.
        unmatched: names of tensors for which the model has no weight, or one of another shape.
        total: how many tensors the file has.
    """

    path: Path
    stamp: Stamp
    changes: tuple[Change, ...]
    unmatched: tuple[str, ...]
    total: int

    @property
    def note(self) -> str:
        """What a person should know of a partial match; empty when all fitted."""
        if not self.unmatched:
            return ""
        names = ", ".join(self.unmatched[:_TOLD])
        more = " ..." if len(self.unmatched) > _TOLD else ""
        return (
            f"network '{self.path.stem}' fits in part: {len(self.unmatched)} of {self.total} "
            f"tensors are not used ({names}{more})"
        )

    def of(self, *parts: str) -> tuple[Change, ...]:
        """Return the changes to some parts of the model."""
        return tuple(change for change in self.changes if change.target.part in parts)


def stamp_of(path: Path) -> Stamp:
    """Return what a file is known by until it changes.

    Raises:
        ModelFileError: there is no such file.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise ModelFileError(f"'{path}' cannot be read: {error.strerror or error}") from error
    return str(path), status.st_size, status.st_mtime_ns


def load_network(
    path: Path, table: KeyTable, shapes: Mapping[str, Mapping[str, torch.Size]]
) -> FittedNetwork:
    """Return a network file as it fits a model.

    Args:
        path: a safetensors file, or one that torch pickled.
        table: of the model.
        shapes: of the model's parameters, by part and name.

    Raises:
        ModelFileError: the file cannot be read, holds numbers that are none, or fits nowhere; the
            message says what it is instead.
    """
    stamp = stamp_of(path)
    file = read_tensors(path)
    stems, unread = take_apart(file.tensors)
    peft = _peft_scale(file.header.metadata)
    changes: list[Change] = []
    unmatched = [name for name in unread if not name.startswith(_BUNDLED)]
    for stem, roles in stems.items():
        pieces = {role: file.tensors[name] for role, name in roles.items()}
        target = table.find(stem)
        found = _changes(pieces, target, shapes, peft) if target is not None else []
        if not found:
            unmatched.extend(roles.values())
        elif not is_finite(pieces):
            raise ModelFileError(f"'{path}' is damaged: '{stem}' has values that are no numbers")
        changes.extend(found)
    if not changes:
        raise ModelFileError(_refusal(file))
    return FittedNetwork(
        path=path,
        stamp=stamp,
        changes=tuple(changes),
        unmatched=tuple(unmatched),
        total=len(file.tensors),
    )


def _changes(
    pieces: Mapping[str, Tensor],
    target: Target,
    shapes: Mapping[str, Mapping[str, torch.Size]],
    peft: PeftScale | None,
) -> list[Change]:
    """Return the changes of one stem that fit: to the weight, to the bias, or to both."""
    found = []
    for where, make in ((target, None), (target.bias(), bias_layer)):
        shape = _shape(where, shapes)
        if shape is None:
            continue
        layer = weight_layer(pieces, shape, peft) if make is None else make(pieces)
        if layer is not None and layer.fits(shape):
            found.append(Change(target=where, layer=layer))
    return found


def _shape(
    target: Target, shapes: Mapping[str, Mapping[str, torch.Size]]
) -> tuple[int, ...] | None:
    """Return the shape of a weight as files have it; None where the model has no such weight."""
    size = shapes[target.part].get(target.parameter)
    if size is None:
        return None
    return tuple(target.view(torch.empty(size, device="meta")).shape)


def _peft_scale(metadata: Mapping[str, str]) -> PeftScale | None:
    """Return the UNet's alpha as diffusers writes it, or None."""
    try:
        stated = json.loads(metadata.get(_PEFT_KEY, "{}"))
        return PeftScale(
            alpha=float(stated["unet.lora_alpha"]),
            rank_stabilised=bool(stated.get("unet.use_rslora", False)),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _refusal(file: TensorFile) -> str:
    header = file.header
    family = network_family(header.tensors, header.metadata)
    if family is NetworkFamily.SDXL:
        why = "an SDXL network, but its weights have other shapes than this model's"
    elif any(DOWN in roles for roles in take_apart(header.tensors)[0].values()):
        why = f"a network {family}"
    else:
        why = f"no network that is known here, or one {family}"
    return (
        f"'{header.path}' is {why}: none of its {len(header.tensors)} tensors fits; "
        f"first is '{next(iter(header.tensors))}'"
    )
