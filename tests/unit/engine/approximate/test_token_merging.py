"""Token merging: which tokens go together, and that each place gets its answer back."""

import pytest
import torch

from irodori.engine.approximate.token_merging import TokenMerging, finest_grid
from irodori.engine.modules.unet import UNetConfig
from irodori.engine.modules.walk import Walk


def tokens(grid, seed=1, batch=2, channels=6):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, grid[0] * grid[1], channels, generator=generator)


@pytest.mark.parametrize("grid", [(8, 6), (7, 5), (2, 2), (3, 2)])
@pytest.mark.parametrize("ratio", [0.25, 0.5, 0.75])
def test_so_many_are_merged_and_all_come_back(grid, ratio):
    given = tokens(grid)
    cells = (grid[0] // 2) * (grid[1] // 2)
    fewer, restored = TokenMerging(ratio, grid)(given, grid)
    length = given.shape[1]
    assert fewer.shape[1] == length - min(int(length * ratio), length - cells)
    assert restored(fewer).shape == given.shape


def test_each_place_takes_the_value_of_its_own_token():
    grid = (6, 4)
    given = tokens(grid)
    fewer, restored = TokenMerging(0.5, grid)(given, grid)
    numbers = torch.arange(float(fewer.shape[1])).view(1, -1, 1).expand(2, -1, 3).contiguous()
    back = restored(numbers)
    for picture in range(2):
        # A token that was not merged is found unchanged among the fewer, under its own number.
        for place, number in enumerate(back[picture, :, 0].int().tolist()):
            alone = (back[picture, :, 0] == number).sum() == 1
            if alone:
                assert torch.equal(fewer[picture, number], given[picture, place])


def test_tokens_that_are_equal_lose_nothing():
    grid = (8, 8)
    cells = tokens((4, 4)).view(2, 4, 4, -1)
    given = cells.repeat_interleave(2, 1).repeat_interleave(2, 2).reshape(2, 64, -1)
    fewer, restored = TokenMerging(0.75, grid)(given, grid)
    assert fewer.shape[1] == 16
    torch.testing.assert_close(restored(fewer), given)


def test_the_most_alike_are_merged_first():
    grid = (2, 2)
    merging = TokenMerging(0.25, grid)
    given = torch.eye(4)[None].clone()
    (place,) = {0, 1, 2, 3} - set(merging._places.sources.tolist())
    twin = merging._places.sources[1]
    given[0, twin] = given[0, place]
    fewer, restored = merging(given, grid)
    assert fewer.shape[1] == 3
    torch.testing.assert_close(restored(fewer), given)  # only the twins went together


def test_a_mean_counts_every_token_once():
    grid = (2, 2)
    given = torch.tensor([[[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [6.0, 0.0]]])
    fewer, _ = TokenMerging(0.75, grid)(given, grid)
    torch.testing.assert_close(fewer, torch.tensor([[[3.0, 0.0]]]))


@pytest.mark.parametrize("ratio", [0.0, 0.01])
def test_nothing_to_merge_gives_the_very_tokens(ratio):
    grid = (4, 4)
    given = tokens(grid)
    fewer, restored = TokenMerging(ratio, grid)(given, grid)
    assert fewer is given
    assert restored(fewer) is given


def test_other_levels_are_left_whole():
    given = tokens((4, 4))
    fewer, _ = TokenMerging(0.5, (8, 8))(given, (4, 4))
    assert fewer is given


def test_a_picture_is_merged_the_same_whatever_is_beside_it():
    grid, one, other = (8, 6), tokens((8, 6), 1, 1), tokens((8, 6), 2, 1)
    alone, _ = TokenMerging(0.5, grid)(one, grid)
    both, _ = TokenMerging(0.5, grid)(torch.cat((other, one)), grid)
    assert torch.equal(both[1:], alone)


def test_the_finest_level_with_attention():
    assert finest_grid(UNetConfig(), 152, 104) == (76, 52)
    assert finest_grid(UNetConfig(), 151, 103) == (76, 52)
    assert finest_grid(UNetConfig(depths=(1, 1, 1)), 151, 103) == (151, 103)
    assert finest_grid(UNetConfig(depths=(0, 0, 1)), 152, 101) == (38, 26)


def test_the_models_own_grid_is_the_one_that_is_merged(model):
    grids = []

    def watch(given, grid):
        grids.append(grid)
        return given, lambda values: values

    for size in ((8, 6), (7, 5)):
        grids.clear()
        x = torch.zeros(1, 4, *size)
        rest = torch.zeros(1), torch.zeros(1, 40), torch.zeros(1, 77, 20)
        exact = model.unet(x, *rest)
        assert torch.equal(model.unet(x, *rest, walk=Walk(merge=watch)), exact)
        assert grids[0] == grids[-1] == finest_grid(model.unet.config, *size)
        assert len(set(grids)) == 2  # and a coarser one
