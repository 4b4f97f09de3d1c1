"""Progress of drawing on a terminal: a line a pass, with what it costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID


@contextmanager
def show_progress(console: "Console") -> Iterator[Any]:
    """Yield a function that shows events: a live bar on a terminal, a line a pass elsewhere."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=console) as progress:
        yield _Shown(progress, console).tell


class _Shown:
    """The lines on a terminal.

    Args:
        progress: shows them.
        console: takes what is said beside them.
    """

    def __init__(self, progress: "Progress", console: "Console") -> None:
        self._progress = progress
        self._console = console
        self._current = progress.add_task("loading", total=1, note="")

    def tell(self, event: object) -> None:
        """Show one event."""
        from irodori.runtime.events import (
            Decoding,
            ModelReady,
            ModelSwitched,
            PassBegun,
            PassFailed,
            PlanChanged,
            Progressed,
            StepTaken,
        )

        match event:
            case ModelReady():
                note = f"{event.name} in {event.seconds:.1f} s"
                self._show(completed=1, note=note)
                for each in event.notes:
                    self._console.print(each, style="yellow", markup=False)
            case PlanChanged():
                self._console.print(event.note, style="yellow", markup=False, soft_wrap=True)
            case PassBegun():
                self._end()
                self._current = self._line(event)
            case StepTaken():
                self._show(completed=event.step, note=f"sigma {event.sigma:.2f}")
            case Progressed():
                self._show(completed=event.done, total=event.total)
                self._show(note=self._left())
            case ModelSwitched():
                self._show(note=f"{event.name} takes over")
            case PassFailed():
                said = f"{event.name} failed: {event.reason}"
                self._console.print(said, style="red", markup=False, soft_wrap=True)
            case Decoding():
                self._show(note="decoding")

    def _line(self, event: Any) -> "TaskID":
        """Begin a pass's line: its name, its size, how often the model is called."""
        size = f" {event.width}x{event.height}" if event.width else ""
        calls = f", {event.calls} calls" if event.calls > event.steps else ""
        name = f"{event.name}{size}{calls}"
        return self._progress.add_task(name, total=event.steps, note="")

    def _show(self, **changes: Any) -> None:
        self._progress.update(self._current, **changes)

    def _left(self) -> str:
        """Return how long the line will go on by what it took so far; empty where it ends."""
        (line,) = [task for task in self._progress.tasks if task.id == self._current]
        seconds = line.time_remaining
        return f"about {timedelta(seconds=int(seconds))} left" if seconds else ""

    def _end(self) -> None:
        """Let the line before stand as it is, its clock stopped."""
        self._show(note="")
        self._progress.stop_task(self._current)
