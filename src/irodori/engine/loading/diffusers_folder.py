"""A folder as diffusers saves models: one folder a part, read as one file in SDXL's layout."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from irodori.catalog.header import Header, TensorInfo, read_header
from irodori.catalog.identify import AUTOENCODER, TEXT_G, TEXT_L, UNET
from irodori.catalog.prediction import V_MARK, ZTSNR_MARK
from irodori.engine.loading.configs import METADATA_KEY
from irodori.engine.loading.diffusers_names import (
    autoencoder_name,
    diffusers_blocks,
    text_g_name,
    unet_name,
)
from irodori.engine.modules.unet import UNetConfig
from irodori.errors import ModelFileError

_TEXT_MODEL: Final = "text_model."
_MARK: Final = TensorInfo(dtype="F32", shape=(0,), start=0, end=0)
_HALF: Final = ".fp16."


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a tensor of ours lies.

    Attributes:
        file: it is in.
        names: of the tensors in it that ours joins, one after another.
        transposed: ours is (in, out).
        shape: ours.
    """

    file: Path
    names: tuple[str, ...]
    transposed: bool
    shape: tuple[int, ...]


def folder_header(folder: Path) -> tuple[Header, Mapping[str, Place]]:
    """Return what a single file of the same model would say of itself, and where tensors lie.

    Raises:
        ModelFileError: a part is missing, or cannot be read.
    """
    infos: dict[str, TensorInfo] = {}
    places: dict[str, Place] = {}
    parts = {
        "unet": _unet_names,
        "vae": _autoencoder_names,
        "text_encoder": _text_l_names,
        "text_encoder_2": _text_g_names,
    }
    for part, names_of in parts.items():
        found = _tensors(folder / part)
        joined: dict[str, dict[int, str]] = {}
        for theirs, (ours, at) in names_of(found).items():
            joined.setdefault(ours, {})[at] = theirs
        for ours, pieces in joined.items():
            names = tuple(pieces[at] for at in sorted(pieces))
            infos[ours], places[ours] = _placed(ours, names, found)
    scheduler = _json(folder / "scheduler" / "scheduler_config.json")
    if scheduler.get("prediction_type") == "v_prediction":
        infos[V_MARK] = _MARK
    if scheduler.get("rescale_betas_zero_snr") is True:
        infos[ZTSNR_MARK] = _MARK
    metadata = {METADATA_KEY: json.dumps(_sizes(folder))}
    return Header(path=folder, tensors=infos, metadata=metadata), places


@contextmanager
def read_joined(folder: Path, places: Mapping[str, Place]) -> Iterator[Callable[[str], Tensor]]:
    """Yield what reads tensors by our names.

    Args:
        folder: for messages.
        places: what `folder_header` gave.
    """
    with ExitStack() as stack:
        opened: dict[Path, Any] = {}  # safetensors leaves its files untyped

        def read(name: str) -> Tensor:
            place = places[name]
            try:
                if place.file not in opened:
                    opened[place.file] = stack.enter_context(safe_open(place.file, framework="pt"))
                pieces = [opened[place.file].get_tensor(each) for each in place.names]
            except (OSError, SafetensorError) as error:
                raise ModelFileError(f"'{folder}' cannot be read: {error}") from error
            tensor = pieces[0] if len(pieces) == 1 else torch.cat(pieces)
            return tensor.t() if place.transposed else tensor.reshape(place.shape)

        yield read


def _tensors(folder: Path) -> dict[str, tuple[Path, TensorInfo]]:
    """Return the tensors of a part by name: of its shards, of full precision where both are."""
    files = sorted(folder.glob("*.safetensors"))
    whole = [file for file in files if _HALF not in file.name]
    found = {
        name: (file, info)
        for file in whole or files
        for name, info in read_header(file).tensors.items()
    }
    if not found:
        raise ModelFileError(f"'{folder.parent}' lacks '{folder.name}/*.safetensors'")
    return found


