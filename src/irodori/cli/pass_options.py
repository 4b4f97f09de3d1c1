"""Options that several drawing commands share, and the partial recipe they make."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from irodori.recipe.names import Dtype, Emphasis, NoiseKind, Prediction, RefinerRule, RefinerScope

if TYPE_CHECKING:
    from irodori.recipe.parts import Approximation

Command = TypeVar("Command", bound=Callable[..., Any])

SIZE: Final = re.compile(r"(\d+)\s*[x×]\s*(\d+)")

_FRACTION: Final = click.FloatRange(0.0, 1.0)
_STEPS: Final = click.IntRange(0, 1000)

_SETTINGS: Final = (
    click.option("--negative", "-n", help="Negative prompt."),
    click.option("--steps", type=click.IntRange(1, 1000), help="Sampler steps."),
    click.option("--sampler", help="Sampler, by any name; may end in a schedule."),
    click.option("--schedule", help="Sigma schedule, by any name."),
    click.option("--cfg", type=float, help="CFG scale; 1 ignores the negative prompt."),
    click.option("--size", help="Width x height in pixels: 832x1216."),
    click.option("--seed", type=int, help="Seed; -1 draws one.  [default: -1]"),
    click.option(
        "--batch", type=click.IntRange(1, 64), default=1, help="Pictures; seeds count up."
    ),
    click.option("--clip-skip", type=click.IntRange(1, 12), help="Text layer, from the end."),
    click.option(
        "--noise", type=click.Choice([kind.value for kind in NoiseKind]), help="Noise source."
    ),
    click.option(
        "--emphasis", type=click.Choice([mode.value for mode in Emphasis]), help="Weights."
    ),
    click.option(
        "--dialect", type=click.Choice(["irodori", "a1111"]), help="How prompts are read."
    ),
    click.option(
        "--prediction",
        type=click.Choice([each.value for each in Prediction]),
        help="What the model predicts, where its file does not say so.",
    ),
    click.option("--vae", help="Another autoencoder: a file, or a name in the folders."),
)
_ENDS: Final = (
    click.option("--preset", help="A way of working; see: irodori recipe presets."),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        help="Any setting of the recipe: inpaint.soft.mask_influence=0.5, detailers.2.denoise=0.3",
    ),
    click.option("--model", help="A file, or a name in the configured folders.  [default: sumire]"),
    click.option(
        "--dtype",
        type=click.Choice([each.value for each in Dtype]),
        help="Arithmetic of the model.  [default: the configuration's, else what suits]",
    ),
    click.option(
        "--approximate",
        multiple=True,
        metavar="NAME=VALUE",
        help="Faster, and another picture, which says so: block-cache=2, token-merging=0.4, "
        "skip-late-cfg=0.7, int8.",
    ),
    click.option("--compile", "compiled", is_flag=True, help="Compile the UNet; takes minutes."),
    click.option(
        "--out", type=click.Path(path_type=Path), help="File to write: .png .jpg .webp .avif"
    ),
    click.option(
        "--parent", default="", help="Picture this one is made from: an id, last, a file."
    ),
    click.option("--json", "as_json", is_flag=True, help="Print the pictures' paths and recipes."),
)
_HIRES: Final = (
    click.option("--upscaler", help="Upscaler or latent mode: Lanczos, Latent ..."),
    click.option("--hires-steps", type=_STEPS, help="Steps of the second pass; 0 = as the first."),
    click.option("--hires-denoise", type=_FRACTION, help="How much it draws anew.  [default: 0.4]"),
    click.option("--hires-prompt", help="Its prompt.  [default: the first pass's]"),
    click.option("--hires-negative", help="Its negative prompt."),
    click.option("--hires-sampler", help="Its sampler."),
    click.option("--hires-schedule", help="Its sigma schedule."),
    click.option("--hires-cfg", type=float, help="Its CFG scale."),
    click.option("--hires-model", help="Its checkpoint."),
)
_REFINER: Final = (
    click.option("--refiner", help="A second checkpoint that takes over on the way."),
    click.option("--refiner-at", type=_FRACTION, help="When it does.  [default: 0.8]"),
    click.option(
        "--refiner-by",
        type=click.Choice([rule.value for rule in RefinerRule]),
        help="What that counts: steps done, or noise gone.  [default: steps]",
    ),
    click.option(
        "--refiner-in",
        type=click.Choice([scope.value for scope in RefinerScope]),
        help="Where there are two passes.  [default: second pass]",
    ),
)
_HIRES_OWN: Final = {
    "prompt": "hires_prompt",
    "negative_prompt": "hires_negative",
    "sampler": "hires_sampler",
    "schedule": "hires_schedule",
    "cfg_scale": "hires_cfg",
    "checkpoint": "hires_model",
}


def settings_options(command: Command) -> Command:
    """Add the options that every drawing command has before its own."""
    return _with(command, _SETTINGS)


def end_options(command: Command) -> Command:
    """Add the options that every drawing command has after its own."""
    return _with(command, _ENDS)


def hires_options(command: Command) -> Command:
    """Add the options of a second pass, all but its size."""
    return _with(command, _HIRES)


def refiner_options(command: Command) -> Command:
    """Add the options of a second checkpoint."""
    return _with(command, _REFINER)


def given_recipe(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the partial recipe of `settings_options` and, where it is given, the prompt."""
    noise = said(seed=given["seed"], kind=given["noise"])
    base = said(
        steps=given["steps"],
        sampler=given["sampler"],
        schedule=given["schedule"],
        cfg_scale=given["cfg"],
        clip_skip=given["clip_skip"],
        **given_size(given["size"]),
    )
    return said(
        prompt=given.get("prompt"),
        negative_prompt=given["negative"],
        dialect=given["dialect"],
        emphasis=given["emphasis"],
        base=base,
        noise=noise,
        model=said(
            prediction=given["prediction"],
            vae=said(name=given["vae"]),
        ),
    )


