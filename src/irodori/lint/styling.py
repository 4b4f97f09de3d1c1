"""Styles, artists and LoRAs of a prompt, for the rules on style.

A LoRA whose file says nothing about itself may be a style or a character: it is counted, but only
as a guess.

Source: practice P14.
"""

from dataclasses import dataclass
from typing import Final

from irodori.lint.context import Context, NetworkFacts, NetworkUse, TagUse

STYLE_FACETS: Final = frozenset({"medium", "artstyle", "artist"})
_KINDS: Final = frozenset({"lora", "lyco"})
_FASTER: Final = ("lcm", "lightning", "turbo", "hyper", "dmd", "accelerat")


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleLora:
    """A LoRA that is, or may be, a style.

    Attributes:
        use: where it stands.
        is_known: its file says that it is a style.
    """

    use: NetworkUse
    is_known: bool


def facts_of(context: Context, use: NetworkUse) -> NetworkFacts:
    """Return what a network's file says; empty facts where it is not known."""
    known = context.model.networks if context.model is not None else {}
    return known.get(use.name, NetworkFacts(name=use.name))


def makes_faster(context: Context, use: NetworkUse) -> bool:
    """Tell whether a network is there to save steps (LCM, Lightning ...)."""
    name = use.name.lower()
    return facts_of(context, use).is_lcm or any(word in name for word in _FASTER)


def style_loras(context: Context) -> tuple[StyleLora, ...]:
    """Return the LoRAs that are or may be styles, in the order of the text."""
    found = []
    for use in context.positive.networks:
        if use.kind not in _KINDS or not use.weight or makes_faster(context, use):
            continue
        is_style = facts_of(context, use).is_style
        if is_style is not False:
            found.append(StyleLora(use=use, is_known=is_style is True))
    return tuple(found)


def style_tags(context: Context) -> tuple[TagUse, ...]:
    """Return the tags that name a medium, a style or an artist, in the order of the text."""
    return tuple(
        [use for use in context.positive.tags if use.is_drawn and use.facet in STYLE_FACETS]
    )
