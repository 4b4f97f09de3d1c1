"""Finding model files by the names that people and prompts have for them."""

import os

import numpy as np
import pytest
from safetensors.numpy import save_file

from irodori.app.config import Config
from irodori.app.library import Library, with_networks
from irodori.errors import UnknownNameError
from irodori.recipe.names import NetworkKind
from irodori.recipe.parts import Noise
from irodori.recipe.recipe import Recipe

STEM = "lora_te2_text_model_encoder_layers_0_mlp_fc1"


def lora(path, **metadata):
    path.parent.mkdir(parents=True, exist_ok=True)
    zeros = {f"{STEM}.lora_up.weight": (4, 2), f"{STEM}.lora_down.weight": (2, 4)}
    tensors = {name: np.zeros(shape, np.float16) for name, shape in zeros.items()}
    save_file(tensors, path, metadata or None)
    return path


def embedding(path):
    tensors = {"clip_l": np.zeros((2, 768), np.float16), "clip_g": np.zeros((2, 1280), np.float16)}
    save_file(tensors, path)
    return path


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "models"
    made.mkdir()
    return made


@pytest.fixture
def library(folder, tmp_path):
    return Library(Config(outputs=tmp_path, models=(folder,), cache=tmp_path / "cache"))


def test_networks_are_found_by_stem_folder_title_and_letter_case(folder, library):
    first = lora(folder / "a" / "style.safetensors", ss_output_name="Pretty")
    second = lora(folder / "b" / "style.safetensors")
    other = lora(folder / "b" / "v1.5 Ink.safetensors", ss_output_name="Inky")
    assert library.network("style") == first
    assert library.network("b/style") == second
    assert library.network("v1.5 Ink") == other
    assert library.network("V1.5 INK") == other
    assert library.network("STYLE") is None, "two files fit without regard to case"
    assert library.network("Pretty") == first
    assert library.network("tyle") is None
    assert library.network("") is None


def test_a_title_of_two_files_means_neither(folder, library):
    for name in "ab":
        lora(folder / f"{name}.safetensors", ss_output_name="same")
    assert library.network("same") is None


def test_a_network_is_taken_before_a_checkpoint_of_its_name(folder, library):
    tensors = {"conditioner.embedders.1.model.ln_final.weight": np.zeros(2, np.float16)}
    save_file(tensors, folder / "illustrious.safetensors")
    network = lora(folder / "loras" / "illustrious.safetensors")
    assert library.network("illustrious") == network
    assert library.checkpoint("illustrious") == folder / "illustrious.safetensors"


def test_what_came_later_is_found_too(folder, library):
    lora(folder / "a.safetensors")
    assert library.network("b") is None
    assert library.embeddings == {}
    os.utime(folder, (1, 1))  # whatever the clock's grain, the next change shows
    library.look_again()
    added, word = lora(folder / "b.safetensors"), embedding(folder / "word.safetensors")
    assert library.network("b") == added
    assert library.embeddings == {"word": word}
    added.unlink()
    library.look_again()
    assert library.network("b") is None


def test_a_recipe_records_networks_and_embeddings_by_hash(folder, library):
    lora(folder / "style.safetensors")
    embedding(folder / "badhandv4.safetensors")
    recipe = Recipe(
        prompt="1girl, <lora:style:0.7>, [:<lora:gone:1>:0.5]",
        negative_prompt="(BadHandV4:1.2), worst quality",
        noise=Noise(seed=1),
    )
    found = with_networks(recipe, library).networks
    assert [(each.kind, each.name, bool(each.sha256)) for each in found] == [
        (NetworkKind.LORA, "style", True),
        (NetworkKind.LORA, "gone", False),
        (NetworkKind.EMBEDDING, "badhandv4", True),
    ]
    assert len(found[0].digest) == 12


def test_an_unknown_model_is_refused_with_the_nearest(folder, library):
    lora(folder / "watercolor.safetensors")
    assert library.find("watercolor").name == "watercolor"
    assert library.find(str(folder / "watercolor.safetensors")).rank == 2
    with pytest.raises(UnknownNameError, match="nearest is 'watercolor'"):
        library.find("watercolour")
