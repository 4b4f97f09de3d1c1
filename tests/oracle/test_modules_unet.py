"""Our UNet against diffusers' UNet2DConditionModel: same weights, same values and gradients."""

import re

import pytest
import torch
from diffusers import UNet2DConditionModel

from irodori.engine.modules.attention import chunked, fused, plain
from irodori.engine.modules.unet import UNet, UNetConfig, sinusoids

SMALL = UNetConfig(
    channels=(32, 64, 96),
    depths=(0, 1, 2),
    middle_depth=2,
    head_dim=16,
    context_dim=40,
    vector_dim=24 + 6 * 32,
    groups=8,
)
ONE_LAYER = UNetConfig(
    channels=(32, 64),
    layers_per_block=1,
    depths=(1, 1),
    middle_depth=1,
    head_dim=32,
    context_dim=16,
    vector_dim=8 + 6 * 32,
    groups=4,
)
FULL = UNetConfig()
SIZES_WIDTH = {SMALL: 32, ONE_LAYER: 32, FULL: 256}

RESIDUAL = {
    "in_layers.0": "norm1",
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2",
    "out_layers.3": "conv2",
    "skip_connection": "conv_shortcut",
}
ENDS = {
    "time_embed.0": "time_embedding.linear_1",
    "time_embed.2": "time_embedding.linear_2",
    "label_emb.0.0": "add_embedding.linear_1",
    "label_emb.0.2": "add_embedding.linear_2",
    "input_blocks.0.0": "conv_in",
    "out.0": "conv_norm_out",
    "out.2": "conv_out",
    "middle_block.0": "mid_block.resnets.0",
    "middle_block.1": "mid_block.attentions.0",
    "middle_block.2": "mid_block.resnets.1",
}


def diffusers_name(key, config):
    for ours, theirs in ENDS.items():
        if key.startswith(ours + "."):
            name = theirs + key[len(ours) :]
            break
    else:
        name = block_name(key, config)
    if ".resnets." in name:
        for ours, theirs in RESIDUAL.items():
            name = name.replace(f".{ours}.", f".{theirs}.")
    return name


def block_name(key, config):
    way, number, layer, rest = re.fullmatch(r"(\w+)_blocks\.(\d+)\.(\d+)\.(.+)", key).groups()
    number, a_level = int(number), config.layers_per_block + 1
    side = {"input": "down", "output": "up"}[way]
    level, i = divmod(number - 1 if way == "input" else number, a_level)
    if rest.startswith("op."):
        return f"down_blocks.{level}.downsamplers.0.conv.{rest[3:]}"
    if rest.startswith("conv."):
        return f"up_blocks.{level}.upsamplers.0.{rest}"
    kind = "resnets" if layer == "0" else "attentions"
    return f"{side}_blocks.{level}.{kind}.{i}.{rest}"


def to_diffusers(values, config):
    return {diffusers_name(key, config): value for key, value in values.items()}


