"""`irodori paint`: the painter and the trainer of the shipped model; docs/training.md."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from irodori.painter.config import TrainingConfig
    from irodori.recipe.names import Dtype

STAGES: Final = ("autoencoder", "judge", "model", "decoder")
_FILE = click.Path(dir_okay=False, path_type=Path)
_DIRECTORY = click.Path(file_okay=False, path_type=Path)

config_option = click.option(
    "--config", required=True, type=_FILE, help="TOML file of the training (painter/configs)."
)
run_option = click.option(
    "--run", "directory", required=True, type=_DIRECTORY, help="Directory of the run's files."
)


@click.group()
def command() -> None:
    """Paint training pictures, train the shipped model, measure and release it.

    In this order: pool, train --stage autoencoder, freeze, train --stage model, then --stage
    decoder, export; then train --stage judge, evaluate.
    `adapt` trains LoRAs and their kin on a finished model, `demonstrators` all that come with it;
    `assemble` makes the checkpoints among them. `sheet` and `sample` show what the painter paints.
    Needs the extra `paint` (pip install irodori[paint]).
    """


@command.command()
@config_option
@run_option
@click.option("--shards", type=int, help="Paint only the first so many shards.")
@click.option("--held-out", is_flag=True, help="Paint the pictures that nothing is trained on.")
def pool(config: Path, directory: Path, *, shards: int | None, held_out: bool) -> None:
    """Paint the pictures of RUN/pool (or RUN/held-out) that are not there yet."""
    from dataclasses import replace

    from irodori.painter.dataset import held_out_pool, paint_pool

    settings = _config(config).pool
    if held_out:
        settings = held_out_pool(settings)
    if shards is not None:
        settings = replace(settings, shards=shards)
    for path in paint_pool(settings, directory / ("held-out" if held_out else "pool")):
        click.echo(path)


@command.command()
@config_option
@run_option
@click.option("--stage", required=True, type=click.Choice(STAGES))
@click.option("--workers", default=1, show_default=True, help="Processes of one thread each.")
def train(config: Path, directory: Path, stage: str, workers: int) -> None:
    """Train one stage, from the run's last save if there is one."""
    settings = _config(config)
    match stage:
        case "autoencoder":
            from irodori.painter.train_autoencoder import train_autoencoder as work
        case "judge":
            from irodori.painter.train_judge import train_judge as work
        case "decoder":
            from irodori.painter.train_decoder import train_decoder as work
        case _:
            from irodori.painter.train import train_model as work
    work(settings, directory, workers=workers)


@command.command()
@config_option
@run_option
def freeze(config: Path, directory: Path) -> None:
    """Fix the trained autoencoder for stage two, its latents at unit variance."""
    from irodori.painter.dataset import open_shards
    from irodori.painter.frozen_autoencoder import FILE
    from irodori.painter.frozen_autoencoder import freeze as freeze_autoencoder

    settings = _config(config)
    freeze_autoencoder(settings.autoencoder, directory, open_shards(directory / "pool"))
    click.echo(directory / FILE)


@command.command()
@run_option
@click.option("--model", required=True, type=_FILE, help="Whose autoencoder is meant.")
@click.option("--shards", default=4, show_default=True, type=click.IntRange(1))
@click.option("--smallest", default=192, show_default=True, help="Shorter side in pixels.")
def decode(*, directory: Path, model: Path, shards: int, smallest: int) -> None:
    """Put shards of RUN/pool through a model's autoencoder, for the judge to learn from."""
    from irodori.painter.dataset import open_shards
    from irodori.painter.decode import decode_shards, evenly
    from irodori.painter.drawing import open_model

    chosen = evenly(open_shards(directory / "pool", smallest=smallest), shards)
    autoencoder = open_model(model).autoencoder
    for path in decode_shards(autoencoder, chosen, directory / "decoded"):
        click.echo(path)


@command.command()
@run_option
@click.option("--out", required=True, type=_FILE, help="The detector, one safetensors file.")
def detector(*, directory: Path, out: Path) -> None:
    """Train the small face detector on RUN/pool, and measure it on RUN/held-out."""
    from irodori.painter.train_detector import DetectorTraining, train_detector

    accuracy = train_detector(directory, out, DetectorTraining())
    click.echo(
        f"{out}: {accuracy.found} of {accuracy.faces} faces found in {accuracy.pictures} pictures, "
        f"{accuracy.wrong} false"
    )


