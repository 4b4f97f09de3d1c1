"""Files as the world has them, rebuilt as headers: what they are, and that nothing of them is lost.

The tensors are holes in sparse files; a 7 GB model takes no room on the disk and none in memory.
"""

import json

import public_files
import pytest
import torch

from irodori.catalog.header import read_header
from irodori.catalog.prediction import traits_of_model
from irodori.catalog.scan import look_at
from irodori.engine.device import DevicePolicy
from irodori.engine.loading.autoencoder import load_autoencoder
from irodori.engine.loading.checkpoint import PREFIXES, load_checkpoint
from irodori.engine.loading.source import open_source
from irodori.engine.model_sizes import model_sizes
from irodori.engine.modules.attention import fused
from irodori.errors import ModelFileError
from irodori.recipe.names import Prediction

HALF = torch.float16
AS_IT_IS = DevicePolicy(
    device=torch.device("cpu"),
    compute=HALF,
    storage=HALF,
    autoencoder=HALF,
    channels_last=False,
    attend=fused,
)
"""Converts nothing, so that what is loaded lies where the file is mapped."""


NOOB = {"modelspec.title": "NoobAI-XL v-pred 1.0", "modelspec.architecture": "sdxl"}
CHECKPOINTS = {
    # the file's stem: its tensors, metadata, and what is said of it
    "sd_xl_base_1.0": (public_files.sdxl_base(), {}, "an SDXL checkpoint", "eps", False, ""),
    "sdxl-inpaint": (
        public_files.sdxl_inpaint(), {}, "an SDXL inpainting checkpoint", "eps", False, "",
    ),
    "illustrious_merge": (
        public_files.merged(), {}, "an SDXL checkpoint", "eps", False, "Illustrious",
    ),
    "ponyDiffusionV6XL": (public_files.merged(), {}, "an SDXL checkpoint", "eps", False, "Pony"),
    "unnamed": (
        public_files.merged("v_pred", "ztsnr"), NOOB, "an SDXL checkpoint", "v", True, "NoobAI 1.0",
    ),
    "converted": (
        public_files.projection_of_transformers(), {}, "an SDXL checkpoint", "eps", False, "",
    ),
    "flat": (public_files.flat_attention(), {}, "an SDXL checkpoint", "eps", False, ""),
}  # fmt: skip


SAME = ("illustrious_merge", "ponyDiffusionV6XL")  # as `unnamed`, but for the marks


@pytest.fixture
def checkpoint(request, tmp_path):
    tensors, metadata, *_ = CHECKPOINTS[request.param]
    return public_files.write_sparse(tmp_path / f"{request.param}.safetensors", tensors, metadata)


@pytest.mark.parametrize("checkpoint", CHECKPOINTS, indirect=True)
def test_the_catalog_says_what_it_is(checkpoint):
    *_, what, prediction, zero_terminal_snr, line = CHECKPOINTS[checkpoint.stem]
    record = look_at(checkpoint)
    assert (record.what, record.usable, record.problem) == (what, True, "")
    assert (record.prediction, record.zero_terminal_snr) == (prediction, zero_terminal_snr)
    assert record.base == line


@pytest.mark.parametrize("checkpoint", sorted(CHECKPOINTS.keys() - SAME), indirect=True)
def test_every_parameter_is_filled_and_every_tensor_is_used_or_known(checkpoint):
    tensors = CHECKPOINTS[checkpoint.stem][0]
    model = load_checkpoint(open_source(checkpoint), AS_IT_IS)
    filled = {
        PREFIXES[part] + name: value
        for part in PREFIXES
        for name, value in getattr(model, part).named_parameters()
    }
    assert len(filled) == 2513
    assert all(value.device.type == "cpu" and value.dtype == HALF for value in filled.values())
    used = {name for name in filled if name in tensors}
    if checkpoint.stem == "converted":
        used.add("conditioner.embedders.1.model.text_projection.weight")
    same = {name for name in used & filled.keys() if filled[name].shape == tensors[name][1]}
    flat = {name for name in used if ".attn_1." in name and len(tensors[name][1]) == 2}
    assert len(same) == 2513 - (checkpoint.stem == "converted") - len(flat)
    assert len(flat) == (8 if checkpoint.stem == "flat" else 0)
    marks = {"v_pred", "ztsnr"} & tensors.keys()
    assert model.report.unknown == ()
    assert used | set(model.report.harmless) | marks == tensors.keys()
    assert not used & set(model.report.harmless)
    assert model.traits.prediction is Prediction(traits_of_model(checkpoint).prediction or "eps")
    assert model_sizes(read_header(checkpoint)).text_values == 2 * (10 * 640 + 60 * 1280)


