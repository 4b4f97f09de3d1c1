"""Checkpoints with nine input channels: recognised by their file, shown mask and masked picture."""

from pathlib import Path

import numpy as np
import pytest
import torch

from irodori.engine.image import Picture
from irodori.engine.listener import Listener
from irodori.engine.loading.checkpoint import PREFIXES, ModelParts, ModelTraits, save_checkpoint
from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
from irodori.engine.modules.clip import ClipConfig, ClipG, ClipL
from irodori.engine.modules.initialise import initialise
from irodori.engine.modules.unet import UNet, UNetConfig
from irodori.engine.passes.beside import without_hole
from irodori.engine.pipeline import draw, open_studio
from irodori.engine.studio import Studio, Supplies
from irodori.errors import RecipeError
from irodori.recipe.parts import Base, Noise
from irodori.recipe.passes import Img2Img, Inpaint, SourcePicture
from irodori.recipe.recipe import Recipe

SIZE = (32, 48)


def saved(path: Path, extra_channels: int) -> Path:
    parts = ModelParts(
        unet=UNet(
            UNetConfig(
                channels=(16, 32),
                layers_per_block=1,
                depths=(0, 1),
                middle_depth=1,
                head_dim=8,
                context_dim=20,
                vector_dim=12 + 6 * 8,
                groups=4,
                extra_channels=extra_channels,
            )
        ),
        autoencoder=Autoencoder(
            AutoencoderConfig(channels=(8, 8, 8, 16), layers_per_block=1, groups=4)
        ),
        text_l=ClipL(ClipConfig(width=8, layers=2, heads=2, inner=16)),
        text_g=ClipG(ClipConfig(width=12, layers=2, heads=2, inner=24, projection=12)),
    )
    generator = torch.Generator().manual_seed(7)
    for name in PREFIXES:
        initialise(getattr(parts, name), generator)
    save_checkpoint(path, parts, traits=ModelTraits())
    return path


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    path = tmp_path_factory.mktemp("model") / "inpainting.safetensors"
    return open_studio(saved(path, 5), device="cpu")


def recipe(**parts: object) -> Recipe:
    base = Base(steps=2, cfg_scale=2.0, width=SIZE[0], height=SIZE[1])
    return Recipe(prompt="sky", noise=Noise(seed=3), base=base, **parts)


def seen_by(studio: Studio, asked: Recipe, mask: np.ndarray | None = None) -> torch.Tensor:
    """What the network sees beside the latents at its first call, [5, H/8, W/8]."""
    seen: list[torch.Tensor] = []
    hook = studio.model.unet.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    pixels = np.random.default_rng(1).integers(0, 256, (SIZE[1], SIZE[0], 3)).astype(np.uint8)
    pictures = {"picture": pixels, "mask": None if mask is None else np.dstack([mask] * 3)}

    def opened(source: SourcePicture) -> Picture:
        values = pictures[source.name]
        assert values is not None
        return Picture(rgba=np.dstack([values, np.full(values.shape[:2], 255, np.uint8)]))

    listener = Listener(tell=lambda event: None, cancelled=lambda: False)
    draw(studio, [asked], listener, Supplies(open_picture=opened))
    hook.remove()
    assert seen[0].shape[1:] == (9, 6, 4)
    assert torch.equal(seen[0][0, 4:], seen[-1][-1, 4:])  # the same at every call, for every text
    return seen[0][0, 4:]


def test_the_file_says_what_it_is(studio: Studio) -> None:
    config = studio.model.unet.config
    assert (config.latent_channels, config.extra_channels) == (4, 5)


def test_without_a_mask_everything_is_hole(studio: Studio) -> None:
    txt2img = seen_by(studio, recipe())
    assert (txt2img[0] == 1).all()
    over = recipe(img2img=Img2Img(source=SourcePicture(name="picture"), denoise=0.6))
    assert torch.equal(seen_by(studio, over), txt2img)


def test_with_a_mask_the_picture_is_shown_without_it(studio: Studio) -> None:
    mask = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    mask[16:32, 8:24] = 255
    img2img = Img2Img(source=SourcePicture(name="picture"), denoise=0.6)

    def under(weight: float) -> torch.Tensor:
        inpaint = Inpaint(mask=SourcePicture(name="mask"), blur=0, conditional_mask_weight=weight)
        return seen_by(studio, recipe(img2img=img2img, inpaint=inpaint), mask)

    hidden, shown = under(1.0), under(0.0)
    expected = torch.zeros(6, 4)
    expected[2:4, 1:3] = 1
    assert torch.equal(hidden[0], expected)
    assert torch.equal(shown[0], expected)
    assert not torch.equal(hidden[1:], shown[1:])


def test_holes_are_grey_by_their_weight() -> None:
    pixels = np.full((2, 2, 3), 200, np.uint8)
    mask = np.array([[255, 0], [128, 127]], np.uint8)
    assert without_hole(pixels, mask, 1.0)[..., 0].tolist() == [[127, 200], [127, 200]]
    assert without_hole(pixels, mask, 0.0)[..., 0].tolist() == [[200, 200], [200, 200]]
    assert without_hole(pixels, mask, 0.5)[0, 0, 0] == 163


def test_other_extra_channels_are_refused(tmp_path: Path) -> None:
    other = open_studio(saved(tmp_path / "other.safetensors", 4), device="cpu")
    with pytest.raises(RecipeError, match="sees 4 channels beside the latents"):
        seen_by(other, recipe())
