"""Upscalers opened by name; the last one is kept open."""

from collections.abc import Callable
from pathlib import Path

from irodori.catalog.upscalers import INSTALL, find_known
from irodori.engine.device import choose_policy, probe
from irodori.engine.loading.upscaler import load_upscaler
from irodori.engine.lora.network import Stamp, stamp_of
from irodori.engine.network_upscaler import NetworkUpscaler
from irodori.engine.upscalers import RESAMPLERS, Upscaler, find_resampler
from irodori.errors import InputError


class UpscalerShelf:
    """Opens upscalers.

    Args:
        find: the file of an upscaler by its name; None where there is none.
        device: `auto` or a device's name.
    """

    def __init__(self, find: Callable[[str], Path | None], device: str) -> None:
        self._find = find
        self._device = device
        self._opened: tuple[Stamp, NetworkUpscaler] | None = None

    def open(self, name: str) -> Upscaler:
        """Return an upscaler: a formula's, else a network's.

        Raises:
            InputError: there is none of that name; says how to get it where that is known.
            ModelFileError: its file cannot be read.
        """
        if name.strip().casefold() in (each.name.casefold() for each in RESAMPLERS):
            return find_resampler(name)
        path = self._find(name)
        if path is None:
            raise _missing(name)
        stamp = stamp_of(path)
        if self._opened is None or self._opened[0] != stamp:
            policy = choose_policy(probe(), parameters=0, device=self._device)
            network = load_upscaler(path, policy.device)
            self._opened = (stamp, NetworkUpscaler(name=name, network=network))
        return self._opened[1]


def _missing(name: str) -> InputError:
    known = find_known(name)
    if known is None:
        try:
            find_resampler(name)
        except InputError as error:
            return error
    hint = INSTALL if known is not None and known.bundled else "put its file into a model folder"
    return InputError(f"the upscaler '{name}' is not here: {hint}, or use Lanczos")
