"""How one call of a UNet walks through its blocks: what it skips, shortens or lends weights."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final, Protocol

from torch import Tensor, nn

Visit = Callable[[nn.Module], AbstractContextManager[None]]
"""Opened around every use of a module, so that its weights may be elsewhere in between."""

Grid = tuple[int, int]
"""Height and width of what tokens [B, height * width, C] lie on, row by row."""


def staying(module: nn.Module) -> AbstractContextManager[None]:  # noqa: ARG001  # a `Visit`
    """Do nothing: the weights stay where they are."""
    return nullcontext()


class Merge(Protocol):
    """Fewer tokens for a self-attention."""

    def __call__(self, tokens: Tensor, grid: Grid) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        """Return fewer tokens, and what brings values of them back to all places.

        Args:
            tokens: [B, L, C], what attends to itself.
            grid: where they lie.

        Returns:
            [B, L', C] with L' <= L, and a function from [B, L', C] to [B, L, C].
        """
        ...


@dataclass(slots=True, eq=False)
class Deep:
    """Where a call leaves what the levels below the finest gave, or takes it from.

    Attributes:
        kept: [B, C, H/8, W/8], what the finest level's way up begins with; None lets the next
            call compute it and leave it here.
    """

    kept: Tensor | None = None

    @property
    def is_known(self) -> bool:
        """Whether a call with it skips the deep levels."""
        return self.kept is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What a call of a UNet does beside computing all of its blocks.

    Attributes:
        visit: opened around every block that is computed.
        deep: what is known of the deep levels, or is to be; None computes them and leaves nothing.
        merge: shortens self-attentions; None leaves them whole.
    """

    visit: Visit = staying
    deep: Deep | None = None
    merge: Merge | None = None


WHOLE: Final = Walk()
"""Every block, every token."""
