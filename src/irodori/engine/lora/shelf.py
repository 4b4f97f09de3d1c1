"""The networks of one model, read once and kept while their files stay the same."""

from collections import OrderedDict
from pathlib import Path
from typing import Final

from irodori.engine.loading.checkpoint import ModelParts
from irodori.engine.lora.keys import KeyTable
from irodori.engine.lora.network import FittedNetwork, Stamp, load_network, stamp_of

_KEPT: Final = 32  # their tensors are mapped from the files: what is not used takes no memory
_PARTS: Final = ("unet", "text_l", "text_g")


class NetworkShelf:
    """Fits networks to a model.

    Args:
        parts: of the model.
    """

    def __init__(self, parts: ModelParts) -> None:
        self._table = KeyTable(parts)
        self._shapes = {
            part: {name: value.shape for name, value in getattr(parts, part).named_parameters()}
            for part in _PARTS
        }
        self._known: OrderedDict[Stamp, FittedNetwork] = OrderedDict()

    def fitted(self, path: Path) -> FittedNetwork:
        """Return a file's network; the same one again while the file is the same.

        Raises:
            ModelFileError: the file cannot be read, or fits nowhere in this model.
        """
        stamp = stamp_of(path)
        network = self._known.pop(stamp, None)
        if network is None:
            network = load_network(path, self._table, self._shapes)
        self._known[stamp] = network
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return network
