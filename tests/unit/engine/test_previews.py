"""Previews: colours of latents by a map that each autoencoder's own encoder taught."""

from pathlib import Path

import numpy as np
import pytest
import torch

import irodori
from irodori.engine.listener import Listener
from irodori.engine.pipeline import draw, open_studio
from irodori.engine.preview import Previewer, colours, learned
from irodori.engine.studio import Studio, Supplies
from irodori.engine.vae import encode
from irodori.recipe.parts import Base, Noise
from irodori.recipe.recipe import Recipe


@pytest.fixture(scope="module")
def studio() -> Studio:
    return open_studio(
        Path(irodori.__file__).parent / "assets" / "sumire.safetensors", device="cpu"
    )


def test_colours_are_seen_nearly_as_they_are(studio: Studio) -> None:
    autoencoder = studio.model.autoencoder
    weights = learned(autoencoder)
    assert torch.allclose(weights, learned(autoencoder), atol=1e-4)
    for name, shade in {
        "red": (0.9, 0.1, 0.1),
        "blue": (0.1, 0.1, 0.9),
        "white": (1.0,) * 3,
    }.items():
        pixels = torch.tensor(shade)[None, :, None, None].expand(1, 3, 128, 128)
        middle = colours(encode(autoencoder, pixels), weights)[0, :, 8, 8]
        assert (middle - torch.tensor(shade)).abs().max() < 0.3, name


def test_the_last_preview_looks_like_the_picture(studio: Studio) -> None:
    previews = []
    listener = Listener(
        tell=lambda event: previews.append(event) if hasattr(event, "rgb") else None,
        cancelled=lambda: False,
    )
    recipes = [
        Recipe(
            prompt="1girl, red hair, blue sky",
            noise=Noise(seed=seed, batch_size=2, batch_index=index),
            base=Base(steps=9, cfg_scale=3.5, width=128, height=96),
        )
        for index, seed in enumerate((1, 2))
    ]
    previewer = Previewer(every=2)
    pictures = draw(studio, recipes, listener, Supplies(preview=previewer.preview))
    assert [each.step for each in previews] == [1, 3, 5, 7, 9]
    last = previews[-1]
    assert (last.width, last.height, len(last.rgb)) == (16, 12, 2)
    for picture, data in zip(pictures, last.rgb, strict=True):
        small = np.frombuffer(data, np.uint8).reshape(12, 16, 3).astype(float)
        means = picture.pixels.reshape(12, 8, 16, 8, 3).mean((1, 3))
        assert np.corrcoef(small.ravel(), means.ravel())[0, 1] > 0.85


def test_none_is_made_unless_asked(studio: Studio) -> None:
    told: list[object] = []
    recipe = Recipe(prompt="sky", noise=Noise(seed=1), base=Base(steps=1, width=32, height=32))
    draw(studio, [recipe], Listener(tell=told.append, cancelled=lambda: False))
    assert not any(hasattr(event, "rgb") for event in told)
    previewer = Previewer(every=0)
    supplies = Supplies(preview=previewer.preview)
    draw(studio, [recipe], Listener(tell=told.append, cancelled=lambda: False), supplies)
    assert not any(hasattr(event, "rgb") for event in told)
