"""`irodori models`: what model files there are, what they are, and getting more."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from irodori.catalog.record import ModelKind
from irodori.recipe.names import Dtype

if TYPE_CHECKING:
    from irodori.catalog.download import Told
    from irodori.catalog.record import ModelRecord
    from irodori.runtime.plans import Estimate

EXIT_DIFFERS = 1


@click.group()
def command() -> None:
    """List, describe, check and get model files. Loads no model."""


@command.command("list")
@click.argument("text", default="")
@click.option(
    "--kind", type=click.Choice([kind.value for kind in ModelKind]), help="Only this kind."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(text: str, kind: str | None, *, as_json: bool) -> None:
    """List the model files in the configured folders; those with TEXT in name or title."""
    from irodori.app.config import load_config
    from irodori.app.library import Library

    wanted = text.casefold()
    records = [
        record
        for record in Library(load_config()).records
        if (kind is None or record.kind == kind)
        and (wanted in record.name.casefold() or wanted in record.title.casefold())
    ]
    if as_json:
        click.echo(json.dumps([_described(each) for each in records], ensure_ascii=False))
        return
    if not records:
        click.echo("none; folders are added by: irodori models add-folder FOLDER", err=True)
    for record in records:
        what = record.problem or ", ".join(filter(None, (record.what, record.base)))
        click.echo(f"{record.kind.value:10}  {record.name}  ({what})")


@command.command()
@click.argument("model")
@click.option("--hashes", "with_hashes", is_flag=True, help="Read the whole file for its hashes.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(model: str, *, with_hashes: bool, as_json: bool) -> None:
    """Say what MODEL is: a path, or a name in the configured folders."""
    from irodori.app.config import load_config
    from irodori.app.library import Library
    from irodori.catalog.lineage import release_of

    library = Library(load_config())
    record = library.find(model)
    shown = _described(record)
    hashes = library.hashes.of(record.path) if with_hashes else library.hashes.known(record.path)
    if hashes is not None:
        shown["sha256"] = hashes.sha256
        shown["model hash (AutoV2)"] = hashes.sha256[:10]
        shown["network hash (AutoV3)"] = hashes.network
        shown["release"] = release_of(hashes.sha256)
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for name, value in shown.items():
        if value not in ("", 0, None, False, []):
            text = ", ".join(value) if isinstance(value, list) else value
            click.echo(f"{name.replace('_', ' ')}: {text}")


@command.command("add-folder")
@click.argument("folder", type=click.Path(path_type=Path))
def add_folder_command(folder: Path) -> None:
    """Search FOLDER for models from now on.

    FOLDER may hold models of any kind, be an installation of A1111, Forge or ComfyUI, or be
    ComfyUI's extra_model_paths.yaml.
    """
    from irodori.app.config import load_config, own_config_path
    from irodori.app.library import Library
    from irodori.app.models_folder import add_folder

    folders = add_folder(own_config_path(), folder)
    counts = Library(load_config()).records
    click.echo(f"{len(folders)} folders, {len(counts)} model files")


@command.command()
@click.argument("models", nargs=-1, required=True)
@click.pass_context
def verify(context: click.Context, models: tuple[str, ...]) -> None:
    """Read MODELS from beginning to end and compare them with the hashes stated for them.

    Exit codes: 0 all agree, or nothing is stated; 1 one is damaged or another file.
    """
    from irodori.app.config import load_config
    from irodori.app.library import Library
    from irodori.app.verify import verify as check

    library, all_agree = Library(load_config()), True
    for model in models:
        path = library.find(model).path
        found = check(path, library.hashes)
        click.echo(f"{path.name}: sha256 {found.hashes.sha256}")
        for each in found.stated:
            said = "agrees" if each.agrees else f"DIFFERS: {each.stated}"
            click.echo(f"  {each.where}: {said}")
        if not found.stated:
            click.echo("  nobody states a hash for it")
        all_agree = all_agree and found.agrees
    if not all_agree:
        context.exit(EXIT_DIFFERS)


@command.command()
@click.argument("model")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--dtype",
    type=click.Choice([each.value for each in Dtype]),
    default=Dtype.AUTO.value,
    help="Of the numbers; auto keeps each as it is, bit for bit.",
)
def convert(model: str, target: Path, dtype: str) -> None:
    """Write MODEL as one safetensors file: a .ckpt, a folder of diffusers, 8-bit weights.

    Nothing in a .ckpt is run. An existing TARGET is left alone.
    """
    from irodori.app.config import load_config
    from irodori.app.models import choose_model
    from irodori.errors import InputError
    from irodori.runtime.converting import convert as write

    if target.suffix.lower() != ".safetensors":
        raise click.BadParameter("its name must end in .safetensors", param_hint="TARGET")
    if target.exists():
        raise InputError(f"'{target}' is there already; give another name, or delete it first")
    left = write(choose_model(model, load_config()).path, target, Dtype(dtype))
    click.echo(str(target))
    if left:
        click.echo(f"{len(left)} tensors that no part of the model has were left out", err=True)


@command.command()
@click.argument("model", required=False)
@click.option("--vram", type=click.FloatRange(min=1), required=True, help="Of the card, in GiB.")
@click.option("--size", default="832x1216", help="Of the picture, pixels.  [default: 832x1216]")
@click.option("--batch", type=click.IntRange(1, 64), default=1, help="Pictures at once.")
@click.option("--hires", type=click.FloatRange(1, 8), default=1.0, help="Factor of a second pass.")
@click.option("--refiner", help="A second model that takes over: says how both fit.")
@click.option("--fp8", is_flag=True, help="With the UNet held in 8 bits.")
@click.option(
    "--dtype", type=click.Choice([each.value for each in Dtype]), help="Arithmetic of the model."
)
@click.pass_context
def plan(context: click.Context, /, model: str | None, *, fp8: bool, **given: Any) -> None:
    """Say how MODEL would be drawn with on a graphics card, by arithmetic; runs nothing.

    All plans are listed from the fastest to the smallest; the first that fits is chosen. Another
    one is asked for in config.toml: memory-plan, vram, fp8, dtype.

    Exit codes: 0 it fits, 1 it does not.
    """
    from irodori.app.config import load_config
    from irodori.app.models import choose_model
    from irodori.cli.pass_options import given_size
    from irodori.runtime.plans import GIB, RESERVE, Part, Planned, chosen, header_of, plans

    config = load_config()
    dtype = Dtype(given["dtype"]) if given["dtype"] else config.dtype
    vram, factor = given["vram"], given["hires"]
    size = {side: int(pixels * factor) for side, pixels in given_size(given["size"]).items()}

    def of(name: str | None) -> "tuple[Estimate, ...]":
        header = header_of(choose_model(name, config).path)
        return plans(header, Planned(**size, batch=given["batch"]), fp8=fp8, dtype=dtype)

    estimates = of(model)
    found, fits = chosen(estimates, vram)
    click.echo(f"plan: {found.plan.name}")
    for part in Part:
        click.echo(f"  {part.value:16} {found.plan.stay(part).value}")
    tiles = f"in tiles of {found.plan.tile} pixels" if found.plan.tile else "whole"
    click.echo(f"  pictures are decoded {tiles}")
    for phase, peak in found.peaks:
        click.echo(f"  {phase.value:16} {peak / GIB:6.2f} GiB at most, weights and estimate")
    for line in _plans_table(estimates, found):
        click.echo(line)
    verdict = "fits" if fits else "does NOT fit"
    needed = (found.peak + RESERVE) / GIB
    click.echo(f"with {RESERVE / GIB:.1f} GiB left alone {needed:.2f} of {vram:g} GiB: {verdict}")
    if given["refiner"]:
        refiner, refiner_fits = chosen(of(given["refiner"]), vram)
        fits = fits and refiner_fits
        click.echo(_beside(found, refiner, vram))
    if not fits:
        context.exit(EXIT_DIFFERS)


def _beside(found: "Estimate", refiner: "Estimate", vram: float) -> str:
    """Return a line that says how a refiner is drawn with, and where the other model is then."""
    from irodori.runtime.plans import GIB, RESERVE, both_stay

    where = (
        "both stay on the card"
        if both_stay(found, refiner, vram)
        else "they take turns: the one that does not draw waits in the machine's memory"
    )
    needed = (refiner.peak + RESERVE) / GIB
    return f"refiner: {refiner.plan.name}, {needed:.2f} of {vram:g} GiB; {where}"


def _plans_table(estimates: "Sequence[Estimate]", chosen: "Estimate") -> Iterator[str]:
    """Yield all plans, a line each: name, tiles, GiB of each phase; a star at the chosen one."""
    from irodori.runtime.plans import GIB

    phases = "".join(f"{phase.value:>9}" for phase, _ in chosen.peaks)
    yield f"  {'all plans, GiB':16}{'tiles':>6}{phases}"
    for each in estimates:
        peaks = "".join(f"{peak / GIB:9.2f}" for _, peak in each.peaks)
        tile = str(each.plan.tile or "whole")
        ahead = "" if each.plan.prefetch else "  nothing fetched ahead"
        mark = "*" if each is chosen else " "
        yield f"{mark} {each.plan.name:16}{tile:>6}{peaks}{ahead}"


@command.command()
@click.argument("source")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="Folder to save in.")
@click.option("--sha256", default="", help="What the file must have, 64 hex digits.")
@click.option("--token", default="", help="Of your account there, for files that need a login.")
def fetch(source: str, into: Path | None, sha256: str, token: str) -> None:
    """Get a model from the web; what was interrupted goes on where it stopped.

    SOURCE is civitai:VERSION, hf:OWNER/REPO/FILE, or an address: a page there, or any file's own.
    """
    from irodori.app.config import load_config
    from irodori.app.fetch import fetch as get
    from irodori.catalog.sites import Sites

    with _progress() as tell:
        found = get(
            source,
            load_config(),
            into=into,
            sha256=sha256,
            sites=Sites(token=token),
            tell=tell,
        )
    checked = "as stated" if found.is_checked else "stated by nobody"
    click.echo(str(found.record.path))
    click.echo(f"{found.record.problem or found.record.what}; sha256 {found.sha256}, {checked}")


@contextmanager
def _progress() -> Iterator["Told"]:
    """Yield what shows a download on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)

        def tell(done: int, total: int | None) -> None:
            progress.update(task, completed=done, total=total)

        yield tell


def _described(record: "ModelRecord") -> dict[str, Any]:
    from irodori.catalog.record import as_json

    described = {"name": record.name, "path": str(record.path), **as_json(record)}
    described["triggers"] = list(record.triggers)
    return described
