import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from irodori.catalog.header import Header, TensorInfo, read_header
from irodori.engine.device import DevicePolicy, Machine, choose_policy
from irodori.engine.loading.checkpoint import (
    PREFIXES,
    ModelParts,
    ModelTraits,
    load_checkpoint,
    save_checkpoint,
    traits_of,
)
from irodori.engine.loading.configs import METADATA_KEY, configs_of
from irodori.engine.loading.source import open_source
from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
from irodori.engine.modules.clip import CLIP_G, CLIP_L, ClipConfig, ClipG, ClipL
from irodori.engine.modules.initialise import initialise
from irodori.engine.modules.unet import UNet, UNetConfig
from irodori.errors import ModelFileError, OutputError
from irodori.recipe.names import Prediction

UNET = UNetConfig(
    channels=(16, 32),
    layers_per_block=1,
    depths=(0, 1),
    middle_depth=2,
    head_dim=8,
    context_dim=20,
    vector_dim=40,
    groups=4,
)
AUTOENCODER = AutoencoderConfig(channels=(8, 16), layers_per_block=1, groups=2, scale=0.25)
TEXT_L = ClipConfig(width=8, layers=2, heads=2, inner=16, vocabulary=30)
TEXT_G = ClipConfig(width=12, layers=3, heads=3, inner=24, projection=12, vocabulary=30)
CPU = choose_policy(Machine(), parameters=0)
HALF = torch.float16
MAPS = Path("/proc/self/maps")


@pytest.fixture(scope="module")
def parts():
    made = ModelParts(
        unet=UNet(UNET),
        autoencoder=Autoencoder(AUTOENCODER),
        text_l=ClipL(TEXT_L),
        text_g=ClipG(TEXT_G),
    )
    generator = torch.Generator().manual_seed(7)
    for name in PREFIXES:
        initialise(getattr(made, name), generator)
    return made


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.safetensors"


def load(path, policy=CPU):
    return load_checkpoint(open_source(path), policy)


def changed(path, parts, change, metadata=None):
    """Save the model with its tensors and metadata changed."""
    save_checkpoint(path, parts, traits=ModelTraits())
    tensors, stated = load_file(path), dict(read_header(path).metadata)
    change(tensors)
    save_file(tensors, path, stated | (metadata or {}))
    return path


def values(model):
    return {
        PREFIXES[name] + key: value
        for name in PREFIXES
        for key, value in getattr(model, name).state_dict().items()
    }


def test_what_was_saved_is_loaded_bit_for_bit(file, parts):
    save_checkpoint(file, parts, traits=ModelTraits(), metadata={"title": "Sumire"})
    model = load(file)
    assert model.configs == parts.configs
    assert model.traits == ModelTraits()
    assert model.metadata["title"] == "Sumire"
    assert model.path == file
    assert (model.report.unknown, model.report.harmless) == ((), ())
    assert model.report.dtypes == ("F32",)
    saved = values(parts)
    assert values(model).keys() == saved.keys()
    assert all(torch.equal(value, saved[key]) for key, value in values(model).items())


def test_a_loaded_model_draws_and_takes_no_gradients(file, parts):
    save_checkpoint(file, parts, traits=ModelTraits(), dtype=HALF)
    model = load(file)
    text = model.text_g(torch.tensor([[1, 5, 29, 0]]))
    states = torch.cat((model.text_l(torch.tensor([[1, 5, 29, 29]])), text.states), -1)
    vector = torch.cat((text.pooled, torch.zeros(1, 28)), -1)
    noise = model.unet(torch.zeros(1, 4, 8, 8), torch.tensor([9.0]), vector, states)
    pixels = model.autoencoder.decode(noise)
    assert pixels.shape == (1, 3, 16, 16)
    assert pixels.isfinite().all()
    assert not pixels.requires_grad
    assert not any(getattr(model, name).training for name in PREFIXES)


