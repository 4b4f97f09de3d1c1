"""Upscaling networks from files: ESRGAN in all its spellings, the compact ones, ncnn's.

Other architectures are left to spandrel where it is installed (the extra of that name); it is given
tensors that were read here, never a file.
"""

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from irodori.engine.loading.ncnn import PARAM, Layer, read_ncnn
from irodori.engine.loading.tensors import PICKLED, read_tensors, unpickled
from irodori.engine.modules.rrdbnet import RRDBConfig, RRDBNet
from irodori.engine.modules.srvgg import SRVGGConfig, SRVGGNet
from irodori.errors import ModelFileError

Tensors = Mapping[str, Tensor]

_NESTED: Final = (
    *("params_ema", "params-ema", "params", "state_dict"),
    *("model_state_dict", "model", "net"),
)
_AROUND: Final = ("module.", "netG.")  # before every name, where training left it
_FOLDS: Final = (1, 2, 4)
_CHANNELS: Final = (1, 3, 4)
_SPELT: Final = (
    # the first ESRGAN's names, then the models' of its paper
    (re.compile(r"model\.0\."), "conv_first."),
    (re.compile(r"model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\."), r"body.\1.rdb\2.conv\3."),
    (re.compile(r"model\.1\.sub\.\d+\.(?=weight|bias)"), "conv_body."),
    (re.compile(r"RRDB_trunk\.(\d+)\.RDB(\d)\."), r"body.\1.rdb\2."),
    (re.compile(r"trunk_conv\."), "conv_body."),
    (re.compile(r"HRconv\."), "conv_hr."),
    (re.compile(r"(?:upconv|conv_up)(\d)\."), "conv_up.\\1."),
)
_NUMBERED: Final = re.compile(r"model\.(\d+)\.(weight|bias)")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UpscalingNetwork:
    """A network that enlarges.

    Attributes:
        run: [B, 3, H, W] within 0..1 to [B, 3, H * scale, W * scale], about 0..1.
        scale: factor on height and width.
        parameters: how many numbers it has.
        device: where it computes.
    """

    run: Callable[[Tensor], Tensor]
    scale: int
    parameters: int
    device: torch.device


def load_upscaler(path: Path, device: torch.device) -> UpscalingNetwork:
    """Return the network in a file, in float32.

    Args:
        path: `.safetensors`, one that torch pickled (read without running it), or ncnn's `.param`.
        device: where it is to compute.

    Raises:
        ModelFileError: the file cannot be read, is damaged, would run code, or has an architecture
            that neither this program nor an installed spandrel knows.
    """
    is_ncnn = path.suffix.lower() == PARAM
    tensors = _of_layers(path, read_ncnn(path)) if is_ncnn else _tensors(path)
    for name, value in tensors.items():
        if not bool(value.isfinite().all()):
            raise ModelFileError(f"'{path}' is damaged: '{name}' has values that are no numbers")
    renamed = _renamed(tensors)
    if "conv_first.weight" in renamed and any(name.startswith("body.0.rdb1.") for name in renamed):
        return _ready(path, _rrdb(path, renamed), renamed, device)
    if "body.0.weight" in renamed and "body.1.weight" in renamed:
        return _ready(path, _srvgg(path, renamed), renamed, device)
    return _by_spandrel(path, tensors, device)


def _tensors(path: Path) -> Tensors:
    """Return the tensors of a file; of a table in a table, the inner one's."""
    if path.suffix.lower() not in PICKLED:
        return read_tensors(path).tensors
    found: object = unpickled(path)
    for name in _NESTED:
        if isinstance(found, dict) and isinstance(found.get(name), dict):
            found = found[name]
    tensors = (
        {str(name): value for name, value in found.items() if isinstance(value, Tensor)}
        if isinstance(found, dict)
        else {}
    )
    if not tensors:
        raise ModelFileError(f"'{path}' holds no table of tensors")
    for prefix in _AROUND:
        if all(name.startswith(prefix) for name in tensors):
            tensors = {name.removeprefix(prefix): value for name, value in tensors.items()}
    return tensors


def _of_layers(path: Path, layers: tuple[Layer, ...]) -> Tensors:
    """Return ncnn's layers by the names of the architecture that their order tells."""
    convolutions = [layer for layer in layers if layer.kind == "Convolution"]
    if len(convolutions) != len(layers):
        names = [f"body.{i}" for i in range(len(layers))]
    else:
        blocks, rest = divmod(len(layers) - 6, 15)
        if blocks < 1 or rest:
            raise ModelFileError(f"'{path}' has {len(layers)} convolutions: no network known here")
        dense = [f"rdb{r}.conv{c}" for r in (1, 2, 3) for c in (1, 2, 3, 4, 5)]
        names = ["conv_first", *(f"body.{i}.{name}" for i in range(blocks) for name in dense)]
        names += ["conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last"]
    tensors = {}
    for name, layer in zip(names, layers, strict=True):
        tensors[f"{name}.weight"] = layer.weight
        if layer.bias is not None:
            tensors[f"{name}.bias"] = layer.bias
    return tensors


