"""Our text encoders against transformers': same weights, same states, pooled and gradients."""

import re

import pytest
import torch
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from irodori.engine.modules.clip import CLIP_G, CLIP_L, ClipConfig, ClipG, ClipL

SMALL_L = ClipConfig(width=32, layers=3, heads=4, inner=96, vocabulary=500)
SMALL_G = ClipConfig(width=48, layers=4, heads=3, inner=192, projection=40, vocabulary=500)


def transformers_config(config, activation):
    return CLIPTextConfig(
        vocab_size=config.vocabulary,
        hidden_size=config.width,
        intermediate_size=config.inner,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        max_position_embeddings=config.positions,
        hidden_act=activation,
        projection_dim=config.projection or config.width,
        eos_token_id=2,  # what SDXL's published configurations state; means: the highest id
        attention_dropout=0.0,
    )


def to_transformers(values):
    """OpenCLIP's names and shapes to transformers', as views of the same storage."""
    renamed = {}
    for key, value in values.items():
        name = re.sub(r"^transformer\.resblocks\.", "text_model.encoder.layers.", key)
        name = re.sub(r"^token_embedding\.", "text_model.embeddings.token_embedding.", name)
        name = re.sub(r"\.ln_([12])\.", r".layer_norm\1.", name)
        name = name.replace(".mlp.c_fc.", ".mlp.fc1.").replace(".mlp.c_proj.", ".mlp.fc2.")
        name = name.replace(".attn.out_proj.", ".self_attn.out_proj.")
        name = name.replace("ln_final.", "text_model.final_layer_norm.")
        if ".attn.in_proj_" in name:
            for part, projection in zip(value.chunk(3), "qkv", strict=True):
                renamed[name.replace(".attn.in_proj_", f".self_attn.{projection}_proj.")] = part
        elif key == "positional_embedding":
            renamed["text_model.embeddings.position_embedding.weight"] = value
        elif key == "text_projection":
            renamed["text_projection.weight"] = value.t()
        else:
            renamed[name] = value
    return renamed


def tokens(config, generator, batch=3):
    """Rows as a tokenizer makes them: begin, words, end, then padding by 0 or by the end again."""
    end = config.vocabulary - 1
    rows = torch.randint(1, end - 1, (batch, 77), generator=generator)
    rows[:, 0] = end - 1
    rows[0, 10:], rows[0, 10] = 0, end
    rows[1, 2:] = end
    rows[2:, 76] = end
    return rows


def expect(theirs, rows):
    positions = torch.arange(rows.shape[1])[None]
    return theirs(rows, position_ids=positions, output_hidden_states=True)


@pytest.fixture
def pair_l(request, random_values):
    config = request.param
    with torch.device("meta"):
        ours = ClipL(config)
        theirs = CLIPTextModel(transformers_config(config, "quick_gelu"))
    values = random_values(ours)
    ours.load_state_dict(values, assign=True)
    theirs.load_state_dict(values, assign=True)
    return ours, theirs


@pytest.fixture
def pair_g(request, random_values):
    config = request.param
    with torch.device("meta"):
        ours = ClipG(config)
        theirs = CLIPTextModelWithProjection(transformers_config(config, "gelu"))
    values = random_values(ours)
    ours.load_state_dict(values, assign=True)
    theirs.load_state_dict(to_transformers(values), assign=True)
    return ours, theirs


def errors_l(ours, theirs, rows, relative_error):
    with torch.no_grad():
        expected = expect(theirs, rows).hidden_states
        return {
            skip: relative_error(ours(rows, skip), expected[-skip])
            for skip in range(1, ours.config.layers + 2)
        }


def errors_g(ours, theirs, rows, relative_error):
    with torch.no_grad():
        expected = expect(theirs, rows)
        encoded = {skip: ours(rows, skip) for skip in range(1, ours.config.layers + 2)}
    errors = {
        skip: relative_error(found.states, expected.hidden_states[-skip])
        for skip, found in encoded.items()
    }
    return errors | {"pooled": relative_error(encoded[2].pooled, expected.text_embeds)}


