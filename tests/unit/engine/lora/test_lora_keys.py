"""The names that trainers write, and the weights of ours that they mean."""

import pytest
import torch
from safetensors.torch import save_file

from irodori.engine.lora.keys import KeyTable
from irodori.engine.lora.network import load_network
from irodori.engine.modules.unet import UNet, UNetConfig
from irodori.errors import ModelFileError

PREFIX = "transformer_blocks_0_attn1_to_q"
SAME = {
    # what files say -> the parameter of our UNet
    f"lora_unet_input_blocks_4_1_{PREFIX}": "input_blocks.4.1.transformer_blocks.0.attn1.to_q",
    f"lora_unet_down_blocks_1_attentions_0_{PREFIX}": (
        "input_blocks.4.1.transformer_blocks.0.attn1.to_q"
    ),
    "lycoris_down_blocks_2_attentions_1_proj_in": "input_blocks.8.1.proj_in",
    "diffusion_model.output_blocks.0.1.transformer_blocks.1.ff.net.0.proj": (
        "output_blocks.0.1.transformer_blocks.1.ff.net.0.proj"
    ),
    "unet.up_blocks.0.attentions.2.transformer_blocks.1.ff.net.2": (
        "output_blocks.2.1.transformer_blocks.1.ff.net.2"
    ),
    "base_model.model.mid_block.attentions.0.proj_out": "middle_block.1.proj_out",
    "mid_block.attentions.0.transformer_blocks.0.attn2.processor.to_v": (
        "middle_block.1.transformer_blocks.0.attn2.to_v"
    ),
    "unet.down_blocks.1.attentions.1.transformer_blocks.0.attn1.processor.to_out": (
        "input_blocks.5.1.transformer_blocks.0.attn1.to_out.0"
    ),
    "lora_unet_down_blocks_0_resnets_1_conv1": "input_blocks.2.0.in_layers.2",
    "lora_unet_down_blocks_1_resnets_0_conv_shortcut": "input_blocks.4.0.skip_connection",
    "lora_unet_up_blocks_2_resnets_2_time_emb_proj": "output_blocks.8.0.emb_layers.1",
    "lora_unet_mid_block_resnets_1_norm2": "middle_block.2.out_layers.0",
    "lora_unet_down_blocks_0_downsamplers_0_conv": "input_blocks.3.0.op",
    "lora_unet_up_blocks_1_upsamplers_0_conv": "output_blocks.5.2.conv",
    "lora_unet_add_embedding_linear_2": "label_emb.0.2",
    "lora_unet_time_embedding_linear_1": "time_embed.0",
    "lora_unet_conv_in": "input_blocks.0.0",
    "lora_unet_out_2": "out.2",
    "oft_unet_conv_norm_out": "out.0",
}
TEXTS = {
    "lora_te1_text_model_encoder_layers_1_self_attn_q_proj": (
        "text_l", "encoder.layers.1.self_attn.q_proj.weight", None,
    ),
    "lora_te_text_model_encoder_layers_0_mlp_fc2": (
        "text_l", "encoder.layers.0.mlp.fc2.weight", None,
    ),
    "text_encoder.text_model.encoder.layers.0.layer_norm1": (
        "text_l", "encoder.layers.0.layer_norm1.weight", None,
    ),
    "text_encoder.encoder.layers.0.layer_norm1": (
        "text_l", "encoder.layers.0.layer_norm1.weight", None,
    ),
    "lora_te2_text_model_encoder_layers_2_self_attn_v_proj": (
        "text_g", "transformer.resblocks.2.attn.in_proj_weight", (24, 36),
    ),
    "text_encoder_2.text_model.encoder.layers.0.self_attn.out_proj": (
        "text_g", "transformer.resblocks.0.attn.out_proj.weight", None,
    ),
    "text_encoder_2.text_model.encoder.layers.1.mlp.fc1": (
        "text_g", "transformer.resblocks.1.mlp.c_fc.weight", None,
    ),
    "lora_te2_text_projection": ("text_g", "text_projection", None),
    "text_encoder.text_projection": ("text_g", "text_projection", None),
}  # fmt: skip


def shapes(parts):
    return {
        part: {name: value.shape for name, value in getattr(parts, part).named_parameters()}
        for part in ("unet", "text_l", "text_g")
    }


def fitted(path, parts):
    return load_network(path, KeyTable(parts), shapes(parts))


@pytest.mark.parametrize("stem", SAME)
def test_names_of_the_unet(parts, stem):
    target = KeyTable(parts).find(stem)
    assert (target.part, target.parameter) == ("unet", f"{SAME[stem]}.weight")
    assert target.parameter in shapes(parts)["unet"]


@pytest.mark.parametrize("stem", TEXTS)
def test_names_of_the_text_encoders(parts, stem):
    target = KeyTable(parts).find(stem)
    part, parameter, rows = TEXTS[stem]
    assert (target.part, target.parameter, target.rows) == (part, parameter, rows)
    assert target.parameter in shapes(parts)[part]
    assert target.transposed == (parameter == "text_projection")


def test_every_weight_has_a_name_in_diffusers_and_none_has_two_meanings():
    """At SDXL's own sizes: as many names of diffusers as weights, all different."""
    with torch.device("meta"):
        unet = UNet(UNetConfig())
    from irodori.engine.lora.keys import _unet_names

    named = list(_unet_names(unet, UNetConfig()))
    weights = {f"{name}" for name, _ in unet.named_parameters() if name.endswith(".weight")}
    assert {target.parameter for _, target in named} == weights
    theirs = {
        name: target.parameter
        for name, target in named
        if f"{name}.weight" != target.parameter and not name.endswith("to_out")
    }
    assert sorted(theirs.values()) == sorted(weights)
    flat: dict[str, str] = {}
    for name, target in named:
        assert flat.setdefault(name.replace(".", "_"), target.parameter) == target.parameter
    assert theirs["down_blocks.2.attentions.1.transformer_blocks.9.attn2.to_k"] == (
        "input_blocks.8.1.transformer_blocks.9.attn2.to_k.weight"
    )
    assert theirs["up_blocks.0.upsamplers.0.conv"] == "output_blocks.2.2.conv.weight"
    assert theirs["up_blocks.2.resnets.0.conv_shortcut"] == (
        "output_blocks.6.0.skip_connection.weight"
    )


