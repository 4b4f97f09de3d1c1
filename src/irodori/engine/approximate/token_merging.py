"""Token merging: of tokens that are alike, a self-attention sees their mean only.

In every cell of 2x2 tokens one is a destination. Of the others, those most like some destination
are merged with it before the attention, and take its answer after it. Only the finest level that
has attention is merged, which is where tokens are many and alike.

Source: Bolya and Hoffman 2023, arXiv:2303.17604, sections 3 and 4; Bolya et al. 2022,
arXiv:2210.09461, section 3 (matching). Which token of a cell is the destination is drawn once from
a fixed seed, not at every step: the same picture every time.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from irodori.engine.modules.unet import UNetConfig
from irodori.engine.modules.walk import Grid

_CELL = 2  # side of the cells that keep one token each


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Places:
    """Which tokens of a grid are destinations."""

    sources: Tensor  # int64 [L - D]
    destinations: Tensor  # int64 [D]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Matched:
    """Which tokens of each picture are merged with which; `sources` counts within the sources."""

    merged: Tensor  # int64 [B, R], sources that go
    left: Tensor  # int64 [B, L - D - R], sources that stay
    into: Tensor  # int64 [B, R], the destinations they go into


class TokenMerging:
    """A `Merge` for one grid; others are left whole.

    Args:
        ratio: 0..0.75, of all tokens, so much is merged.
        grid: where the tokens lie that are merged.
    """

    def __init__(self, ratio: float, grid: Grid) -> None:
        self._ratio = ratio
        self._grid = grid
        self._places = _places(grid)

    def __call__(self, tokens: Tensor, grid: Grid) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        """Return fewer tokens of [B, L, C], and what brings values back to all L places."""
        places = self._places
        count = min(int(tokens.shape[1] * self._ratio), len(places.sources))
        if grid != self._grid or count == 0:
            return tokens, _as_they_are
        sources = tokens.index_select(1, places.sources.to(tokens.device))
        targets = tokens.index_select(1, places.destinations.to(tokens.device))
        matched = _matched(sources, targets, count)
        fewer = torch.cat((_taken(sources, matched.left), _means(sources, targets, matched)), 1)
        length = tokens.shape[1]
        return fewer, lambda values: _restored(values, matched, places, length)


def finest_grid(config: UNetConfig, height: int, width: int) -> Grid:
    """Return the grid of the finest level that has attention.

    Args:
        config: of the UNet.
        height: of the latents.
        width: of the latents.
    """
    for _ in range(next((i for i, depth in enumerate(config.depths) if depth), 0)):
        height, width = (height + 1) // 2, (width + 1) // 2  # as `Downsample` rounds
    return height, width


def _as_they_are(values: Tensor) -> Tensor:
    return values


def _places(grid: Grid) -> _Places:
    """Return one destination for every whole cell of a grid, and the rest."""
    height, width = grid
    cells = height // _CELL, width // _CELL
    generator = torch.Generator().manual_seed(height * 10_007 + width)
    chosen = torch.randint(_CELL * _CELL, cells, generator=generator)
    rows = torch.arange(cells[0])[:, None] * _CELL + chosen // _CELL
    columns = torch.arange(cells[1])[None, :] * _CELL + chosen % _CELL
    is_source = torch.ones(height * width, dtype=torch.bool)
    destinations = (rows * width + columns).flatten()
    is_source[destinations] = False
    return _Places(sources=is_source.nonzero().flatten(), destinations=destinations)


def _matched(sources: Tensor, targets: Tensor, count: int) -> _Matched:
    """Return the `count` sources most like a destination, by the cosine of the two."""
    likeness = _unit(sources) @ _unit(targets).transpose(1, 2)  # (B, L - D, D)
    best, into = likeness.max(-1)
    order = best.argsort(dim=-1, descending=True, stable=True)
    merged = order[:, :count]
    return _Matched(merged=merged, left=order[:, count:], into=into.gather(1, merged))


def _unit(tokens: Tensor) -> Tensor:
    unit: Tensor = tokens / tokens.norm(dim=-1, keepdim=True).clamp_min(1e-6)
    return unit


def _taken(tokens: Tensor, places: Tensor) -> Tensor:
    """Return tokens [B, L, C] at places [B, N], as [B, N, C]."""
    return tokens.gather(1, _wide(places, tokens))


def _wide(places: Tensor, like: Tensor) -> Tensor:
    return places[..., None].expand(-1, -1, like.shape[-1])


def _means(sources: Tensor, targets: Tensor, matched: _Matched) -> Tensor:
    """Return the destinations with what is merged into them averaged in."""
    going = _taken(sources, matched.merged)
    into = _wide(matched.into, going)
    return targets.scatter_reduce(1, into, going, reduce="mean", include_self=True)


def _restored(values: Tensor, matched: _Matched, places: _Places, length: int) -> Tensor:
    """Return values [B, L', C] of the fewer tokens at all places, [B, length, C]."""
    kept = matched.left.shape[1]
    stayed, targets = values[:, :kept], values[:, kept:]
    sources = values.new_empty(len(values), len(places.sources), values.shape[-1])
    sources.scatter_(1, _wide(matched.left, values), stayed)
    sources.scatter_(1, _wide(matched.merged, values), _taken(targets, matched.into))
    out = values.new_empty(len(values), length, values.shape[-1])
    out[:, places.sources.to(values.device)] = sources
    out[:, places.destinations.to(values.device)] = targets
    return out
