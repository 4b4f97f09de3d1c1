"""The block cache: what a call skips, and when what is kept is not used again."""

from contextlib import contextmanager

import pytest
import torch

from irodori.engine.approximate.block_cache import BlockCache
from irodori.engine.modules.walk import Deep, Walk

A, B = {"a": ()}, {"b": ()}  # two texts


def whole_calls(every, told):
    """Return which calls compute all blocks, of calls told as (text, t, strengths)."""
    cache, found = BlockCache(every), []
    for call, (text, t, strengths) in enumerate(told):
        cache.begin(call, strengths)
        deep = cache.deep(text, t)
        if deep is None or not deep.is_known:
            found.append(call)
        if deep is not None and not deep.is_known:
            deep.kept = torch.zeros(1)
    return found


def falling(text=A, strengths=()):
    return [(text, 900.0 - 100 * call, strengths) for call in range(8)]


@pytest.mark.parametrize(
    ("every", "whole"),
    [(1, list(range(8))), (2, [0, 2, 4, 6]), (3, [0, 3, 6]), (10, [0])],
)
def test_every_nth_call_is_whole(every, whole):
    assert whole_calls(every, falling()) == whole


def test_another_text_is_never_answered_by_what_is_kept():
    told = [(B if call >= 3 else A, t, w) for call, (_, t, w) in enumerate(falling())]
    assert whole_calls(10, told) == [0, 3]


def test_an_equal_text_that_is_another_object_is_another_text():
    told = [(dict(A), t, w) for _, t, w in falling()]
    assert whole_calls(10, told) == list(range(8))


def test_texts_that_take_turns_keep_one_each_and_none_grows_old():
    told = [(B if call % 2 else A, t, w) for call, (_, t, w) in enumerate(falling())]
    assert whole_calls(2, told) == list(range(8))
    assert whole_calls(4, told) == [0, 1, 4, 5]


def test_networks_that_change_their_strength_empty_it():
    told = [(a, t, (0.7 if call >= 3 else 0.0,)) for call, (a, t, _) in enumerate(falling())]
    assert whole_calls(10, told) == [0, 3]
    ramp = [(a, t, (call / 8,)) for call, (a, t, _) in enumerate(falling())]
    assert whole_calls(10, ramp) == list(range(8))


def test_a_noise_level_that_rises_empties_it():
    told = falling()
    told[4] = (A, 950.0, ())
    assert whole_calls(10, told) == [0, 4]
    level = [(A, 500.0, ())] * 4  # Heun asks at one level twice
    assert whole_calls(10, level) == [0]


def asked(seed=1, size=(8, 6)):
    generator = torch.Generator().manual_seed(seed)
    return (
        torch.randn(2, 4, *size, generator=generator),
        torch.tensor([500.0, 500.0]),
        torch.randn(2, 40, generator=generator),
        torch.randn(2, 77, 20, generator=generator),
    )


@pytest.mark.parametrize("size", [(8, 6), (7, 5), (1, 1)])
def test_the_call_that_fills_it_and_the_one_that_uses_it_are_exact_where_nothing_changed(
    model, size
):
    deep, given = Deep(), asked(size=size)
    exact = model.unet(*given)
    assert torch.equal(model.unet(*given, walk=Walk(deep=deep)), exact)
    assert deep.is_known
    assert torch.equal(model.unet(*given, walk=Walk(deep=deep)), exact)


def test_a_call_that_uses_it_still_sees_its_own_latents(model):
    deep = Deep()
    model.unet(*asked(1), walk=Walk(deep=deep))
    found, exact = model.unet(*asked(2), walk=Walk(deep=deep)), model.unet(*asked(2))
    assert not torch.equal(found, exact)
    assert not torch.equal(found, model.unet(*asked(3), walk=Walk(deep=deep)))


def test_modules_are_visited_as_they_are_named(model):
    seen = []

    @contextmanager
    def visit(module):
        seen.append(module)
        yield

    deep = Deep()
    for _ in range(2):
        walk = Walk(visit=visit, deep=deep)
        order = model.unet.in_order(walk)
        seen.clear()
        kv = model.unet.context_kv(asked()[3])
        model.unet(*asked()[:3], kv, walk=walk)
        assert tuple(seen) == order
    assert len(order) == 3 + 2 + 2  # time, facts, out; the finest level down and up
    assert len(model.unet.in_order()) == 3 + len(model.unet.input_blocks) * 2 + 1