def with_settings(recipe: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a partial recipe with every `--set` laid over it, in their order."""
    from irodori.app.settings import with_setting

    result = dict(recipe)
    for text in given["settings"]:
        result = with_setting(result, text)
    return result


def given_hires(size: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recipe's part of a second pass.

    Args:
        size: a factor, or width x height; a 0 among the two follows from the aspect.
        given: of `hires_options`.

    Raises:
        BadParameter: the size is neither.
    """
    own = said(**{name: given[option] for name, option in _HIRES_OWN.items()})
    part = said(
        upscaler=given["upscaler"], steps=given["hires_steps"], denoise=given["hires_denoise"]
    )
    if SIZE.fullmatch(size.strip()):
        part |= given_size(size)
    else:
        try:
            part["scale"] = float(size)
        except ValueError:
            raise click.BadParameter(
                f"'{size}' is neither a factor (1.5) nor a size (1248x1824)", param_hint="size"
            ) from None
    return {**part, "own": own} if own else part


def given_refiner(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the recipe's refiner, or None where none was asked for.

    Raises:
        UsageError: it is told when to take over, but not who.
    """
    when = said(switch_at=given["refiner_at"], rule=given["refiner_by"], scope=given["refiner_in"])
    if given["refiner"] is None:
        if when:
            raise click.UsageError("--refiner-at, --refiner-by and --refiner-in need --refiner")
        return None
    return {"checkpoint": given["refiner"], **when}


def given_approximations(given: Mapping[str, Any]) -> "tuple[Approximation, ...]":
    """Return the speed-ups of `end_options`.

    Raises:
        InputError: one is not known, or its value out of range.
    """
    from irodori.recipe.approximations import COMPILE, read_approximation

    texts = (*given["approximate"], *((COMPILE,) if given["compiled"] else ()))
    return tuple(read_approximation(text) for text in texts)


def given_size(text: str | None) -> dict[str, int]:
    """Return width and height of a text such as 832x1216; nothing of nothing.

    Raises:
        BadParameter: the text is no size.
    """
    if text is None:
        return {}
    found = SIZE.fullmatch(text.strip())
    if found is None:
        raise click.BadParameter(f"'{text}' is no size; write 832x1216", param_hint="--size")
    return {"width": int(found[1]), "height": int(found[2])}


def said(**values: Any) -> dict[str, Any]:
    """Return what a person said: values that are there."""
    return {name: value for name, value in values.items() if value is not None}


def _with(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
