"""What Irodori writes is read right by sd-parsers, a reader that others use."""

from pathlib import Path

import pytest
from PIL import Image

from irodori.recipe import (
    Base,
    Detailer,
    FileIdentity,
    Hires,
    Model,
    Network,
    Noise,
    Overrides,
    Recipe,
)
from irodori.recipe.embed import save_picture
from irodori.recipe.names import NetworkKind
from irodori.recipe.schedules import Schedule

sd_parsers = pytest.importorskip("sd_parsers")

PLAIN = Recipe(
    prompt="1girl, solo, (smile:1.2), <lora:style:0.7>",
    negative_prompt="worst quality, bad quality",
    noise=Noise(seed=3757563295),
    model=Model(file=FileIdentity(name="Amanatsu_v11", sha256="0842c2a1d8" + "0" * 54)),
    networks=(Network(kind=NetworkKind.LORA, name="style", digest="0123456789ab"),),
    software="irodori 0.1.0",
)
FULL = Recipe(
    prompt="1girl, 日本語 😀\nBREAK red hair",
    negative_prompt="bad",
    noise=Noise(seed=1),
    base=Base(sampler="Euler a", schedule=Schedule.NORMAL, steps=31, cfg_scale=4.5),
    model=Model(file=FileIdentity(name="Amanatsu_v11", short_hash="0842c2a1d8")),
    hires=Hires(own=Overrides(prompt="detailed, city: night")),
    detailers=(Detailer(own=Overrides(prompt="face, b: c")), Detailer(model="hand_yolov8n.pt")),
    software="irodori 0.1.0",
)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
@pytest.mark.parametrize("recipe", [PLAIN, FULL], ids=["plain", "full"])
def test_another_reader_takes_it(recipe: Recipe, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture{suffix}"
    save_picture(Image.new("RGB", (32, 32)), path, recipe)
    found = sd_parsers.ParserManager().parse(path)
    assert found is not None
    assert [prompt.value for prompt in found.prompts] == [recipe.prompt]
    assert [prompt.value for prompt in found.negative_prompts] == [recipe.negative_prompt]
    (sampler,) = found.samplers
    assert sampler.name == recipe.base.sampler
    parameters = {key: str(value) for key, value in sampler.parameters.items()}
    assert parameters["seed"] == str(recipe.noise.seed)
    assert parameters["steps"] == str(recipe.base.steps)
    assert float(parameters["cfg_scale"]) == recipe.base.cfg_scale
    assert parameters["scheduler"] == str(recipe.base.schedule)
    (model,) = found.models
    assert (model.name, model.hash) == ("Amanatsu_v11", "0842c2a1d8")
    assert found.metadata["Size"] == f"{recipe.base.width}x{recipe.base.height}"
    assert found.metadata["Clip skip"] == str(recipe.base.clip_skip)