@pytest.mark.skipif(not MAPS.exists(), reason="needs Linux's list of mapped files")
def test_tensors_are_mapped_when_nothing_changes(file, parts):
    """No copy: a loaded value lies where the file is mapped."""
    save_checkpoint(file, parts, traits=ModelTraits(), dtype=HALF)
    policy = DevicePolicy(
        device=torch.device("cpu"),
        compute=HALF,
        storage=HALF,
        autoencoder=HALF,
        channels_last=False,
        attend=CPU.attend,
    )
    model = load(file, policy)
    ranges = [
        tuple(int(address, 16) for address in line.split()[0].split("-"))
        for line in MAPS.read_text().splitlines()
        if line.endswith(str(file))
    ]
    for value in values(model).values():
        assert any(start <= value.data_ptr() < end for start, end in ranges)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_the_policy_decides_formats(file, parts, dtype):
    save_checkpoint(file, parts, traits=ModelTraits(), dtype=dtype)
    policy = DevicePolicy(
        device=torch.device("cpu"),
        compute=torch.bfloat16,
        storage=torch.bfloat16,
        autoencoder=torch.float32,
        channels_last=True,
        attend=CPU.attend,
    )
    model = load(file, policy)
    kinds = {name: {v.dtype for v in getattr(model, name).parameters()} for name in PREFIXES}
    assert kinds["autoencoder"] == {torch.float32}
    assert kinds["unet"] == kinds["text_l"] == kinds["text_g"] == {torch.bfloat16}
    convolution = model.unet.input_blocks[1][0].in_layers[2].weight
    assert convolution.is_contiguous(memory_format=torch.channels_last)
    assert not convolution.is_contiguous()


@pytest.mark.parametrize("prediction", [Prediction.EPS, Prediction.V])
@pytest.mark.parametrize("zero_terminal_snr", [False, True])
def test_traits_are_read_from_the_markers(file, parts, prediction, zero_terminal_snr):
    traits = ModelTraits(prediction=prediction, zero_terminal_snr=zero_terminal_snr)
    save_checkpoint(file, parts, traits=traits)
    model = load(file)
    assert model.traits == traits
    assert model.report.unknown == ()
    with safe_open(file, framework="pt") as saved:
        assert ("v_pred" in saved.keys()) == (prediction is Prediction.V)  # noqa: SIM118 - not a dict
        assert ("ztsnr" in saved.keys()) == zero_terminal_snr  # noqa: SIM118 - not a dict


def test_the_model_specification_may_state_the_prediction(file):
    save_file({"a": torch.zeros(1)}, file, {"modelspec.prediction_type": "v"})
    assert traits_of(read_header(file)).prediction is Prediction.V
    save_file({"a": torch.zeros(1)}, file, {"modelspec.prediction_type": "epsilon"})
    assert traits_of(read_header(file)).prediction is Prediction.EPS


def test_unknown_and_harmless_tensors_are_told(file, parts):
    def add(tensors):
        tensors["conditioner.embedders.1.model.logit_scale"] = torch.zeros(())
        tensors["model_ema.decay"] = torch.zeros(())
        tensors["conditioner.embedders.2.secret"] = torch.zeros(2)

    report = load(changed(file, parts, add)).report
    assert report.unknown == ("conditioner.embedders.2.secret",)
    assert set(report.harmless) == {"conditioner.embedders.1.model.logit_scale", "model_ema.decay"}


def test_missing_tensors_are_named(file, parts):
    def drop(tensors):
        del tensors["model.diffusion_model.out.2.bias"]

    with pytest.raises(ModelFileError, match=r"lacks model\.diffusion_model\.out\.2\.bias$"):
        load(changed(file, parts, drop))


def test_a_model_without_an_autoencoder_is_told(file, parts):
    def drop(tensors):
        for key in [key for key in tensors if key.startswith("first_stage_model.")]:
            del tensors[key]

    with pytest.raises(ModelFileError, match=r"lacks 'first_stage_model\."):
        load(changed(file, parts, drop))


def test_many_missing_tensors_are_counted(file, parts):
    def drop(tensors):
        for key in [key for key in tensors if ".ff.net.2." in key]:
            del tensors[key]

    with pytest.raises(ModelFileError, match=r"ff\.net\.2\.weight, .* and 5 more$"):
        load(changed(file, parts, drop))


def test_other_shapes_are_told(file, parts):
    def reshape(tensors):
        tensors["model.diffusion_model.time_embed.2.bias"] = torch.zeros(3)

    with pytest.raises(ModelFileError, match=r"time_embed\.2\.bias \[3\] instead of \[64\]"):
        load(changed(file, parts, reshape))


