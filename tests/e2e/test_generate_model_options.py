"""`irodori generate --vae --prediction`, and models in other forms than a single file."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from safetensors.torch import load_file, save_file

from irodori.app.models import SHIPPED
from irodori.catalog.header import read_header
from irodori.cli.main import root
from irodori.engine.loading.checkpoint import (
    PREFIXES,
    ModelParts,
    ModelTraits,
    save_checkpoint,
)
from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
from irodori.engine.modules.clip import ClipConfig, ClipG, ClipL
from irodori.engine.modules.initialise import initialise
from irodori.engine.modules.unet import UNet, UNetConfig
from irodori.recipe.info import read_picture

AUTOENCODER = "first_stage_model."
SMALL = ("--steps", "3", "--size", "64x64", "--seed", "3", "--sampler", "Euler")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    path, models = tmp_path / "config.toml", tmp_path / "models"
    models.mkdir()
    path.write_text(
        f'outputs = "{tmp_path / "pictures"}"\nmodels = ["{models}"]\n'
        f'cache = "{tmp_path / "cache"}"\nthreads = 1\ndevice = "cpu"\n'
    )
    monkeypatch.setenv("IRODORI_CONFIG", str(path))
    return models


def generate(*arguments):
    result = CliRunner().invoke(
        root, ["generate", "1girl", *SMALL, *arguments, "--json"], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    (picture,) = json.loads(result.stdout)
    return Path(picture["path"]), result.stderr


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def autoencoder(path, change):
    tensors = {
        name.removeprefix(AUTOENCODER): value
        for name, value in load_file(SHIPPED).items()
        if name.startswith(AUTOENCODER)
    }
    change(tensors)
    save_file(tensors, path, {"irodori.config": read_header(SHIPPED).metadata["irodori.config"]})


def darken(tensors):
    tensors["decoder.conv_out.bias"] = tensors["decoder.conv_out.bias"] - 0.5


def test_another_autoencoder_decodes_and_is_written_down(folder):
    autoencoder(folder / "same.safetensors", lambda tensors: None)
    autoencoder(folder / "dark.safetensors", darken)
    plain, _ = generate()
    same, said = generate("--vae", "same")
    dark, _ = generate("--vae", "dark")
    assert np.array_equal(pixels(same), pixels(plain))
    assert "missing" not in said
    assert pixels(dark).mean() < pixels(plain).mean() - 30
    told = read_picture(dark).recipe
    assert told is not None
    assert told.model.vae.name == "dark"
    assert told.model.vae.sha256


def test_a_missing_autoencoder_is_told_and_the_models_own_decodes():
    plain, _ = generate()
    path, said = generate("--vae", "gone")
    assert "autoencoder 'gone' is missing" in said
    assert np.array_equal(pixels(path), pixels(plain))


def test_the_prediction_can_be_overridden(folder):
    """For a picture by an option, for good by a YAML file beside the model, as in A1111."""
    plain, _ = generate()
    path, said = generate("--prediction", "v")
    assert not np.array_equal(pixels(path), pixels(plain))
    told = read_picture(path).recipe
    assert told is not None
    assert told.model.prediction == "v"
    assert "RCP009" not in said, "the file says nothing, so nothing contradicts it"
    shutil.copy(SHIPPED, folder / "lost-its-marks.safetensors")
    (folder / "lost-its-marks.yaml").write_text("model: {params: {parameterization: v}}")
    lasting, _ = generate("--model", "lost-its-marks")
    assert np.array_equal(pixels(lasting), pixels(path))
    _, said = generate("--model", "lost-its-marks", "--prediction", "eps")
    assert "RCP009" in said
    zero, _ = generate("--set", "model.noise_schedule=Zero Terminal SNR")
    assert not np.array_equal(pixels(zero), pixels(plain))


def test_an_empty_negative_is_zeros_or_encoded_as_asked():
    plain, _ = generate()
    encoded, _ = generate("--set", "empty_negative=encoded")
    assert not np.array_equal(pixels(encoded), pixels(plain))
    told = [read_picture(path).recipe for path in (plain, encoded)]
    assert [each.empty_negative.value for each in told if each] == ["zeros", "encoded"]


def test_the_arithmetic_can_be_chosen_and_is_written_down():
    plain, _ = generate()
    same, _ = generate("--dtype", "float32")  # Sumire's own, on any machine
    other, _ = generate("--dtype", "bfloat16")
    assert np.array_equal(pixels(same), pixels(plain))
    difference = abs(pixels(other) - pixels(plain)).mean()
    assert 0 < difference < 20
    numerics = [read_picture(path).recipe.numerics for path in (plain, other)]
    assert [each.dtype for each in numerics] == ["float32", "bfloat16"]
    result = CliRunner().invoke(root, ["generate", "1girl", *SMALL, "--dtype", "float16"])
    assert result.exit_code != 0
    assert "float16 ten times slower" in str(result.exception)


@pytest.fixture
def parts():
    """An SDXL of the least size whose heads are SDXL's, so that no metadata is needed."""
    text = {"width": 64, "layers": 2, "heads": 1, "inner": 64}
    made = ModelParts(
        unet=UNet(
            UNetConfig(
                channels=(32, 64), depths=(0, 1), middle_depth=1, context_dim=128, vector_dim=1600
            )
        ),
        autoencoder=Autoencoder(AutoencoderConfig(channels=(32,) * 4, layers_per_block=1)),
        text_l=ClipL(ClipConfig(**text)),
        text_g=ClipG(ClipConfig(**text, projection=64)),
    )
    for name in PREFIXES:
        initialise(getattr(made, name), torch.Generator().manual_seed(7))
    return made


def test_a_pickled_checkpoint_is_the_same_model(folder, parts):
    save_checkpoint(folder / "whole.safetensors", parts, traits=ModelTraits())
    torch.save({"state_dict": load_file(folder / "whole.safetensors")}, folder / "old.ckpt")
    whole, _ = generate("--model", "whole")
    old, _ = generate("--model", "old")
    assert np.array_equal(pixels(old), pixels(whole))
    told = CliRunner().invoke(
        root, ["models", "plan", str(folder / "old.ckpt"), "--vram", "8"], catch_exceptions=False
    )
    assert told.stdout.startswith("plan: resident")


def test_a_checkpoint_of_half_8_bit_weights_draws_nearly_the_same(folder):
    tensors, metadata = load_file(SHIPPED), dict(read_header(SHIPPED).metadata)
    for name, value in tensors.items():
        if ".input_blocks." in name and value.dim() > 1:
            tensors[name] = value.to(torch.float8_e4m3fn)
    save_file(tensors, folder / "eight.safetensors", metadata)
    plain, _ = generate()
    path, _ = generate("--model", "eight")
    difference = abs(pixels(path) - pixels(plain)).mean()
    assert 0 < difference < 20
