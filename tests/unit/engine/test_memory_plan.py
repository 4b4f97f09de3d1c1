"""Memory plans: sums that can be done by hand, at SDXL's own sizes, for cards of many sizes."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from irodori.catalog.header import Header, TensorInfo
from irodori.catalog.identify import AUTOENCODER, TEXT_G, TEXT_L, UNET
from irodori.engine.memory_plan import (
    GIB,
    NAMES,
    RESERVE,
    Formats,
    Part,
    Phase,
    Plan,
    Planned,
    Stay,
    decode_bytes,
    denoise_bytes,
    fastest,
    part_bytes,
    plans_for,
    smaller,
    with_fp8,
)
from irodori.engine.model_sizes import model_sizes
from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
from irodori.engine.modules.clip import CLIP_G, CLIP_L, ClipG, ClipL
from irodori.engine.modules.unet import UNet, UNetConfig
from irodori.errors import ModelFileError

PORTRAIT = Planned(width=832, height=1216)
UNET_NUMBERS = 2_567_463_684
TEXT_NUMBERS = 123_060_480 + 694_659_840
AUTOENCODER_NUMBERS = 83_653_863


def header_of(tensors, dtype="F16"):
    entries = {
        name: TensorInfo(dtype=dtype, shape=shape, start=0, end=0)
        for name, shape in tensors.items()
    }
    return Header(path=Path("sdxl"), tensors=entries, metadata={})


@pytest.fixture(scope="module")
def shapes():
    with torch.device("meta"):
        parts = {
            UNET: UNet(UNetConfig()),
            AUTOENCODER: Autoencoder(AutoencoderConfig()),
            TEXT_L: ClipL(CLIP_L),
            TEXT_G: ClipG(CLIP_G),
        }
    return {
        prefix + name: tuple(value.shape)
        for prefix, part in parts.items()
        for name, value in part.state_dict().items()
    }


@pytest.fixture(scope="module")
def sizes(shapes):
    return model_sizes(header_of(shapes))


def chosen(sizes, gib, formats=None, picture=PORTRAIT):
    budget = int(gib * GIB) - RESERVE
    return fastest(plans_for(sizes, formats or Formats(), picture), budget)


def test_weights_are_counted_from_the_header(sizes):
    formats = Formats()
    assert part_bytes(sizes, formats, Part.UNET) == 2 * UNET_NUMBERS
    assert part_bytes(sizes, formats, Part.TEXT) == 2 * TEXT_NUMBERS
    assert part_bytes(sizes, formats, Part.AUTOENCODER) == 2 * AUTOENCODER_NUMBERS


def test_keys_and_values_of_the_text_are_70_cross_attentions(sizes):
    assert sizes.text_values == 2 * (10 * 640 + 60 * 1280)


def test_eight_bits_halve_the_unet_and_nothing_else(sizes):
    plain, fp8 = Formats(), with_fp8(Formats())
    assert fp8.is_fp8
    assert not plain.is_fp8
    halved = part_bytes(sizes, fp8, Part.UNET) / part_bytes(sizes, plain, Part.UNET)
    assert halved == pytest.approx(0.5, abs=0.001)  # norms and biases stay
    for part in (Part.TEXT, Part.AUTOENCODER):
        assert part_bytes(sizes, fp8, part) == part_bytes(sizes, plain, part)


def test_a_file_of_eight_bits_is_known(shapes):
    assert model_sizes(header_of(shapes, "F8_E4M3")).is_fp8
    scaled = header_of({**shapes, f"{UNET}out.2.scale_weight": ()}, "F8_E4M3")
    assert not model_sizes(scaled).is_fp8
    assert not model_sizes(header_of(shapes)).is_fp8


@pytest.mark.parametrize(
    ("gib", "name", "whole"),
    [
        (24, "resident", True),
        (12, "resident", True),
        (9, "text-after-use", True),
        (8, "text-after-use", True),
        (7.5, "text-after-use", False),
        (6.5, "in-turns", True),
        (6, "streamed", True),
        (3, "streamed", False),
    ],
)
def test_the_fastest_plan_that_fits_a_card(sizes, gib, name, whole):
    found = chosen(sizes, gib)
    assert (found.plan.name, found.plan.tile == 0) == (name, whole)
    assert found.peak + RESERVE <= gib * GIB


def test_eight_gib_by_hand(sizes):
    """Parts that stay, the worst phase, the reserve: under 8 GiB, and the plan before is not."""
    found = chosen(sizes, 8)
    stay = 2 * (UNET_NUMBERS + AUTOENCODER_NUMBERS)
    tile = found.plan.tile
    side = tile or 1216
    decoding = 64 * 2**20 + int(min(832, side) * min(1216, side) * 3 * 256 * 1.5) * 2
    assert found.of(Phase.DECODE) == stay + decoding
    assert found.of(Phase.TEXT) == stay + 2 * TEXT_NUMBERS + 64 * 2**20
    assert found.peak + RESERVE <= 8 * GIB
    before = plans_for(sizes, Formats(), PORTRAIT)
    place = [each.plan for each in before].index(found.plan)
    assert all(each.peak + RESERVE > 8 * GIB for each in before[:place])


def test_eight_bits_let_a_six_gib_card_keep_the_unet(sizes):
    found = chosen(sizes, 6, with_fp8(Formats()))
    assert found.plan.unet is Stay.ALWAYS
    assert found.plan.name == "text-after-use"


def test_what_fits_nowhere_gets_the_plan_that_takes_least(sizes):
    every = plans_for(sizes, Formats(), PORTRAIT)
    found = fastest(every, 1)
    assert found.peak == min(each.peak for each in every)
    assert not found.plan.prefetch


def test_plans_come_level_by_level_with_tiles_that_shrink(sizes):
    every = plans_for(sizes, Formats(), PORTRAIT)
    names = [each.plan.name for each in every]
    assert tuple(dict.fromkeys(names)) == NAMES
    for name in NAMES:
        level = [each for each in every if each.plan.name == name and each.plan.prefetch]
        decoding = [each.of(Phase.DECODE) for each in level]
        assert decoding == sorted(decoding, reverse=True)
        assert len({each.of(Phase.DENOISE) for each in level}) == 1


def test_tiles_no_smaller_than_the_picture_are_left_out(sizes):
    every = plans_for(sizes, Formats(), Planned(width=512, height=512))
    assert {each.plan.tile for each in every} == {0, 256}
    tiny = plans_for(sizes, Formats(), Planned(width=256, height=256))
    assert {each.plan.tile for each in tiny} == {0}
    assert any(each.plan.tile == 1024 for each in plans_for(sizes, Formats(), PORTRAIT))


def test_after_a_failure_comes_the_next_plan_that_takes_less_there(sizes):
    every = plans_for(sizes, Formats(), PORTRAIT)
    first = every[0].plan
    assert smaller(every, first).plan.name == "text-after-use"
    after_text = smaller(every, first, Phase.TEXT)
    assert after_text.plan.name == "in-turns"  # until then the UNet lies beside the encoders
    denoising = smaller(every, after_text.plan, Phase.DENOISE)
    assert (denoising.plan.name, denoising.plan.prefetch) == ("streamed", True)
    last = smaller(every, denoising.plan, Phase.DENOISE)
    assert not last.plan.prefetch
    assert smaller(every, last.plan, Phase.DENOISE) is None


def test_a_batch_takes_more_to_denoise_and_no_more_to_decode(sizes):
    formats, four = Formats(), replace(PORTRAIT, batch=4)
    fixed = 64 << 20
    one = denoise_bytes(sizes, formats, PORTRAIT) - fixed
    assert denoise_bytes(sizes, formats, four) - fixed == pytest.approx(4 * one)
    assert decode_bytes(sizes, formats, four, 0) == decode_bytes(sizes, formats, PORTRAIT, 0)


def test_a_longer_prompt_takes_its_keys_and_values(sizes):
    formats, long = Formats(), replace(PORTRAIT, chunks=3)
    more = denoise_bytes(sizes, formats, long) - denoise_bytes(sizes, formats, PORTRAIT)
    assert more == 2 * 2 * 77 * 2 * sizes.text_values


def test_only_the_plan_that_changes_nothing_is_trivial():
    plan = Plan(name="resident", formats=Formats())
    assert plan.is_trivial
    assert not replace(plan, tile=512).is_trivial
    assert not replace(plan, text=Stay.IN_USE).is_trivial


def test_a_file_without_the_parts_has_no_plan(shapes):
    unet = {name: shape for name, shape in shapes.items() if name.startswith(UNET)}
    with pytest.raises(ModelFileError, match="no whole SDXL checkpoint"):
        model_sizes(header_of(unet))


def test_planning_loads_no_torch():
    code = "import sys, irodori.engine.memory_plan; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
