"""A single-file SDXL checkpoint to modules that are ready to run, and back to a file.

The file is mapped into memory; modules are built without storage and take the mapped tensors as
their parameters. Only what the policy wants in another format or place is ever copied.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import nn

from irodori.catalog.header import Header
from irodori.catalog.identify import AUTOENCODER, TEXT_G, TEXT_L, UNET, Family, identify
from irodori.catalog.prediction import V_MARK, ZTSNR_MARK, has_zero_terminal_snr, predicts_v
from irodori.catalog.scales import MARKS, SIDE
from irodori.engine.device import DevicePolicy
from irodori.engine.loading.configs import METADATA_KEY, ModelConfigs, configs_of, stated_by
from irodori.engine.loading.fill import Prefixed, fill
from irodori.engine.loading.quantised import check_floats
from irodori.engine.loading.source import ModelSource
from irodori.engine.modules.autoencoder import Autoencoder
from irodori.engine.modules.clip import ClipG, ClipL
from irodori.engine.modules.unet import UNet
from irodori.errors import ModelFileError, OutputError
from irodori.recipe.names import Prediction

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {"unet": UNET, "autoencoder": AUTOENCODER, "text_l": TEXT_L, "text_g": TEXT_G}
)
"""Where the file keeps each part of a `ModelParts`."""

# In many files and of no use to drawing: training's leftovers, buffers that code computes.
_HARMLESS: Final = (
    f"{TEXT_L}embeddings.position_ids",
    f"{TEXT_G}logit_scale",
    f"{TEXT_G}attn_mask",
    "conditioner.embedders.0.logit_scale",
    "conditioner.embedders.0.transformer.text_projection.",
    "cond_stage_model.",  # of Stable Diffusion 1, in merges over its files
    "embedding_manager.",
    "alphas_cumprod",
    "alphas_cumprod_prev",
    "betas",
    "denoiser.sigmas",
    "log_one_minus_alphas_cumprod",
    "logvar",
    "model_ema.",
    "posterior_",
    "scale_factor",
    "sqrt_",
)
_TOLD: Final = 5  # names an error message lists


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelParts:
    """The four modules of a model.

    Attributes:
        unet: predicts noise or v.
        autoencoder: pictures to latents and back.
        text_l: the first text encoder.
        text_g: the second, which also gives the pooled vector.
    """

    unet: UNet
    autoencoder: Autoencoder
    text_l: ClipL
    text_g: ClipG

    @property
    def configs(self) -> ModelConfigs:
        """The sizes of all parts."""
        return ModelConfigs(
            unet=self.unet.config,
            autoencoder=self.autoencoder.config,
            text_l=self.text_l.config,
            text_g=self.text_g.config,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTraits:
    """How the model was trained, as far as drawing must know.

    Attributes:
        prediction: EPS or V, never FILE.
        zero_terminal_snr: its noise levels end in pure noise (compare `ModelSigmas`).
    """

    prediction: Prediction = Prediction.EPS
    zero_terminal_snr: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a file holds beside the model.

    Attributes:
        unknown: names of tensors that no part of the model has; nothing was done with them.
        harmless: names of tensors that many files have and drawing does not need.
        dtypes: the types of the model's tensors in the file, most frequent first.
    """

    unknown: tuple[str, ...]
    harmless: tuple[str, ...]
    dtypes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedModel(ModelParts):
    """A model that is ready to run.

    Attributes:
        path: the file.
        policy: where and in which formats the modules are.
        traits: how the model was trained.
        metadata: the file's free text by name.
        report: what else the file holds.
    """

    path: Path
    policy: DevicePolicy
    traits: ModelTraits
    metadata: Mapping[str, str]
    report: LoadReport


def load_checkpoint(source: ModelSource, policy: DevicePolicy) -> LoadedModel:
    """Return the model of a source, for drawing: no dropout, no gradients.

    Args:
        source: from `open_source`; `source.header.elements` serves `choose_policy`.
        policy: the device and the formats the parts are converted to.

    Raises:
        ModelFileError: the file is of another family, lacks tensors, has them in other shapes, or
            has values that are no numbers.
    """
    header = source.header
    parts, report = inspected(header)
    traits = traits_of(header)
    with source.opened() as read:
        for name, module in _named(parts):
            dtype = policy.autoencoder if name == "autoencoder" else policy.storage
            fill(module, Prefixed(header, PREFIXES[name], read), policy, dtype)
    return LoadedModel(
        unet=parts.unet,
        autoencoder=parts.autoencoder,
        text_l=parts.text_l,
        text_g=parts.text_g,
        path=header.path,
        policy=policy,
        traits=traits,
        metadata=header.metadata,
        report=report,
    )


