"""Which models are kept open, and which make room: two that do not fit take turns.

On a GPU a model that is not drawing waits in the machine's memory: its UNet and text encoders move
there and back, which takes seconds where loading takes longer. On a CPU there is nowhere to wait:
what was not used longest is closed.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import torch
from torch import nn

from irodori.engine.memory import free_bytes
from irodori.engine.studio import Studio

_MARGIN: Final = 1.25
"""A model needs this much of its size: itself, and room to compute."""


class ModelShelf:
    """The open models of one executor.

    Args:
        main: the recipes' own; never closed.
        free: how many bytes are left on a device; None where nobody can say.
        budget: bytes that the others may take together in the machine's memory, wherever they
            compute; one alone may take more. None is as much as is free.
    """

    def __init__(
        self,
        main: Studio,
        free: Callable[[torch.device], int | None] = free_bytes,
        budget: int | None = None,
    ) -> None:
        self._main = main
        self._free = free
        self._budget = budget
        self._others: OrderedDict[str, Studio] = OrderedDict()
        self._waiting: set[int] = set()

    def opened(self, key: str, load: Callable[[], Studio], size: int) -> Studio:
        """Return a model by its key; loads it where it is not open, after making room.

        Args:
            key: says which file; the same key, the same file.
            load: opens it.
            size: of its weights in memory, bytes.
        """
        studio = self._others.get(key)
        if studio is None:
            self._keep_budget(size)
            self._make_room(int(size * _MARGIN), keep=None)
            studio = self._others[key] = load()
        self._others.move_to_end(key)
        return studio

    def ready(self, studio: Studio) -> None:
        """Let a model that was waiting come back to its device, after making room."""
        if _key(studio) not in self._waiting:
            return
        self._make_room(int(_bytes_of(studio) * _MARGIN), keep=studio)
        self._waiting.discard(_key(studio))  # its residence brings what each phase needs

    def _keep_budget(self, size: int) -> None:
        """Close what was not used longest until another model of this size is within the budget."""
        while self._budget is not None and self._others:
            if size + sum(map(_bytes_of, self._others.values())) <= self._budget:
                return
            _, studio = self._others.popitem(last=False)
            studio.residence.leave()
            self._waiting.discard(_key(studio))

    def _make_room(self, needed: int, *, keep: Studio | None) -> None:
        """Free memory until so many bytes are left, or nothing more can be done."""
        device = self._main.model.policy.device
        for key, studio in [*self._others.items(), ("", self._main)]:
            free = self._free(device)
            if free is None or free >= needed:
                return
            is_kept = keep is not None and _key(studio) == _key(keep)
            if is_kept or _key(studio) in self._waiting:
                continue
            if device.type != "cpu":
                self._park(studio)
            elif studio is not self._main:
                del self._others[key]

    def _park(self, studio: Studio) -> None:
        studio.residence.leave()
        self._waiting.add(_key(studio))


def _key(studio: Studio) -> int:
    """Return what a model is known by: with another autoencoder, it is still the same."""
    return id(studio.model.unet)


def _modules(studio: Studio) -> tuple[nn.Module, ...]:
    """Return what waits; the autoencoder stays, for it decodes what the other model drew."""
    model = studio.model
    return (model.unet, model.text_l, model.text_g)


def _bytes_of(studio: Studio) -> int:
    return sum(
        value.numel() * value.element_size()
        for module in _modules(studio)
        for value in module.state_dict().values()
    )
