"""Every demonstrator in the repository: it fits the shipped model whole and changes the picture."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from irodori.app.models import SHIPPED
from irodori.catalog.hashes import file_sha256
from irodori.catalog.header import read_header
from irodori.cli.main import root
from irodori.engine.embeddings import load_embedding
from irodori.engine.lora.keys import KeyTable
from irodori.engine.lora.network import load_network
from irodori.painter.adapt.demonstrators import DEMONSTRATORS
from irodori.painter.adapt.difference import BASE
from irodori.painter.adapt.file import BASE_HASH, RECIPE
from irodori.painter.drawing import open_model

FOLDER = Path(__file__).parents[2] / "demonstrators"
LORAS = sorted((FOLDER / "loras").glob("*.safetensors"))
EMBEDDINGS = sorted((FOLDER / "embeddings").glob("*.safetensors"))
DIFFERENCES = sorted((FOLDER / "checkpoints").glob("*.difference"))
SMALL = ("--steps", "4", "--size", "64x64", "--seed", "3", "--sampler", "Euler")
FAST = ("--size", "128x128", "--steps", "5", "--sampler", "LCM SGM Uniform", "--cfg", "1.5")
CHECKPOINTS = {"sumire-ink": ("eps", False), "sumire-v": ("v", True)}


def run(*arguments):
    result = CliRunner().invoke(root, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    """The folder of the checkpoints, assembled by the command."""
    folder = tmp_path_factory.mktemp("checkpoints")
    copies = [shutil.copy(path, folder) for path in DIFFERENCES]
    run("paint", "assemble", *copies)
    return folder


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch, checkpoints):
    path = tmp_path / "config.toml"
    path.write_text(
        f'outputs = "{tmp_path / "pictures"}"\nmodels = ["{FOLDER}", "{checkpoints}"]\n'
        f'cache = "{tmp_path / "cache"}"\nthreads = 1\ndevice = "cpu"\n'
    )
    monkeypatch.setenv("IRODORI_CONFIG", str(path))


@pytest.fixture(scope="module")
def model():
    return open_model(SHIPPED)


def pixels(prompt, *arguments):
    (picture,) = json.loads(run("generate", prompt, *SMALL, *arguments, "--json"))
    assert picture["notes"] == []
    with Image.open(picture["path"]) as opened:
        return np.asarray(opened.convert("RGB")).astype(int)


def difference(first, second):
    """Return the mean difference of two pictures, in levels of 255."""
    return np.abs(first - second).mean()


def test_there_is_one_of_every_kind_made_for_the_shipped_model():
    files = (*LORAS, *EMBEDDINGS, *DIFFERENCES)
    assert {path.stem for path in files} == {each.name for each in DEMONSTRATORS}
    sha256 = file_sha256(SHIPPED)
    for path in files:
        said = read_header(path).metadata
        assert sha256 in {said.get(BASE), said.get(BASE_HASH)}, (
            f"{path.name} was made for another release: irodori paint demonstrators"
        )


@pytest.mark.parametrize("path", LORAS, ids=lambda path: path.stem)
def test_a_network_fits_whole_and_changes_the_picture(path, model):
    assert path.stat().st_size < 1_050_000
    parts = ("unet", "text_l", "text_g")
    shapes = {
        part: {name: value.shape for name, value in getattr(model, part).named_parameters()}
        for part in parts
    }
    network = load_network(path, KeyTable(model), shapes)
    assert network.unmatched == ()
    shown = json.loads(run("models", "show", path, "--json"))
    trigger = ", ".join(shown.get("triggers", ()))
    trigger = trigger.replace("(", r"\(").replace(")", r"\)")
    prompt = ", ".join(filter(None, ("1girl, smile", trigger)))
    way = FAST if path.stem == "sumire-lcm" else ()
    called, plain = (pixels(text, *way) for text in (f"{prompt}, <lora:{path.stem}:1>", prompt))
    assert difference(called, plain) > 4
    if way:  # five steps alone are pale
        assert called.std() > 1.2 * plain.std()


@pytest.mark.parametrize("path", EMBEDDINGS, ids=lambda path: path.stem)
def test_an_embedding_is_read_and_changes_the_picture(path, model):
    embedding = load_embedding(path, model.text_l.config.width, model.text_g.config.width)
    assert embedding.clip_l.shape[0] == embedding.clip_g.shape[0] == 4
    assert read_header(path).metadata[RECIPE]
    assert difference(pixels(f"1girl, smile, {path.stem}"), pixels("1girl, smile")) > 4


@pytest.mark.parametrize("name", [path.stem for path in DIFFERENCES])
def test_a_checkpoint_is_assembled_recognised_and_draws(name, checkpoints):
    path = checkpoints / f"{name}.safetensors"
    shown = json.loads(run("models", "show", path, "--json"))
    assert (shown["kind"], shown["prediction"]) == ("checkpoint", CHECKPOINTS[name][0])
    assert shown.get("zero_terminal_snr", False) is CHECKPOINTS[name][1]
    traits = open_model(path).traits
    assert (traits.prediction, traits.zero_terminal_snr) == CHECKPOINTS[name]
    before, after = read_header(SHIPPED).tensors, read_header(path).tensors
    assert set(after) - set(before) == ({"v_pred", "ztsnr"} if name == "sumire-v" else set())
    assert difference(pixels("1girl, smile", "--model", name), pixels("1girl, smile")) > 4


def test_the_ink_takes_over_as_a_refiner():
    base = pixels("1girl, smile")
    assert (
        difference(pixels("1girl, smile", "--refiner", "sumire-ink", "--refiner-at", "0.5"), base)
        > 1
    )
    late = pixels("1girl, smile", "--refiner", "sumire-ink", "--refiner-at", "1")
    assert difference(late, base) == 0
