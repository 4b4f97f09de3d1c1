"""Colours that people of a prompt wear, for the rules on bleeding.

Source: practice P7.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.people import people_of
from irodori.lint.visibility import hidden

_DULL: Final = frozenset(
    # Shades, and hair so common that it colours nothing else.
    {"", "black", "white", "grey", "gray", "silver", "brown", "light brown", "blonde", "dark"}
)
_MANY: Final = frozenset({"multicolored", "two-tone", "gradient", "rainbow", "streaked"})
GARMENTS: Final = frozenset(
    {
        "upper", "lower", "full", "outer", "swimwear", "legwear", "footwear", "headwear",
        "neckwear", "handwear",
    }
)  # fmt: skip
_COLOURLESS: Final = ("monochrome", "greyscale", "sepia")
_BARE: Final = frozenset({"barefoot", "no shoes", "no pants", "no headwear", "no socks"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wardrobe:
    """The coloured and the plain tags of one section of a prompt.

    Attributes:
        bright: tags that name a colour which spreads.
        plain: garments without a colour of their own.
        has_hair: the hair has a colour, of whatever kind.
        has_eyes: the eyes have one.
    """

    bright: tuple[TagUse, ...]
    plain: tuple[TagUse, ...]
    has_hair: bool
    has_eyes: bool

    @property
    def colours(self) -> frozenset[str]:
        """The distinct colours that spread."""
        return frozenset(colour_of(use) for use in self.bright)


def colour_of(use: TagUse) -> str:
    """Return the colour a tag names, "" if none."""
    return "" if use.entry is None else use.entry.colour


def wardrobes(context: Context) -> tuple[Wardrobe, ...]:
    """Return what each section wears, without sections of known characters.

    A character brings its own colours; a picture without colours has none to spread.
    """
    view = context.positive
    if any(view.named(name) for name in _COLOURLESS):
        return ()
    who = people_of(view)
    known = {(use.part, use.section) for use in who.named}
    gone = {id(case.use) for case in hidden(view) if case.is_sure}  # seen nowhere, so no colour
    drawn = [use for use in view.in_group("appearance") if use.is_drawn]
    return tuple(
        [
            _wardrobe([use for use in drawn if (use.part, use.section) == place], gone)
            for place in who.sections
            if place not in known and (place[0], 0) not in known
        ]
    )


def _wardrobe(said: Sequence[TagUse], gone: Collection[int]) -> Wardrobe:
    facets = {use.facet for use in said}  # the colour of eyes that nobody sees is pinned, too
    uses = [use for use in said if id(use) not in gone]
    spoken = {word for use in uses if colour_of(use) for word in use.name.split()}
    return Wardrobe(
        bright=tuple([use for use in uses if colour_of(use) not in _DULL | _MANY]),
        plain=tuple(
            [
                use
                for use in uses
                if use.facet in GARMENTS
                and not colour_of(use)
                and use.name not in _BARE
                and use.name.split()[-1] not in spoken  # `jacket` beside `red jacket`
            ]
        ),
        has_hair="hair-colour" in facets,
        has_eyes="eye-colour" in facets,
    )
