"""The noise levels a model was trained on: sigma against timestep, eps and v alike.

Source: Rombach et al. 2022, arXiv:2112.10752 (scaled-linear betas of SDXL); Karras et al. 2022,
arXiv:2206.00364, equation 152 (sigma of a discrete VP model); Lin et al. 2024, arXiv:2305.08891,
algorithm 1 (zero-terminal SNR).
"""

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

SDXL_TIMESTEPS: Final = 1000
SDXL_BETA_START: Final = 0.00085
SDXL_BETA_END: Final = 0.012

# Algorithm 1 makes the last abar zero, so sigma infinite. Every front end puts this value there
# instead, which makes sigma_max 4518.76; a picture's noise scales with it, so it is kept.
TERMINAL_ABAR: Final = 4.8973451890853435e-08


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelSigmas:
    """A discrete noise schedule as a value: sigma of every training timestep, and back.

    Attributes:
        table: float64 [T] on the CPU, ascending; sigma of timestep i at index i.

    Raises:
        ValueError: the table has another shape or dtype, or does not ascend.
    """

    table: Tensor

    def __post_init__(self) -> None:
        if self.table.ndim != 1 or self.table.dtype != torch.float64:
            raise ValueError(f"need float64 [T], got {self.table.dtype} {tuple(self.table.shape)}")
        if not bool((self.table.diff() > 0).all()):
            raise ValueError("sigmas must ascend from timestep 0")

    @property
    def sigma_min(self) -> float:
        """The lowest trained noise level: 0.0291672 for SDXL."""
        return float(self.table[0])

    @property
    def sigma_max(self) -> float:
        """The highest trained noise level: 14.6146 for SDXL, 4518.76 at zero-terminal SNR."""
        return float(self.table[-1])

    @property
    def last_t(self) -> int:
        """The highest timestep: 999 for SDXL."""
        return len(self.table) - 1

    def to_sigma(self, t: Tensor) -> Tensor:
        """Return sigma at fractional timesteps, linear in log sigma, t clamped to the table.

        Args:
            t: any real dtype and shape.

        Returns:
            float64, t's shape and device.
        """
        log_table = self.table.log().to(t.device)
        t = t.to(torch.float64).clamp(0, self.last_t)
        low = t.floor().long()
        high = t.ceil().long()
        return torch.lerp(log_table[low], log_table[high], t - low).exp()

    def to_t(self, sigma: Tensor) -> Tensor:
        """Return the fractional timestep of sigma, linear in log sigma, clamped to the table.

        The inverse of `to_sigma`. This is what a model trained on every timestep wants.

        Args:
            sigma: positive, any real dtype and shape.

        Returns:
            float64 in 0..last_t, sigma's shape and device.
        """
        log_table = self.table.log().to(sigma.device)
        log_sigma = sigma.to(torch.float64).log()
        high = torch.searchsorted(log_table, log_sigma).clamp(1, self.last_t)
        low = high - 1
        weight = (log_sigma - log_table[low]) / (log_table[high] - log_table[low])
        return low + weight.clamp(0, 1)

    def nearest_t(self, sigma: Tensor) -> Tensor:
        """Return the timestep whose log sigma is nearest: what A1111 and Forge give the model.

        Args:
            sigma: positive, any real dtype and shape.

        Returns:
            int64 in 0..last_t, sigma's shape and device.
        """
        log_table = self.table.log().to(sigma.device)
        distance = sigma.to(torch.float64).log().unsqueeze(-1) - log_table
        return distance.abs().argmin(dim=-1)

    def at_zero_terminal_snr(self) -> "ModelSigmas":
        """Return the schedule rescaled so that its last step holds (almost) no picture.

        sqrt(abar) is shifted and stretched: its last value becomes 0, its first stays. The last
        abar is then `TERMINAL_ABAR`, so that sigma is finite. Source: arXiv:2305.08891, alg. 1.
        """
        root_abar = (self.table.square() + 1).rsqrt()
        first, last = root_abar[0], root_abar[-1]
        abar = ((root_abar - last) * (first / (first - last))).square()
        abar[-1] = TERMINAL_ABAR
        return ModelSigmas(table=((1 - abar) / abar).sqrt())


def sdxl_sigmas(*, zero_terminal_snr: bool = False, downcast_abar: bool = False) -> ModelSigmas:
    """Return SDXL's noise levels: scaled-linear betas 0.00085..0.012 over 1000 timesteps.

    Args:
        zero_terminal_snr: rescale them, for models trained so (most v-prediction ones).
        downcast_abar: round abar to half precision, as A1111 did before 1.7 (`Downcast
            alphas_cumprod`).
    """
    betas = torch.linspace(
        math.sqrt(SDXL_BETA_START), math.sqrt(SDXL_BETA_END), SDXL_TIMESTEPS, dtype=torch.float64
    ).square()
    abar = (1 - betas).cumprod(0)
    if downcast_abar:
        abar = abar.half().double()
    plain = ModelSigmas(table=((1 - abar) / abar).sqrt())
    return plain.at_zero_terminal_snr() if zero_terminal_snr else plain
