import pytest
import torch

from irodori.engine.modules import attention
from irodori.engine.modules.attention import Site, chunked, fused, join_heads, plain, split_heads

HERE = Site(name="here")
CAUSAL = Site(name="here", causal=True)


def draw(b, heads, rows, columns, width=16):
    generator = torch.Generator().manual_seed(5)

    def tokens(length):
        return split_heads(torch.randn(b, length, heads * width, generator=generator), heads)

    return tokens(rows), tokens(columns), tokens(columns)


@pytest.mark.parametrize("attend", [plain, chunked])
@pytest.mark.parametrize("site", [HERE, CAUSAL])
@pytest.mark.parametrize("sizes", [(2, 3, 20, 20), (1, 1, 1, 1), (2, 4, 77, 77)])
def test_all_ways_give_the_same(attend, site, sizes):
    q, k, v = draw(*sizes)
    torch.testing.assert_close(attend(q, k, v, site), fused(q, k, v, site))


@pytest.mark.parametrize(
    ("cache", "rows"),
    [(20 * 77 * 4 * 2, 1 << 20), (20 * 77 * 4 - 1, 77 * 4 * 6)],
    ids=["two heads at a time", "six rows at a time"],
)
def test_chunks_that_do_not_divide_evenly_change_nothing(cache, rows, monkeypatch):
    monkeypatch.setattr(attention, "_CACHE_BYTES", cache)
    monkeypatch.setattr(attention, "_ROW_BYTES", rows)
    monkeypatch.setattr(attention, "_LEAST_ROWS", 1)
    q, k, v = draw(2, 5, 20, 77)
    out = chunked(q, k, v, HERE)
    torch.testing.assert_close(out, fused(q, k, v, HERE))
    assert join_heads(out).is_contiguous()


def test_a_causal_token_sees_none_after_it():
    q, k, v = draw(1, 2, 6, 6)
    before = plain(q, k, v, CAUSAL)
    k[:, :, 4:], v[:, :, 4:] = 9.0, 9.0
    after = plain(q, k, v, CAUSAL)
    assert torch.equal(before[:, :, :4], after[:, :, :4])
    assert not torch.equal(before[:, :, 4:], after[:, :, 4:])


def test_heads_are_split_and_joined_without_loss():
    x = torch.arange(2 * 3 * 8.0).view(2, 3, 8)
    split = split_heads(x, 4)
    assert split.shape == (2, 4, 3, 2)
    assert torch.equal(split[0, 1, 2], x[0, 2, 2:4])
    assert torch.equal(join_heads(split), x)
