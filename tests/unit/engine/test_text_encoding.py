"""Prompts to what the UNet attends to: layers, emphasis, chunks, facts, empty and unequal texts.

Each against compat 2.2 to 2.8 written out anew, on the encoders of the model that comes along.
"""

import math
from dataclasses import replace

import pytest
import torch

from irodori.app.models import SHIPPED
from irodori.engine.padding import Padding, padded
from irodori.engine.pipeline import open_studio
from irodori.engine.prompting import Reading
from irodori.engine.text import (
    TextEncoders,
    TextSettings,
    emphasised,
    encode_texts,
    facts_vector,
)
from irodori.engine.timeline import Timing, pass_texts
from irodori.errors import RecipeError
from irodori.prompt import chunk, load_tokenizer
from irodori.prompt.chunk import Encoder, id_rows
from irodori.prompt.dialect import Dialect
from irodori.recipe.names import Emphasis, EmptyNegative, PadConds

READING = Reading(
    dialect=Dialect.IRODORI,
    emphasis=Emphasis.ORIGINAL,
    clip_skip=2,
    backtrack=20,
    empty_negative=EmptyNegative.ZEROS,
    pad_conds=PadConds.OFF,
    width=96,
    height=64,
)
LONG = " ".join(f"flower {number}" for number in range(40))  # two chunks, no comma
TOKENS = 77


@pytest.fixture(scope="module")
def studio():
    return open_studio(SHIPPED, device="cpu")


@pytest.fixture(scope="module")
def encoders(studio):
    return TextEncoders(text_l=studio.model.text_l, text_g=studio.model.text_g)


def chunks_of(text):
    return chunk(text, load_tokenizer(), backtrack=0).chunks


def encoded(encoders, *texts, **settings):
    return encode_texts(encoders, [chunks_of(text) for text in texts], TextSettings(**settings))


@pytest.mark.parametrize("skip", [1, 2, 3, 4])
def test_both_encoders_are_read_at_the_layer_and_stand_side_by_side(encoders, skip):
    (found,) = encoded(encoders, "1girl, blue sky", clip_skip=skip)
    layer = max(skip, 2)  # 1 means 2: SDXL was trained on the layer before the last
    rows = chunks_of("1girl, blue sky")
    with torch.no_grad():
        first = encoders.text_l(torch.tensor(id_rows(rows, Encoder.CLIP_L)), layer)
        second = encoders.text_g(torch.tensor(id_rows(rows, Encoder.CLIP_G)), layer)
    assert torch.equal(found.context, torch.cat((first, second.states), -1))
    assert torch.equal(found.pooled, second.pooled)
    if skip > 2:
        (usual,) = encoded(encoders, "1girl, blue sky")
        assert not torch.allclose(found.context, usual.context)
        assert torch.equal(found.pooled, usual.pooled)


def test_chunks_are_encoded_apart_and_the_first_gives_the_pooled_vector(encoders):
    (whole,) = encoded(encoders, LONG)
    rows = chunks_of(LONG)
    assert len(rows) == 2
    each = [encode_texts(encoders, [(row,)], TextSettings())[0] for row in rows]
    torch.testing.assert_close(whole.context, torch.cat([one.context for one in each], 1))
    torch.testing.assert_close(whole.pooled, each[0].pooled)
    assert not torch.allclose(whole.pooled, each[1].pooled)


def states_and_weights():
    generator = torch.Generator().manual_seed(5)
    states = torch.randn(3, TOKENS, 16, generator=generator) + 0.4
    weights = torch.ones(3, TOKENS)
    weights[1, 4:9], weights[2, 3] = 1.4, 0.25
    return states, weights


def test_original_emphasis_keeps_the_mean_of_everything_at_once():
    states, weights = states_and_weights()
    found = emphasised(states, weights, Emphasis.ORIGINAL)
    weighted = states * weights[..., None]
    torch.testing.assert_close(found, weighted * states.mean() / weighted.mean())
    torch.testing.assert_close(found.mean(), states.mean())
    assert not torch.allclose(found[0], states[0]), "a text without weights is touched too"


def test_no_norm_multiplies_and_the_others_do_nothing():
    states, weights = states_and_weights()
    assert torch.equal(emphasised(states, weights, Emphasis.NO_NORM), states * weights[..., None])
    for mode in (Emphasis.IGNORE, Emphasis.NONE):
        assert emphasised(states, weights, mode) is states


def test_weights_act_on_their_tokens_and_never_on_the_pooled_vector(encoders):
    (plain,) = encoded(encoders, "1girl, sky", emphasis=Emphasis.NO_NORM)
    (heavy,) = encoded(encoders, "1girl, (sky:1.5)", emphasis=Emphasis.NO_NORM)
    at = 1 + list(chunks_of("1girl, sky")[0].ids).index(load_tokenizer().encode("sky")[0])
    ratio = heavy.context[0] / plain.context[0]
    torch.testing.assert_close(ratio[at], torch.full_like(ratio[at], 1.5))
    others = torch.cat((heavy.context[0, :at], heavy.context[0, at + 1 :]))
    torch.testing.assert_close(
        others, torch.cat((plain.context[0, :at], plain.context[0, at + 1 :]))
    )
    assert torch.equal(heavy.pooled, plain.pooled)


