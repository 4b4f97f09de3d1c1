"""What a network's output means: eps and v behind one denoiser.

With x = clean + sigma * noise, the network sees x * c_in at a timestep and its output becomes
`denoised = c_skip * x + c_out * output`. eps and v differ in two coefficients and nowhere else;
zero-terminal SNR only in the noise levels. So no sampler knows what a model predicts.

Source: Karras et al. 2022, arXiv:2206.00364, table 1; Salimans and Ho 2022, arXiv:2202.00512,
appendix D (v); Crowson's k-diffusion for the seam.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from irodori.engine.model_sigmas import ModelSigmas
from irodori.engine.timesteps import lcm_levels
from irodori.errors import RecipeError
from irodori.recipe.names import Prediction

_LCM_SIGMA_DATA_SQUARED: Final = 0.25
_LCM_TIME_SCALE: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parameterisation:
    """How a network's input and output relate to latents; a property of the model.

    Attributes:
        prediction: `EPS` or `V`; resolve `FILE` from the checkpoint first.
        model_sigmas: the trained noise levels, zero-terminal or not.
        nearest_timestep: give the network whole timesteps (upstream), not fractional ones.
        lcm_boundary: run on LCM's table of 50 timesteps with its boundary scaling (upstream).

    Raises:
        RecipeError: the prediction is still `FILE`.
    """

    prediction: Prediction
    model_sigmas: ModelSigmas
    nearest_timestep: bool = False
    lcm_boundary: bool = False

    def __post_init__(self) -> None:
        if self.prediction is Prediction.FILE:
            raise RecipeError("prediction 'file' must be resolved to eps or v before drawing")

    def network_input(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Return x * c_in: latents of about unit variance at every sigma, shape and dtype of x."""
        return x * _c_in(sigma.to(x.dtype))

    def timestep(self, sigma: Tensor) -> Tensor:
        """Return the time of a noise level, float32 0-dimensional, in 0..999."""
        if self.lcm_boundary:
            levels = lcm_levels(self.model_sigmas)
            stride = (self.model_sigmas.last_t + 1) // (levels.last_t + 1)
            return (levels.nearest_t(sigma) * stride + (stride - 1)).to(torch.float32)
        if self.nearest_timestep:
            return self.model_sigmas.nearest_t(sigma).to(torch.float32)
        return self.model_sigmas.to_t(sigma).to(torch.float32)

    def denoised(self, x: Tensor, sigma: Tensor, output: Tensor) -> Tensor:
        """Return the expected clean latents, shape and dtype of x.

        Args:
            x: [B, 4, H/8, W/8], noisy latents.
            sigma: 0-dimensional, positive.
            output: what the network gave for `network_input(x, sigma)`, x's dtype.
        """
        sigma = sigma.to(x.dtype)
        if self.prediction is Prediction.V:
            c_skip = 1 / (sigma.square() + 1)
            clean = torch.addcmul(x * c_skip, output, sigma * _c_in(sigma), value=-1)
        else:
            clean = torch.addcmul(x, output, sigma, value=-1)
        return self._with_boundary(x, sigma, clean) if self.lcm_boundary else clean

    def _with_boundary(self, x: Tensor, sigma: Tensor, clean: Tensor) -> Tensor:
        # Luo et al. 2023, arXiv:2310.04378, equation 9: the identity at time 0.
        scaled = (self.timestep(sigma) * _LCM_TIME_SCALE).square()
        c_skip = _LCM_SIGMA_DATA_SQUARED / (scaled + _LCM_SIGMA_DATA_SQUARED)
        c_out = (scaled / (scaled + _LCM_SIGMA_DATA_SQUARED)).sqrt()
        return c_out * clean + c_skip * x


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlainDenoiser:
    """D(x; sigma) of a network without guidance; a `samplers.base.Denoiser`.

    Attributes:
        parameterisation: what the network predicts.
        network: (x * c_in [B, 4, H/8, W/8], t [B]) -> output of x's shape.
    """

    parameterisation: Parameterisation
    network: Callable[[Tensor, Tensor], Tensor]

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Return the expected clean latents, shape and dtype of x."""
        parameters = self.parameterisation
        t = parameters.timestep(sigma).expand(len(x))
        output = self.network(parameters.network_input(x, sigma), t)
        return parameters.denoised(x, sigma, output.to(x.dtype))


def _c_in(sigma: Tensor) -> Tensor:
    return (sigma.square() + 1).rsqrt()
