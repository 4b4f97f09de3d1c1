"""Which family of models a file belongs to, told by the names and shapes of its tensors."""

from collections.abc import Callable, Set
from enum import StrEnum
from typing import Final

from irodori.catalog.header import Header
from irodori.catalog.network_names import is_network

# Where the single-file SDXL layout keeps its parts.
UNET: Final = "model.diffusion_model."
AUTOENCODER: Final = "first_stage_model."
TEXT_L: Final = "conditioner.embedders.0.transformer.text_model."
TEXT_G: Final = "conditioner.embedders.1.model."

_INPAINT_CHANNELS: Final = 9  # latents, mask, masked latents


class Family(StrEnum):
    """Kinds of model files, as a person names them."""

    SDXL = "an SDXL checkpoint"
    SDXL_REFINER = "an SDXL refiner"
    SDXL_INPAINT = "an SDXL inpainting checkpoint"
    SD1 = "a Stable Diffusion 1 checkpoint"
    SD2 = "a Stable Diffusion 2 checkpoint"
    SD3 = "a Stable Diffusion 3 checkpoint"
    FLUX = "a Flux checkpoint"
    NETWORK = "a LoRA or another network"
    EMBEDDING = "a textual inversion"
    AUTOENCODER = "an autoencoder alone"
    DIFFUSERS = "one part of a diffusers folder"
    UNKNOWN = "no model that is known here"


def identify(header: Header) -> Family:
    """Return the family of the file with this header."""
    names = header.tensors.keys()
    family = next((family for family, belongs in _RULES if belongs(names)), Family.UNKNOWN)
    first = header.tensors.get(f"{UNET}input_blocks.0.0.weight")
    if family is Family.SDXL and first is not None and _INPAINT_CHANNELS in first.shape[1:2]:
        return Family.SDXL_INPAINT
    return family


def _starting(*prefixes: str) -> Callable[[Set[str]], bool]:
    return lambda names: any(name.startswith(prefixes) for name in names)


# The first that fits decides, so what is more particular stands first.
_RULES: Final[tuple[tuple[Family, Callable[[Set[str]], bool]], ...]] = (
    (Family.NETWORK, is_network),
    (Family.EMBEDDING, lambda names: bool(names) and names <= {"clip_l", "clip_g", "emb_params"}),
    (Family.FLUX, _starting("double_blocks.", f"{UNET}double_blocks.")),
    (Family.SD3, _starting("joint_blocks.", f"{UNET}joint_blocks.")),
    (Family.SDXL_REFINER, _starting("conditioner.embedders.0.model.")),
    (Family.SDXL, _starting(TEXT_G)),  # merges may carry a text encoder of Stable Diffusion 1
    (Family.SD1, _starting("cond_stage_model.transformer.")),
    (Family.SD2, _starting("cond_stage_model.model.")),
    (Family.SDXL, _starting(f"{UNET}label_emb.")),
    (Family.DIFFUSERS, _starting("down_blocks.", "encoder.down_blocks.", "text_model.")),
    (Family.AUTOENCODER, _starting("encoder.down.", f"{AUTOENCODER}encoder.down.")),
)
