"""A training run: its directory, its loop, its processes.

The state is one file, replaced atomically every few minutes: a stop at any moment loses at most
the steps since the last save, and naming the directory again continues. Batches and noise follow
from (seed, step, worker) alone, so a resumed run takes the steps it would have taken.
"""

import copy
import csv
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Final

import torch
from torch import Tensor, nn

from irodori.painter.crew import Crew

_CLIP: Final = 1.0  # norm that each parameter group's gradient is clipped to
_BETAS: Final = (0.9, 0.98)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Where one stage of one run keeps its files.

    Attributes:
        directory: the run's directory; made if it does not exist.
        stage: `autoencoder`, `model` or `judge`; names the files.
    """

    directory: Path
    stage: str

    @property
    def state_file(self) -> Path:
        """The resumable state: weights, averaged weights, optimiser, step."""
        return self.directory / f"{self.stage}.state.pt"

    @property
    def curve_file(self) -> Path:
        """One CSV row for each logged step."""
        return self.directory / f"{self.stage}.csv"

    def save(self, state: Mapping[str, Any]) -> None:
        """Write the state; the previous one stays until the new one is complete."""
        self.directory.mkdir(parents=True, exist_ok=True)
        partial = self.state_file.with_suffix(".partial")
        torch.save(dict(state), partial)
        partial.replace(self.state_file)

    def load(self) -> dict[str, Any] | None:
        """Return the saved state, or None for a run that has not begun."""
        if not self.state_file.exists():
            return None
        state: dict[str, Any] = torch.load(self.state_file, map_location="cpu", weights_only=True)
        return state

    @property
    def checks_file(self) -> Path:
        """One CSV row for each save: what was measured then."""
        return self.directory / f"{self.stage}.checks.csv"

    def log(self, file: Path, row: Mapping[str, float]) -> None:
        """Append one row to a CSV file; the first row's names are its columns."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.write_text(",".join(row) + "\n", encoding="utf-8")
        with file.open("r+", newline="", encoding="utf-8") as opened:
            columns = opened.readline().strip().split(",")
            opened.seek(0, 2)
            values = [row.get(name, math.nan) for name in columns]
            csv.writer(opened, lineterminator="\n").writerow(
                [v if isinstance(v, int) else f"{v:.5g}" for v in values]
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a stage is optimised.

    Attributes:
        steps: optimiser steps in all.
        rates: peak learning rate by name of the module's child; "" names the whole module.
        decay_from: progress (0 to 1) from which the rate falls by a cosine.
        last: the rate at the end, as a share of the peak.
        warm_up: steps over which the rate rises from 0.
        weight_decay: AdamW's.
        ema: decay of the averaged weights, a step.
        log_every: steps between rows of the curve.
        save_every: seconds between saves.
    """

    steps: int
    rates: Mapping[str, float]
    decay_from: float
    last: float
    warm_up: int = 100
    weight_decay: float = 0.0
    ema: float
    log_every: int = 50
    save_every: float = 180.0

    def rate(self, step: int) -> float:
        """Return the learning rate at a step, as a share of its peak."""
        progress = step / self.steps
        fall = max(0.0, progress - self.decay_from) / (1 - self.decay_from)
        cosine = self.last + (1 - self.last) * 0.5 * (1 + math.cos(math.pi * fall))
        return min(1.0, (step + 1) / self.warm_up) * cosine


LossAt = Callable[[int], tuple[Tensor, dict[str, float]]]
Checked = Callable[[nn.Module], dict[str, float]]


@dataclass(slots=True, kw_only=True)
class Optimisation:
    """A module on its way: weights, their average, the optimiser and the step reached.

    Attributes:
        run: where the state is saved.
        module: what is trained, in place.
        plan: how.
        crew: this process and its peers.
        step: optimiser steps taken.
        averaged: the exponential moving average of the module's state.
    """

    run: Run
    module: nn.Module
    plan: Plan
    crew: Crew = field(default_factory=Crew)
    step: int = 0
    averaged: dict[str, Tensor] = field(init=False)
    optimiser: torch.optim.AdamW = field(init=False)

    def __post_init__(self) -> None:
        """Make the optimiser, and take up the run's saved state if there is one."""
        groups = [
            {"params": list(child.parameters()), "peak": self.plan.rates[name]}
            for name, child in _children(self.module, self.plan.rates)
        ]
        self.optimiser = torch.optim.AdamW(
            groups, lr=0.0, betas=_BETAS, weight_decay=self.plan.weight_decay, fused=True
        )
        self.averaged = {k: v.detach().clone() for k, v in self.module.state_dict().items()}
        state = self.run.load()
        if state is not None:
            self.module.load_state_dict(state["module"])
            self.averaged = state["averaged"]
            self.optimiser.load_state_dict(state["optimiser"])
            self.step = state["step"]

    def train(self, loss_at: LossAt, check: Checked | None = None) -> bool:
        """Take the steps that are left.

        Args:
            loss_at: loss and facts for the curve at a step.
            check: measures the averaged module at every save.

        Returns:
            True when the plan's last step is taken, False when asked to end before (SIGTERM).
        """
        facts: list[dict[str, float]] = []
        saved = logged = time.monotonic()
        with _stop_asked() as asked:
            stop = False
            while self.step < self.plan.steps and not stop:
                loss, parts = loss_at(self.step)
                facts.append({"loss": loss.item()} | parts)
                stop = self._update(loss, stop=asked())
                if self.crew.rank != 0:
                    continue
                done = self.step == self.plan.steps
                if self.step % self.plan.log_every == 0 or done:
                    self._log_curve(facts, time.monotonic() - logged)
                    facts, logged = [], time.monotonic()
                if time.monotonic() - saved > self.plan.save_every or stop or done:
                    self.save(check)
                    saved = time.monotonic()
        return self.step == self.plan.steps

    def _update(self, loss: Tensor, *, stop: bool) -> bool:
        """Take one optimiser step; return whether any worker was asked to end."""
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        stop = self.crew.average_gradients(self.module, stop=stop)
        for group in self.optimiser.param_groups:
            nn.utils.clip_grad_norm_(group["params"], _CLIP)
            group["lr"] = group["peak"] * self.plan.rate(self.step)
        self.optimiser.step()
        self.step += 1
        if self.crew.rank == 0:
            self._average()
        return stop

    @torch.no_grad()
    def _average(self) -> None:
        """Move the averaged weights; early steps average over fewer, to forget the beginning."""
        kept = min(self.plan.ema, self.step / (self.step + 10))
        state = self.module.state_dict()
        torch._foreach_lerp_([self.averaged[k] for k in state], list(state.values()), 1 - kept)

    def averaged_module(self) -> nn.Module:
        """Return a copy of the module that holds the averaged weights, for evaluation."""
        module = copy.deepcopy(self.module).eval()
        module.load_state_dict(self.averaged)
        return module

    def save(self, check: Checked | None = None) -> None:
        """Write the state to the run's directory, and what a check finds to its second curve."""
        self.run.save(
            {
                "module": self.module.state_dict(),
                "averaged": self.averaged,
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
            }
        )
        if check is not None:
            found = check(self.averaged_module())
            self.run.log(self.run.checks_file, {"step": self.step} | found)

    def _log_curve(self, facts: list[dict[str, float]], seconds: float) -> None:
        """Write the mean of each fact since the last row."""
        names = sorted({name for step in facts for name in step})
        row = {"step": self.step, "steps_per_second": len(facts) / seconds}
        for name in names:
            values = [step[name] for step in facts if name in step]
            row[name] = math.fsum(values) / len(values)
        self.run.log(self.run.curve_file, row)


def _children(module: nn.Module, rates: Mapping[str, float]) -> Iterator[tuple[str, nn.Module]]:
    """Yield the parts of a module that have a rate each; "" is the module itself."""
    for name in rates:
        yield name, module.get_submodule(name)


@contextmanager
def _stop_asked() -> Iterator[Callable[[], bool]]:
    """Let SIGTERM be noticed between two steps instead of ending the process inside one."""
    asked = False

    def ask(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    if threading.current_thread() is not threading.main_thread():
        yield lambda: asked
        return
    previous = signal.signal(signal.SIGTERM, ask)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGTERM, previous)
