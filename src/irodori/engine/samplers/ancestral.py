"""How an ancestral step splits: down by the ODE, up by fresh noise.

Source: Song et al. 2020, arXiv:2010.02502, equation 16, divided by sqrt(abar): the variance that
makes eta 1 the posterior of Ho et al. 2020, arXiv:2006.11239.
"""

import math


def ancestral_step(sigma: float, sigma_next: float, eta: float) -> tuple[float, float]:
    """Return (sigma_down, sigma_up) with sigma_down^2 + sigma_up^2 = sigma_next^2.

    Args:
        sigma: the level the step starts from, positive.
        sigma_next: the level it arrives at, from 0 to sigma.
        eta: share of the noise replaced; 0 gives (sigma_next, 0).
    """
    variance = sigma_next**2 * (sigma**2 - sigma_next**2) / sigma**2
    sigma_up = min(sigma_next, eta * math.sqrt(variance))
    return math.sqrt(sigma_next**2 - sigma_up**2), sigma_up
