"""The speed-ups that act on a whole model: done once, as it is opened."""

from dataclasses import dataclass
from typing import Final

from irodori.engine.approximate.compiled import CompiledNetwork
from irodori.engine.approximate.int8 import (
    can_multiply_in_int8,
    distance,
    multiply_in_int8,
    probe,
)
from irodori.engine.loading.checkpoint import LoadedModel
from irodori.engine.memory_plan import MemoryWishes
from irodori.engine.residence import Residence
from irodori.recipe.approximations import COMPILE, FP8_WEIGHTS, INT8, merged
from irodori.recipe.parts import Approximation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelSpeedUps:
    """What was done to a model.

    Attributes:
        int8: how far its answer to a probe is from the exact one, relative, where its linear
            layers multiply in 8-bit integers; None where they do not.
        layers: how many they are.
        compiled: calls it, where it is compiled.
    """

    int8: float | None = None
    layers: int = 0
    compiled: CompiledNetwork | None = None

    @property
    def is_int8(self) -> bool:
        """Whether linear layers multiply in 8-bit integers."""
        return self.int8 is not None

    @property
    def notes(self) -> tuple[str, ...]:
        """What people are told with every picture."""
        told = []
        if self.int8 is not None:
            told.append(
                f"int8: {self.layers} layers multiply in 8 bits; the network's answer to a probe "
                f"differs by {self.int8:.2%}"
            )
        if self.compiled is not None and self.compiled.note:
            told.append(self.compiled.note)
        return tuple(told)

    def listed(self, *, is_fp8: bool) -> tuple[Approximation, ...]:
        """Return them as recipes do.

        Args:
            is_fp8: the model's weights are held in eight bits.
        """
        is_compiled = self.compiled is not None and not self.compiled.note
        names = {INT8: self.is_int8, COMPILE: is_compiled, FP8_WEIGHTS: is_fp8}
        return merged((), [Approximation(name=name, value=1) for name in names if names[name]])


NO_SPEED_UPS: Final = ModelSpeedUps()
"""The model as its file has it."""


def sped_up(model: LoadedModel, residence: Residence, wishes: MemoryWishes) -> ModelSpeedUps:
    """Do to a model what is wished and can be done here; return what it was.

    Args:
        model: changed: some of its UNet's layers are exchanged for others with the same weights.
        residence: calls its UNet.
        wishes: `int8` and `compiled` are asked for.
    """
    policy, error, layers = model.policy, None, 0
    if wishes.int8 and can_multiply_in_int8(policy.device):
        exact = probe(model.unet, policy.compute, policy.attend)
        layers = multiply_in_int8(model.unet)
        error = distance(probe(model.unet, policy.compute, policy.attend), exact)
    compiled = CompiledNetwork(residence.network, model.unet) if wishes.compiled else None
    return ModelSpeedUps(int8=error, layers=layers, compiled=compiled)
