"""The refiner: a second checkpoint takes over on the way.

Both models are asked through denoisers of their own, so each brings its text encoders, its
parameterisation and its networks; latents are shared, as all SDXL models share one latent space.

Source: compat 7.4; practice P17.
"""

from collections.abc import Callable

from torch import Tensor

from irodori.engine.guided import GuidedDenoiser
from irodori.engine.refiner_switch import RefinerSwitch
from irodori.engine.samplers.base import Guided


class RefinedDenoiser:
    """D(x; sigma) of one model, then of another.

    Args:
        first: of the model that begins.
        open_second: makes the second model's; called once, when its turn comes, so that a run that
            never switches never loads it.
        switch: when that is.
        calls: how many calls the run is expected to take.
    """

    def __init__(
        self,
        first: GuidedDenoiser,
        open_second: Callable[[], GuidedDenoiser],
        switch: RefinerSwitch,
        calls: int,
    ) -> None:
        self._current = first
        self._open_second = open_second
        self._switch = switch
        self._calls = calls
        self._has_switched = False

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Return the guided denoised latents, shape and dtype of x [B, 4, H/8, W/8]."""
        return self._at(sigma)(x, sigma)

    def guided(self, x: Tensor, sigma: Tensor) -> Guided:
        """Return the guided and the negative prompt's denoised latents, each of x's shape."""
        return self._at(sigma).guided(x, sigma)

    def _at(self, sigma: Tensor) -> GuidedDenoiser:
        """Return whose turn it is; once taken over, the second model keeps it (restarts too)."""
        call = self._current.call
        if not self._has_switched and self._switch.due(call, self._calls, float(sigma)):
            self._current = self._open_second()
            self._current.call = call
            self._has_switched = True
        return self._current
