"""`irodori samplers`: the samplers and sigma schedules there are, without loading a model."""

import json
import math
from collections.abc import Iterable
from typing import Final

import click

from irodori.recipe.sampler_options import OptionInfo
from irodori.recipe.samplers import SAMPLERS, Practice, SamplerInfo, find_sampler
from irodori.recipe.schedules import SCHEDULES, ScheduleInfo

_NO_LIMIT: Final = None


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print everything known, as JSON.")
def command(name: str | None, *, as_json: bool) -> None:
    """List the samplers and sigma schedules, or all that is known of the sampler NAME.

    Names of A1111, ComfyUI and diffusers are understood: k_euler_a, dpmpp_2m,
    DEISMultistepScheduler.
    """
    samplers = SAMPLERS if name is None else (find_sampler(name),)
    if as_json:
        listed: dict[str, object] = {"samplers": [_sampler_json(info) for info in samplers]}
        if name is None:
            listed["schedules"] = [_schedule_json(info) for info in SCHEDULES]
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
    elif name is None:
        _print_tables()
    else:
        _print_sampler(samplers[0])


def _print_tables() -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title="Samplers", title_justify="left")
    for heading in ("name", "Automatic", "calls", "order", "noise"):
        number = heading in ("calls", "order")
        table.add_column(heading, justify="right" if number else "left", no_wrap=True)
    for info in SAMPLERS:
        calls, order = str(info.calls_per_step), str(info.order)
        table.add_row(info.name, _automatic(info), calls, order, _noise(info))
    console.print(table)
    practice = Table(title="Known to work (practice P16)", title_justify="left")
    for heading in ("sampler", "schedule, steps"):
        practice.add_column(heading)
    for info in SAMPLERS:
        for row in info.practice:
            practice.add_row(info.name, _practice(row))
    console.print(practice)
    schedules = Table(title="Sigma schedules", title_justify="left")
    for heading in ("name", "note"):
        schedules.add_column(heading)
    for schedule in SCHEDULES:
        schedules.add_row(schedule.name, schedule.note)
    console.print(schedules)
    click.echo("One sampler in full: irodori samplers NAME. Its sigmas: irodori sigmas --help")


def _print_sampler(info: SamplerInfo) -> None:
    rows = [
        ("also called", ", ".join((*info.aliases, *info.diffusers))),
        ("Automatic is", _automatic(info)),
        ("order", str(info.order)),
        ("model calls a step", str(info.calls_per_step)),
        ("noise", _noise(info)),
        ("known to work with", "; ".join(_practice(row) for row in info.practice)),
        ("on v-prediction, works with", _names(info.v_prediction)),
        ("on v-prediction, fails with", _names(info.v_prediction_fails)),
        ("source", info.source),
    ]
    click.echo(info.name)
    for label, text in rows:
        if text:
            click.echo(f"  {label}: {text}")
    for option in info.option_infos:
        click.echo(
            f"  option {option.name} = {option.default} ({_bounds(option)}): {option.meaning}"
        )


def _bounds(option: OptionInfo) -> str:
    if option.choices:
        return ", ".join(option.choices)
    if isinstance(option.default, bool):
        return "on or off"
    if math.isinf(option.high):
        return "any" if math.isinf(option.low) else f"from {option.low:g}"
    return f"{option.low:g} to {option.high:g}"


def _automatic(info: SamplerInfo) -> str:
    return "its own steps" if info.timesteps else info.schedule.value


def _noise(info: SamplerInfo) -> str:
    if not info.stochastic:
        return ""
    return "Brownian path" if info.brownian else "fresh draws"


def _practice(row: Practice) -> str:
    schedules = " or ".join(each.value for each in row.schedules)
    steps = f"{row.best}" if row.low == row.high else f"{row.low}-{row.high}, best {row.best}"
    return f"{schedules}, {steps} steps" + (f" ({row.note})" if row.note else "")


def _names(schedules: Iterable[object]) -> str:
    return ", ".join(str(each) for each in schedules)


def _sampler_json(info: SamplerInfo) -> dict[str, object]:
    return {
        "name": info.name,
        "aliases": list(info.aliases),
        "diffusers": list(info.diffusers),
        "schedule": info.schedule.value,
        "own_timesteps": info.timesteps,
        "own_levels": info.own_schedule,
        "order": info.order,
        "calls_per_step": info.calls_per_step,
        "stochastic": info.stochastic,
        "brownian": info.brownian,
        "discard_penultimate": info.discard_penultimate,
        "cfg_plus_plus": info.cfg_plus_plus,
        "options": [
            {
                "name": option.name,
                "default": _number(option.default),
                "low": _number(option.low),
                "high": _number(option.high),
                "choices": list(option.choices),
                "meaning": option.meaning,
            }
            for option in info.option_infos
        ],
        "practice": [
            {
                "schedules": [each.value for each in row.schedules],
                "low": row.low,
                "high": row.high,
                "best": row.best,
                "note": row.note,
            }
            for row in info.practice
        ],
        "v_prediction": [each.value for each in info.v_prediction],
        "v_prediction_fails": [each.value for each in info.v_prediction_fails],
        "source": info.source,
    }


def _schedule_json(info: ScheduleInfo) -> dict[str, object]:
    return {
        "name": info.name,
        "aliases": list(info.aliases),
        "default_rho": info.default_rho,
        "ends_at_zero": info.ends_at_zero,
        "exact_count": info.exact_count,
        "v_prediction": info.v_prediction,
        "note": info.note,
        "source": info.source,
    }


def _number(value: object) -> object:
    """Return a value as JSON has it, which knows no infinity."""
    return _NO_LIMIT if isinstance(value, float) and math.isinf(value) else value
