"""`irodori generate`: draw a picture from a prompt."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from irodori.cli.clock import now
from irodori.recipe.names import Emphasis, NoiseKind

if TYPE_CHECKING:
    from rich.console import Console

    from irodori.app.generate import Job
    from irodori.app.outputs import Saved

SIZE = re.compile(r"(\d+)\s*[x×]\s*(\d+)")


@click.command()
@click.argument("prompt")
@click.option("--negative", "-n", help="Negative prompt.")
@click.option("--steps", type=click.IntRange(1, 1000), help="Sampler steps.")
@click.option("--sampler", help="Sampler, by any name; may end in a schedule.")
@click.option("--schedule", help="Sigma schedule, by any name.")
@click.option("--cfg", type=float, help="CFG scale; 1 ignores the negative prompt.")
@click.option("--size", help="Width x height in pixels: 832x1216.")
@click.option("--seed", type=int, default=-1, help="Seed; -1 draws one.  [default: -1]")
@click.option("--batch", type=click.IntRange(1, 64), default=1, help="Pictures; seeds count up.")
@click.option(
    "--combinations",
    type=click.IntRange(1, 64),
    help="Draw every result of the prompt's {a|b} and __wildcards__ with one seed, at most N.",
)
@click.option("--clip-skip", type=click.IntRange(1, 12), help="Text layer, from the end.")
@click.option(
    "--noise", type=click.Choice([kind.value for kind in NoiseKind]), help="Noise source."
)
@click.option("--emphasis", type=click.Choice([mode.value for mode in Emphasis]), help="Weights.")
@click.option("--dialect", type=click.Choice(["irodori", "a1111"]), help="How prompts are read.")
@click.option("--preset", help="A way of working; see: irodori recipe presets.")
@click.option("--model", help="A file, or a name in the configured folders.  [default: sumire]")
@click.option("--out", type=click.Path(path_type=Path), help="File to write: .png .jpg .webp .avif")
@click.option("--parent", default="", help="Picture this one is made from: an id, last, a file.")
@click.option("--json", "as_json", is_flag=True, help="Print the pictures' paths and recipes.")
def command(*, as_json: bool, **given: Any) -> None:  # click has typed them
    """Draw PROMPT.

    What is not given comes from the preset, then from the model's own card. The review of the
    prompt is printed before anything is drawn; the picture holds its infotext and its recipe.
    """
    from rich.console import Console

    from irodori.app.config import load_config
    from irodori.app.generate import open_executor, prepare, save
    from irodori.app.outputs import find_parent

    console = Console(stderr=True, highlight=False)
    config = load_config()
    given["parent"] = given["parent"] and find_parent(given["parent"], config, now()).id
    job = prepare(_request(given), config)
    show_review(job, console)
    with show_progress(console) as tell:
        executor = open_executor(job, config, tell)
        pictures = executor.draw(job.recipes)
    saved = save(pictures, job, config, now())
    show_problems(saved, console)
    if as_json:
        click.echo(json.dumps([described(each) for each in saved], ensure_ascii=False, indent=2))
        return
    for each in saved:
        click.echo(str(each.path))
    first = saved[0]
    console.print(
        f"what is in it: irodori info {first.path}\n"
        f"go on from it: irodori iterate {first.id[:8]} --add TAG --drop TAG --weight TAG=0.5\n"
        "how a prompt is read: irodori explain PROMPT   more ways: irodori generate --help",
        style="dim",
        soft_wrap=True,
    )


def _request(given: dict[str, Any]) -> Any:
    from irodori.app.generate import GenerateRequest

    base = {
        "steps": given["steps"],
        "sampler": given["sampler"],
        "schedule": given["schedule"],
        "cfg_scale": given["cfg"],
        "clip_skip": given["clip_skip"],
        **_size(given["size"]),
    }
    recipe = {
        "prompt": given["prompt"],
        "negative_prompt": given["negative"],
        "dialect": given["dialect"],
        "emphasis": given["emphasis"],
        "base": {name: value for name, value in base.items() if value is not None},
        "noise": {"seed": given["seed"], **({"kind": given["noise"]} if given["noise"] else {})},
    }
    return GenerateRequest(
        recipe={name: value for name, value in recipe.items() if value is not None},
        model=given["model"],
        preset=given["preset"],
        count=given["batch"],
        combinations=given["combinations"],
        out=given["out"],
        parent=given["parent"],
    )


def _size(text: str | None) -> dict[str, int]:
    if text is None:
        return {}
    found = SIZE.fullmatch(text.strip())
    if found is None:
        raise click.BadParameter(f"'{text}' is no size; write 832x1216", param_hint="--size")
    return {"width": int(found[1]), "height": int(found[2])}


def show_review(job: "Job", console: "Console") -> None:
    """Print what is drawn with what, and what the prompt's text says."""
    from rich.markup import escape

    from irodori.app.review import review

    recipe = job.recipes[0]
    base = recipe.base
    console.print(
        f"[bold]{escape(job.model.title)}[/]  {base.sampler}, {base.schedule.value}, "
        f"{base.steps} steps, CFG {base.cfg_scale:g}, {base.width}x{base.height}, "
        f"seed {recipe.noise.seed}" + (f", {len(job.recipes)} pictures" if job.recipes[1:] else "")
    )
    seen = review(recipe)
    fill = " + ".join(f"{count}/75" for count in seen.chunks)
    console.print(f"prompt: {fill} tokens", end="")
    findings = [*seen.findings, *seen.negative_findings]
    console.print("" if findings or seen.cut else ", nothing to remark")
    for finding in findings:
        said = f"  {finding.severity.value}: {finding.message}; {finding.suggestion}"
        console.print(escape(said), style="yellow", soft_wrap=True)
    for name in seen.cut:
        console.print(escape(f"  a chunk border cuts '{name}'"), style="yellow")
    for note in job.notes:
        console.print(escape(f"  {note}"), style="yellow")


@contextmanager
def show_progress(console: "Console") -> Iterator[Any]:
    """Yield a function that shows events: a live bar on a terminal, a line a pass elsewhere."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from irodori.runtime.events import ModelReady, PassBegun, StepTaken

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TextColumn("{task.fields[note]}"), console=console) as progress:
        task = progress.add_task("loading", total=None, note="")

        def tell(event: object) -> None:
            match event:
                case ModelReady():
                    progress.update(task, note=f"{event.name} in {event.seconds:.1f} s")
                    for note in event.notes:
                        console.print(note, style="yellow")
                case PassBegun():
                    progress.update(task, description=event.name, total=event.steps, completed=0)
                case StepTaken():
                    progress.update(task, completed=event.step, note=f"sigma {event.sigma:.2f}")
                case _:
                    progress.update(task, note="decoding")

        yield tell


def show_problems(saved: "tuple[Saved, ...]", console: "Console") -> None:
    """Say which pictures were saved but are not in the history, and why."""
    for problem in dict.fromkeys(each.problem for each in saved if each.problem):
        console.print(f"saved, but not in the history: {problem}", style="yellow", soft_wrap=True)


def described(saved: "Saved") -> dict[str, Any]:
    """Return what `--json` prints of a picture."""
    from irodori.recipe.codec import to_mapping

    return {
        "path": str(saved.path),
        "id": saved.id,
        "parent": saved.parent,
        "step": None if saved.step is None else saved.step.value,
        "recipe": to_mapping(saved.recipe),
    }
