"""`irodori sigmas`: the noise levels a sampler visits, printed or plotted, without a model file."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from irodori.recipe.compat import Tool, compat_of
from irodori.recipe.names import Prediction
from irodori.recipe.parts import SigmaOverrides

if TYPE_CHECKING:
    from irodori.runtime.sampling import SigmaReport


@click.command()
@click.option("--sampler", default="DPM++ 2M", show_default=True, help="Sampler, by any name.")
@click.option("--schedule", help="Sigma schedule, by any name.  [default: the sampler's]")
@click.option("--steps", default=28, show_default=True, type=click.IntRange(1, 1000))
@click.option("--prediction", type=click.Choice(["eps", "v"]), default="eps", show_default=True)
@click.option("--ztsnr", is_flag=True, help="Noise levels of zero-terminal SNR, to sigma 4518.")
@click.option("--denoise", type=click.FloatRange(0, 1), help="Of img2img: where it enters.")
@click.option("--exact", is_flag=True, help="Run exactly --steps at any denoise, as hires does.")
@click.option("--sigma-min", type=float, default=0.0, help="Lowest sigma before zero.")
@click.option("--sigma-max", type=float, default=0.0, help="Highest sigma.")
@click.option("--rho", type=float, default=0.0, help="Exponent of Karras (7) and others.")
@click.option("--custom", default="", help="Your own sigmas for --schedule custom: 14.6,3,0.5")
@click.option("--discard-penultimate", is_flag=True, help="Drop the last sigma but one.")
@click.option(
    "--compat",
    type=click.Choice([tool.value for tool in Tool]),
    default=Tool.IRODORI.value,
    help="Do as another program does, its faults included.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--plot", type=click.Path(path_type=Path), help="Write a chart: .svg or .png")
def command(*, as_json: bool, plot: Path | None, **given: Any) -> None:  # click has typed them
    """Print the noise levels that a sampler visits.

    The sampler's name may end in its schedule: --sampler "DPM++ 2M Karras".
    """
    report = _report(given)
    if plot is not None:
        _plot(report, plot)
    if as_json:
        click.echo(json.dumps({**asdict(report), "steps": report.steps}, ensure_ascii=False))
        return
    click.echo(f"{report.sampler}, {report.schedule}: {report.steps} steps, {report.calls} calls")
    for index, sigma in enumerate(report.sigmas):
        time = f"  t {report.timesteps[index]:7.2f}" if index < report.steps else ""
        click.echo(f"{index:4d}  sigma {sigma:12.6f}{time}")
    for remark in report.remarks:
        click.echo(f"note: {remark}", err=True)


def _report(given: dict[str, Any]) -> "SigmaReport":
    from irodori.runtime.sampling import SigmaQuestion, report_sigmas

    text = given["custom"]
    try:
        listed = tuple(float(value) for value in text.replace(" ", ",").split(",") if value)
    except ValueError as error:
        raise click.BadParameter(
            f"'{text}' is no list of numbers", param_hint="--custom"
        ) from error
    return report_sigmas(
        SigmaQuestion(
            sampler=given["sampler"],
            schedule=given["schedule"],
            steps=given["steps"],
            prediction=Prediction(given["prediction"]),
            zero_terminal_snr=given["ztsnr"],
            overrides=SigmaOverrides(
                minimum=given["sigma_min"],
                maximum=given["sigma_max"],
                rho=given["rho"],
                discard_penultimate=given["discard_penultimate"],
                listed=listed,
            ),
            denoise=given["denoise"],
            exact=given["exact"],
            compat=compat_of(Tool(given["compat"])),
        )
    )


def _plot(report: "SigmaReport", path: Path) -> None:
    from irodori.cli.chart import Axes, Curve, line_chart, write_chart

    visible = [(float(i), sigma) for i, sigma in enumerate(report.sigmas) if sigma > 0]
    curve = Curve(
        name=report.schedule,
        x=tuple(i for i, _ in visible),
        y=tuple(sigma for _, sigma in visible),
    )
    title = f"{report.sampler}, {report.steps} steps"
    axes = Axes(title=title, x_label="step (the last, 0, is not shown)", y_label="sigma")
    if report.sigmas[-1] > 0:
        axes = Axes(title=title, x_label="step", y_label="sigma")
    write_chart(line_chart([curve], axes), path)
