"""The doctor: what will differ when a picture is drawn again here, and why. Loads no model.

Every check is a function from what the picture says, and what is on this machine, to findings.
Nothing found means: the same bits, on the same machine and build.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from irodori import __version__
from irodori.app import doctor_files
from irodori.app.doctor_findings import Case, Effect, Finding, Place
from irodori.prompt import parse
from irodori.prompt.ast import Group, Schedule
from irodori.prompt.entries import flat
from irodori.recipe.approximations import INT8, NAMES
from irodori.recipe.info import PictureInfo
from irodori.recipe.infotext import Source
from irodori.recipe.names import Emphasis, NoiseKind
from irodori.recipe.samplers import find_sampler

_A1111_FAMILY: Final = frozenset({Source.A1111, Source.FORGE, Source.REFORGE, Source.CIVITAI})
_LESS_THAN_A_LOSS: Final = re.compile(
    r"cut off|checksum|its metadata stands|loaded outside the prompt"
)


def examine(info: PictureInfo, place: Place) -> tuple[Finding, ...]:
    """Return what will differ when a picture is drawn again here, worst first.

    Args:
        info: what the picture says.
        place: this machine.
    """
    if info.recipe is None:
        why = info.warnings[-1] if info.warnings else "it says nothing about how it was drawn"
        return (Finding(code="no-recipe", effect=Effect.CANNOT, why=why),)
    case = Case(info=info, recipe=info.recipe, place=place)
    found = [finding for check in _CHECKS for finding in check(case)]
    return tuple(sorted(found, key=lambda finding: -finding.effect))


def worst(findings: tuple[Finding, ...]) -> Effect:
    """Return the worst effect among findings."""
    return max((finding.effect for finding in findings), default=Effect.NOTE)


def _reading(case: Case) -> Iterator[Finding]:
    """Say what the reader of the metadata could not take over: extension keys, guesses."""
    for warning in case.info.warnings:
        if warning.startswith("not known to Irodori"):
            yield Finding(
                code="unknown-keys",
                effect=Effect.DIFFERS,
                why=f"settings of extensions are {warning}",
                cure="what they did is not repeated",
            )
        elif warning.startswith("not stated, so guessed"):
            yield Finding(code="guessed", effect=Effect.DIFFERS, why=warning)
        else:
            effect = Effect.NOTE if _LESS_THAN_A_LOSS.search(warning) else Effect.DIFFERS
            yield Finding(code="reading", effect=effect, why=warning)


def _noise(case: Case) -> Iterator[Finding]:
    if case.recipe.noise.kind is not NoiseKind.DEVICE:
        return
    here = f" (here: {case.place.device})" if case.place.device else ""
    yield Finding(
        code="device-noise",
        effect=Effect.DIFFERS,
        why=f"its noise came from the graphics card's own generator{here}; another kind of device "
        "gives other noise, so another picture",
        cure="if the card was NVIDIA's: irodori redraw --noise nv draws that noise on any machine",
    )


def _emphasis(case: Case) -> Iterator[Finding]:
    recipe = case.recipe
    nodes = [
        node
        for part in parse(recipe.prompt, dialect=recipe.dialect).parts
        for node in flat((*part.nodes, *part.tail))
    ]
    weighted = any(isinstance(node, Group) for node in nodes)
    if weighted and case.info.source not in {Source.IRODORI, *_A1111_FAMILY}:
        yield Finding(
            code="emphasis",
            effect=Effect.DIFFERS,
            why=f"{case.info.source.value} applies weights in its own way; here they are applied "
            f"as A1111's '{recipe.emphasis.value}'",
        )
    elif recipe.emphasis is not Emphasis.ORIGINAL and case.info.source is not Source.IRODORI:
        yield Finding(
            code="emphasis",
            effect=Effect.NOTE,
            why=f"weights act as in emphasis mode '{recipe.emphasis.value}', as the picture says",
        )
    if recipe.compat.old_timelines and any(isinstance(node, Schedule) for node in nodes):
        yield Finding(
            code="old-timelines",
            effect=Effect.NOTE,
            why="prompt schedules are read as A1111 did before 1.6, as its version asks",
        )


def _sampler(case: Case) -> Iterator[Finding]:
    recipe = case.recipe
    info = find_sampler(recipe.base.sampler)
    foreign = case.info.source is not Source.IRODORI
    if foreign and info.brownian:
        yield Finding(
            code="sampler-noise",
            effect=Effect.DIFFERS,
            why=f"{info.name} draws its noise along a Brownian path, which other programs' "
            "libraries build in their own way",
        )
    elif foreign and info.stochastic and case.info.source not in _A1111_FAMILY:
        yield Finding(
            code="sampler-noise",
            effect=Effect.DIFFERS,
            why=f"{info.name} adds noise at every step, and {case.info.source.value} draws it in "
            "another order",
        )
    if recipe.noise.batch_size > 1 and info.couples_batch:
        yield Finding(
            code="coupled-batch",
            effect=Effect.DIFFERS,
            why=f"{info.name} lets the pictures of a batch influence one another, and those "
            "beside it are only known by their seeds",
        )


def _arithmetic(case: Case) -> Iterator[Finding]:
    numerics, place = case.recipe.numerics, case.place
    if case.info.source is not Source.IRODORI:
        yield Finding(
            code="other-program",
            effect=Effect.LOW_BITS,
            why=f"{case.info.source.value} rounds otherwise: expect a picture that looks the same, "
            "not the same bits",
        )
        return
    if place.device and place.device != numerics.device:
        yield Finding(
            code="other-device",
            effect=Effect.LOW_BITS,
            why=f"it was drawn on {numerics.device} in {numerics.dtype}; here {place.device} draws",
        )
    for each in numerics.approximations:
        is_done = each.name in NAMES and not (each.name == INT8 and place.device not in ("", "cpu"))
        yield Finding(
            code="approximation",
            effect=Effect.NOTE if is_done else Effect.DIFFERS,
            why=f"it was drawn with the speed-up '{each.name}' at {each.value:g}"
            + (", which is done again" if is_done else ", which is not known or not done here"),
        )


def _version(case: Case) -> Iterator[Finding]:
    software = case.recipe.software
    here = f"irodori {__version__}"
    if case.info.source is Source.IRODORI and software != here:
        yield Finding(
            code="other-version",
            effect=Effect.LOW_BITS,
            why=f"it was drawn by {software or 'an unknown version'}; this is {here}",
        )


def _batch(case: Case) -> Iterator[Finding]:
    noise = case.recipe.noise
    if noise.batch_size > 1:
        yield Finding(
            code="batch",
            effect=Effect.NOTE,
            why=f"it was picture {noise.batch_index + 1} of a batch of {noise.batch_size}; the "
            "whole batch is drawn again for the same bits",
        )


_CHECKS: Final[tuple[Callable[[Case], Iterator[Finding]], ...]] = (
    *doctor_files.CHECKS,
    _noise,
    _emphasis,
    _sampler,
    _arithmetic,
    _version,
    _batch,
    _reading,
)