def test_a1111_encodes_the_texts_of_a_schedule_as_one_batch(encoders):
    """Equally many chunks, and one mean: a weight in one text moves the other."""
    alone = encoded(encoders, "sky", LONG)
    together = encoded(encoders, "sky", LONG, together=True)
    assert [one.context.shape[1] for one in alone] == [TOKENS, 2 * TOKENS]
    assert [one.context.shape[1] for one in together] == [2 * TOKENS, 2 * TOKENS]
    torch.testing.assert_close(together[0].context[:, :TOKENS], alone[0].context)
    (empty,) = encoded(encoders, "")
    torch.testing.assert_close(together[0].context[:, TOKENS:], empty.context)
    coupled = encoded(encoders, "sky", "(sea:1.6)", together=True)
    assert not torch.allclose(coupled[0].context, alone[0].context)


def test_the_vector_tells_the_sizes_as_sgm_embeds_them():
    pooled = torch.tensor([[0.5, -1.0]])
    width = 256
    found = facts_vector(pooled, 2 + 6 * width, width=832, height=1216)
    half = width // 2
    frequencies = [math.exp(-math.log(10000) * i / half) for i in range(half)]
    expected = [0.5, -1.0]
    for size in (1216, 832, 0, 0, 1216, 832):  # original, crop, target; height first
        expected += [math.cos(size * f) for f in frequencies]
        expected += [math.sin(size * f) for f in frequencies]
    torch.testing.assert_close(found, torch.tensor([expected]), atol=2e-4, rtol=0)


def conditioned(studio, prompt, negative, reading=READING, **timing):
    texts = pass_texts(prompt, negative, Timing(steps=6, dialect=reading.dialect, **timing))
    return studio.prompter.conditioning([texts], reading)


def test_an_empty_negative_is_zeros_or_encoded_and_a_blank_is_not_empty(studio, encoders):
    (zeros,) = conditioned(studio, "sky", "")(0)
    (real,) = conditioned(
        studio, "sky", "", replace(READING, empty_negative=EmptyNegative.ENCODED)
    )(0)
    (blank,) = conditioned(studio, "sky", " ")(0)
    (empty,) = encoded(encoders, "")
    pooled = empty.pooled.shape[1]
    assert not zeros.negative.context.any()
    assert not zeros.negative.vector[:pooled].any()
    assert torch.equal(zeros.negative.vector[pooled:], real.negative.vector[pooled:])
    assert zeros.negative.vector[pooled:].any(), "the sizes stay"
    for found in (real, blank):
        torch.testing.assert_close(found.negative.context, empty.context[0])
        torch.testing.assert_close(found.negative.vector[:pooled], empty.pooled[0])
    (positive,) = conditioned(studio, "", "sky")(0)
    torch.testing.assert_close(positive.parts[0].conditioning.context, empty.context[0])


def test_a_negative_that_is_empty_at_times_is_encoded(studio):
    """Zeros stand for a negative that says nothing at any step (compat 2.6)."""
    told = conditioned(studio, "sky", "[blur::0.5]")
    assert all(told(call)[0].negative.context.any() for call in range(6))


def test_every_distinct_text_is_encoded_once(studio):
    before = studio.prompter.encoded
    told = conditioned(studio, "field of [rye|oats]", "weeds")
    assert studio.prompter.encoded - before == 3
    assert told(0) is told(2)
    assert told(0) is not told(1)
    conditioned(studio, "field of oats", "weeds")
    assert studio.prompter.encoded - before == 3


def test_texts_of_unequal_length_are_left_so_unless_padding_is_asked_for(studio, encoders):
    def lengths(reading):
        (image,) = conditioned(studio, LONG, "blur", reading)(0)
        return len(image.parts[0].conditioning.context), image.negative

    length, negative = lengths(READING)
    assert (length, len(negative.context)) == (2 * TOKENS, TOKENS)
    length, grown = lengths(replace(READING, pad_conds=PadConds.EMPTY_CHUNKS))
    (empty,) = encoded(encoders, "")
    assert length == len(grown.context) == 2 * TOKENS
    torch.testing.assert_close(grown.context[TOKENS:], empty.context[0])
    length, repeated = lengths(replace(READING, pad_conds=PadConds.REPEAT_LAST))
    assert length == len(repeated.context) == 2 * TOKENS
    assert torch.equal(repeated.context[TOKENS:], negative.context[-1:].expand(TOKENS, -1))
    assert torch.equal(repeated.context[:TOKENS], negative.context)


def test_v0_cuts_a_longer_negative_and_and_parts_are_aligned_in_a1111(studio):
    (image,) = conditioned(studio, "sky", LONG, replace(READING, pad_conds=PadConds.REPEAT_LAST))(0)
    assert len(image.negative.context) == TOKENS
    (image,) = conditioned(studio, f"sky AND {LONG}", "", replace(READING, dialect=Dialect.A1111))(
        0
    )
    first, second = (part.conditioning.context for part in image.parts)
    assert len(first) == len(second) == 2 * TOKENS
    assert torch.equal(first[TOKENS:], first[TOKENS - 1].expand(TOKENS, -1))
    with pytest.raises(RecipeError, match="needs the empty chunk"):
        padded(image, Padding(conds=PadConds.EMPTY_CHUNKS))
