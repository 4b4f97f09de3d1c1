"""A UNet compiled by torch.compile; where that fails, the same UNet as it is, and a note.

Compiling takes minutes and begins anew with every size, so it pays where many pictures of one size
are drawn. It fuses and reorders sums: the last bits change.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from irodori.engine.modules.attention import Attend, fused
from irodori.engine.modules.blocks import ContextKV
from irodori.engine.modules.unet import UNet
from irodori.engine.modules.walk import WHOLE, Walk
from irodori.engine.network import Walkable


class CompiledNetwork:
    """A network whose UNet is compiled when it is first called; a `Walkable`.

    Args:
        network: calls the UNet.
        unet: the UNet.
        backend: who compiles; a test gives one that fails.

    Attributes:
        note: why it is not compiled after all; empty while it is.
    """

    def __init__(
        self, network: Walkable, unet: UNet, backend: str | Callable[..., object] = "inductor"
    ) -> None:
        self.note = ""
        self._network = network
        unet.compile(backend=backend)

    def context_kv(self, context: Tensor) -> ContextKV:
        """Return the cross-attentions' keys and values of texts [R, L, context_dim]."""
        return self._network.context_kv(context)

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
        from torch._dynamo.exc import TorchDynamoException  # takes seconds to import

        if not self.note:
            try:
                return self._network(x, t, vector, context, attend, walk)
            except TorchDynamoException as error:
                self.note = f"approximation 'compile' was not done: {_reason(error)}"
        with torch.compiler.set_stance("force_eager"):
            return self._network(x, t, vector, context, attend, walk)


def _reason(error: BaseException) -> str:
    """Return the first line of what the compiler said."""
    error = getattr(error, "inner_exception", error)  # of torch's error for whatever it raised
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
