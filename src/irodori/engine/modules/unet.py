"""SDXL's UNet: predicts the noise (or v) in latents, given the time, a text and a vector of facts.

Attribute names are the keys of the single-file layout after `model.diffusion_model.`.

Source: Podell et al. 2023, arXiv:2307.01952, section 2.1; Ho et al. 2020, arXiv:2006.11239.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import log

import torch
from torch import Tensor, nn

from irodori.engine.modules.attention import Attend, fused
from irodori.engine.modules.blocks import (
    Attention,
    ContextKV,
    Downsample,
    ResidualBlock,
    Sizes,
    Transformer,
    Upsample,
)
from irodori.engine.modules.layers import Conv2d, GroupNorm, Linear, channels_last
from irodori.engine.modules.walk import WHOLE, Visit, Walk, staying


@dataclass(frozen=True, slots=True, kw_only=True)
class UNetConfig:
    """The sizes of a UNet; the defaults are SDXL's.

    Attributes:
        channels: per level, finest first; each level after the first halves height and width.
        layers_per_block: residual blocks a level on the way down; one more on the way up.
        depths: transformer blocks after each residual block, per level; 0 is no transformer.
        middle_depth: transformer blocks in the middle.
        head_dim: width of an attention head; divides the channels of levels with transformers.
        context_dim: width of the text's states, both encoders side by side.
        vector_dim: width of the vector of facts: pooled text and embedded sizes.
        latent_channels: channels of the latents, in and out.
        extra_channels: channels seen beside the latents: 5 in inpainting checkpoints, the mask and
            the latents of the masked picture.
        groups: groups of every group norm; divides all channels.
    """

    channels: tuple[int, ...] = (320, 640, 1280)
    layers_per_block: int = 2
    depths: tuple[int, ...] = (0, 2, 10)
    middle_depth: int = 10
    head_dim: int = 64
    context_dim: int = 2048
    vector_dim: int = 2816
    latent_channels: int = 4
    extra_channels: int = 0
    groups: int = 32

    @property
    def sizes(self) -> Sizes:
        """What all blocks share."""
        return Sizes(
            embedding_dim=4 * self.channels[0],
            context_dim=self.context_dim,
            head_dim=self.head_dim,
            groups=self.groups,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What every block is given beside the picture."""

    embedding: Tensor  # [B, 4 * channels[0]], of time and vector
    context_kv: ContextKV
    attend: Attend
    walk: Walk


class UNet(nn.Module):
    """The denoising network."""

    ends_of_branches = ("out.2",)

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        first, last = config.channels[0], config.channels[-1]
        embedding = config.sizes.embedding_dim
        self.time_embed = _perceptron(first, embedding)
        self.label_emb = nn.Sequential(_perceptron(config.vector_dim, embedding))
        self.input_blocks, skips = _way_down(config)
        self.middle_block = nn.ModuleList(
            [
                ResidualBlock(last, last, config.sizes),
                Transformer(last, config.middle_depth, config.sizes, "middle_block.1"),
                ResidualBlock(last, last, config.sizes),
            ]
        )
        self.output_blocks = _way_up(config, skips)
        self.out = nn.Sequential(
            GroupNorm(config.groups, first),
            nn.SiLU(),
            Conv2d(first, config.latent_channels, 3, padding=1),
        )

    def in_order(self, walk: Walk = WHOLE) -> tuple[nn.Module, ...]:
        """Return the modules that `forward` visits on a walk, in its order."""
        down, up = self._finest
        if walk.deep is None or not walk.deep.is_known:
            down = (*self.input_blocks, self.middle_block, *self._way_up_to_the_finest)
        return (self.time_embed, self.label_emb, *down, *up, self.out)

    @property
    def _finest(self) -> tuple[tuple[nn.Module, ...], tuple[nn.Module, ...]]:
        """The finest level's blocks, on the way down and on the way up."""
        count = self.config.layers_per_block + 1
        return tuple(self.input_blocks)[:count], tuple(self.output_blocks)[-count:]

    @property
    def _way_up_to_the_finest(self) -> tuple[nn.Module, ...]:
        return tuple(self.output_blocks)[: -self.config.layers_per_block - 1]

    def context_kv(self, context: Tensor, visit: Visit = staying) -> ContextKV:
        """Return all keys and values of a text, to be computed once for all steps.

        Args:
            context: [B, M, context_dim], the text's states; M a multiple of 77.
            visit: opened around every linear layer.
        """
        found = {}
        for module in self.modules():
            if isinstance(module, Attention) and module.site.cross:
                with visit(module.to_k), visit(module.to_v):
                    found[module.site.name] = module.keys_values(context)
        return found

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        vector: Tensor,
        context: Tensor | ContextKV,
        attend: Attend = fused,
        walk: Walk = WHOLE,
    ) -> Tensor:
        """Return the prediction for noisy latents, of their shape and dtype.

        Args:
            x: [B, latent_channels + extra_channels, H/8, W/8], latents scaled to unit variance,
                then what stands beside them; dtype of the weights.
            t: [B], the time 0..999, may be fractional; float32.
            vector: [B, vector_dim], pooled text and embedded sizes.
            context: [B, M, context_dim] states of the text, or what `context_kv` gave for them.
            attend: how attention is computed.
            walk: what is skipped or shortened; by default nothing.
        """
        visit = walk.visit
        kv = self.context_kv(context, visit) if isinstance(context, Tensor) else context
        with visit(self.time_embed):
            time = self.time_embed(sinusoids(t, self.config.channels[0]).to(x.dtype))
        with visit(self.label_emb):
            embedding = time + self.label_emb(vector.to(x.dtype))
        given = _Given(embedding=embedding, context_kv=kv, attend=attend, walk=walk)
        fine_down, fine_up = self._finest
        skips: list[Tensor] = []
        x = _down(fine_down, channels_last(x), given, skips)
        x = _up(fine_up, self._deep_levels(x, given, skips), given, skips)
        with visit(self.out):
            out: Tensor = self.out(x)
        return out

    def _deep_levels(self, x: Tensor, given: _Given, skips: list[Tensor]) -> Tensor:
        """Return what the levels below the finest make of x, or are known to have made of it."""
        walk = given.walk
        if walk.deep is not None and walk.deep.kept is not None:
            return walk.deep.kept
        below = islice(self.input_blocks, self.config.layers_per_block + 1, None)
        x = _down(below, x, given, skips)
        with walk.visit(self.middle_block):
            x = _run(self.middle_block, x, given)
        x = _up(self._way_up_to_the_finest, x, given, skips)
        if walk.deep is not None:
            walk.deep.kept = x
        return x


