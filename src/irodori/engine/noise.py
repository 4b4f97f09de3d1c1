"""The noise of a job: one generator per image, so that a batch changes no picture.

Draws happen in one order for every image, whatever the batch: the initial noise first, then one
draw each time a sampler asks. Source: compat 5 (A1111's and Forge's order, ENSD, seed resize).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, assert_never

import torch
from torch import Tensor

from irodori.engine.brownian import BrownianPath
from irodori.engine.philox import PhiloxGenerator
from irodori.engine.variation import blend, paste_centred
from irodori.errors import RecipeError
from irodori.recipe.compat import OUR_BEHAVIOUR, CompatFlags
from irodori.recipe.names import NoiseKind
from irodori.recipe.parts import Noise

CPU: Final = torch.device("cpu")

_SEED_RANGE: Final = 2**64
_LATENT_CELL: Final = 8

# Added to a seed for noise that is no part of the sampler's stream (see `auxiliary`).
_AUXILIARY: Final = 0x9E3779B97F4A7C15


class Generator(Protocol):
    """One stream of normals."""

    def normal(self, shape: tuple[int, ...]) -> Tensor:
        """Return the next draw, float32 N(0, 1), on the generator's device."""
        ...


class TorchGenerator:
    """Torch's own generator of a device; the CPU's gives the same numbers everywhere."""

    def __init__(self, seed: int, device: torch.device) -> None:
        self._generator = torch.Generator(device).manual_seed(seed)

    def normal(self, shape: tuple[int, ...]) -> Tensor:
        """Return the next draw, float32 N(0, 1), on the generator's device."""
        generator = self._generator
        return torch.randn(shape, generator=generator, device=generator.device)


class CudaLikeGenerator:
    """CUDA's normals, computed on the CPU."""

    def __init__(self, seed: int) -> None:
        self._philox = PhiloxGenerator(seed)

    def normal(self, shape: tuple[int, ...]) -> Tensor:
        """Return the next draw, float32 N(0, 1), on the CPU."""
        return torch.from_numpy(self._philox.normal(shape))


def generator_of(kind: NoiseKind, seed: int, device: torch.device) -> Generator:
    """Return a fresh stream; the seed counts modulo 2^64."""
    seed %= _SEED_RANGE
    match kind:
        case NoiseKind.CPU:
            return TorchGenerator(seed, CPU)
        case NoiseKind.DEVICE:
            return TorchGenerator(seed, device)
        case NoiseKind.NV:
            return CudaLikeGenerator(seed)
        case _:
            assert_never(kind)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoiseSetting:
    """What the noise of a job is made for, beside the seeds.

    Attributes:
        shape: of one image's latents, (4, H/8, W/8).
        sigmas: the whole schedule, also where a pass enters it late: the Brownian path goes from
            its highest sigma down to 0.
        device: where noise is wanted, and drawn for `NoiseKind.DEVICE`.
        compat: `variation_by_column` mixes variation noise as upstream does,
            `brownian_over_schedule` ends the path at the lowest positive sigma.
    """

    shape: tuple[int, int, int]
    sigmas: Tensor
    device: torch.device = CPU
    compat: CompatFlags = OUR_BEHAVIOUR


class ImageNoise:
    """The noise of a batch; a `NoiseSource` whose image i is bit-equal to that image alone.

    Args:
        noises: the recipes' noise parts, one per image.
        setting: shape, schedule and device.

    Attributes:
        initial: float32 [B, 4, H/8, W/8], N(0, 1), the first draw of every image, with its
            variation and seed resize. Multiply it by the first sigma (`sampling.noised`).

    Raises:
        RecipeError: there is no image.
    """

    def __init__(self, noises: Sequence[Noise], setting: NoiseSetting) -> None:
        if not noises:
            raise RecipeError("a batch needs at least one image")
        self._noises = tuple(noises)
        self._setting = setting
        self._generators = [self._generator(noise.kind, noise.seed) for noise in noises]
        self._paths: list[BrownianPath] | None = None
        self._auxiliaries: list[Generator] | None = None
        self.initial = self._stacked(
            [
                self._first(noise, generator)
                for noise, generator in zip(noises, self._generators, strict=True)
            ]
        )
        for index, noise in enumerate(noises):
            if noise.ensd:
                self._generators[index] = self._generator(noise.kind, noise.seed + noise.ensd)

    def next(self) -> Tensor:
        """Return every image's next draw, float32 [B, 4, H/8, W/8], N(0, 1)."""
        return self._stacked([each.normal(self._setting.shape) for each in self._generators])

    def between(self, sigma: Tensor, sigma_next: Tensor) -> Tensor:
        """Return (W(sigma_next) - W(sigma)) / sqrt|sigma_next - sigma|, float32 [B, 4, H/8, W/8].

        W is a Brownian path per image, keyed by its seed: the same question always has the same
        answer, and neighbouring increments add up. Sigmas outside its range count as its ends.

        Raises:
            ValueError: both sigmas are the same.
        """
        start, end = float(sigma), float(sigma_next)
        if start == end:
            raise ValueError(f"no Brownian increment over an empty interval at sigma {start}")
        if self._paths is None:
            self._paths = [self._path(noise) for noise in self._noises]
        scale = abs(end - start) ** -0.5
        return self._stacked([path.increment(start, end) * scale for path in self._paths])

    def auxiliary(self) -> Tensor:
        """Return a draw from a second stream per image, which leaves the sampler's alone.

        For what upstream takes from the global generator (re-noising what an inpainting mask
        keeps): there a picture depends on its batch, here it does not.
        """
        if self._auxiliaries is None:
            self._auxiliaries = [
                self._generator(noise.kind, noise.seed + _AUXILIARY) for noise in self._noises
            ]
        return self._stacked([each.normal(self._setting.shape) for each in self._auxiliaries])

    def _generator(self, kind: NoiseKind, seed: int) -> Generator:
        return generator_of(kind, seed, self._setting.device)

    def _first(self, noise: Noise, generator: Generator) -> Tensor:
        """Return one image's initial noise, with variation and seed resize."""
        shape = self._setting.shape
        full = generator.normal(shape)
        drawn_shape = _drawn_shape(noise, shape)
        if drawn_shape == shape:
            return self._varied(full, noise)
        small = self._generator(noise.kind, noise.seed).normal(drawn_shape)
        return paste_centred(self._varied(small, noise), onto=full)

    def _varied(self, drawn: Tensor, noise: Noise) -> Tensor:
        if noise.variation_strength == 0:
            return drawn
        other = self._generator(noise.kind, noise.variation_seed).normal(tuple(drawn.shape))
        by_column = self._setting.compat.variation_by_column
        return blend(drawn, other, noise.variation_strength, by_column=by_column)

    def _path(self, noise: Noise) -> BrownianPath:
        sigmas, shape = self._setting.sigmas, self._setting.shape
        over_schedule = self._setting.compat.brownian_over_schedule
        return BrownianPath(
            seed=noise.seed,
            low=float(sigmas[sigmas > 0].min()) if over_schedule else 0.0,
            high=float(sigmas.max()),
            draw=lambda seed: self._generator(noise.kind, seed).normal(shape),
        )

    def _stacked(self, images: Sequence[Tensor]) -> Tensor:
        return torch.stack([image.to(torch.float32) for image in images]).to(self._setting.device)


def _drawn_shape(noise: Noise, shape: tuple[int, int, int]) -> tuple[int, int, int]:
    if not noise.resize_from_width:
        return shape
    height = noise.resize_from_height // _LATENT_CELL
    width = noise.resize_from_width // _LATENT_CELL
    return (shape[0], height, width)
