"""How a checkpoint was trained, by what stands in its file and beside it.

Source: compat 6; the empty tensors are ComfyUI's and Forge's marks, the YAML file is A1111's.
"""

from pathlib import Path
from typing import Any, Final

import yaml

from irodori.catalog.header import Header
from irodori.errors import ModelFileError

V_MARK: Final = "v_pred"
ZTSNR_MARK: Final = "ztsnr"

_EDM_MARKS: Final = ("edm_mean", "edm_std", "edm_vpred.sigma_max", "edm_vpred.sigma_min")
_MODELSPEC_PREDICTION: Final = "modelspec.prediction_type"
_V_NAMES: Final = ("v", "v_prediction", "v-prediction")
_YAML_LIMIT: Final = 1_000_000  # bytes; a configuration has some thousand


def predicts_v(header: Header) -> bool:
    """Tell whether a model predicts v, not eps.

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
    if stated is not None:
        return stated
    return V_MARK in header.tensors or header.metadata.get(_MODELSPEC_PREDICTION) in _V_NAMES


def has_zero_terminal_snr(header: Header) -> bool:
    """Tell whether a model's noise levels end in pure noise: an empty tensor `ztsnr` says so."""
    return ZTSNR_MARK in header.tensors


def _stated_beside(path: Path) -> bool | None:
    """Return whether the YAML file beside a checkpoint says v; None where it says nothing."""
    config = path.with_suffix(".yaml")
    try:
        if config.stat().st_size > _YAML_LIMIT:
            return None
        stated = yaml.safe_load(config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    parameterisation = _at(stated, "model", "params", "parameterization")
    denoiser = _at(stated, "model", "params", "denoiser_config", "params")
    scaling = _at(denoiser, "scaling_config", "target")
    if isinstance(scaling, str):
        return scaling.endswith(".VScaling")
    return parameterisation == "v" if isinstance(parameterisation, str) else None


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