def _placed(
    ours: str, theirs: tuple[str, ...], found: Mapping[str, tuple[Path, TensorInfo]]
) -> tuple[TensorInfo, Place]:
    file, info = found[theirs[0]]
    shape = info.shape
    if len(theirs) > 1:
        shape = (sum(found[each][1].shape[0] for each in theirs), *shape[1:])
    transposed = ours == f"{TEXT_G}text_projection"
    if transposed:
        shape = shape[::-1]
    elif ".attn_1." in ours and len(shape) == 2:  # the layout has 1x1 convolutions there
        shape = (*shape, 1, 1)
    place = Place(file=file, names=theirs, transposed=transposed, shape=shape)
    return replace(info, shape=shape), place


_Renamed = dict[str, tuple[str, int]]  # their name -> ours, and the place among those it joins


def _unet_names(found: Iterable[str]) -> _Renamed:
    names = list(found)
    levels = _count(names, r"down_blocks\.(\d+)\.")
    config = UNetConfig(
        channels=(0,) * levels,
        layers_per_block=_count(names, r"down_blocks\.0\.resnets\.(\d+)\."),
        depths=tuple(
            _count(names, rf"down_blocks\.{level}\.attentions\.0\.transformer_blocks\.(\d+)\.")
            for level in range(levels)
        ),
    )
    blocks = {theirs: ours for ours, theirs in diffusers_blocks(config).items()}
    return {name: (UNET + unet_name(name, blocks), 0) for name in names}


def _autoencoder_names(found: Iterable[str]) -> _Renamed:
    names = list(found)
    levels = _count(names, r"decoder\.up_blocks\.(\d+)\.")
    return {name: (AUTOENCODER + autoencoder_name(name, levels), 0) for name in names}


def _text_l_names(found: Iterable[str]) -> _Renamed:
    return {name: (TEXT_L + name.removeprefix(_TEXT_MODEL), 0) for name in found}


def _text_g_names(found: Iterable[str]) -> _Renamed:
    renamed = {name: text_g_name(name.removeprefix(_TEXT_MODEL)) for name in found}
    return {
        theirs: (TEXT_G + (theirs if ours is None else ours[0]), 0 if ours is None else ours[1])
        for theirs, ours in renamed.items()
    }


def _count(names: Iterable[str], pattern: str) -> int:
    return len({found[1] for name in names if (found := re.match(pattern, name))})


def _sizes(folder: Path) -> dict[str, dict[str, float]]:
    """Return the sizes that shapes do not tell, as `irodori.config` states them."""
    unet, vae = _json(folder / "unet" / "config.json"), _json(folder / "vae" / "config.json")
    heads, channels = unet.get("attention_head_dim"), unet.get("block_out_channels")
    sizes: dict[str, dict[str, float]] = {"unet": {}, "autoencoder": {}}
    # What diffusers calls the dimension of a head is, in these models, the number of heads.
    match heads, channels:
        case [[*_, int(count)], [*_, int(width)]] if count > 0:
            sizes["unet"]["head_dim"] = width // count
        case _:
            pass
    _state(sizes["unet"], "groups", unet.get("norm_num_groups"))
    _state(sizes["autoencoder"], "groups", vae.get("norm_num_groups"))
    _state(sizes["autoencoder"], "scale", vae.get("scaling_factor"))
    for part, name in (("text_l", "text_encoder"), ("text_g", "text_encoder_2")):
        text = _json(folder / name / "config.json")
        _state(sizes.setdefault(part, {}), "heads", text.get("num_attention_heads"))
    return sizes


def _state(sizes: dict[str, float], name: str, value: object) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        sizes[name] = value


def _json(path: Path) -> Mapping[str, Any]:
    """Return a configuration; an empty one where it is missing: SDXL's own values then hold."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelFileError(f"'{path}' cannot be read: {error}") from error
    return found if isinstance(found, dict) else {}
