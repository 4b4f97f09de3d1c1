"""How large a second pass is: compat 7.1's arithmetic as a table of cases."""

import pytest
import torch

from irodori.engine.passes.hires import LATENT_MODES, HiresSize, hires_size
from irodori.recipe.passes import Hires

# (picture, scale, asked width and height) -> enlarged to, cells cut off left, top, right, bottom.
SIZES = [
    ((832, 1216), 1.5, (0, 0), (1248, 1824), (0, 0, 0, 0)),
    ((832, 1216), 1.65, (0, 0), (1372, 2006), (0, 0, 0, 0)),
    ((1024, 1024), 2.0, (0, 0), (2048, 2048), (0, 0, 0, 0)),
    ((832, 1216), 2.0, (1024, 0), (1024, 1496), (0, 0, 0, 0)),
    ((832, 1216), 2.0, (0, 1536), (1050, 1536), (0, 0, 0, 0)),
    ((832, 1216), 2.0, (1664, 2432), (1664, 2432), (0, 0, 0, 0)),
    ((832, 1216), 2.0, (1536, 1536), (1536, 2244), (0, 44, 0, 44)),
    ((1216, 832), 2.0, (1536, 1536), (2244, 1536), (44, 0, 44, 0)),
    ((1000, 1000), 2.0, (1500, 1404), (1500, 1500), (0, 6, 0, 6)),
    ((1000, 1000), 2.0, (1500, 1412), (1500, 1500), (0, 5, 0, 6)),
    ((512, 512), 2.0, (768, 1024), (1024, 1024), (16, 0, 16, 0)),
]


@pytest.mark.parametrize(("picture", "scale", "asked", "enlarged", "cut"), SIZES)
def test_sizes_of_compat(
    picture: tuple[int, int],
    scale: float,
    asked: tuple[int, int],
    enlarged: tuple[int, int],
    cut: tuple[int, int, int, int],
) -> None:
    found = hires_size(*picture, Hires(scale=scale, width=asked[0], height=asked[1]))
    assert (found.width, found.height) == enlarged
    assert (found.left, found.top, found.right, found.bottom) == cut


def test_what_is_cut_off_leaves_the_middle() -> None:
    latents = torch.arange(8 * 6).reshape(1, 1, 8, 6)
    size = HiresSize(width=48, height=64, left=1, top=2, right=2, bottom=3)
    assert torch.equal(size.cut(latents), latents[:, :, 2:5, 1:4])
    assert torch.equal(HiresSize(width=48, height=64).cut(latents), latents)


def test_latent_modes_are_a1111s() -> None:
    assert set(LATENT_MODES) == {
        "Latent",
        "Latent (antialiased)",
        "Latent (bicubic)",
        "Latent (bicubic antialiased)",
        "Latent (nearest)",
        "Latent (nearest-exact)",
    }
