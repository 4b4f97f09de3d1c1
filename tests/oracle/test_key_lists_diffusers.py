"""The lists of public files against diffusers' own converters: all of its models, and no more."""

import json

import public_files
import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    CHECKPOINT_KEY_NAMES,
    convert_ldm_clip_checkpoint,
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
    convert_open_clip_checkpoint,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from irodori.catalog.header import Header, TensorInfo
from irodori.catalog.identify import Family, identify
from irodori.catalog.scan import look_at
from irodori.engine.device import DevicePolicy
from irodori.engine.loading.checkpoint import PREFIXES, load_checkpoint
from irodori.engine.loading.source import open_source
from irodori.engine.modules.attention import fused

HALF = torch.float16


FAMILIES = {
    # diffusers' name of a family: ours
    "xl_base": Family.SDXL,
    "xl_refiner": Family.SDXL_REFINER,
    "clip": Family.SD1,
    "open_clip": Family.SD2,
    "sd3": Family.SD3,
    "sd35_large": Family.SD3,
    "flux": Family.FLUX,
    "flux2": Family.FLUX,
    "chroma": Family.CHROMA,
    "stable_cascade_stage_b": Family.CASCADE,
    "stable_cascade_stage_c": Family.CASCADE,
    "hidream": Family.HIDREAM,
    "qwen-image-2.1": Family.QWEN_IMAGE,
    "lumina2": Family.LUMINA,
    "z-image-turbo": Family.Z_IMAGE,
    "wan": Family.WAN,
    "hunyuan-video": Family.HUNYUAN_VIDEO,
    "controlnet": Family.CONTROLNET,
    "animatediff": Family.MOTION,
    "animatediff_v2": Family.MOTION,
    "animatediff_sdxl_beta": Family.MOTION,
}


@pytest.mark.parametrize("theirs", FAMILIES)
def test_families_are_told_by_the_names_diffusers_tells_them_by(tmp_path, theirs):
    names = CHECKPOINT_KEY_NAMES[theirs]
    for name in [names] if isinstance(names, str) else names:
        tensors = {name: TensorInfo(dtype="F16", shape=(1,), start=0, end=2)}
        assert identify(Header(path=tmp_path, tensors=tensors, metadata={})) is FAMILIES[theirs]


def text_config(width, layers, heads, inner, activation):
    return CLIPTextConfig(
        hidden_size=width,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        projection_dim=width,
        hidden_act=activation,
    )


@pytest.fixture(scope="module")
def published():
    """Diffusers' and transformers' models of the published configurations, without storage."""
    with torch.device("meta"):
        return {
            "unet": UNet2DConditionModel(
                block_out_channels=(320, 640, 1280),
                down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
                up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
                transformer_layers_per_block=(1, 2, 10),
                attention_head_dim=(5, 10, 20),
                cross_attention_dim=2048,
                addition_embed_type="text_time",
                addition_time_embed_dim=256,
                projection_class_embeddings_input_dim=2816,
                use_linear_projection=True,
            ),
            "vae": AutoencoderKL(
                down_block_types=("DownEncoderBlock2D",) * 4,
                up_block_types=("UpDecoderBlock2D",) * 4,
                block_out_channels=(128, 256, 512, 512),
                layers_per_block=2,
            ),
            "text_encoder": CLIPTextModel(text_config(768, 12, 12, 3072, "quick_gelu")),
            "text_encoder_2": CLIPTextModelWithProjection(text_config(1280, 32, 20, 5120, "gelu")),
        }


def shapes(module):
    return {name: tuple(value.shape) for name, value in module.state_dict().items()}


def bare(found):
    """Names as transformers 5 has them: without what stood before CLIP-L's."""
    return {name.removeprefix("text_model."): tuple(value.shape) for name, value in found.items()}


def test_the_base_fills_every_model_of_diffusers(published):
    whole = {
        name: torch.empty(shape, dtype=HALF, device="meta")
        for name, (_, shape) in public_files.sdxl_base().items()
    }
    unet = convert_ldm_unet_checkpoint(dict(whole), published["unet"].config)
    assert {name: tuple(value.shape) for name, value in unet.items()} == shapes(published["unet"])
    vae = convert_ldm_vae_checkpoint(dict(whole), published["vae"].config)
    flat = {
        name: tuple(value.shape[:2] if ".attentions." in name else value.shape)
        for name, value in vae.items()
    }
    assert flat == shapes(published["vae"])
    text = bare(convert_ldm_clip_checkpoint(dict(whole)))
    assert text.pop("embeddings.position_ids") == (1, 77)
    expected = {
        name.removeprefix("text_model."): shape
        for name, shape in shapes(published["text_encoder"]).items()
    }
    assert text == expected
    second = convert_open_clip_checkpoint(
        published["text_encoder_2"], dict(whole), prefix=public_files.CLIP_G
    )
    found = {name: tuple(value.shape) for name, value in second.items()}
    found.pop("text_model.embeddings.position_ids", None)
    assert found == shapes(published["text_encoder_2"])


def test_layers_have_the_names_of_diffusers(published):
    named = {public_files.in_diffusers(name) for name in public_files.weights(public_files.unet())}
    theirs = {
        name.removesuffix(".weight")
        for name in published["unet"].state_dict()
        if name.endswith(".weight")
    }
    assert named == theirs


def test_a_folder_of_diffusers_is_loaded_whole(published, tmp_path):
    """As it is published, in half precision: every parameter filled, nothing left."""
    for part, module in published.items():
        file = "model" if part.startswith("text") else "diffusion_pytorch_model"
        tensors = {name: ("F16", shape) for name, shape in shapes(module).items()}
        if part == "text_encoder":  # the published files are of an older transformers
            tensors = {f"text_model.{n.removeprefix('text_model.')}": e for n, e in tensors.items()}
        public_files.write_sparse(tmp_path / part / f"{file}.fp16.safetensors", tensors)
    index = {"_class_name": "StableDiffusionXLPipeline"}
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    assert look_at(tmp_path).usable
    policy = DevicePolicy(
        device=torch.device("cpu"),
        compute=HALF,
        storage=HALF,
        autoencoder=HALF,
        channels_last=False,
        attend=fused,
    )
    model = load_checkpoint(open_source(tmp_path), policy)
    assert (model.report.unknown, model.report.harmless) == ((), ())
    filled = {
        PREFIXES[part] + name: tuple(value.shape)
        for part in PREFIXES
        for name, value in getattr(model, part).named_parameters()
        if value.device.type == "cpu"
    }
    ours = {name: shape for name, (_, shape) in public_files.sdxl_base().items()}
    left = ours.keys() - filled.keys()
    assert left == public_files.POSITION_IDS.keys() | public_files.LOGIT_SCALE.keys()
    assert filled == {name: ours[name] for name in filled}