def test_a_size_is_not_taken_from_a_tensor_without_that_axis(file, parts):
    def flatten(tensors):
        tensors["model.diffusion_model.label_emb.0.0.weight"] = torch.zeros(3)

    with pytest.raises(ModelFileError, match=r"label_emb\.0\.0\.weight' of shape \[3\]"):
        load(changed(file, parts, flatten))


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("cond_stage_model.transformer.text_model.x", "a Stable Diffusion 1 checkpoint"),
        ("double_blocks.0.x", "a Flux checkpoint"),
        ("lora_unet_x.lora_down.weight", "a LoRA or another network"),
        ("x", "no model that is known here"),
    ],
)
def test_another_family_is_named(file, name, what):
    save_file({name: torch.zeros(1)}, file)
    with pytest.raises(ModelFileError, match=f"is {what}; an SDXL checkpoint is needed"):
        load(file)


def test_edm_prediction_is_refused(file, parts):
    def mark(tensors):
        tensors["edm_mean"] = torch.zeros(4)

    with pytest.raises(ModelFileError, match="EDM prediction is not supported"):
        load(changed(file, parts, mark))


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a table of tables"),
        ('{"unet": 3}', "is not a table of tables"),
        ('{"unet": {"channels": [1]}}', "states 'unet.channels', which shapes tell"),
        ('{"unet": {"head_dim": "8"}}', "states '8' for 'unet.head_dim'"),
        ('{"unet": {"head_dim": 8.5}}', "states 8.5 for 'unet.head_dim'"),
        ('{"unet": {"head_dim": true}}', "states True for 'unet.head_dim'"),
        ('{"unet": {"head_dim": 0}}', "states 0 for 'unet.head_dim'"),
        ('{"unet": {"head_dim": 5}}', "needs 'unet.head_dim' to divide 32; it is 5"),
        ('{"unet": {"head_dim": 8, "groups": 3}}', "needs 'unet.groups' to divide 16; it is 3"),
    ],
)
def test_metadata_that_contradicts_the_model_is_told(file, parts, stated, message):
    changed(file, parts, lambda tensors: None, {METADATA_KEY: stated})
    with pytest.raises(ModelFileError, match=message):
        load(file)


def test_the_file_states_what_shapes_do_not_tell(file, parts):
    save_checkpoint(file, parts, traits=ModelTraits())
    assert json.loads(read_header(file).metadata[METADATA_KEY]) == {
        "unet": {"head_dim": 8, "groups": 4},
        "autoencoder": {"groups": 2, "scale": 0.25},
        "text_l": {"heads": 2},
        "text_g": {"heads": 3},
    }


def test_without_metadata_the_sizes_are_sdxls():
    """Inferred from the shapes of SDXL's own tensors, on meta: no storage."""
    with torch.device("meta"):
        full = ModelParts(
            unet=UNet(UNetConfig()),
            autoencoder=Autoencoder(AutoencoderConfig()),
            text_l=ClipL(CLIP_L),
            text_g=ClipG(CLIP_G),
        )
    tensors = {
        key: TensorInfo(dtype="F16", shape=tuple(value.shape), start=0, end=0)
        for key, value in values(full).items()
    }
    header = Header(path=Path("sdxl"), tensors=tensors, metadata={})
    assert configs_of(header) == full.configs
    # The published files have 2515: also logit_scale and position_ids, which are not parameters.
    assert len(tensors) == 2513
    counts = [sum(v.numel() for v in getattr(full, name).parameters()) for name in PREFIXES]
    assert counts == [2_567_463_684, 83_653_863, 123_060_480, 694_659_840]


def test_a_file_that_vanishes_after_its_header_was_read_is_told(file, parts):
    save_checkpoint(file, parts, traits=ModelTraits())
    source = open_source(file)
    file.unlink()
    with pytest.raises(ModelFileError, match="cannot be read"):
        load_checkpoint(source, CPU)


def test_nothing_is_left_when_saving_fails(tmp_path, parts):
    folder = tmp_path / "model.safetensors"
    folder.mkdir()
    (folder / "kept").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        save_checkpoint(folder, parts, traits=ModelTraits())
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]
