"""Upscalers of other architectures: files with random weights, opened through spandrel.

spandrel imports torchvision, which is not wanted here (docs/decisions/0002-dependencies.md): three
of its functions, for two architectures that are not tested, are stood in for. All else is
spandrel's own.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn

from irodori.cli.main import root
from irodori.engine.listener import Listener
from irodori.engine.loading.upscaler import load_upscaler
from irodori.engine.network_upscaler import NetworkUpscaler
from irodori.errors import ModelFileError

pytestmark = pytest.mark.filterwarnings("ignore:torch.meshgrid")  # SwinIR's, as published

CPU = torch.device("cpu")
STOOD_IN = "torchvision.transforms.functional"
SIDE = 16  # a multiple of what every architecture here takes


@pytest.fixture(scope="module", autouse=True)
def spandrel() -> None:
    with pytest.MonkeyPatch.context() as patch:
        if "torchvision" not in sys.modules:
            parts = STOOD_IN.split(".")
            for i in range(len(parts)):
                name = ".".join(parts[: i + 1])
                patch.setitem(sys.modules, name, ModuleType(name))
            for function in ("InterpolationMode", "rotate", "normalize"):
                setattr(sys.modules[STOOD_IN], function, None)
        pytest.importorskip("spandrel", reason="spandrel is not installed (irodori[spandrel])")


def span() -> nn.Module:
    from spandrel.architectures.SPAN import SPAN

    return SPAN(num_in_ch=3, num_out_ch=3, feature_channels=8, upscale=4)


def swin() -> nn.Module:
    from spandrel.architectures.SwinIR import SwinIR

    return SwinIR(
        img_size=SIDE,
        window_size=8,
        embed_dim=12,
        depths=[2, 2],
        num_heads=[2, 2],
        mlp_ratio=2,
        upscale=2,
        upsampler="pixelshuffle",
    )


def omni() -> nn.Module:
    from spandrel.architectures.OmniSR import OmniSR

    return OmniSR(num_feat=8, up_scale=2)


def real_plksr() -> nn.Module:
    from spandrel.architectures.PLKSR import RealPLKSR

    return RealPLKSR(dim=16, n_blocks=2, upscaling_factor=4)


def safmn() -> nn.Module:
    from spandrel.architectures.SAFMN import SAFMN

    return SAFMN(dim=8, n_blocks=2, upscaling_factor=2)


def grey() -> nn.Module:
    from spandrel.architectures.DnCNN import DnCNN

    return DnCNN(in_nc=1, out_nc=1, nc=8, nb=8, act_mode="R")


SCALES = {span: 4, swin: 2, omni: 2, real_plksr: 4, safmn: 2}


def randomised(network: nn.Module) -> nn.Module:
    generator = torch.Generator().manual_seed(6)
    with torch.no_grad():
        for value in network.parameters():
            scale = value[0].numel() ** -0.5 if value.dim() > 1 else 0.1
            value.copy_(torch.randn(value.shape, generator=generator) * scale)
    return network.eval().requires_grad_(requires_grad=False)


def values(height: int, width: int) -> Tensor:
    return torch.rand((1, 3, height, width), generator=torch.Generator().manual_seed(7))


def picture(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(8).integers(0, 256, (height, width, 3), dtype=np.uint8)


def written(network: nn.Module, path: Path, *, around: str = "") -> Path:
    tensors = {name: value.contiguous() for name, value in network.state_dict().items()}
    if path.suffix == ".safetensors":
        save_file(tensors, path)
    else:
        torch.save({around: tensors} if around else tensors, path)
    return path


@pytest.mark.parametrize("build", SCALES)
@pytest.mark.parametrize("name", ["up.safetensors", "up.pth"])
def test_other_architectures(build: Callable[[], nn.Module], name: str, tmp_path: Path) -> None:
    network = randomised(build())
    found = load_upscaler(written(network, tmp_path / name, around="params_ema"), CPU)
    assert found.scale == SCALES[build]
    assert found.parameters == sum(value.numel() for value in network.parameters())
    x = values(SIDE, 2 * SIDE)
    with torch.inference_mode():
        assert torch.allclose(found.run(x), network(x).clamp(0, 1), atol=1e-5)


@pytest.mark.parametrize("build", SCALES)
def test_any_size_in_tiles(build: Callable[[], nn.Module], tmp_path: Path) -> None:
    """Sizes that no window fits, and tiles: what comes out has the size that was asked for."""
    path = written(randomised(build()), tmp_path / "up.safetensors")
    upscaler = NetworkUpscaler(name="up", network=load_upscaler(path, CPU), side=200)
    silent = Listener(tell=lambda event: None, cancelled=lambda: False)
    for height, width in ((5, 7), (17, 250)):
        result = upscaler.enlarged(picture(height, width), 3 * width, 3 * height, silent)
        assert result is not None
        assert result.shape == (3 * height, 3 * width, 3)


@pytest.mark.parametrize("around", ["params", "params-ema", "model", "net", ""])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_what_training_leaves_around_tensors(around: str, prefix: str, tmp_path: Path) -> None:
    network = randomised(span())
    tensors = {prefix + name: value for name, value in network.state_dict().items()}
    torch.save({around: tensors} if around else tensors, tmp_path / "up.pth")
    found = load_upscaler(tmp_path / "up.pth", CPU)
    assert torch.allclose(found.run(values(4, 4)), network(values(4, 4)).clamp(0, 1), atol=1e-5)


def test_grey_networks_take_each_colour(tmp_path: Path) -> None:
    network = randomised(grey())
    found = load_upscaler(written(network, tmp_path / "up.pth"), CPU)
    x = values(9, 11)
    assert found.scale == 1
    expected = torch.cat([network(x[:, i : i + 1]) for i in range(3)], 1)
    assert torch.allclose(found.run(x), expected.clamp(0, 1), atol=1e-5)


def test_half_precision_is_computed_in_float32(tmp_path: Path) -> None:
    network = randomised(span()).half()
    found = load_upscaler(written(network, tmp_path / "up.safetensors"), CPU)
    assert found.run(values(4, 4)).dtype == torch.float32


def test_damaged_and_unknown_files_are_told(tmp_path: Path) -> None:
    tensors = {name: value.clone() for name, value in randomised(span()).state_dict().items()}
    tensors["block_3.c1_r.sk.weight"] = torch.zeros(3, 3, 1, 1)
    save_file(tensors, tmp_path / "damaged.safetensors")
    save_file({"some.weight": torch.zeros(3)}, tmp_path / "unknown.safetensors")
    with pytest.raises(ModelFileError, match="does not fit its own architecture"):
        load_upscaler(tmp_path / "damaged.safetensors", CPU)
    with pytest.raises(ModelFileError, match="has an architecture that is not known"):
        load_upscaler(tmp_path / "unknown.safetensors", CPU)


def test_on_the_command_line(tmp_path: Path) -> None:
    path = written(randomised(span()), tmp_path / "4x-Own.safetensors")
    source, out = tmp_path / "small.png", tmp_path / "large.png"
    Image.fromarray(picture(12, 10)).save(source)
    arguments = ["upscale", str(source), "--by", "3", "--upscaler", str(path), "--out", str(out)]
    result = CliRunner().invoke(root, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    with Image.open(out) as larger:
        assert larger.size == (30, 36)
