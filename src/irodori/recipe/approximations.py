"""Speed-ups that change a picture, by name: what they do and which values they take.

All are off unless they are asked for, and a value that changes nothing is the same as not asking.
A recipe keeps them in `numerics.approximations`, except `skip-late-cfg`, which is the end of its
guidance (`base.guidance.end`) under a name that says what it saves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from irodori.errors import InputError, RecipeError, UnknownNameError
from irodori.recipe.parts import Approximation
from irodori.recipe.recipe import Recipe

BLOCK_CACHE: Final = "block-cache"
TOKEN_MERGING: Final = "token-merging"  # noqa: S105  # a name, no secret
SKIP_LATE_CFG: Final = "skip-late-cfg"
INT8: Final = "int8"
COMPILE: Final = "compile"
FP8_WEIGHTS: Final = "fp8 weights"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproximationInfo:
    """What is known of a speed-up.

    Attributes:
        name: in recipes, in the configuration and on the command line.
        summary: what it does, in a line.
        low: the least value.
        high: the greatest.
        usual: the value where a person gives none.
        neutral: the value that changes nothing.
        is_whole: only whole numbers.
        of_model: acts on the whole model as it is opened, not call by call.
    """

    name: str
    summary: str
    low: float
    high: float
    usual: float
    neutral: float
    is_whole: bool = False
    of_model: bool = False

    @property
    def range(self) -> str:
        """The values it takes, for people."""
        return f"{'a whole number' if self.is_whole else 'a number'} {self.low:g} to {self.high:g}"


def _switch(name: str, summary: str) -> ApproximationInfo:
    return ApproximationInfo(
        name=name,
        summary=summary,
        low=0,
        high=1,
        usual=1,
        neutral=0,
        is_whole=True,
        of_model=True,
    )


APPROXIMATIONS: Final = (
    ApproximationInfo(
        name=SKIP_LATE_CFG,
        summary="no negative prompt from this share of the steps on",
        low=0,
        high=1,
        usual=0.7,
        neutral=1,
    ),
    ApproximationInfo(
        name=BLOCK_CACHE,
        summary="the UNet's deep levels are computed in every N-th call only",
        low=1,
        high=10,
        usual=2,
        neutral=1,
        is_whole=True,
    ),
    ApproximationInfo(
        name=TOKEN_MERGING,
        summary="so much of the tokens of the finest self-attentions is merged",
        low=0,
        high=0.75,
        usual=0.4,
        neutral=0,
    ),
    _switch(INT8, "the UNet's linear layers multiply in 8-bit integers; on a CPU"),
    _switch(COMPILE, "the UNet is compiled by torch.compile"),
    _switch(FP8_WEIGHTS, "the UNet's weights are held in 8 bits"),
)
"""All there are, in the order recipes list them."""

NAMES: Final = tuple(info.name for info in APPROXIMATIONS)


def find_approximation(name: str) -> ApproximationInfo:
    """Return what is known of a speed-up.

    Raises:
        UnknownNameError: there is none of that name; has the nearest.
    """
    for info in APPROXIMATIONS:
        if info.name == name:
            return info
    raise UnknownNameError("approximation", name, NAMES)


def read_approximation(text: str) -> Approximation:
    """Return what a person wrote: `block-cache=2`, or `block-cache` for its usual value.

    Raises:
        UnknownNameError: there is none of that name.
        InputError: the value is no number, or outside the range.
    """
    name, given, value = (part.strip() for part in text.partition("="))
    info = find_approximation(name)
    try:
        number = float(value) if given else info.usual
    except ValueError:
        raise InputError(f"approximation {name} takes {info.range}, not '{value}'") from None
    return checked(Approximation(name=name, value=number))


def checked(approximation: Approximation) -> Approximation:
    """Return it, if it is known and its value is in range.

    Raises:
        UnknownNameError: there is none of that name.
        RecipeError: the value is outside the range.
    """
    info, value = find_approximation(approximation.name), approximation.value
    if not info.low <= value <= info.high or (info.is_whole and value != int(value)):
        raise RecipeError(f"approximation {info.name} takes {info.range}, not {value:g}")
    return approximation


def merged(
    below: Iterable[Approximation], above: Iterable[Approximation]
) -> tuple[Approximation, ...]:
    """Return two lists as one, by name, what stands above winning; neutral ones are left out."""
    values = {each.name: each for each in (*below, *above)}
    known = [values.pop(name) for name in NAMES if name in values]
    changing = [each for each in known if each.value != find_approximation(each.name).neutral]
    return (*changing, *values.values())


def with_approximations(recipe: Recipe, asked: Sequence[Approximation]) -> Recipe:
    """Return a recipe that is drawn with some speed-ups beside its own; the later value wins.

    Args:
        recipe: complete.
        asked: known names, values in range.

    Raises:
        RecipeError: guidance would end before it starts.
    """
    if not asked:
        return recipe
    ends = [each.value for each in asked if each.name == SKIP_LATE_CFG]
    if ends:
        guidance = replace(recipe.base.guidance, end=ends[-1])
        recipe = replace(recipe, base=replace(recipe.base, guidance=guidance))
    others = [each for each in asked if each.name != SKIP_LATE_CFG]
    numerics = recipe.numerics
    together = merged(numerics.approximations, others)
    return replace(recipe, numerics=replace(numerics, approximations=together))


def values_of(recipe: Recipe) -> dict[str, float]:
    """Return the known speed-ups that a recipe asks for in its list, by name; no neutral ones.

    Raises:
        RecipeError: a value is outside its range.
    """
    own = merged((), recipe.numerics.approximations)
    return {each.name: checked(each).value for each in own if each.name in NAMES}


def unknown_of(recipe: Recipe) -> tuple[Approximation, ...]:
    """Return the speed-ups that a recipe names and this version does not know."""
    return tuple(each for each in recipe.numerics.approximations if each.name not in NAMES)
