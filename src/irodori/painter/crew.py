"""Several processes that train one module together on one machine.

Each is of one thread and computes its own part of the batch; they wait for each other once a step.
Small layers gain little from threads, and a thread that waits for a core stops all the others at
every layer. Measured with the autoencoder on two cores: 27 crops a second with one process of one
thread, 30 with two threads (6 while another program ran), 52 with two processes.
"""

import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Final

import torch
from torch import distributed, nn
from torch.multiprocessing.spawn import spawn

_PATIENCE: Final = timedelta(minutes=30)  # one worker checks and saves while the others wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """The processes that share a run.

    Attributes:
        rank: this one's number from 0; only 0 writes files.
        size: how many there are.
    """

    rank: int = 0
    size: int = 1

    def average_gradients(self, module: nn.Module, *, stop: bool) -> bool:
        """Give every worker the mean of all workers' gradients.

        Args:
            module: its parameters' gradients are replaced.
            stop: this worker has been asked to end.

        Returns:
            Whether any worker has been asked to end, the same in all of them.
        """
        if self.size == 1:
            return stop
        gradients = [p.grad for p in module.parameters() if p.grad is not None]
        shared = torch.cat([*(g.flatten() for g in gradients), torch.tensor([float(stop)])])
        distributed.all_reduce(shared)
        *means, stops = torch.split(shared, [*(g.numel() for g in gradients), 1])
        for gradient, mean in zip(gradients, means, strict=True):
            torch.div(mean.view_as(gradient), self.size, out=gradient)
        return bool(stops.item() > 0)

    def wait(self) -> None:
        """Return when every worker has come this far."""
        if self.size > 1:
            distributed.barrier()


def work_together(size: int, work: Callable[[Crew], None]) -> None:
    """Run `work` in a number of processes at once, each of one thread, and wait for all.

    Args:
        size: processes; with 1 the work is done in this one.
        work: what each does; a function that can be pickled, and that ends in all alike.

    Raises:
        torch.multiprocessing.ProcessRaisedException: one of them raised; the others are ended.
    """
    if size == 1:
        work(Crew())
        return
    with tempfile.TemporaryDirectory() as meeting:
        arguments = (size, str(Path(meeting) / "crew"), work)
        crew = spawn(_join, args=arguments, nprocs=size, join=False)  # type: ignore[no-untyped-call]  # untyped in torch
        with _passing_on(signal.SIGTERM, crew.pids()):
            while not crew.join():
                pass


@contextmanager
def _passing_on(number: signal.Signals, pids: Sequence[int]) -> Iterator[None]:
    """Send on a signal to the crew, which saves and ends; without this it would work on alone."""

    def pass_on(_number: int, _frame: FrameType | None) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    before = signal.signal(number, pass_on)
    try:
        yield
    finally:
        signal.signal(number, before)


def _join(rank: int, size: int, meeting: str, work: Callable[[Crew], None]) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group(
        "gloo", init_method=f"file://{meeting}", rank=rank, world_size=size, timeout=_PATIENCE
    )
    try:
        work(Crew(rank=rank, size=size))
    finally:
        distributed.destroy_process_group()
