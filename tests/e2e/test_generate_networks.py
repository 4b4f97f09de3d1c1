"""`irodori generate` with networks in the prompt: found by name, drawn, written down."""

import hashlib
import json
import re
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
from irodori.prompt import load_tokenizer
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


def test_strengths_by_the_step_by_block_and_apart_for_the_hires_pass(folder):
    """P14 on the command line: curves, `lbw=` and `hr=`, each against what it must equal."""
    network(folder / "style.safetensors", 1)  # in input block 7 alone

    def drawn(tag, *arguments):
        return pixels(generate(f"1girl, {tag}", *arguments)[0])

    plain, constant = drawn(""), drawn("<lora:style:0.7>")
    assert np.array_equal(drawn("<lora:style:0@0,0@1>"), plain)
    assert np.array_equal(drawn("<lora:style:0.7:lbw=OUTALL>"), plain)
    assert np.array_equal(drawn("<lora:style:0.7:lbw=INALL>"), constant)
    late = drawn("<lora:style:0@0,0@0.5,0.7@0.6,0.7@1>")
    rising = drawn("<lora:style:0@0,0.7@1>")
    for one, other in ((late, plain), (late, constant), (rising, late), (rising, constant)):
        assert not np.array_equal(one, other)
    hires = ("--hires", "1.5", "--hires-steps", "3")
    both = drawn("<lora:style:0.7>", *hires)
    assert np.array_equal(drawn("<lora:style:0.7:hr=0.7>", *hires), both)
    first, second = (drawn(f"<lora:style:{own}>", *hires) for own in ("0.7:hr=0", "0:hr=0.7"))
    none = drawn("", *hires)
    assert not any(
        np.array_equal(each, other) for each in (first, second) for other in (both, none)
    )


def test_an_embedding_counts_as_many_tokens_as_it_has_vectors(folder):
    (folder / "embeddings").mkdir()
    widths = [
        load_file(SHIPPED)[name].shape[1]
        for name in (
            "conditioner.embedders.0.transformer.text_model.embeddings.token_embedding.weight",
            "conditioner.embedders.1.model.token_embedding.weight",
        )
    ]
    _, said = generate("1girl, sky, sparkly")
    before = int(re.search(r"prompt: (\d+)/75", said)[1])
    word = len(load_tokenizer().encode("sparkly"))
    names = ("clip_l", "clip_g")
    vectors = {key: torch.zeros(9, width) for key, width in zip(names, widths, strict=True)}
    save_file(vectors, folder / "embeddings" / "sparkly.safetensors")
    _, said = generate("1girl, sky, sparkly")
    assert f"prompt: {before - word + 9}/75" in said


def test_a_style_is_known_by_its_folder_to_the_rules(folder):
    """Two of 0.8 are together more than practice allows; a guess says less than a fact."""
    for name in ("styles", "characters"):
        (folder / name).mkdir()
        network(folder / name / f"{name}1.safetensors", 1)
        network(folder / name / f"{name}2.safetensors", 2)
    _, styles = generate("1girl, <lora:styles1:0.8>, <lora:styles2:0.8>")
    _, people = generate("1girl, <lora:characters1:0.8>, <lora:characters2:0.8>")
    assert "STY" in styles
    assert "STY" not in people


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