def _renamed(tensors: Tensors) -> dict[str, Tensor]:
    """Return an ESRGAN's tensors by the names of `RRDBNet`, whichever names they had."""
    result = {}
    for name, value in tensors.items():
        for pattern, ours in _SPELT:
            name = pattern.sub(ours, name) if pattern.match(name) else name  # noqa: PLW2901  # step by step
        result[name] = value
    found = {name: match for name in result if (match := _NUMBERED.fullmatch(name))}
    # The first ESRGAN counts its layers: after the trunk come those that enlarge, then two more.
    numbers = sorted({int(match[1]) for match in found.values()})
    ends = [*(f"conv_up.{i + 1}" for i in range(len(numbers) - 2)), "conv_hr", "conv_last"]
    ours_by_number = dict(zip(numbers, ends[-len(numbers) :], strict=True)) if numbers else {}
    for name, match in found.items():
        result[f"{ours_by_number[int(match[1])]}.{match[2]}"] = result.pop(name)
    # Files count from 1, lists from 0.
    return {re.sub(r"conv_up\.(\d)", _one_less, name): value for name, value in result.items()}


def _one_less(found: re.Match[str]) -> str:
    return f"conv_up.{int(found[1]) - 1}"


def _rrdb(path: Path, tensors: Tensors) -> RRDBNet:
    """Return the empty network that fits an ESRGAN's tensors."""
    try:
        channels = len(tensors["conv_last.weight"])
        features, folded = tensors["conv_first.weight"].shape[:2]
        growth = len(tensors["body.0.rdb1.conv1.weight"])
    except (KeyError, ValueError) as error:
        raise ModelFileError(f"'{path}' is an ESRGAN without {error}") from error
    fold = next((fold for fold in _FOLDS if folded == channels * fold**2), 0)
    if channels not in _CHANNELS or not fold:
        raise ModelFileError(f"'{path}' takes {folded} channels and gives {channels}")
    config = RRDBConfig(
        channels=channels,
        features=features,
        growth=growth,
        blocks=len({name.split(".")[1] for name in tensors if name.startswith("body.")}),
        doublings=len({name.split(".")[1] for name in tensors if name.startswith("conv_up.")}),
        fold=fold,
    )
    with torch.device("meta"):
        return RRDBNet(config)


def _srvgg(path: Path, tensors: Tensors) -> SRVGGNet:
    """Return the empty network that fits a compact one's tensors."""
    last = max(int(name.split(".")[1]) for name in tensors if name.startswith("body."))
    features, channels = tensors["body.0.weight"].shape[:2]
    out = len(tensors.get(f"body.{last}.weight", ()))
    scale = round((out / channels) ** 0.5)
    if last % 2 or scale**2 * channels != out or not 1 <= scale <= 8:
        raise ModelFileError(f"'{path}' ends with {out} channels for {channels}: no factor")
    config = SRVGGConfig(
        channels=channels, features=features, convolutions=last // 2 - 1, scale=scale
    )
    with torch.device("meta"):
        return SRVGGNet(config)


def _ready(
    path: Path, network: RRDBNet | SRVGGNet, tensors: Tensors, device: torch.device
) -> UpscalingNetwork:
    """Return a network with its tensors in it."""
    values = {name: value.float() for name, value in tensors.items()}
    try:
        network.load_state_dict(values, assign=True)
    except RuntimeError as error:
        raise ModelFileError(f"'{path}' does not fit its own architecture: {error}") from error
    network.requires_grad_(requires_grad=False).eval()
    network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack the pair
    return UpscalingNetwork(
        run=_in_colours(network, network.config.channels),
        scale=network.scale,
        parameters=_count(network),
        device=device,
    )


def _in_colours(network: Callable[[Tensor], Tensor], channels: int) -> Callable[[Tensor], Tensor]:
    """Return a network as one that takes and gives three channels."""

    def run(x: Tensor) -> Tensor:
        if channels == 1:  # each colour by itself
            return torch.cat([network(x[:, i : i + 1]) for i in range(3)], 1)
        given = x if channels == 3 else torch.cat((x, torch.ones_like(x[:, :1])), 1)
        return network(given)[:, :3]

    return run


def _count(network: nn.Module) -> int:
    return sum(value.numel() for value in network.parameters())


def _by_spandrel(path: Path, tensors: Tensors, device: torch.device) -> UpscalingNetwork:
    """Return a network of another architecture.

    Raises:
        ModelFileError: spandrel is not installed, or does not know it either.
    """
    try:
        spandrel: Any = importlib.import_module("spandrel")
    except ImportError as error:
        raise ModelFileError(
            f"'{path}' is no ESRGAN; for other architectures, pip install irodori[spandrel] "
            f"({error})"
        ) from error
    try:
        model = spandrel.ModelLoader(device).load_from_state_dict(dict(tensors))
    except spandrel.UnsupportedModelError as error:
        raise ModelFileError(f"'{path}' has an architecture that is not known") from error
    except (RuntimeError, ValueError, LookupError, AssertionError) as error:  # torch's, spandrel's
        raise ModelFileError(f"'{path}' does not fit its own architecture: {error}") from error
    channels = model.input_channels
    if (
        model.purpose not in ("SR", "Restoration")
        or model.output_channels != channels
        or channels not in _CHANNELS
    ):
        raise ModelFileError(f"'{path}' is no upscaler: {model.architecture.name}, {model.purpose}")
    model.eval().model.requires_grad_(requires_grad=False)
    # Asked is `model`, which pads to the sizes that its architecture takes.
    return UpscalingNetwork(
        run=_in_colours(model, channels),
        scale=model.scale,
        parameters=_count(model.model),
        device=device,
    )
