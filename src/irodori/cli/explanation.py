"""A prompt's meaning as a picture in the terminal: bars over steps, chunks, tokens, findings."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from irodori.prompt.ast import Diagnostic, Severity
from irodori.prompt.chunk import CHUNK_LENGTH, Chunk, ChunkEnd
from irodori.prompt.chunked import ChunkedPrompt, TagPlace
from irodori.prompt.explain import Explanation, PassTimeline

_LABEL_WIDTH: Final = 26
_METER_WIDTH: Final = 25
_HEIGHTS: Final = " ▁▂▃▄▅▆▇█"
_COLOURS: Final = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.INFO: "cyan",
}
_BORDERS: Final = {
    ChunkEnd.TEXT: "",
    ChunkEnd.BREAK: "ends at BREAK",
    ChunkEnd.FULL: "full: the border falls where the 75th token is",
    ChunkEnd.COMMA: "full: what follows its last comma moved on",
}


def show(explanation: Explanation, *, title: str, console: Console | None = None) -> None:
    """Print an explanation.

    Args:
        explanation: what to print.
        title: what kind of prompt it is.
        console: where to. Default: the standard output, coloured if it is a terminal.
    """
    out = console or Console(highlight=False)
    out.print(Rule(Text(title, style="bold"), align="left", style="dim"))
    for pass_name, timeline in (("pass", explanation.first), ("hires pass", explanation.hires)):
        if timeline is not None and (timeline.tags or timeline.networks):
            for line in _timeline(timeline, pass_name, out.width):
                out.print(line, no_wrap=True, overflow="crop")
            out.print()
    for number, chunked in enumerate(explanation.chunked):
        weight = explanation.parts[number][1]
        if len(explanation.chunked) > 1 or weight != 1.0:
            out.print(Text(f"part {number + 1}, weight {weight:g}", "bold"))
        for line in _chunks(chunked, explanation.text):
            out.print(line)
    for found in explanation.diagnostics:
        out.print()
        for line in _finding(found, explanation.text):
            out.print(line)


def _timeline(timeline: PassTimeline, name: str, width: int) -> Iterator[Text]:
    """Yield a ruler of the steps and a bar for everything that changes over them."""
    steps = timeline.steps
    cell = max(1, min(3, (width - _LABEL_WIDTH - 12) // steps))
    ruler = [" "] * (steps * cell)
    for step in (1, *range(5, steps + 1, 5)):
        digits = str(step)
        start = (step - 1) * cell
        if start + len(digits) <= len(ruler):
            ruler[start : start + len(digits)] = digits
    label = f"{name} of {steps} steps"
    yield Text(f"{label:<{_LABEL_WIDTH}} ", style="bold").append("".join(ruler), style="dim")
    for tag in timeline.tags:
        line = Text(f"{_short(tag.name):<{_LABEL_WIDTH}} ")
        for drawn in tag.is_drawn:
            line.append(("█" if drawn else "·") * cell, style="green" if drawn else "dim")
        yield line.append(f"  {_stretches(tag.is_drawn)}", style="dim")
    for network in timeline.networks:
        line = Text(f"{_short(f'{network.tag.kind} {network.tag.name}'):<{_LABEL_WIDTH}} ")
        most = max(1.0, *map(abs, network.unet))
        for weight in network.unet:
            height = round(abs(weight) / most * (len(_HEIGHTS) - 1))
            line.append(
                (_HEIGHTS[height] if height else "·") * cell,
                style="magenta" if height else "dim",
            )
        yield line.append(f"  {_strengths(network.unet)}", style="dim")


def _stretches(is_drawn: Sequence[bool]) -> str:
    """Return the steps at which something is drawn, in words; of many stretches their number."""
    stretches = []
    step = 1
    for drawn, group in groupby(is_drawn):
        length = len(list(group))
        if drawn:
            last = step + length - 1
            stretches.append(str(step) if length == 1 else f"{step}-{last}")
        step += length
    if len(stretches) > 3:
        return f"{sum(is_drawn)} of {len(is_drawn)} steps"
    return ", ".join(stretches)


def _strengths(weights: Sequence[float]) -> str:
    low, high = min(weights), max(weights)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _chunks(chunked: ChunkedPrompt, text: str) -> Iterator[Text]:
    for number, one in enumerate(chunked.chunks):
        filled = round(len(one.ids) / CHUNK_LENGTH * _METER_WIDTH)
        line = Text(f"chunk {number + 1}  ", style="bold")
        line.append(f"{len(one.ids):>2}/{CHUNK_LENGTH} ")
        line.append("█" * filled, style="green" if one.room else "yellow")
        line.append("░" * (_METER_WIDTH - filled), style="dim")
        yield line.append(f"  {_BORDERS[one.end]}" if _BORDERS[one.end] else "", style="dim")
        tags = [tag for tag in chunked.tags if any(p.chunk == number for p in tag.places)]
        if tags:
            yield Text("  ").append(Text("  ").join(_tag(tag, number, text) for tag in tags))
        yield from _placed_embeddings(one)


def _tag(tag: TagPlace, chunk: int, text: str) -> Text:
    """Return a tag with its number of tokens here, its weight, and what a border does to it."""
    line = Text(tag.name)
    tokens = sum(place.end - place.start for place in tag.places if place.chunk == chunk)
    line.append(f" {tokens}", style="dim")
    if tag.weight != 1.0:
        line.append(f" x{tag.weight:.3g}", style="cyan")
    if tag.is_cut:
        line.append(" (cut by the border)", style="bold red")
    if tag.parted_from is not None:
        other = _short(tag.parted_from.of(text))
        line.append(f" (parted from '{other}')", style="yellow")
    return line


def _placed_embeddings(one: Chunk) -> Iterator[Text]:
    for embedding in one.embeddings:
        yield Text(f"  embedding {embedding.name}: {embedding.vectors} vectors", style="magenta")


def _finding(found: Diagnostic, text: str) -> Iterable[Text]:
    start = text.rfind("\n", 0, found.span.start) + 1
    line = text[start : text.find("\n", start) % (len(text) + 1)]
    before = line[: found.span.start - start]
    marked = line[found.span.start - start : found.span.end - start]
    after = line[len(before) + len(marked) :]
    colour = _COLOURS[found.severity]
    yield (
        Text(f"{found.severity} ", style=colour)
        .append(f"{found.code}: ", style="bold")
        .append(found.message)
    )
    yield (
        Text("  ")
        .append(_short(before, from_end=True), style="dim")
        .append(marked, style=f"{colour} underline")
        .append(_short(after), style="dim")
    )
    yield Text(f"  {found.suggestion}", style="dim")


def _short(text: str, *, from_end: bool = False) -> str:
    """Return a text of at most one label's width, one line."""
    text = text.replace("\n", " ")
    if len(text) <= _LABEL_WIDTH:
        return text
    return f"…{text[1 - _LABEL_WIDTH :]}" if from_end else f"{text[: _LABEL_WIDTH - 1]}…"
