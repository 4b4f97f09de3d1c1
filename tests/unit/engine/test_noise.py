"""Noise: independent of the batch, one path per image, variation, seed resize, ENSD."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from irodori.engine.brownian import BrownianPath
from irodori.engine.model_sigmas import sdxl_sigmas
from irodori.engine.noise import ImageNoise, NoiseSetting, generator_of
from irodori.engine.philox import PhiloxGenerator
from irodori.engine.schedules import sigmas
from irodori.engine.variation import blend, paste_centred
from irodori.errors import RecipeError
from irodori.recipe.compat import Tool, compat_of
from irodori.recipe.names import NoiseKind
from irodori.recipe.parts import Noise

SHAPE = (4, 6, 10)
LEVELS = sigmas("Karras", 12, model_sigmas=sdxl_sigmas())
SETTING = NoiseSetting(shape=SHAPE, sigmas=LEVELS)
CPU = torch.device("cpu")
KINDS = list(NoiseKind)


def parts(kind: NoiseKind) -> list[Noise]:
    """Images that differ in everything noise depends on."""
    return [
        Noise(seed=7, kind=kind),
        Noise(seed=8, kind=kind, variation_seed=3, variation_strength=0.3),
        Noise(seed=9, kind=kind, ensd=31337),
        Noise(seed=10, kind=kind, resize_from_width=64, resize_from_height=64),
    ]


def drawn(noises: list[Noise]) -> list[Tensor]:
    """Return everything a sampler could ask of a batch's noise, in a mixed order."""
    source = ImageNoise(noises, SETTING)
    return [
        source.initial,
        source.next(),
        source.between(LEVELS[0], LEVELS[1]),
        source.auxiliary(),
        source.next(),
        source.between(LEVELS[4], LEVELS[2]),
        source.auxiliary(),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_of_a_batch_has_the_noise_it_has_alone(kind: NoiseKind) -> None:
    together = drawn(parts(kind))
    for index, part in enumerate(parts(kind)):
        for of_all, alone in zip(together, drawn([part]), strict=True):
            assert torch.equal(of_all[index], alone[0])


@pytest.mark.parametrize("kind", KINDS)
def test_first_and_later_draws_are_one_stream(kind: NoiseKind) -> None:
    source = ImageNoise([Noise(seed=5, kind=kind)], SETTING)
    stream = generator_of(kind, 5, CPU)
    assert torch.equal(source.initial[0], stream.normal(SHAPE))
    assert torch.equal(source.next()[0], stream.normal(SHAPE))
    assert torch.equal(source.next()[0], stream.normal(SHAPE))


def test_cpu_noise_is_torchs() -> None:
    source = ImageNoise([Noise(seed=5)], SETTING)
    expected = torch.randn(SHAPE, generator=torch.Generator().manual_seed(5))
    assert torch.equal(source.initial[0], expected)


def test_asking_for_brownian_or_auxiliary_noise_leaves_the_stream_alone() -> None:
    plain = ImageNoise([Noise(seed=5)], SETTING)
    asked = ImageNoise([Noise(seed=5)], SETTING)
    asked.auxiliary()
    asked.between(LEVELS[0], LEVELS[3])
    assert torch.equal(plain.next(), asked.next())


def test_ensd_changes_later_noise_and_not_the_first() -> None:
    plain = ImageNoise([Noise(seed=5)], SETTING)
    shifted = ImageNoise([Noise(seed=5, ensd=31337)], SETTING)
    assert torch.equal(plain.initial, shifted.initial)
    expected = generator_of(NoiseKind.CPU, 5 + 31337, CPU).normal(SHAPE)
    assert torch.equal(shifted.next()[0], expected)
    assert not torch.equal(plain.next()[0], expected)


def test_seeds_count_modulo_two_to_the_64() -> None:
    wrapped = generator_of(NoiseKind.NV, -1, CPU).normal((4,))
    assert torch.equal(wrapped, generator_of(NoiseKind.NV, 2**64 - 1, CPU).normal((4,)))
    source = ImageNoise([Noise(seed=3, ensd=-10)], SETTING)
    assert bool(source.next().isfinite().all())


def test_a_batch_needs_an_image() -> None:
    with pytest.raises(RecipeError):
        ImageNoise([], SETTING)


def test_philox_elements_do_not_depend_on_the_size_of_a_draw() -> None:
    few = PhiloxGenerator(99).normal((100,))
    many = PhiloxGenerator(99).normal((20_000,))
    np.testing.assert_array_equal(few, many[:100])
    assert abs(many.mean()) < 4 / math.sqrt(len(many))
    assert abs(many.std() - 1) < 4 / math.sqrt(2 * len(many))


# --- Brownian path -------------------------------------------------------------------------------


def path_of(seed: int, *, low: float, high: float, shape: tuple[int, ...] = SHAPE) -> BrownianPath:
    def draw(place: int) -> Tensor:
        return torch.randn(shape, generator=torch.Generator().manual_seed(place))

    return BrownianPath(seed=seed, low=low, high=high, draw=draw)


def path(seed: int, shape: tuple[int, ...] = SHAPE) -> BrownianPath:
    return path_of(seed, low=0.03, high=14.6, shape=shape)


def test_increments_add_up() -> None:
    one = path(1)
    whole = one.increment(14.6, 0.03)
    pieces = [one.increment(a, b) for a, b in ((14.6, 3.3), (3.3, 0.7), (0.7, 0.05), (0.05, 0.03))]
    torch.testing.assert_close(torch.stack(pieces).sum(0), whole, rtol=0, atol=1e-12)
    assert torch.equal(one.increment(3.3, 0.7), -one.increment(0.7, 3.3))


def test_the_path_does_not_depend_on_where_one_asks_first() -> None:
    times = torch.linspace(0.03, 14.6, 23, dtype=torch.float64).tolist()
    forwards, backwards = path(2), path(2)
    values = [forwards.at(t) for t in times]
    again = [backwards.at(t) for t in reversed(times)]
    for value, same in zip(values, reversed(again), strict=True):
        assert torch.equal(value, same)


def test_times_outside_the_range_are_its_ends() -> None:
    one = path(3)
    assert torch.equal(one.at(100.0), one.at(14.6))
    assert torch.equal(one.at(0.0), torch.zeros(SHAPE, dtype=torch.float64))


def test_increments_have_the_variance_of_their_length_and_are_independent() -> None:
    shape = (40_000,)
    one = path(4, shape)
    spans = [(14.6, 9.0), (9.0, 2.5), (2.5, 0.4), (0.4, 0.1)]
    increments = torch.stack(
        [one.increment(a, b) / math.sqrt(a - b) for a, b in spans]
    )  # [4, 40000], N(0, 1) each
    covariance = increments @ increments.T / shape[0]
    # The standard error of a covariance entry is about 1/200 (of a variance, 1.4/200).
    torch.testing.assert_close(covariance, torch.eye(4, dtype=torch.float64), atol=0.03, rtol=0)
    assert bool((increments.mean(1).abs() < 0.025).all())


def test_between_is_standard_normal_and_consistent_across_step_counts() -> None:
    source = ImageNoise([Noise(seed=5)], SETTING)
    fine = [source.between(a, b) * (a - b).sqrt() for a, b in pairwise(LEVELS[:-1])]
    coarse = source.between(LEVELS[0], LEVELS[-2]) * (LEVELS[0] - LEVELS[-2]).sqrt()
    torch.testing.assert_close(torch.stack(fine).sum(0), coarse, rtol=0, atol=1e-5)
    assert 0.7 < float(source.between(LEVELS[0], LEVELS[1]).std()) < 1.3


def test_other_step_counts_and_schedules_see_the_same_path() -> None:
    few, many = (sigmas("Exponential", n, model_sigmas=sdxl_sigmas()) for n in (5, 50))
    even = sigmas("SGM Uniform", 20, model_sigmas=sdxl_sigmas())
    above, below = few[1], few[2]
    seen = [
        ImageNoise([Noise(seed=5)], NoiseSetting(shape=SHAPE, sigmas=levels)).between(above, below)
        for levels in (few, many, even)
    ]
    assert torch.equal(seen[0], seen[1])
    assert torch.equal(seen[0], seen[2])


def test_upstreams_path_ends_at_the_lowest_positive_sigma() -> None:
    upstream = NoiseSetting(shape=SHAPE, sigmas=LEVELS, compat=compat_of(Tool.A1111))
    stream = path_of(5, low=float(LEVELS[-2]), high=float(LEVELS[0]))
    above, below = LEVELS[2], LEVELS[3]
    expected = stream.increment(float(above), float(below)) / math.sqrt(float(above - below))
    seen = ImageNoise([Noise(seed=5)], upstream).between(above, below)[0]
    torch.testing.assert_close(seen, expected.float())
    assert not torch.allclose(seen, ImageNoise([Noise(seed=5)], SETTING).between(above, below)[0])


def test_an_empty_interval_has_no_increment() -> None:
    source = ImageNoise([Noise(seed=5)], SETTING)
    with pytest.raises(ValueError, match="empty"):
        source.between(LEVELS[1], LEVELS[1])


# --- variation and seed resize -------------------------------------------------------------------


def normals(seed: int, shape: tuple[int, ...] = (4, 32, 32)) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("by_column", [False, True])
def test_blend_goes_from_one_noise_to_the_other(by_column: bool) -> None:
    noise, other = normals(1), normals(2)
    torch.testing.assert_close(blend(noise, other, 0.0, by_column=by_column), noise)
    torch.testing.assert_close(blend(noise, other, 1.0, by_column=by_column), other)
    half = blend(noise, other, 0.5, by_column=by_column)
    assert float(half.std()) == pytest.approx(1.0, abs=0.03)


def test_blend_turns_by_a_share_of_the_angle() -> None:
    noise, other = normals(1), normals(2)

    def angle(a: Tensor, b: Tensor) -> float:
        return math.acos(float((a * b).sum() / (a.norm() * b.norm())))

    part = blend(noise, other, 0.25)
    assert angle(noise, part) == pytest.approx(0.25 * angle(noise, other), abs=0.01)


def test_upstreams_blend_is_per_channel_and_column() -> None:
    noise, other = normals(1), normals(2)
    ours = blend(noise, other, 0.3, by_column=True)
    for channel, column in ((0, 0), (3, 17)):
        a, b = noise[channel, :, column], other[channel, :, column]
        angle = torch.acos((a * b).sum() / (a.norm() * b.norm()))
        expected = (torch.sin(0.7 * angle) * a + torch.sin(0.3 * angle) * b) / torch.sin(angle)
        torch.testing.assert_close(ours[channel, :, column], expected)


def test_nearly_parallel_noises_are_mixed_straight_and_swapped_upstream() -> None:
    noise = normals(1)
    other = noise + 1e-3 * normals(2)
    torch.testing.assert_close(blend(noise, other, 0.25), noise + 0.25 * (other - noise))
    upstream = blend(noise, other, 0.25, by_column=True)
    torch.testing.assert_close(upstream, noise + 0.75 * (other - noise))


def test_variation_of_a_job_follows_its_compatibility() -> None:
    part = Noise(seed=1, variation_seed=2, variation_strength=0.3)
    first, second = (generator_of(NoiseKind.CPU, seed, CPU).normal(SHAPE) for seed in (1, 2))
    ours = ImageNoise([part], SETTING)
    torch.testing.assert_close(ours.initial[0], blend(first, second, 0.3))
    setting = NoiseSetting(shape=SHAPE, sigmas=LEVELS, compat=compat_of(Tool.A1111))
    upstream = ImageNoise([part], setting)
    expected = blend(first, second, 0.3, by_column=True)
    torch.testing.assert_close(upstream.initial[0], expected)


@pytest.mark.parametrize(
    ("small", "inside", "crop"),
    [
        ((4, 4, 6), (slice(1, 5), slice(2, 8)), (slice(0, 4), slice(0, 6))),
        ((4, 10, 6), (slice(0, 6), slice(2, 8)), (slice(2, 8), slice(0, 6))),
        ((4, 9, 10), (slice(0, 5), slice(0, 10)), (slice(2, 7), slice(0, 10))),
    ],
)
def test_resized_noise_stands_in_the_middle(
    small: tuple[int, ...], inside: tuple[slice, slice], crop: tuple[slice, slice]
) -> None:
    drawn_small, full = normals(1, small), normals(2, (4, 6, 10))
    result = paste_centred(drawn_small, onto=full)
    assert torch.equal(result[:, inside[0], inside[1]], drawn_small[:, crop[0], crop[1]])
    kept = torch.ones(6, 10, dtype=torch.bool)
    kept[inside] = False
    assert torch.equal(result[:, kept], full[:, kept])


def test_seed_resize_keeps_the_small_pictures_noise() -> None:
    part = Noise(seed=10, resize_from_width=48, resize_from_height=32)
    source = ImageNoise([part], SETTING)
    small = generator_of(NoiseKind.CPU, 10, CPU).normal((4, 4, 6))
    assert torch.equal(source.initial[0][:, 1:5, 2:8], small)
    stream = generator_of(NoiseKind.CPU, 10, CPU)
    full = stream.normal(SHAPE)
    assert torch.equal(source.initial[0][:, 0], full[:, 0])
    assert torch.equal(source.next()[0], stream.normal(SHAPE))
