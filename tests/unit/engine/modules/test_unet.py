import pytest
import torch

from irodori.engine.modules.attention import fused
from irodori.engine.modules.initialise import initialise
from irodori.engine.modules.unet import UNet, UNetConfig, sinusoids

CONFIG = UNetConfig(
    channels=(16, 32),
    depths=(1, 1),
    layers_per_block=1,
    middle_depth=1,
    head_dim=8,
    context_dim=12,
    vector_dim=10,
    groups=4,
)


@pytest.fixture(scope="module")
def unet():
    made = initialise(UNet(CONFIG), torch.Generator().manual_seed(1))
    with torch.no_grad():
        for value in made.parameters():
            value.add_(0.05)  # nothing starts at zero, so everything has its say
    return made.requires_grad_(requires_grad=False)


def inputs(seed=3):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(1, 4, 8, 8, generator=generator)
    return x, torch.tensor([500.0]), torch.randn(1, 10, generator=generator)


def text(length=77, seed=9):
    return torch.randn(1, length, 12, generator=torch.Generator().manual_seed(seed))


def test_every_attention_is_seen_once_by_its_own_name(unet):
    seen = []

    def watch(q, k, v, site):
        seen.append(site)
        return fused(q, k, v, site)

    watched = unet(*inputs(), text(), watch)
    assert torch.equal(watched, unet(*inputs(), text()))
    names = [site.name for site in seen]
    assert len(set(names)) == len(names)
    for site in seen:
        assert unet.get_submodule(site.name).site is site
    crossing = {site.name for site in seen if site.cross}
    assert crossing == unet.context_kv(text()).keys()
    assert {name.replace("attn2", "attn1") for name in crossing} == set(names) - crossing


def test_a_text_repeated_is_the_same_text(unet):
    """What lets prompt and negative of unequal length share a batch."""
    once, thrice = text(), text().repeat(1, 3, 1)
    torch.testing.assert_close(unet(*inputs(), once), unet(*inputs(), thrice), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("changed", ["time", "vector", "text"])
def test_every_input_has_its_say(unet, changed):
    x, t, vector = inputs()
    before = unet(x, t, vector, text())
    after = unet(
        x,
        t + 1 if changed == "time" else t,
        vector + 1 if changed == "vector" else vector,
        text(seed=10) if changed == "text" else text(),
    )
    assert not torch.equal(before, after)


def test_the_layout_of_memory_is_kept(unet):
    out = unet(*inputs(), text())
    assert out.is_contiguous(memory_format=torch.channels_last)


def test_numbers_as_waves():
    waves = sinusoids(torch.tensor([[0.0, 1.0], [999.0, 0.5]]), 8)
    assert waves.shape == (2, 2, 8)
    assert waves.dtype == torch.float32
    assert torch.equal(waves[0, 0], torch.tensor([1.0, 1, 1, 1, 0, 0, 0, 0]))
    frequencies = torch.tensor([1.0, 0.1, 0.01, 0.001])
    expected = torch.cat((frequencies.cos(), frequencies.sin()))
    torch.testing.assert_close(waves[0, 1], expected)
