"""A UNet that is asked with speed-ups: a `Network` for one pass."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from irodori.engine.approximate.block_cache import BlockCache
from irodori.engine.approximate.token_merging import TokenMerging, finest_grid
from irodori.engine.modules.attention import Attend, fused
from irodori.engine.modules.blocks import ContextKV
from irodori.engine.modules.unet import UNetConfig
from irodori.engine.modules.walk import Merge, Walk
from irodori.engine.network import Walkable
from irodori.recipe.approximations import BLOCK_CACHE, TOKEN_MERGING


class ApproximateNetwork:
    """A UNet whose calls reuse deep levels and merge tokens; make a new one for every pass.

    Args:
        network: the UNet.
        config: its sizes.
        values: the speed-ups of `recipe.approximations` that act call by call; those missing are
            off.
    """

    def __init__(self, network: Walkable, config: UNetConfig, values: Mapping[str, float]) -> None:
        self._network = network
        self._config = config
        self._cache = BlockCache(int(values.get(BLOCK_CACHE, 1)))
        self._ratio = values.get(TOKEN_MERGING, 0.0)
        self._merge: Merge | None = None

    def begin(self, call: int, strengths: Sequence[float]) -> None:
        """Say which call of the pass comes, and how strong the networks on the weights are.

        A call may ask the network several times, for texts of unequal length.
        """
        self._cache.begin(call, strengths)

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
    ) -> Tensor:
        """Return the prediction [R, 4, H/8, W/8] for x of that shape, as `Network` does."""
        kv = self.context_kv(context) if isinstance(context, Tensor) else context
        if self._ratio and self._merge is None:  # a pass has one size
            self._merge = TokenMerging(self._ratio, finest_grid(self._config, *x.shape[-2:]))
        walk = Walk(deep=self._cache.deep(kv, float(t[0])), merge=self._merge)
        return self._network(x, t, vector, kv, attend, walk)


def approximated(
    network: Walkable, config: UNetConfig, values: Mapping[str, float]
) -> ApproximateNetwork | None:
    """Return a UNet with the speed-ups that act call by call; None where there are none."""
    if not {BLOCK_CACHE, TOKEN_MERGING} & values.keys():
        return None
    return ApproximateNetwork(network, config, values)
