"""The training loop: it learns, it resumes bit for bit, it averages, it records."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from irodori.painter.run import Optimisation, Plan, Run

PLAN = Plan(steps=60, rates={"": 0.05}, decay_from=0.5, last=0.1, warm_up=5, ema=0.9, log_every=10)


def line(directory: Path, plan: Plan = PLAN) -> Optimisation:
    module = nn.Linear(3, 1)
    with torch.no_grad():
        module.weight.fill_(0.5)
        module.bias.fill_(0.0)
    run = Run(directory=directory, stage="line")
    return Optimisation(run=run, module=module, plan=plan)


def squared_error(optimisation: Optimisation, step: int) -> tuple[Tensor, dict]:
    x = torch.randn(8, 3, generator=torch.Generator().manual_seed(step))
    y = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 3
    loss = ((optimisation.module(x) - y) ** 2).mean()
    return loss, {"half": loss.item() / 2}


def trained(optimisation: Optimisation) -> bool:
    return optimisation.train(lambda step: squared_error(optimisation, step))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_loss_falls_and_the_curve_is_recorded(tmp_path: Path) -> None:
    assert trained(line(tmp_path, replace(PLAN, steps=300)))
    curve = rows(tmp_path / "line.csv")
    assert [int(row["step"]) for row in curve] == list(range(10, 301, 10))
    assert float(curve[-1]["loss"]) < 0.01 * float(curve[0]["loss"])
    assert float(curve[3]["half"]) == pytest.approx(float(curve[3]["loss"]) / 2, rel=1e-3)


def test_a_resumed_run_ends_in_the_same_state(tmp_path: Path) -> None:
    whole = line(tmp_path / "whole")
    trained(whole)
    first = line(tmp_path / "parts")
    stopping = iter(range(1000))

    def stopped_at_25(step: int) -> tuple[Tensor, dict]:
        if next(stopping) == 25:
            raise KeyboardInterrupt
        return squared_error(first, step)

    with pytest.raises(KeyboardInterrupt):
        first.train(stopped_at_25)
    first.save()
    second = line(tmp_path / "parts")
    assert second.step == 25
    trained(second)
    for name, value in whole.module.state_dict().items():
        assert torch.equal(value, second.module.state_dict()[name])
        assert torch.equal(whole.averaged[name], second.averaged[name])


def test_check_sees_the_averaged_weights(tmp_path: Path) -> None:
    optimisation = line(tmp_path)
    seen = []

    def check(module: nn.Module) -> dict[str, float]:
        seen.append(module.state_dict()["weight"].clone())
        return {"bias": module.state_dict()["bias"].item()}

    optimisation.train(lambda step: squared_error(optimisation, step), check)
    assert torch.equal(seen[-1], optimisation.averaged["weight"])
    assert not torch.equal(seen[-1], optimisation.module.state_dict()["weight"])
    found = rows(tmp_path / "line.checks.csv")
    assert float(found[-1]["bias"]) == pytest.approx(optimisation.averaged["bias"].item(), 1e-3)


def test_rates_rise_stay_and_fall() -> None:
    plan = replace(PLAN, steps=100, warm_up=10)
    assert plan.rate(0) == pytest.approx(0.1)
    assert plan.rate(10) == plan.rate(50) == 1.0
    assert plan.rate(75) == pytest.approx(0.1 + 0.9 * 0.5)
    assert plan.rate(100) == pytest.approx(0.1)


def test_parts_learn_at_their_own_rates(tmp_path: Path) -> None:
    module = nn.ModuleDict({"fast": nn.Linear(1, 1), "still": nn.Linear(1, 1)})
    before = {name: value.clone() for name, value in module.state_dict().items()}
    plan = replace(PLAN, steps=3, rates={"fast": 0.1, "still": 0.0})
    run = Run(directory=tmp_path, stage="parts")
    optimisation = Optimisation(run=run, module=module, plan=plan)

    def loss_at(_step: int) -> tuple[Tensor, dict]:
        return (module["fast"](torch.ones(1)) + module["still"](torch.ones(1))).sum() ** 2, {}

    optimisation.train(loss_at)
    after = module.state_dict()
    assert not torch.equal(after["fast.weight"], before["fast.weight"])
    assert torch.equal(after["still.weight"], before["still.weight"])
