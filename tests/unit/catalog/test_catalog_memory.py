"""The memory plan: sums that can be done by hand, at SDXL's own sizes."""

from pathlib import Path

import pytest

from irodori.catalog.header import Header, TensorInfo
from irodori.catalog.identify import AUTOENCODER, TEXT_G, TEXT_L, UNET
from irodori.catalog.memory_plan import GIB, plan_memory

COUNTS = {UNET: 2_567_463_684, TEXT_L: 123_060_480, TEXT_G: 694_659_840, AUTOENCODER: 83_653_863}


def planned(gib, **changes):
    tensors = {
        f"{prefix}weight": TensorInfo(dtype="F16", shape=(count,), start=0, end=0)
        for prefix, count in COUNTS.items()
    }
    header = Header(path=Path("sdxl"), tensors=tensors, metadata={})
    asked = {"width": 1024, "height": 1024, "batch": 1} | changes
    return plan_memory(header, budget=int(gib * GIB), **asked)


def test_weights_are_two_bytes_a_number():
    plan = planned(24)
    assert dict(plan.weights) == {
        "UNet": 2 * COUNTS[UNET],
        "text encoder L": 2 * COUNTS[TEXT_L],
        "text encoder G": 2 * COUNTS[TEXT_G],
        "autoencoder": 2 * COUNTS[AUTOENCODER],
    }


def test_estimates_are_comfyuis_and_forges_for_1024_pixels():
    stages = {stage.name: stage.working for stage in planned(24).stages}
    assert stages["sampling"] / (1 << 20) == pytest.approx(524, abs=1)
    assert stages["decoding"] / 1e9 == pytest.approx(4.57, abs=0.01)


@pytest.mark.parametrize(
    ("gib", "tile", "fits"),
    [(24, 0, True), (12, 0, True), (10, 768, True), (8, 256, True), (6, 256, False)],
)
def test_tiles_are_as_large_as_fit(gib, tile, fits):
    plan = planned(gib)
    assert (plan.tile, plan.fits) == (tile, fits)
    assert (plan.peak <= gib * GIB) == fits


def test_a_batch_takes_more_to_sample_and_no_more_to_decode():
    one, four = planned(24), planned(24, batch=4)
    assert four.stages[1].working == pytest.approx(4 * one.stages[1].working)
    assert four.stages[2] == one.stages[2]
