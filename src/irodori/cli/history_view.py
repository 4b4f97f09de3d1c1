"""How the history looks in the terminal."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from irodori.app.history import TreeRow
    from irodori.store.outputs import Output
    from irodori.store.scan import ScanReport

ID_SHOWN: Final = 8
_PROBLEMS_SHOWN: Final = 20
_STEP_WIDTH: Final = 9


def line(output: "Output") -> str:
    """Return a picture in one line, cut to the terminal's width where there is one."""
    from irodori.app.history import moment_of

    star = "★" if output.starred else " "
    step = "" if output.step is None else output.step.value
    head = (
        f"{output.id[:ID_SHOWN]} {star} {moment_of(output):%Y-%m-%d %H:%M}  {step:{_STEP_WIDTH}} "
    )
    return _cut(f"{head} seed {output.seed or '?'}  {_one_line(output.prompt)}")


def show_tree(rows: "Sequence[TreeRow]") -> None:
    """Draw a tree: lanes, ids, what changed under each picture."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for index, row in enumerate(rows):
        after = rows[index + 1] if index + 1 < len(rows) else None
        heading = Text(_branch(row), "dim")
        heading.append("● ", "bold yellow" if row.output.starred else "bold")
        heading.append(row.output.id[:ID_SHOWN], "cyan")
        heading.append(f" {row.output.step.value if row.output.step else 'first'}", "dim")
        if row.output.starred:
            heading.append(" ★", "yellow")
        if row.output.note:
            heading.append(f"  “{_one_line(row.output.note)}”", "italic")
        console.print(heading, soft_wrap=True)
        margin = _margin(row, after)
        for text in _told(row):
            for part in _wrapped(text, console.width - len(margin) - 2):
                console.print(Text(margin, "dim"), Text(part, _colour(text)), sep="")


def show_report(report: "ScanReport") -> None:
    """Say what a scan did; damaged files on standard error."""
    parts = [f"{report.read} pictures read"]
    parts += [f"{report.kept} as before"] if report.kept else []
    parts += [f"{report.gone} gone"] if report.gone else []
    parts += [f"{len(report.problems)} could not be read"] if report.problems else []
    click.echo(", ".join(parts))
    for problem in report.problems[:_PROBLEMS_SHOWN]:
        click.echo(f"  {problem.path}: {problem.why}", err=True)
    if len(report.problems) > _PROBLEMS_SHOWN:
        click.echo(f"  and {len(report.problems) - _PROBLEMS_SHOWN} more", err=True)


@contextmanager
def counted() -> Iterator[Callable[[int, int], None]]:
    """Yield a function that shows how many files are done, on a terminal."""
    shown = sys.stderr.isatty()

    def tell(done: int, of: int) -> None:
        if shown:
            click.echo(f"\r{done} of {of}", nl=False, err=True)

    yield tell
    if shown:
        click.echo("\r" + " " * 30 + "\r", nl=False, err=True)


def _branch(row: "TreeRow") -> str:
    if not row.is_branch:
        return "│ " * row.lane
    return "│ " * (row.lane - 1) + "├─"


def _margin(row: "TreeRow", after: "TreeRow | None") -> str:
    """Return what stands left of the lines under a picture: the lanes that go on below it."""
    if after is None:
        return "  " * (row.lane + 1)
    goes_on = after.lane > row.lane or (after.lane == row.lane and not after.is_branch)
    return "│ " * row.lane + ("│ " if goes_on else "  ")


def _told(row: "TreeRow") -> list[str]:
    from irodori.app.history import summary

    return [str(change) for change in row.changes] or [summary(row)]


def _colour(text: str) -> str:
    bare = text.removeprefix("negative: ")
    return {"+": "green", "-": "red", "~": "dim"}.get(bare[:1], "")


def _wrapped(text: str, width: int) -> list[str]:
    from textwrap import wrap

    return wrap(_one_line(text), max(width, 20)) or [""]


def _cut(text: str) -> str:
    from shutil import get_terminal_size

    width = get_terminal_size().columns
    if not sys.stdout.isatty() or len(text) <= width:
        return text
    return text[: width - 1] + "…"


def _one_line(text: str) -> str:
    return " ".join(text.split())
