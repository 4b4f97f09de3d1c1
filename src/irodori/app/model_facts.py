"""What the rules are told of the model that will draw, and of the networks a prompt names."""

from collections.abc import Mapping
from math import isqrt
from types import MappingProxyType

from irodori.app.library import Library
from irodori.app.models import ChosenModel
from irodori.catalog.prediction import traits_of_model
from irodori.catalog.record import ModelRecord
from irodori.lint.context import ModelFacts, NetworkFacts
from irodori.prompt import networks
from irodori.recipe.recipe import Recipe

_LCM = "lcm"
_STYLE = "style"


def model_facts(model: ChosenModel, recipe: Recipe, library: Library) -> ModelFacts:
    """Return what a model's file and the files of a recipe's networks say.

    Args:
        model: what draws.
        recipe: whose prompt names networks.
        library: finds their files.

    Raises:
        ModelFileError: the model's file cannot be read, or predicts in an unknown form.
    """
    traits, sizes = traits_of_model(model.path), _sizes(model)
    return ModelFacts(
        name=model.title,
        prediction=traits.prediction,
        is_zero_snr=traits.zero_terminal_snr,
        native_side=isqrt(max((width * height for width, height in sizes), default=0)),
        sizes=sizes,
        networks=_networks(recipe, library),
    )


def _sizes(model: ChosenModel) -> tuple[tuple[int, int], ...]:
    """Return width and height of the pictures that the model's card recommends."""
    stated = model.card.get("sizes")
    if not isinstance(stated, list):
        return ()
    return tuple(
        (size[0], size[1])
        for size in stated
        if isinstance(size, list) and len(size) == 2 and all(isinstance(n, int) for n in size)
    )


def _networks(recipe: Recipe, library: Library) -> Mapping[str, NetworkFacts]:
    names = {tag.name for tag in networks(recipe.prompt, dialect=recipe.dialect) if tag.name}
    paths = {name: library.network(name) for name in sorted(names)}
    if not any(paths.values()):
        return MappingProxyType({})
    records = {record.path: record for record in library.records}
    return MappingProxyType(
        {name: _facts(name, records.get(path)) for name, path in paths.items() if path is not None}
    )


def _facts(name: str, record: ModelRecord | None) -> NetworkFacts:
    if record is None:
        return NetworkFacts(name=name, is_lcm=_LCM in name.casefold())
    return NetworkFacts(
        name=name,
        triggers=record.triggers,
        is_style=record.category == _STYLE if record.category else None,
        is_lcm=_LCM in name.casefold(),
    )
