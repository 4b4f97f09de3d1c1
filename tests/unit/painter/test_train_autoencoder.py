"""Stage one on a toy pool: it learns, workers share a batch, statistics fold in exactly."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from irodori.errors import InputError
from irodori.painter.config import (
    AutoencoderTraining,
    Bucket,
    ModelTraining,
    PoolSettings,
    TrainingConfig,
)
from irodori.painter.crew import Crew
from irodori.painter.dataset import open_shards
from irodori.painter.frozen_autoencoder import (
    fold_statistics,
    freeze,
    latent_statistics,
    read_frozen,
)
from irodori.painter.run import Run
from irodori.painter.train_autoencoder import (
    Crops,
    new_autoencoder,
    psnr,
    reconstruct,
    reconstruction_loss,
    to_pixels,
    train_autoencoder,
)

SETTINGS = AutoencoderTraining(
    channels=(8, 8, 8, 8), res_blocks=1, groups=4, steps=6, batch=4, crop=32, full_from=0.5, seed=3
)


def write_shard(directory: Path, first_seed: int, side: int = 48, count: int = 6) -> None:
    """Write pictures of a bright disc, its box as the face."""
    directory.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(first_seed)
    y, x = np.mgrid[:side, :side]
    pictures = np.empty((count, side, side, 3), np.uint8)
    faces = np.full((count, 2, 4), np.nan, np.float32)
    for i in range(count):
        cx, cy = rng.integers(8, side - 8, 2)
        disc = ((x - cx) ** 2 + (y - cy) ** 2 < 36)[..., None]
        pictures[i] = np.where(disc, rng.integers(180, 255, 3), rng.integers(0, 80, 3))
        faces[i, 0] = (cx - 6, cy - 6, cx + 6, cy + 6)
    stem = directory / f"{side}x{side}-{first_seed:09d}"
    np.save(f"{stem}.pictures.npy", pictures)
    np.save(f"{stem}.faces.npy", faces)
    np.save(f"{stem}.frames.npy", np.tile(np.int32([side, side, 0, 0, side, side]), (count, 1)))


@pytest.fixture
def run_directory(tmp_path: Path) -> Path:
    write_shard(tmp_path / "pool", 1)
    write_shard(tmp_path / "pool", 7, side=64)
    write_shard(tmp_path / "held-out", 10_000_000)
    return tmp_path


def config(settings: AutoencoderTraining) -> TrainingConfig:
    pool = PoolSettings(shards=1, buckets=(Bucket(width=48, height=48, share=1.0),))
    return TrainingConfig(pool=pool, autoencoder=settings, model=ModelTraining(steps=1))


def averaged_state(directory: Path) -> dict[str, Tensor]:
    state = Run(directory=directory, stage="autoencoder").load()
    assert state is not None
    return state["module"]


def test_loss_falls_on_a_few_discs(run_directory: Path) -> None:
    module = new_autoencoder(SETTINGS)
    crops = Crops(settings=SETTINGS, shards=open_shards(run_directory / "pool"), crew=Crew())
    optimiser = torch.optim.AdamW(module.parameters(), lr=4e-3)
    losses = []
    for step in range(60):
        noise = torch.Generator().manual_seed(step)
        loss, _ = reconstruction_loss(module, crops.at(step % 3), noise, SETTINGS, 0.0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert np.mean(losses[-6:]) < 0.5 * np.mean(losses[:3])


def test_batches_follow_from_step_and_worker(run_directory: Path) -> None:
    shards = open_shards(run_directory / "pool")
    crops = Crops(settings=SETTINGS, shards=shards, crew=Crew())
    other = Crops(settings=SETTINGS, shards=shards, crew=Crew(rank=1, size=2))
    assert torch.equal(crops.at(0), crops.at(0))
    assert not torch.equal(crops.at(0), crops.at(1))
    assert not torch.equal(crops.at(0), other.at(0))
    assert crops.at(0).shape == (4, 3, 32, 32)
    assert crops.at(4).shape[-1] in {48, 64}  # a whole picture


def test_face_crops_lie_over_the_face(run_directory: Path) -> None:
    shards = open_shards(run_directory / "pool", smallest=64)
    settings = replace(SETTINGS, face_crops=1.0, crop=16)
    crops = Crops(settings=settings, shards=shards, crew=Crew())
    brightest = [crops.at(step).amax((1, 2, 3)) for step in range(3)]
    assert (torch.cat(brightest) > 0.3).all()  # each crop has some of the disc


def test_a_run_stops_saves_and_goes_on(run_directory: Path) -> None:
    train_autoencoder(config(SETTINGS), run_directory)
    once = averaged_state(run_directory)
    (run_directory / "autoencoder.state.pt").unlink()
    train_autoencoder(config(SETTINGS), run_directory)
    for name, value in averaged_state(run_directory).items():
        assert torch.equal(value, once[name])
    header = (run_directory / "autoencoder.checks.csv").read_text().splitlines()[0]
    assert header == "step,psnr_48x48"


def test_two_workers_take_the_step_of_their_joint_batch(run_directory: Path) -> None:
    one_step = replace(SETTINGS, steps=1, learning_rate=1.0)
    train_autoencoder(config(one_step), run_directory, workers=2)
    together = averaged_state(run_directory)
    start = new_autoencoder(one_step).state_dict()
    module = new_autoencoder(one_step)
    for rank in (0, 1):
        crew = Crew(rank=rank, size=2)
        shards = open_shards(run_directory / "pool")
        pixels = Crops(settings=one_step, shards=shards, crew=crew).at(0)
        noise = torch.Generator().manual_seed(rank)
        (reconstruction_loss(module, pixels, noise, one_step, 0.0)[0] / 2).backward()
    # AdamW's first step goes by the rate against the gradient's sign; the posterior's noise is
    # another here, so only clear gradients are compared.
    gradient = module.decoder.conv_out.bias.grad
    moved = together["decoder.conv_out.bias"] - start["decoder.conv_out.bias"]
    assert torch.equal(moved.sign(), -gradient.sign())


def test_folding_keeps_pictures_and_gives_unit_variance(run_directory: Path) -> None:
    module = new_autoencoder(SETTINGS)
    pixels = to_pixels(open_shards(run_directory / "pool")[0].pictures)
    before = reconstruct(module, pixels)
    spread = (
        module.encode(pixels).log_variance
        - 2 * module.encode(pixels).mean.std((0, 2, 3)).log()[:, None, None]
    )
    fold_statistics(module, *latent_statistics(module, [pixels]))
    assert torch.allclose(reconstruct(module, pixels), before, atol=2e-5)
    latents = module.encode(pixels).mean * module.config.scale
    assert torch.allclose(latents.mean((0, 2, 3)), torch.zeros(4), atol=1e-4)
    assert torch.allclose(latents.std((0, 2, 3), correction=0), torch.ones(4), atol=1e-4)
    folded = (
        module.encode(pixels).log_variance
        - 2 * module.encode(pixels).mean.std((0, 2, 3)).log()[:, None, None]
    )
    assert torch.allclose(folded, spread, atol=1e-3)  # the posterior's spread is scaled alike


def test_frozen_file_gives_the_same_latents(run_directory: Path) -> None:
    shards = open_shards(run_directory / "pool")
    with pytest.raises(InputError, match="no autoencoder was trained"):
        freeze(SETTINGS, run_directory, shards)
    train_autoencoder(config(SETTINGS), run_directory)
    frozen = freeze(SETTINGS, run_directory, shards)
    again = read_frozen(run_directory)
    pixels = to_pixels(shards[0].pictures[:2])
    with torch.no_grad():
        assert torch.equal(again.encode(pixels).mean, frozen.encode(pixels).mean)
    assert again.config == frozen.config


def test_psnr_of_a_known_error(run_directory: Path) -> None:
    module = new_autoencoder(SETTINGS)
    with torch.no_grad():
        module.decoder.conv_out.weight.zero_()
        module.decoder.conv_out.bias.zero_()
    shards = open_shards(run_directory / "held-out")
    errors = (to_pixels(shards[0].pictures) ** 2).mean((1, 2, 3))
    expected = float((10 * torch.log10(4 / errors)).mean())
    assert psnr(module, shards) == {"48x48": pytest.approx(expected, rel=1e-5)}
