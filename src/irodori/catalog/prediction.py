"""How a checkpoint was trained, by what stands in its file and beside it.

Source: compat 6; the empty tensors are ComfyUI's and Forge's marks, the YAML file is A1111's.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from irodori.catalog.header import Header, read_header
from irodori.catalog.json_file import read_json
from irodori.errors import ModelFileError

V_MARK: Final = "v_pred"
ZTSNR_MARK: Final = "ztsnr"

_EDM_MARKS: Final = ("edm_mean", "edm_std", "edm_vpred.sigma_max", "edm_vpred.sigma_min")
_MODELSPEC_PREDICTION: Final = "modelspec.prediction_type"
_V_NAMES: Final = ("v", "v_prediction", "v-prediction")
_EPS_NAMES: Final = ("eps", "epsilon")
_SAFETENSORS: Final = ".safetensors"
_YAML_LIMIT: Final = 1_000_000  # bytes; a configuration has some thousand


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTraits:
    """What a model says of its training.

    Attributes:
        prediction: `eps` or `v`; empty where it says nothing, and is taken for eps.
        zero_terminal_snr: its noise levels end in pure noise.
    """

    prediction: str = ""
    zero_terminal_snr: bool = False


def traits_of_model(path: Path) -> StatedTraits:
    """Return what a model of any form says of its training: a file, or a folder of diffusers.

    Pickled files are not opened; what stands beside them counts.

    Raises:
        ModelFileError: the file cannot be read, or predicts in a form that is not supported.
    """
    if path.is_dir():
        scheduler = read_json(path / "scheduler" / "scheduler_config.json")
        return StatedTraits(
            prediction=_named(scheduler.get("prediction_type")),
            zero_terminal_snr=scheduler.get("rescale_betas_zero_snr") is True,
        )
    if path.suffix.lower() != _SAFETENSORS:
        return StatedTraits(prediction=_stated_beside(path))
    header = read_header(path)
    return StatedTraits(
        prediction=stated_prediction(header), zero_terminal_snr=has_zero_terminal_snr(header)
    )


def predicts_v(header: Header) -> bool:
    """Tell whether a model predicts v; one that does not say so predicts eps.

    Raises:
        ModelFileError: the model predicts in a form that is not supported (EDM).
    """
    return stated_prediction(header) == "v"


def stated_prediction(header: Header) -> str:
    """Return what a model says it predicts, `eps` or `v`; empty where it says nothing.

    The file `<checkpoint>.yaml` decides where it says so; else an empty tensor `v_pred`, or the
    metadata `modelspec.prediction_type`. Many merges lost their marks: a recipe may override.

    Raises:
        ModelFileError: the model predicts in a form that is not supported (EDM).
    """
    for mark in _EDM_MARKS:
        if mark in header.tensors:
            raise ModelFileError(
                f"'{header.path}' has the mark '{mark}': EDM prediction is not supported"
            )
    stated = _stated_beside(header.path)
    if stated:
        return stated
    return "v" if V_MARK in header.tensors else _named(header.metadata.get(_MODELSPEC_PREDICTION))


def has_zero_terminal_snr(header: Header) -> bool:
    """Tell whether a model's noise levels end in pure noise: an empty tensor `ztsnr` says so."""
    return ZTSNR_MARK in header.tensors


def _named(said: object) -> str:
    return "v" if said in _V_NAMES else "eps" if said in _EPS_NAMES else ""


def _stated_beside(path: Path) -> str:
    """Return what the YAML file beside a checkpoint says it predicts; empty for nothing."""
    config = path.with_suffix(".yaml")
    try:
        if config.stat().st_size > _YAML_LIMIT:
            return ""
        stated = yaml.safe_load(config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return ""
    parameterisation = _at(stated, "model", "params", "parameterization")
    denoiser = _at(stated, "model", "params", "denoiser_config", "params")
    scaling = _at(denoiser, "scaling_config", "target")
    if isinstance(scaling, str):
        return "v" if scaling.endswith(".VScaling") else "eps"
    if isinstance(parameterisation, str):
        return "v" if parameterisation == "v" else "eps"
    return ""


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