def test_float8_with_scales_is_read_whole(tmp_path):
    """The side tensors are all known; with a few layers, since unscaling fills memory."""
    tensors = public_files.scaled_fp8()
    kept = {"scaled_fp8"} | {
        name for name in tensors
        if ".middle_block.1.transformer_blocks.0." in name or "embed" in name
    }  # fmt: skip
    for name, (dtype, shape) in list(tensors.items()):
        if name not in kept and dtype == "F8_E4M3":
            tensors[name] = ("F16", shape)
        if name not in kept and name.endswith((".scale_weight", ".scale_input")):
            del tensors[name]
    path = public_files.write_sparse(tmp_path / "scaled.safetensors", tensors)
    model = load_checkpoint(open_source(path), AS_IT_IS)
    assert model.report.unknown == ()
    assert model.report.dtypes[:2] == ("F16", "F8_E4M3")
    assert not model_sizes(read_header(path)).is_fp8
    assert all(value.dtype == HALF for value in model.unet.parameters())


def test_a_refiner_is_known_and_refused_by_its_name(tmp_path):
    path = public_files.write_sparse(
        tmp_path / "sd_xl_refiner_1.0.safetensors", public_files.sdxl_refiner()
    )
    record = look_at(path)
    assert (record.what, record.usable) == ("an SDXL refiner", False)
    with pytest.raises(ModelFileError, match="is an SDXL refiner; an SDXL checkpoint is needed"):
        load_checkpoint(open_source(path), AS_IT_IS)


@pytest.mark.parametrize("prefix", ["", "first_stage_model."])
def test_an_autoencoder_alone_is_filled_whole(tmp_path, prefix):
    path = public_files.write_sparse(
        tmp_path / "sdxl_vae.safetensors", public_files.sdxl_vae(prefix)
    )
    assert look_at(path).what == "an autoencoder alone"
    whole = DevicePolicy(
        device=AS_IT_IS.device,
        compute=torch.float32,
        storage=torch.float32,
        autoencoder=torch.float32,
        channels_last=False,
        attend=fused,
    )
    module = load_autoencoder(path, whole, latent_channels=4)
    shapes = {prefix + name: tuple(value.shape) for name, value in module.named_parameters()}
    assert shapes == {name: shape for name, (_, shape) in public_files.sdxl_vae(prefix).items()}


QUANTISED = "model.diffusion_model.middle_block.1.proj_in.weight"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {QUANTISED: ("U8", (819_200, 1)), f"{QUANTISED}.absmax": ("F32", (25_600,))},
            r"is quantised: '.*proj_in\.weight' is of type U8",
        ),
        ({QUANTISED: ("I8", (1280, 1280))}, "is quantised: .* of type I8"),
        (
            {
                QUANTISED: ("F8_E4M3", (1280, 1280)),
                QUANTISED.replace(".weight", ".weight_scale"): ("F32", (1280, 40)),
            },
            "is quantised in blocks: .* has 51200 scales for 1280 outputs",
        ),
    ],
)
def test_other_forms_of_fewer_bits_are_refused_by_name(tmp_path, changes, said):
    path = public_files.write_sparse(
        tmp_path / "nf4.safetensors", public_files.sdxl_base() | changes
    )
    with pytest.raises(ModelFileError, match=said):
        load_checkpoint(open_source(path), AS_IT_IS)


def test_metadata_of_the_file_is_kept(tmp_path):
    stated = {"modelspec.title": "Merge", "sd_merge_recipe": json.dumps({"a": 1})}
    path = public_files.write_sparse(tmp_path / "merge.safetensors", public_files.merged(), stated)
    assert read_header(path).metadata == stated
    assert look_at(path).title == "Merge"
