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
    CHROMA = "a Chroma checkpoint"
    CASCADE = "a Stable Cascade checkpoint"
    AURAFLOW = "an AuraFlow checkpoint"
    SANA = "a Sana checkpoint"
    HIDREAM = "a HiDream checkpoint"
    QWEN_IMAGE = "a Qwen-Image checkpoint"
    LUMINA = "a Lumina 2 checkpoint"
    Z_IMAGE = "a Z-Image checkpoint"
    WAN = "a Wan checkpoint"
    HUNYUAN_VIDEO = "a HunyuanVideo checkpoint"
    LTX_VIDEO = "an LTX-Video checkpoint"
    CONTROLNET = "a ControlNet"
    MOTION = "a motion module (AnimateDiff)"
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


def _alone(*prefixes: str) -> Callable[[Set[str]], bool]:
    """Match names of a network saved alone, or within a checkpoint."""
    return _starting(*prefixes, *(UNET + prefix for prefix in prefixes))


_MOVED: Final = ("mid_block", *(f"{side}_blocks.{n}" for side in ("down", "up") for n in range(4)))

# The first that fits decides, so what is more particular stands first.
_RULES: Final[tuple[tuple[Family, Callable[[Set[str]], bool]], ...]] = (
    (Family.NETWORK, is_network),
    (Family.EMBEDDING, lambda names: bool(names) and names <= {"clip_l", "clip_g", "emb_params"}),
    (Family.CHROMA, _alone("distilled_guidance_layer.")),  # its blocks are Flux's
    (Family.HUNYUAN_VIDEO, _alone("txt_in.individual_token_refiner.")),  # the same
    (Family.FLUX, _alone("double_blocks.", "single_stream_modulation.")),
    (Family.SD3, _alone("joint_blocks.")),
    (Family.CASCADE, _alone("clip_txt_mapper.", "down_blocks.1.0.channelwise.")),
    (Family.AURAFLOW, _alone("double_layers.")),
    (Family.SANA, _alone("blocks.0.cross_attn.q_linear.")),
    (Family.HIDREAM, _alone("double_stream_blocks.")),
    (Family.QWEN_IMAGE, _alone("transformer_blocks.0.img_mod.", "txt_in.text_norm.")),
    (Family.Z_IMAGE, _alone("layers.0.adaLN_modulation.0.")),  # it has Lumina's captions
    (Family.LUMINA, _alone("cap_embedder.")),
    (Family.WAN, _alone("head.modulation")),
    (Family.LTX_VIDEO, _alone("patchify_proj.")),
    (Family.CONTROLNET, _starting("control_model.", "controlnet_cond_embedding.")),
    (Family.MOTION, _starting(*(f"{at}.motion_modules." for at in _MOVED))),
    (Family.SDXL_REFINER, _starting("conditioner.embedders.0.model.")),
    (Family.SDXL, _starting(TEXT_G)),  # merges may carry a text encoder of Stable Diffusion 1
    (Family.SD1, _starting("cond_stage_model.transformer.")),
    (Family.SD2, _starting("cond_stage_model.model.")),
    (Family.SDXL, _starting(f"{UNET}label_emb.")),
    (Family.DIFFUSERS, _starting("down_blocks.", "encoder.down_blocks.", "text_model.")),
    (Family.AUTOENCODER, _starting("encoder.down.", f"{AUTOENCODER}encoder.down.")),
)
