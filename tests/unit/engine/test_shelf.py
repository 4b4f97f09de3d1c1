"""Models that do not fit together take turns: parked beside a GPU, closed on a CPU."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from irodori.engine.device import Machine, choose_policy
from irodori.engine.shelf import ModelShelf

SIZE = 400  # bytes of each fake model's three modules


def fake(device: str = "cpu") -> SimpleNamespace:
    """A studio of three tiny modules that counts how often they left; any device."""
    policy = replace(choose_policy(Machine(), parameters=0), device=torch.device(device))
    model = SimpleNamespace(
        unet=nn.Linear(1, 1),
        text_l=nn.Linear(1, 1),
        text_g=nn.Linear(1, 1),
        policy=policy,
        path=Path("x"),
    )
    left: list[str] = []
    residence = SimpleNamespace(leave=lambda: left.append("left"), left=left)
    return SimpleNamespace(model=model, residence=residence)


def moves(studio: SimpleNamespace) -> list[str]:
    return studio.residence.left


@pytest.mark.parametrize("free", [None, 10**9])
def test_what_fits_stays(free: int | None) -> None:
    main, other = fake("cuda"), fake("cuda")
    shelf = ModelShelf(main, free=lambda device: free)
    assert shelf.opened("a", lambda: other, SIZE) is other
    assert shelf.opened("a", lambda: pytest.fail("opened twice"), SIZE) is other
    shelf.ready(main)
    shelf.ready(other)
    assert moves(main) == moves(other) == []


def test_on_a_gpu_the_other_waits_and_comes_back() -> None:
    left = [0]
    main, other = fake("cuda"), fake("cuda")
    shelf = ModelShelf(main, free=lambda device: left[0])
    shelf.opened("a", lambda: other, SIZE)
    assert moves(main) == ["left"]
    shelf.ready(other)
    assert moves(other) == []
    shelf.ready(main)
    assert moves(main) == ["left"]
    assert moves(other) == ["left"]
    left[0] = 10**9
    shelf.ready(other)
    assert moves(main) == moves(other) == ["left"]  # now both fit


def test_on_a_cpu_the_oldest_is_closed_and_the_main_one_never() -> None:
    opened: list[str] = []

    def load(name: str) -> SimpleNamespace:
        opened.append(name)
        return fake()

    main = fake()
    shelf = ModelShelf(main, free=lambda device: 0)
    for name in ("a", "b", "b", "a"):
        shelf.opened(name, lambda name=name: load(name), SIZE)
    assert opened == ["a", "b", "a"]
    assert moves(main) == []


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_budget_closes_what_was_not_used_longest(device: str) -> None:
    """Three float32 linears of two numbers: 24 bytes a model; two are within 50, three are not."""
    opened: list[str] = []
    studios: dict[str, SimpleNamespace] = {}

    def load(name: str) -> SimpleNamespace:
        opened.append(name)
        studios[name] = fake(device)
        return studios[name]

    shelf = ModelShelf(fake(device), free=lambda device: 10**9, budget=50)
    for name in ("a", "b", "a", "c", "a", "b"):
        shelf.opened(name, lambda name=name: load(name), 24)
    assert opened == ["a", "b", "c", "b"]
    shelf.opened("large", lambda: load("large"), 10**6)  # alone it may take more
    assert opened[-1] == "large"
    assert moves(studios["a"]) == moves(studios["c"]) == ["left"]
    shelf.opened("a", lambda: load("a"), 24)
    assert opened[-1] == "a"


def test_room_is_made_for_a_quarter_more_than_the_weights() -> None:
    main = fake("cuda")
    shelf = ModelShelf(main, free=lambda device: SIZE + SIZE // 4)
    shelf.opened("a", lambda: fake("cuda"), SIZE)
    assert moves(main) == []
    shelf.opened("b", lambda: fake("cuda"), SIZE + 1)
    assert moves(main) == ["left"]
