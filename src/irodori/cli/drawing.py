"""Drawing on a terminal: progress, and Ctrl-C, which keeps what is finished."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from irodori.cli.progress import show_progress

if TYPE_CHECKING:
    from rich.console import Console

    from irodori.app.config import Config
    from irodori.app.generate import Job


def draw_job(job: "Job", config: "Config", console: "Console") -> tuple[Any, ...]:
    """Return a job's pictures, the engine's `Drawn`; Ctrl-C keeps the passes before it.

    Raises:
        Abort: stopped before anything was finished.
        IrodoriError: see `LocalExecutor`.
    """
    from irodori.app.generate import open_executor

    with stoppable(console) as stopped, show_progress(console) as tell:
        pictures = open_executor(job, config, tell).draw(job.recipes, cancelled=stopped)
    if not pictures:
        raise click.Abort
    return pictures


@contextmanager
def stoppable(console: "Console") -> Iterator[Callable[[], bool]]:
    """Yield what tells whether Ctrl-C was pressed; pressed again, it ends the program at once."""
    asked = threading.Event()

    def ask(*_: Any) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        console.print("stopping; passes that are finished are kept (again: at once)")

    if threading.current_thread() is not threading.main_thread():  # which alone hears signals
        yield asked.is_set
        return
    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