@command.command()
@config_option
@run_option
@click.option("--model", required=True, type=_FILE, help="A release of the same sizes.")
def begin(config: Path, directory: Path, model: Path) -> None:
    """Let a new run's stage two go on from a release, in place of both stages from nothing."""
    from irodori.painter.restart import begin_from

    begin_from(model, _config(config), directory)


@command.command()
@config_option
@run_option
@click.option("--out", required=True, type=_FILE, help="The release, one safetensors file.")
@click.option("--card", "card_file", required=True, type=_FILE, help="JSON of what is said of it.")
def export(config: Path, directory: Path, out: Path, card_file: Path) -> None:
    """Write the run's averaged weights as one float16 file in SDXL's layout."""
    from irodori.painter.card import read_card
    from irodori.painter.export import export as export_release

    size = export_release(_config(config), directory, out, read_card(card_file))
    click.echo(f"{out}: {size / 1e6:.1f} MB")


@command.command()
@click.option("--model", type=_FILE, help="The model to measure; without one, the judge alone is.")
@click.option("--judge", "judge_file", required=True, type=_FILE, help="RUN/judge.safetensors.")
@click.option("--count", default=500, show_default=True, help="Held-out prompts.")
@click.option(
    "--size",
    "sizes",
    multiple=True,
    default=("192x256",),
    show_default=True,
    help="WIDTHxHEIGHT; may be given several times.",
)
@click.option("--cfg-scale", default=3.5, show_default=True)
@click.option("--steps", default=20, show_default=True)
@click.option("--batch", default=8, show_default=True, type=click.IntRange(1), help="At a time.")
@click.option("--dtype", default="auto", show_default=True, help="float32, or faster: bfloat16.")
@click.option("--sheet", type=_FILE, help="Write a contact sheet of the first 40 as PNG.")
def evaluate(  # noqa: PLR0913  # one option each
    *,
    model: Path | None,
    judge_file: Path,
    count: int,
    sizes: tuple[str, ...],
    cfg_scale: float,
    steps: int,
    batch: int,
    dtype: str,
    sheet: Path | None,
) -> None:
    """Draw held-out prompts and print how many pictures show what was asked for."""
    from irodori.painter.drawing import DrawSettings
    from irodori.painter.evaluate import as_table
    from irodori.painter.evaluate import evaluate as evaluate_model

    settings = [
        DrawSettings(width=width, height=height, cfg_scale=cfg_scale, steps=steps, batch=batch)
        for width, height in map(_size, sizes)
    ]
    tables = evaluate_model(
        model, judge_file, settings, count=count, dtype=_dtype(dtype), sheet=sheet
    )
    for size, figures in zip(sizes, tables, strict=True):
        click.echo(f"{size}, {count} prompts:\n\n{as_table(figures)}\n")


def _dtype(name: str) -> "Dtype":
    from irodori.recipe.names import Dtype

    try:
        return Dtype(name)
    except ValueError as error:
        raise click.BadParameter(f"'{name}' is none of {', '.join(Dtype)}") from error


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise click.BadParameter(f"'{text}' is not WIDTHxHEIGHT", param_hint="--size")
    return int(width), int(height)


@command.command()
@click.option(
    "--config", required=True, type=_FILE, help="TOML file of the adapter (configs/demonstrators)."
)
@run_option
@click.option("--model", type=_FILE, help="What to train on.  [default: the shipped model]")
@click.option("--out", required=True, type=_FILE, help="The adapter, one safetensors file.")
@click.option("--workers", default=1, show_default=True, help="Processes of one thread each.")
def adapt(*, config: Path, directory: Path, model: Path | None, out: Path, workers: int) -> None:
    """Train what a configuration says on a finished model, from the last save.

    A LoRA, LoKr, DoRA, LCM LoRA, textual inversion, or a checkpoint in another style or of v.
    """
    from irodori.app.models import SHIPPED
    from irodori.painter.adapt.config import read_adapter_config
    from irodori.painter.adapt.train import adapt as train_adapter

    settings = read_adapter_config(config)
    train_adapter(settings, model or SHIPPED, directory, out, workers=workers)
    if out.exists():
        click.echo(f"{out}: {out.stat().st_size / 1e3:.0f} kB")


