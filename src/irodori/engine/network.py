"""What drawing needs of a UNet; `modules.unet.UNet` is one, tests have smaller ones."""

from typing import Protocol

from torch import Tensor

from irodori.engine.modules.attention import Attend, fused
from irodori.engine.modules.blocks import ContextKV
from irodori.engine.modules.walk import WHOLE, Walk


class Network(Protocol):
    """Predicts eps or v."""

    def context_kv(self, context: Tensor) -> ContextKV:
        """Return the cross-attentions' keys and values of texts [R, L, context_dim]."""
        ...

    def __call__(
        self,
        x: Tensor,
        t: Tensor,
        vector: Tensor,
        context: Tensor | ContextKV,
        attend: Attend = fused,
    ) -> Tensor:
        """Return the prediction [R, 4, H/8, W/8] for x of that shape, t [R], vector [R, ...]."""
        ...


class Walkable(Network, Protocol):
    """A network whose blocks can be skipped and shortened, call by call."""

    def __call__(
        self,
        x: Tensor,
        t: Tensor,
        vector: Tensor,
        context: Tensor | ContextKV,
        attend: Attend = fused,
        walk: Walk = WHOLE,
    ) -> Tensor:
        """Return the prediction [R, 4, H/8, W/8] for x of that shape, as `Network` does."""
        ...