def inspected(header: Header) -> tuple[ModelParts, LoadReport]:
    """Return the modules that a file has all tensors for, without storage, and what else it has.

    Raises:
        ModelFileError: the file is of another family, lacks tensors, or has them in other shapes or
            types.
    """
    family = identify(header)
    if family not in (Family.SDXL, Family.SDXL_INPAINT):
        raise ModelFileError(f"'{header.path}' is {family}; an SDXL checkpoint is needed")
    parts = _built(configs_of(header))
    return parts, _checked(header, parts)


def traits_of(header: Header) -> ModelTraits:
    """Return how a model was trained, by the markers in its file and beside it.

    Raises:
        ModelFileError: the model predicts in a form that is not supported (EDM).
    """
    return ModelTraits(
        prediction=Prediction.V if predicts_v(header) else Prediction.EPS,
        zero_terminal_snr=has_zero_terminal_snr(header),
    )


def save_checkpoint(
    path: Path,
    parts: ModelParts,
    *,
    traits: ModelTraits,
    dtype: torch.dtype | None = None,
    metadata: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write a model as one file in SDXL's layout; `load_checkpoint` reads it back.

    Args:
        path: the file; replaced whole, or not at all.
        parts: the modules; they are not changed.
        traits: written as the usual markers.
        dtype: of the tensors in the file; None keeps each as it is.
        metadata: free text; the sizes that shapes do not tell are added.

    Raises:
        OutputError: the file cannot be written.
    """
    tensors = {
        PREFIXES[name] + key: value.detach().to("cpu", dtype or value.dtype).contiguous()
        for name, module in _named(parts)
        for key, value in module.state_dict().items()
    }
    if traits.prediction is Prediction.V:
        tensors[V_MARK] = torch.empty(0)
    if traits.zero_terminal_snr:
        tensors[ZTSNR_MARK] = torch.empty(0)
    partial = path.with_name(path.name + ".part")
    try:
        save_file(tensors, partial, {**metadata, METADATA_KEY: stated_by(parts.configs)})
        partial.replace(path)
    except (OSError, SafetensorError) as error:
        partial.unlink(missing_ok=True)
        raise OutputError(f"'{path}' cannot be written: {error}") from error


def _built(configs: ModelConfigs) -> ModelParts:
    """Return modules of these sizes, without storage."""
    with torch.device("meta"):
        return ModelParts(
            unet=UNet(configs.unet),
            autoencoder=Autoencoder(configs.autoencoder),
            text_l=ClipL(configs.text_l),
            text_g=ClipG(configs.text_g),
        )


def _named(parts: ModelParts) -> Iterator[tuple[str, nn.Module]]:
    """Yield the four modules by the names they have in `ModelParts`."""
    for name in PREFIXES:
        yield name, getattr(parts, name)


def _checked(header: Header, parts: ModelParts) -> LoadReport:
    """Check that the file has every tensor of the modules in its shape; tell what else it has."""
    wanted = {
        PREFIXES[name] + key: tuple(value.shape)
        for name, module in _named(parts)
        for key, value in module.state_dict().items()
    }
    check_floats(header, wanted)
    missing = [key for key in wanted if key not in header.tensors]
    if missing:
        raise ModelFileError(f"'{header.path}' lacks {_listed(missing)}")
    wrong = [
        f"{key} {list(found)} instead of {list(shape)}"
        for key, shape in wanted.items()
        if (found := header.tensors[key].shape) != shape
    ]
    if wrong:
        raise ModelFileError(f"'{header.path}' has other shapes than SDXL: {_listed(wrong)}")
    stems = {key.removesuffix(".weight") for key in wanted}
    known = {*wanted, *(stem + side for stem in stems for side in SIDE), *MARKS}
    known |= {V_MARK, ZTSNR_MARK}
    others = [key for key in header.tensors if key not in known]
    types = [header.tensors[key].dtype for key in wanted]
    return LoadReport(
        unknown=tuple(key for key in others if not key.startswith(_HARMLESS)),
        harmless=tuple(key for key in others if key.startswith(_HARMLESS)),
        dtypes=tuple(sorted(set(types), key=types.count, reverse=True)),
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(islice(names, _TOLD)) + more