def sinusoids(values: Tensor, width: int) -> Tensor:
    """Return numbers as waves: cosines then sines of `width / 2` frequencies, 1 down to 1/10000.

    Used for the time (width channels[0]) and for the sizes in the vector (width 256).

    Args:
        values: [...], any dtype.
        width: even.

    Returns:
        float32 [..., width].

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.5, cosines first.
    """
    half = width // 2
    # Multiplied before divided, as everyone does: at 999 the order of rounding shows.
    exponents = -log(10000) * torch.arange(half, dtype=torch.float32, device=values.device) / half
    angles = values.float()[..., None] * exponents.exp()
    return torch.cat((angles.cos(), angles.sin()), -1)


def _run(block: nn.Module, x: Tensor, given: _Given, size: torch.Size | None = None) -> Tensor:
    """Return x after a block's layers, each given what its kind needs."""
    for layer in block.children():
        match layer:
            case ResidualBlock():
                x = layer(x, given.embedding)
            case Transformer():
                x = layer(x, given.context_kv, given.attend, given.walk.merge)
            case Upsample():
                x = layer(x, size)
            case _:
                x = layer(x)
    return x


def _down(blocks: Iterable[nn.Module], x: Tensor, given: _Given, skips: list[Tensor]) -> Tensor:
    """Return x after blocks of the way down; each leaves its result in `skips`."""
    for block in blocks:
        with given.walk.visit(block):
            x = _run(block, x, given)
        skips.append(x)
    return x


def _up(blocks: Iterable[nn.Module], x: Tensor, given: _Given, skips: list[Tensor]) -> Tensor:
    """Return x after blocks of the way up; each takes the last of `skips` beside x."""
    for block in blocks:
        x = torch.cat((x, skips.pop()), 1)
        # An odd height or width was rounded up on the way down: grow back to what it was.
        with given.walk.visit(block):
            x = _run(block, x, given, skips[-1].shape[-2:] if skips else None)
    return x


def _perceptron(channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        Linear(channels, out_channels), nn.SiLU(), Linear(out_channels, out_channels)
    )


def _way_down(config: UNetConfig) -> tuple[nn.ModuleList, list[int]]:
    """Return the input blocks and the channels that each leaves to the way up."""
    channels = config.channels[0]
    first = Conv2d(config.latent_channels + config.extra_channels, channels, 3, padding=1)
    blocks, skips = nn.ModuleList([nn.ModuleList([first])]), [channels]
    for level, (out_channels, depth) in enumerate(zip(config.channels, config.depths, strict=True)):
        for _ in range(config.layers_per_block):
            name = f"input_blocks.{len(blocks)}.1"
            blocks.append(nn.ModuleList(_pair(channels, out_channels, depth, config, name)))
            channels = out_channels
            skips.append(channels)
        if level < len(config.channels) - 1:
            blocks.append(nn.ModuleList([Downsample(channels)]))
            skips.append(channels)
    return blocks, skips


def _way_up(config: UNetConfig, skips: list[int]) -> nn.ModuleList:
    """Return the output blocks, which take what the way down left, last first."""
    channels, blocks = config.channels[-1], nn.ModuleList()
    left = list(skips)
    levels = list(zip(config.channels, config.depths, strict=True))
    for level, (out_channels, depth) in reversed(list(enumerate(levels))):
        for i in range(config.layers_per_block + 1):
            name = f"output_blocks.{len(blocks)}.1"
            block = nn.ModuleList(_pair(channels + left.pop(), out_channels, depth, config, name))
            channels = out_channels
            if level > 0 and i == config.layers_per_block:
                block.append(Upsample(channels))
            blocks.append(block)
    return blocks


def _pair(
    channels: int, out_channels: int, depth: int, config: UNetConfig, name: str
) -> Iterator[nn.Module]:
    """Yield a residual block and, where the level has them, its transformer."""
    yield ResidualBlock(channels, out_channels, config.sizes)
    if depth:
        yield Transformer(out_channels, depth, config.sizes, name)
