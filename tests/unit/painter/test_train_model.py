"""What stage two trains: compact tokens, emphasis as the engine has it, one joint module."""

import pytest
import torch
from torch import Tensor

from irodori.engine.modules.clip import ends_of
from irodori.engine.text import emphasised as engine_emphasised
from irodori.painter.compact import ROWS, UNKNOWN, CompactVocabulary
from irodori.painter.config import ModelTraining
from irodori.painter.model import Conditions, emphasised, new_model
from irodori.prompt.tokenizer import BOS_ID, COMMA_ID, EOS_ID
from irodori.recipe.names import Emphasis

SETTINGS = ModelTraining(
    channels=(16, 16, 16),
    transformers=(0, 1, 1),
    res_blocks=1,
    head_channels=8,
    groups=4,
    text_width=8,
    text_width_pooled=8,
    text_layers=2,
    text_heads=2,
    steps=1,
)
VOCABULARY = CompactVocabulary.of([320, 1000, 2000])


def conditions(tokens: list[list[int]], chunks: int = 1) -> Conditions:
    rows = [VOCABULARY.rows([ids, *[[]] * (chunks - 1)]) for ids in tokens]
    count = len(tokens)
    return Conditions(
        tokens_l=torch.stack([row for row, _ in rows]),
        tokens_g=torch.stack([row for _, row in rows]),
        weights=torch.ones(count, chunks, 77),
        kept=torch.ones(count),
        kept_pooled=torch.ones(count),
        frames=torch.full((count, 6), 128.0),
    )


def test_rows_have_bos_eos_and_each_encoders_padding() -> None:
    first, second = VOCABULARY.rows([[320, COMMA_ID, 9999]])
    numbers = VOCABULARY.numbers
    start = [numbers[BOS_ID], numbers[320], numbers[COMMA_ID], UNKNOWN, numbers[EOS_ID]]
    assert first[0, :5].tolist() == second[0, :5].tolist() == start
    assert first[0, 5:].unique().tolist() == [numbers[EOS_ID]]
    assert second[0, 5:].unique().tolist() == [numbers[0]]
    assert ends_of(first).tolist() == ends_of(second).tolist() == [4]


def test_a_table_expands_to_all_rows_and_back() -> None:
    table = torch.randn(VOCABULARY.size, 5, generator=torch.Generator().manual_seed(0))
    table[UNKNOWN] = 0
    full = VOCABULARY.expanded(table)
    assert full.shape == (ROWS, 5)
    assert torch.equal(full[1000], table[VOCABULARY.numbers[1000]])
    assert not full[1001].any()
    assert torch.equal(VOCABULARY.compacted(full), table)


@pytest.mark.parametrize("chunks", [1, 2])
def test_emphasis_is_the_engines(chunks: int) -> None:
    generator = torch.Generator().manual_seed(1)
    states = torch.rand(2 * chunks, 77, 6, generator=generator)
    weights = torch.ones(2 * chunks, 77)
    weights[0, 3] = 1.4
    mine = emphasised(states, weights, chunks)
    engines = engine_emphasised(states[:chunks], weights[:chunks], Emphasis.ORIGINAL)
    assert torch.allclose(mine[:chunks], engines, atol=1e-6)
    assert torch.equal(mine[chunks:], states[chunks:])  # a text without weights is left alone


def test_a_text_is_read_alike_in_compact_and_full_tables() -> None:
    module = new_model(SETTINGS, VOCABULARY.size)
    context, pooled = module.read(conditions([[320, COMMA_ID, 2000], [1000]]))
    assert context.shape == (2, 77, 16)
    assert pooled.shape == (2, 8)
    assert not torch.allclose(context[0], context[1])
    assert context.mean() > 0.2  # the common shift that emphasis needs


def test_dropping_zeroes_states_or_pooled_vector_alone() -> None:
    module = new_model(SETTINGS, VOCABULARY.size)
    given = conditions([[320], [320]])
    given.kept[0] = 0
    given.kept_pooled[1] = 0
    context, pooled = module.read(given)
    assert not context[0].any()
    assert context[1].any()
    assert pooled[0].any()
    assert not pooled[1].any()


def test_the_unknown_row_never_learns() -> None:
    module = new_model(SETTINGS, VOCABULARY.size)
    given = conditions([[9999, 9998]])
    context, pooled = module.read(given)
    (context.square().sum() + pooled.square().sum()).backward()
    table = module.clip_l.embeddings.token_embedding.weight
    assert not table[UNKNOWN].any()
    assert table.grad is not None
    assert not table.grad[UNKNOWN].any()
    assert table.grad[VOCABULARY.numbers[BOS_ID]].any()


def test_prediction_depends_on_text_time_and_sizes() -> None:
    module = new_model(SETTINGS, VOCABULARY.size)
    with torch.no_grad():  # the last convolution begins at zero
        module.unet.out[2].weight.normal_(generator=torch.Generator().manual_seed(0))
        for name, value in module.unet.named_parameters():
            if "proj_out" in name or "out_layers.3" in name:
                value.normal_(0, 0.1, generator=torch.Generator().manual_seed(len(name)))
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0))

    def predicted(tokens: list[int], t: float, size: float) -> Tensor:
        given = conditions([tokens])
        given.frames[:, :2] = size
        with torch.no_grad():
            return module(x, torch.tensor([t]), given)

    base = predicted([320], 500.0, 128.0)
    assert base.shape == x.shape
    for other in (
        predicted([2000], 500.0, 128.0),
        predicted([320], 100.0, 128.0),
        predicted([320], 500.0, 64.0),
    ):
        assert not torch.allclose(base, other, atol=1e-4)