@pytest.mark.parametrize("stem", ["lora_unet_double_blocks_0_img_attn_qkv", "nothing", ""])
def test_what_is_not_there_is_not_found(parts, stem):
    assert KeyTable(parts).find(stem) is None


def pair(stem, out, inner, spelling=(".lora_up.weight", ".lora_down.weight")):
    return {
        f"{stem}{spelling[0]}": torch.ones(out, 2),
        f"{stem}{spelling[1]}": torch.ones(2, inner),
    }


STEM = "lora_unet_down_blocks_1_attentions_0_proj_in"


@pytest.mark.parametrize(
    "spelling",
    [
        (".lora_up.weight", ".lora_down.weight"),
        (".lora_B.weight", ".lora_A.weight"),
        (".lora_B.default.weight", ".lora_A.default.weight"),
        (".lora.up.weight", ".lora.down.weight"),
        ("_lora.up.weight", "_lora.down.weight"),
        (".lora_linear_layer.up.weight", ".lora_linear_layer.down.weight"),
    ],
)
def test_spellings_of_up_and_down(tmp_path, parts, spelling):
    path = tmp_path / "style.safetensors"
    save_file(pair(STEM, 16, 16, spelling), path)
    network = fitted(path, parts)
    assert [each.target.parameter for each in network.changes] == [
        "input_blocks.4.1.proj_in.weight"
    ]
    assert (network.unmatched, network.note) == ((), "")


def test_weight_and_bias_of_one_stem(tmp_path, parts):
    path = tmp_path / "full.safetensors"
    norm = "lora_unet_mid_block_resnets_0_norm1"
    save_file(
        {
            f"{STEM}.diff": torch.ones(16, 16),
            f"{STEM}.diff_b": torch.ones(16),
            f"{norm}.w_norm": torch.ones(24),
            f"{norm}.b_norm": torch.ones(24),
        },
        path,
    )
    assert {each.target.parameter for each in fitted(path, parts).changes} == {
        "input_blocks.4.1.proj_in.weight",
        "input_blocks.4.1.proj_in.bias",
        "middle_block.0.in_layers.0.weight",
        "middle_block.0.in_layers.0.bias",
    }


def test_a_partial_match_is_told(tmp_path, parts):
    path = tmp_path / "style.safetensors"
    wrong_shape = pair("lora_unet_down_blocks_1_attentions_1_proj_in", 7, 16)
    save_file(
        pair(STEM, 16, 16) | pair("lora_unet_somewhere", 4, 4) | wrong_shape
        | {"extra": torch.ones(1), "bundle_emb.word.clip_l": torch.ones(1, 8)},
        path,
    )  # fmt: skip
    network = fitted(path, parts)
    assert len(network.changes) == 1
    assert len(network.unmatched) == 5  # an embedding that came along is no fault
    assert network.note.startswith("network 'style' fits in part: 5 of 8 tensors are not used")


FOREIGN = {
    "for Flux": pair("lora_unet_double_blocks_0_img_attn_qkv", 9, 3),
    "for Stable Diffusion 1": pair(
        "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k", 320, 768
    ),
    "for Stable Diffusion 2": pair(
        "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k", 320, 1024
    ),
    "for Stable Diffusion 3": pair("lora_unet_joint_blocks_0_context_block_attn_qkv", 9, 3),
    "an SDXL network, but its weights have other shapes": pair(STEM, 640, 640)
    | pair("lora_te2_text_model_encoder_layers_0_mlp_fc1", 5120, 1280),
    "no network that is known here": {"model.diffusion_model.x": torch.ones(1)},
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_file_that_fits_nowhere_is_refused_with_its_family(tmp_path, parts, what):
    path = tmp_path / "other.safetensors"
    save_file(FOREIGN[what], path)
    with pytest.raises(ModelFileError, match="none of its") as error:
        fitted(path, parts)
    assert what in str(error.value)
    assert str(path) in str(error.value)


def test_numbers_that_are_none_are_refused(tmp_path, parts):
    path = tmp_path / "broken.safetensors"
    tensors = pair(STEM, 16, 16)
    tensors[f"{STEM}.lora_up.weight"][3, 1] = float("nan")
    save_file(tensors, path)
    with pytest.raises(ModelFileError, match="no numbers"):
        fitted(path, parts)


def test_diffusers_states_alpha_in_the_metadata(tmp_path, parts):
    path = tmp_path / "peft.safetensors"
    stated = '{"unet.lora_alpha": 8, "unet.r": 2, "unet.use_rslora": false}'
    save_file(pair(STEM, 16, 16), path, {"lora_adapter_metadata": stated})
    assert fitted(path, parts).changes[0].layer.scale == 4.0


def test_a_pickled_network_is_read_and_code_in_it_is_not_run(tmp_path, parts):
    good, bad = tmp_path / "old.pt", tmp_path / "evil.pt"
    torch.save(pair(STEM, 16, 16), good)
    assert len(fitted(good, parts).changes) == 1
    torch.save({"a": print}, bad)
    with pytest.raises(ModelFileError, match="can run code"):
        fitted(bad, parts)
