"""Networks by the step: what a pass puts on, and block weights."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from irodori.engine.lora.blocks import BlockWeights, block_of, blocks_of, read_block_weights
from irodori.engine.lora.schedule import network_notes, networks_of
from irodori.engine.lora.shelf import NetworkShelf
from irodori.engine.modules.unet import UNetConfig
from irodori.engine.timeline import Timing
from irodori.errors import ModelFileError
from irodori.prompt import networks
from irodori.prompt.dialect import Dialect

UNET = "lora_unet_down_blocks_1_attentions_0_proj_in"
TEXT = "lora_te1_text_model_encoder_layers_0_mlp_fc1"
SDXL = UNetConfig()


def pair(stem, out, inner):
    return {
        f"{stem}.lora_up.weight": torch.full((out, 2), 0.1),
        f"{stem}.lora_down.weight": torch.full((2, inner), 0.1),
    }


@pytest.fixture
def folder(tmp_path):
    save_file(pair(UNET, 16, 16) | pair(TEXT, 16, 8), tmp_path / "style.safetensors")
    save_file(pair(UNET, 16, 16), tmp_path / "other.safetensors")
    save_file(pair(UNET, 16, 16) | pair("nowhere", 2, 2), tmp_path / "part.safetensors")
    save_file(pair("lora_unet_double_blocks_0_x", 2, 2), tmp_path / "flux.safetensors")
    return tmp_path


@pytest.fixture
def shelf(parts):
    return NetworkShelf(parts)


def finder(folder):
    def find(name):
        path = folder / f"{name}.safetensors"
        return path if path.exists() else None

    return find


def schedule(prompt, shelf, folder, **timing):
    config = UNetConfig(channels=(8, 16, 24), depths=(0, 1, 2), middle_depth=1)
    return networks_of(prompt, Timing(**timing), shelf, finder(folder), config)


def test_strengths_follow_the_prompt_step_by_step(shelf, folder):
    prompt = "1girl, <lora:style:0.7>, [:<lora:other:0.5>:0.2]"
    found = schedule(prompt, shelf, folder, steps=10)
    assert [each.network.path.stem for each in found.networks] == ["style", "other"]
    assert [found.unet_at(call) for call in (0, 1, 2, 9, 99)] == [
        (0.7, 0.0), (0.7, 0.0), (0.7, 0.5), (0.7, 0.5), (0.7, 0.5),
    ]  # fmt: skip
    assert found.changes
    assert not schedule("<lora:style:0.7>", shelf, folder, steps=10).changes


def test_two_calls_of_a_step_have_one_strength(shelf, folder):
    found = schedule("[:<lora:other:0.5>:0.2]", shelf, folder, steps=10, calls_per_step=2)
    assert [found.unet_at(call)[0] for call in (3, 4, 5)] == [0.0, 0.5, 0.5]


def test_the_hires_pass_has_strengths_of_its_own(shelf, folder):
    prompt = "<lora:style:0.7:hr=0.2>, [:<lora:other:0.5>:0.5]"
    first = schedule(prompt, shelf, folder, steps=10)
    second = schedule(prompt, shelf, folder, steps=10, hires_steps=4)
    assert first.unet_at(0) == (0.7, 0.0)
    assert second.unet_at(0) == (0.2, 0.5)  # upstream: a schedule stands at its end in hires


def test_text_encoders_and_unet_apart(shelf, folder):
    found = schedule("<lora:style:0.3:0.9>", shelf, folder, steps=4)
    assert found.unet_at(0) == (0.9,)
    assert found.wear_at(0).strengths == (0.3,)
    assert [strength for _, strength in found.wear_at(0).key] == [0.3]
    without_text = schedule("<lora:other:0.3>", shelf, folder, steps=4)
    assert without_text.wear_at(0).key == (), "it changes no text encoder: texts stay as they are"


def test_a1111_counts_the_same_tag_once_and_we_add(shelf, folder):
    prompt = "<lora:style:0.5> <lora:style:0.5> <lora:style:0.2>"
    ours = schedule(prompt, shelf, folder, steps=4)
    theirs = schedule(prompt, shelf, folder, steps=4, dialect=Dialect.A1111)
    assert ours.unet_at(0) == (0.5, 0.5, 0.2)
    assert theirs.unet_at(0) == (0.5, 0.2)


def notes(prompt, shelf, folder):
    return network_notes(networks(prompt), shelf, finder(folder), SDXL)


def test_what_is_not_applied_is_told(shelf, folder):
    assert notes("<lora:style:1>", shelf, folder) == ()
    told = notes("<lora:gone:1>, <lora:gone:0.5>, <hypernet:old:1>", shelf, folder)
    assert told == (
        "network 'gone' is missing: no such file in the folders of the configuration",
        "hypernetwork 'old' is not applied: this program draws without them",
    )
    (told,) = notes("<lora:part:1>", shelf, folder)
    assert "2 of 4 tensors are not used" in told
    (told,) = notes("<lora:style:1:lbw=1,2,3>", shelf, folder)
    assert "this model takes 20, or 12" in told


def test_a_network_of_another_family_is_an_error(shelf, folder):
    with pytest.raises(ModelFileError, match="for Flux"):
        schedule("<lora:flux:1>", shelf, folder, steps=4)


def test_a_changed_file_is_read_again(shelf, folder):
    path = Path(folder) / "style.safetensors"
    first = shelf.fitted(path)
    assert shelf.fitted(path) is first
    save_file(pair(UNET, 16, 16), path)
    assert len(shelf.fitted(path).changes) == 1


def test_block_weights_of_sdxl_have_their_usual_lengths():
    everything, with_transformer = blocks_of(SDXL)
    assert len(everything) == 19
    assert with_transformer == (
        *("input_blocks.4", "input_blocks.5", "input_blocks.7", "input_blocks.8"),
        "middle_block",
        *(f"output_blocks.{i}" for i in range(6)),
    )


def test_block_weights_are_read_in_both_orders_and_by_name():
    long = read_block_weights(",".join(map(str, range(20))), SDXL)
    assert isinstance(long, BlockWeights)
    assert long.base == 0
    assert long.of_parameter("input_blocks.8.1.proj_in.weight") == 9
    assert long.of_parameter("middle_block.1.proj_in.weight") == 10
    assert long.of_parameter("output_blocks.0.0.in_layers.2.weight") == 11
    assert long.of_parameter("time_embed.0.weight") == 0
    short = read_block_weights("1;" + ";".join(["0.5"] * 11), SDXL)
    assert isinstance(short, BlockWeights)
    assert short.base == 1
    assert short.of_parameter("input_blocks.7.1.proj_in.weight") == 0.5
    assert short.of_parameter("input_blocks.1.0.in_layers.2.weight") == 0
    named = read_block_weights("outall", SDXL)
    assert isinstance(named, BlockWeights)
    assert named.of_parameter("output_blocks.3.1.proj_in.weight") == 1
    assert named.of_parameter("input_blocks.4.1.proj_in.weight") == 0
    assert named.base == 1
    assert "no list" in str(read_block_weights("FANCY", SDXL))
    assert "1 block weights" in str(read_block_weights("1", SDXL))


def test_blocks_are_told_by_the_names_of_parameters():
    assert block_of("input_blocks.10.1.proj_in.weight") == "input_blocks.10"
    assert block_of("middle_block.0.in_layers.0.weight") == "middle_block"
    assert block_of("out.2.weight") is None


def test_block_weights_reach_the_unet(parts, shelf, folder):
    weight = "input_blocks.4.1.proj_in.weight"
    before = parts.unet.state_dict()[weight].clone()
    # BASE, 9 input blocks of which the fifth is input_blocks.4, middle, 9 output blocks
    shares = ",".join(["1", *["0"] * 4, "0.5", *["0"] * 14])
    found = schedule(f"<lora:style:0.8:lbw={shares}>", shelf, folder, steps=4)
    with found.on(parts.unet, branches=False) as switch:
        switch.to(found.unet_at(0))
        changed = parts.unet.state_dict()[weight] - before
    torch.testing.assert_close(changed, torch.full((16, 16), 0.8 * 0.5 * 0.02))
