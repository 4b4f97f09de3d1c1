"""`irodori generate` with networks in the prompt: found by name, drawn, written down."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from safetensors.torch import load_file, save_file

from irodori.app.models import SHIPPED
from irodori.cli.main import root
from irodori.errors import ModelFileError
from irodori.recipe.info import read_picture

PREFIX = "model.diffusion_model."
SMALL = ("--steps", "4", "--size", "64x64", "--seed", "3", "--sampler", "Euler")


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


def network(path, seed, metadata=None):
    """A LoRA on every linear layer of the shipped model's first attention."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for name, weight in load_file(SHIPPED).items():
        if name.startswith(f"{PREFIX}input_blocks.7.1.") and weight.dim() == 2:
            stem = f"lora_unet_{name.removeprefix(PREFIX).removesuffix('.weight')}"
            stem = stem.replace(".", "_")
            up = torch.randn(weight.shape[0], 2, generator=generator)
            tensors[f"{stem}.lora_up.weight"] = up * weight.norm() * 0.2
            tensors[f"{stem}.lora_down.weight"] = torch.randn(
                2, weight.shape[1], generator=generator
            ) * (0.1)
    save_file(tensors, path, metadata)


def generate(prompt, *arguments):
    result = CliRunner().invoke(
        root, ["generate", prompt, *SMALL, *arguments, "--json"], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    (picture,) = json.loads(result.stdout)
    return Path(picture["path"]), result.stderr


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def infotext(path):
    with Image.open(path) as picture:
        return picture.info["parameters"]


def test_networks_of_a_prompt_are_drawn_by_the_step_and_written_down(folder):
    network(folder / "style.safetensors", 1)
    (folder / "artists").mkdir()
    network(folder / "artists" / "other.safetensors", 2, {"sshs_model_hash": "ab" * 32})
    path, _ = generate("1girl, <lora:style:0.7>, [:<lora:other:0.5>:0.5]")
    plain, _ = generate("1girl, , ")
    constant, _ = generate("1girl, <lora:style:0.7>, <lora:artists/other:0.5>")
    assert abs(pixels(path) - pixels(plain)).mean() > 1
    assert abs(pixels(path) - pixels(constant)).mean() > 0.5
    told = read_picture(path)
    whole = (folder / "style.safetensors").read_bytes()
    tensors = whole[8 + int.from_bytes(whole[:8], "little") :]
    assert told.recipe is not None
    style, other = told.recipe.networks
    assert (style.name, style.sha256) == ("style", hashlib.sha256(whole).hexdigest())
    assert style.digest == hashlib.sha256(tensors).hexdigest()[:12]
    assert (other.name, other.digest) == ("other", "ab" * 6)
    shown = CliRunner().invoke(root, ["info", str(path)], catch_exceptions=False).output
    assert f"style: {style.digest}" in infotext(path)
    assert "style" in shown


def test_a_network_is_found_by_the_name_it_was_trained_under(folder):
    network(folder / "ugly-file-name_0012.safetensors", 1, {"ss_output_name": "pretty"})
    path, said = generate("1girl, <lora:pretty:0.7>")
    assert "missing" not in said
    told = read_picture(path)
    assert told.recipe is not None
    assert told.recipe.networks[0].sha256


def test_a_missing_network_is_said_before_and_recorded_without_a_hash():
    path, said = generate("1girl, <lora:gone:1>")
    assert "network 'gone' is missing" in said
    told = read_picture(path)
    assert told.recipe is not None
    assert [(each.name, each.digest) for each in told.recipe.networks] == [("gone", "")]


def test_a_network_of_another_family_is_refused_by_its_name(folder):
    tensors = {"lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight": torch.ones(2, 2)}
    save_file(tensors, folder / "flux.safetensors")
    with pytest.raises(ModelFileError, match="for Flux"):
        generate("1girl, <lora:flux:1>")
