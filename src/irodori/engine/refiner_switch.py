"""When a second model takes over: by the share of steps done, or by the noise that is left.

Source: compat 7.4; practice P17 (two to four steps of the first model own the composition).
"""

from dataclasses import dataclass
from typing import assert_never

import torch

from irodori.engine.model_sigmas import ModelSigmas
from irodori.recipe.names import RefinerRule


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RefinerSwitch:
    """A switch point.

    Attributes:
        at: fraction in 0..1; 1 never switches.
        rule: what the fraction counts.
        model_sigmas: of the model that is left, for the rule `SIGMA`.
    """

    at: float
    rule: RefinerRule
    model_sigmas: ModelSigmas

    def due(self, call: int, calls: int, sigma: float) -> bool:
        """Return whether the second model makes this call.

        Args:
            call: number of the call, from 0.
            calls: calls of the whole pass.
            sigma: the call's noise level.
        """
        if self.at >= 1:
            return False
        match self.rule:
            case RefinerRule.STEPS:
                return call / calls >= self.at
            case RefinerRule.SIGMA:
                t = float(self.model_sigmas.nearest_t(torch.tensor(sigma, dtype=torch.float64)))
                last = self.model_sigmas.last_t
                return (last - t) / (last + 1) >= self.at
            case _:
                assert_never(self.rule)
