"""The block cache: the UNet's deep levels are computed in every N-th call, and reused between.

From one call to the next, what the deep levels give changes slowly, and the finest level alone is
a small part of the work. A call that reuses computes that level only, around what is kept.

Source: Ma et al. 2023, "DeepCache", arXiv:2312.00858, section 3.2, with N of its uniform schedule;
the kept branch here is that of the whole finest level, not of a single block in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from irodori.engine.modules.blocks import ContextKV
from irodori.engine.modules.walk import Deep


@dataclass(slots=True, kw_only=True, eq=False)
class _Kept:
    """What one text's last whole call left."""

    context: ContextKV  # held, so that its id cannot come to mean another
    call: int
    t: float  # of the last call, whole or not
    deep: Deep = field(default_factory=Deep)


class BlockCache:
    """What the deep levels gave, for one pass; make a new one for every pass.

    A call computes them anew where what is kept is N calls old, where the network is asked other
    texts, where networks on the weights have changed their strength, and where the noise level has
    risen (restarts; adaptive samplers that go back).

    Args:
        every: N; 1 computes them in every call.
    """

    def __init__(self, every: int) -> None:
        self._every = every
        self._call = 0
        self._strengths: tuple[float, ...] = ()
        self._kept: dict[int, _Kept] = {}

    def begin(self, call: int, strengths: Sequence[float]) -> None:
        """Say which call comes, and how strong the networks on the weights are in it.

        Args:
            call: counted from 0.
            strengths: one for each network.
        """
        self._call = call
        old = [key for key, kept in self._kept.items() if call - kept.call >= self._every]
        if tuple(strengths) != self._strengths:
            self._strengths = tuple(strengths)
            old = list(self._kept)
        for key in old:
            del self._kept[key]

    def deep(self, context: ContextKV, t: float) -> Deep | None:
        """Return what a call of the network goes on from, or leaves what it computes in.

        Args:
            context: keys and values of the texts that are asked; the same object for the same
                pictures and texts.
            t: the time 0..999 of the call.

        Returns:
            None where nothing would be reused.
        """
        if self._every == 1:
            return None
        kept = self._kept.get(id(context))
        if kept is None or t > kept.t:
            kept = self._kept[id(context)] = _Kept(context=context, call=self._call, t=t)
        kept.t = t
        return kept.deep