@pytest.fixture
def pair(request, random_values):
    config = request.param
    heads = tuple(channels // config.head_dim for channels in config.channels)
    has = [depth > 0 for depth in config.depths]
    with torch.device("meta"):
        ours = UNet(config)
        theirs = UNet2DConditionModel(
            block_out_channels=config.channels,
            down_block_types=["CrossAttnDownBlock2D" if h else "DownBlock2D" for h in has],
            up_block_types=["CrossAttnUpBlock2D" if h else "UpBlock2D" for h in reversed(has)],
            layers_per_block=config.layers_per_block,
            transformer_layers_per_block=[max(depth, 1) for depth in config.depths],
            attention_head_dim=heads,
            cross_attention_dim=config.context_dim,
            addition_embed_type="text_time",
            addition_time_embed_dim=SIZES_WIDTH[config],
            projection_class_embeddings_input_dim=config.vector_dim,
            use_linear_projection=True,
            norm_num_groups=config.groups,
        )
    values = random_values(ours)
    ours.load_state_dict(values, assign=True)
    theirs.load_state_dict(to_diffusers(values, config), assign=True)
    return ours, theirs


def inputs(config, generator, size, batch=2):
    width = SIZES_WIDTH[config]
    pooled = torch.randn(batch, config.vector_dim - 6 * width, generator=generator)
    sizes = torch.tensor([[1216.0, 832.0, 0.0, 64.0, 1216.0, 832.0]]).repeat(batch, 1)
    return {
        "x": torch.randn(batch, 4, *size, generator=generator),
        "t": torch.tensor([999.0, 13.25, 421.5][:batch]),
        "pooled": pooled,
        "sizes": sizes,
        "context": torch.randn(batch, 77, config.context_dim, generator=generator),
        "vector": torch.cat((pooled, sinusoids(sizes, width).flatten(1)), 1),
    }


def expect(theirs, given):
    facts = {"text_embeds": given["pooled"], "time_ids": given["sizes"]}
    return theirs(
        given["x"],
        given["t"],
        encoder_hidden_states=given["context"],
        added_cond_kwargs=facts,
    ).sample


def predict(ours, given, **options):
    return ours(given["x"], given["t"], given["vector"], given["context"], **options)


@pytest.mark.parametrize("pair", [SMALL, ONE_LAYER], indirect=True)
@pytest.mark.parametrize("size", [(16, 16), (8, 20), (13, 10)])
def test_predicts_as_diffusers(pair, size, relative_error, generator):
    """(13, 10): sizes that do not halve evenly grow back as they were."""
    ours, theirs = pair
    given = inputs(ours.config, generator, size)
    with torch.no_grad():
        assert relative_error(predict(ours, given), expect(theirs, given)) <= 1e-5


@pytest.mark.parametrize("pair", [SMALL], indirect=True)
@pytest.mark.parametrize("attend", [plain, chunked])
def test_every_attention_predicts_as_diffusers(pair, attend, relative_error, generator):
    ours, theirs = pair
    given = inputs(ours.config, generator, (16, 16))
    with torch.no_grad():
        predicted = predict(ours, given, attend=attend)
        assert relative_error(predicted, expect(theirs, given)) <= 1e-5


@pytest.mark.parametrize("pair", [SMALL], indirect=True)
@pytest.mark.parametrize("attend", [fused, chunked])
def test_bfloat16_is_no_further_from_float32_than_diffusers(
    pair, attend, relative_error, generator
):
    ours, theirs = pair
    given = inputs(ours.config, generator, (16, 16))
    with torch.no_grad():
        exact = expect(theirs, given)
        rounded = {k: v if k in ("t", "sizes") else v.bfloat16() for k, v in given.items()}
        found = predict(ours.bfloat16(), rounded, attend=attend)
        expected = expect(theirs.bfloat16(), rounded)
    assert relative_error(found, exact) <= 1.1 * relative_error(expected, exact)


@pytest.mark.parametrize("pair", [SMALL], indirect=True)
def test_keys_and_values_computed_once_change_no_bit(pair, generator):
    ours, _ = pair
    given = inputs(ours.config, generator, (8, 8))
    with torch.no_grad():
        direct = predict(ours, given)
        once = predict(ours, given | {"context": ours.context_kv(given["context"])})
    assert torch.equal(direct, once)


@pytest.mark.parametrize("pair", [SMALL, ONE_LAYER], indirect=True)
@pytest.mark.parametrize("options", [{}, {"attend": plain}], ids=["fused", "plain"])
def test_gradients_are_diffusers(pair, options, relative_error, generator):
    """At 48x48 latents the first level is large enough for our own group norm backward."""
    ours, theirs = pair
    given = inputs(ours.config, generator, (48, 48))
    target = torch.randn(given["x"].shape, generator=generator)
    (predict(ours, given, **options) - target).square().mean().backward()
    (expect(theirs, given) - target).square().mean().backward()
    compared = to_diffusers({k: v.grad for k, v in ours.named_parameters()}, ours.config)
    expected = {name: value.grad for name, value in theirs.named_parameters()}
    assert compared.keys() == expected.keys()
    everything = relative_error(
        torch.cat([compared[name].flatten() for name in sorted(compared)]),
        torch.cat([expected[name].flatten() for name in sorted(compared)]),
    )
    assert everything <= 1e-5


@pytest.mark.full
@pytest.mark.parametrize("pair", [FULL], indirect=True)
def test_full_size_predicts_as_diffusers(pair, relative_error, generator):
    """2.57 G parameters in float32, 10.3 GB, one storage for both."""
    ours, theirs = pair
    given = inputs(ours.config, generator, (16, 16), batch=1)
    with torch.no_grad():
        error = relative_error(predict(ours, given), expect(theirs, given))
    print(error)  # noqa: T201 - the figures, shown with -s
    assert error <= 1e-5