@command.command()
@run_option
@click.option("--model", type=_FILE, help="What to train on.  [default: the shipped model]")
@click.option("--out", required=True, type=_DIRECTORY, help="Folder of the demonstrators.")
@click.option("--workers", default=1, show_default=True, help="Processes of one thread each.")
@click.option(
    "--former",
    type=(_DIRECTORY, _FILE),
    metavar="FOLDER MODEL",
    help="Go on from another release's demonstrators and the model that they were made for.",
)
@click.argument("names", nargs=-1)
def demonstrators(
    *,
    directory: Path,
    model: Path | None,
    out: Path,
    workers: int,
    former: tuple[Path, Path] | None,
    names: tuple[str, ...],
) -> None:
    """Train all demonstrators that are not there for this model, or those of NAMES."""
    from irodori.app.models import SHIPPED
    from irodori.painter.adapt.demonstrators import FormerRelease, train_demonstrators

    chosen = model or SHIPPED
    begin = FormerRelease(folder=former[0], model=former[1]) if former else None
    for file in train_demonstrators(
        chosen, directory, out, names=names, workers=workers, former=begin
    ):
        click.echo(f"{file}: {file.stat().st_size / 1e3:.0f} kB")


@command.command()
@click.argument("differences", nargs=-1, required=True, type=_FILE)
@click.option("--model", type=_FILE, help="What they differ from.  [default: the shipped model]")
def assemble(*, differences: tuple[Path, ...], model: Path | None) -> None:
    """Make whole checkpoints of NAME.difference files, beside them as NAME.safetensors."""
    from irodori.app.models import SHIPPED
    from irodori.painter.adapt.difference import assemble as assemble_checkpoint

    for difference in differences:
        out = difference.with_suffix(".safetensors")
        assemble_checkpoint(difference, model or SHIPPED, out)
        click.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


@command.command()
@click.option("--count", default=40, show_default=True, type=click.IntRange(1), help="Pictures.")
@click.option("--size", default=256, show_default=True, type=click.IntRange(16), help="In pixels.")
@click.option("--first-seed", default=0, show_default=True, help="Seed of the first picture.")
@click.option("--columns", default=8, show_default=True, type=click.IntRange(1))
@click.option("--out", required=True, type=_FILE, help="PNG to write.")
def sheet(*, count: int, size: int, first_seed: int, columns: int, out: Path) -> None:
    """Paint square training pictures of successive seeds onto one sheet."""
    import numpy as np

    from irodori.painter.evaluate import contact_sheet
    from irodori.painter.raster import paint
    from irodori.painter.sampling import sample_scene

    seeds = range(first_seed, first_seed + count)
    pictures = np.stack([paint(sample_scene(seed), size, size) for seed in seeds])
    contact_sheet(pictures, columns).save(out)
    click.echo(out)


@command.command()
@click.option("--seed", required=True, type=click.IntRange(0), help="Of the scene.")
@click.option("--width", default=256, show_default=True, type=click.IntRange(16))
@click.option("--height", default=256, show_default=True, type=click.IntRange(16))
@click.option("--out", type=_FILE, help="PNG to write; without it only the words are printed.")
def sample(*, seed: int, width: int, height: int, out: Path | None) -> None:
    """Print a scene's tags and one of its captions, and paint it."""
    from random import Random

    from PIL import Image

    from irodori.painter.caption import caption
    from irodori.painter.naming import tags
    from irodori.painter.raster import paint
    from irodori.painter.sampling import sample_scene

    scene = sample_scene(seed)
    click.echo(f"tags: {', '.join(tags(scene))}")
    click.echo(f"caption: {caption(scene, Random(seed))}")  # noqa: S311  # words, not secrets
    if out is not None:
        Image.fromarray(paint(scene, width, height)).save(out)
        click.echo(out)


def _config(path: Path) -> "TrainingConfig":
    from irodori.painter.config import read_config

    return read_config(path)