@pytest.mark.parametrize("pair_l", [SMALL_L], indirect=True)
def test_every_state_of_the_first_encoder(pair_l, relative_error, generator):
    ours, theirs = pair_l
    rows = tokens(ours.config, generator)
    assert max(errors_l(ours, theirs, rows, relative_error).values()) <= 1e-5


@pytest.mark.parametrize("pair_g", [SMALL_G], indirect=True)
def test_every_state_and_the_pooled_vector_of_the_second(pair_g, relative_error, generator):
    ours, theirs = pair_g
    rows = tokens(ours.config, generator)
    assert max(errors_g(ours, theirs, rows, relative_error).values()) <= 1e-5


@pytest.mark.parametrize("pair_g", [SMALL_G], indirect=True)
def test_the_pooled_vector_does_not_depend_on_the_skip(pair_g, generator):
    ours, _ = pair_g
    rows = tokens(ours.config, generator)
    with torch.no_grad():
        assert torch.equal(ours(rows, 2).pooled, ours(rows, 4).pooled)


@pytest.mark.parametrize("pair_l", [SMALL_L], indirect=True)
def test_more_skips_than_layers_give_the_embedded_tokens(pair_l, generator):
    ours, _ = pair_l
    rows = tokens(ours.config, generator)
    with torch.no_grad():
        assert torch.equal(ours(rows, 9), ours(rows, ours.config.layers + 1))


@pytest.mark.parametrize("pair_l", [SMALL_L], indirect=True)
def test_gradients_of_the_first_encoder(pair_l, relative_error, generator):
    ours, theirs = pair_l
    rows = tokens(ours.config, generator)
    ours(rows, 1).square().mean().backward()
    expect(theirs, rows).hidden_states[-1].square().mean().backward()
    reached = {
        name: value.grad for name, value in ours.named_parameters() if value.grad is not None
    }
    expected = {name: value.grad for name, value in theirs.named_parameters()}
    assert set(reached) == {name for name in expected if not name.startswith("final_layer_norm")}
    assert relative_error(_joined(reached, reached), _joined(expected, reached)) <= 1e-5


@pytest.mark.parametrize("pair_g", [SMALL_G], indirect=True)
def test_gradients_of_the_second_encoder(pair_g, relative_error, generator):
    ours, theirs = pair_g
    rows = tokens(ours.config, generator)
    found = ours(rows, 2)
    (found.states.square().mean() + found.pooled.square().mean()).backward()
    wanted = expect(theirs, rows)
    loss = wanted.hidden_states[-2].square().mean() + wanted.text_embeds.square().mean()
    loss.backward()
    reached = to_transformers({name: value.grad for name, value in ours.named_parameters()})
    expected = {name: value.grad for name, value in theirs.named_parameters()}
    assert reached.keys() == expected.keys()
    assert relative_error(_joined(reached, reached), _joined(expected, reached)) <= 1e-5


def _joined(values, names):
    return torch.cat([values[name].flatten() for name in sorted(names)])


@pytest.mark.full
@pytest.mark.parametrize("pair_l", [CLIP_L], indirect=True)
def test_full_size_first_encoder(pair_l, relative_error, generator):
    ours, theirs = pair_l
    errors = errors_l(ours, theirs, tokens(ours.config, generator), relative_error)
    print(errors)  # noqa: T201 - the figures, shown with -s
    assert max(errors.values()) <= 1e-5


@pytest.mark.full
@pytest.mark.parametrize("pair_g", [CLIP_G], indirect=True)
def test_full_size_second_encoder(pair_g, relative_error, generator):
    ours, theirs = pair_g
    rows = tokens(ours.config, generator)
    with torch.no_grad():
        expected = expect(theirs, rows)
        errors = {}
        for skip in (1, 2, 3):
            found = ours(rows, skip)
            errors[skip] = relative_error(found.states, expected.hidden_states[-skip])
        errors["pooled"] = relative_error(found.pooled, expected.text_embeds)
    print(errors)  # noqa: T201 - the figures, shown with -s
    assert max(errors.values()) <= 1e-5
