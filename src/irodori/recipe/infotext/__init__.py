"""Infotext: the text that A1111 and its descendants put into pictures, written and read."""

from irodori.recipe.infotext.origin import Source, source_of
from irodori.recipe.infotext.parse import Infotext, parse
from irodori.recipe.infotext.quote import exact, quote, unquote
from irodori.recipe.infotext.to_recipe import recipe_of
from irodori.recipe.infotext.write import write

__all__ = [
    "Infotext",
    "Source",
    "exact",
    "parse",
    "quote",
    "recipe_of",
    "source_of",
    "unquote",
    "write",
]
