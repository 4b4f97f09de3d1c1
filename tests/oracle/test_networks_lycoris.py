"""Our algebra of networks against LyCORIS, which trained most of those that people have.

Left out, because LyCORIS 4.1.3 itself cannot load them back: LoKr of low rank, (IA)3, and LoHa with
an alpha that is not its rank (it scales twice). Plain tests hold those to their formulas.
"""

import pytest
import torch
from lycoris.modules import get_module, make_module
from torch import nn

from irodori.catalog.network_names import take_apart
from irodori.engine.lora.build import weight_layer

OUT, IN, RANK = 16, 12, 4


def numbers(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape))) * 0.3


LORA = {"lora_up.weight": numbers(OUT, RANK), "lora_down.weight": numbers(RANK, IN)}
LOHA = {
    "hada_w1_a": numbers(OUT, RANK),
    "hada_w1_b": numbers(RANK, IN),
    "hada_w2_a": numbers(OUT, RANK) + 0.1,
    "hada_w2_b": numbers(RANK, IN) - 0.1,
}
GLORA = {
    "a1.weight": numbers(IN, RANK),
    "a2.weight": numbers(RANK, IN),
    "b1.weight": numbers(OUT, RANK),
    "b2.weight": numbers(RANK, IN) + 0.2,
}
CASES = {
    "LoRA": (False, LORA | {"alpha": torch.tensor(2.0)}),
    "LoCon": (
        True,
        {
            "lora_up.weight": numbers(OUT, RANK, 1, 1),
            "lora_down.weight": numbers(RANK, IN, 3, 3),
            "alpha": torch.tensor(2.0),
        },
    ),
    "LoCon with a core": (
        True,
        {
            "lora_up.weight": numbers(OUT, RANK, 1, 1),
            "lora_mid.weight": numbers(RANK, RANK, 3, 3),
            "lora_down.weight": numbers(RANK, IN, 1, 1),
            "alpha": torch.tensor(2.0),
        },
    ),
    "DoRA": (
        False,
        LORA | {"alpha": torch.tensor(2.0), "dora_scale": numbers(OUT, 1).abs() + 0.5},
    ),
    "LoHa": (False, LOHA | {"alpha": torch.tensor(float(RANK))}),
    "LoKr": (False, {"lokr_w1": numbers(4, 3), "lokr_w2": numbers(4, 4), "alpha": torch.ones(())}),
    "GLoRA": (False, GLORA | {"alpha": torch.tensor(2.0)}),
    "OFT": (False, {"oft_blocks": numbers(4, 4, 4), "alpha": torch.zeros(())}),
    "OFT with rescale and constraint": (
        False,
        {"oft_blocks": numbers(4, 4, 4), "rescale": numbers(OUT, 1), "alpha": torch.tensor(0.02)},
    ),
    "BOFT": (False, {"oft_blocks": numbers(3, 4, 4, 4), "alpha": torch.zeros(())}),
    "BOFT on a convolution": (True, {"oft_blocks": numbers(3, 4, 4, 4), "alpha": torch.zeros(())}),
    "full difference": (False, {"diff": numbers(OUT, IN)}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_merged_weight_is_theirs(name):
    on_convolution, pieces = CASES[name]
    layer = nn.Conv2d(IN, OUT, 3) if on_convolution else nn.Linear(IN, OUT)
    weight = numbers(*layer.weight.shape)
    layer.weight.data = weight
    written = {f"stem.{role}": value for role, value in pieces.items()}
    kind, parameters = get_module(written, "stem")
    module = make_module(kind, parameters, "stem", layer)
    theirs, _ = module.get_merged_weight(1.0, weight.shape)
    stems, unread = take_apart(written)
    assert unread == ()
    ours = weight_layer(
        {role: written[key] for role, key in stems["stem"].items()}, tuple(weight.shape)
    )
    torch.testing.assert_close(ours.changed(weight, 1.0), theirs.detach(), atol=1e-6, rtol=1e-5)
    assert (theirs - weight).abs().max() > 0.01
