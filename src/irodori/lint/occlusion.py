"""What hides what beyond a single tag's own column: tags that hide together, tags that uncover.

The column `hides` of the tag table says what one tag hides alone: `from behind` hides the face.
Two things it cannot say stand here: what several tags hide together (a pov hug hides the feet, a
hug alone does not), and what takes a hiding back (`looking back` shows the face again).

Source: practice P6; the pairs are the editors' knowledge of booru pictures, not a measurement.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from irodori.lint.context import TagUse
from irodori.tags.schema import Region


class Reason(StrEnum):
    """Why something is not seen."""

    FRAME = "frame"  # outside the picture's edges
    CAMERA = "camera"  # on the far side
    POSE = "pose"  # behind a limb, another person, water, a blanket
    CLOTHES = "clothes"
    STATE = "state"  # the thing itself: eyes are closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Some tags: by their full name, or by the noun they end with (`coat` is also `red coat`).

    Attributes:
        full: whole names.
        nouns: last words, one word each.
        but: whole names that are none of them, though they end so.
    """

    full: frozenset[str] = frozenset()
    nouns: frozenset[str] = frozenset()
    but: frozenset[str] = frozenset()
    _ends: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ends", tuple([f" {noun}" for noun in self.nouns]))

    def has(self, use: TagUse) -> bool:
        """Tell whether a tag is one of them, under the name it is written with or its own."""
        return self._has(use.name) or (use.entry is not None and self._has(use.entry.name))

    def _has(self, name: str) -> bool:
        if name in self.full:
            return True
        return name.rpartition(" ")[2] in self.nouns and name not in self.but


NOTHING: Final = Names()
"""No tag."""


def _names(*full: str) -> Names:
    return Names(full=frozenset(full))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compound:
    """Tags that hide something only together, or hide single tags and no region.

    Attributes:
        needs: one of each must be in force.
        regions: what is hidden then.
        hides: tags that are hidden then.
        area: the region those tags are in, so that what uncovers it uncovers them.
        reason: why.
        is_sure: near-certain, not just likely.
    """

    needs: tuple[Names, ...]
    reason: Reason
    regions: frozenset[Region] = frozenset()
    hides: Names = NOTHING
    area: Region | None = None
    is_sure: bool = False

    def met(self, uses: Sequence[TagUse]) -> tuple[TagUse, ...]:
        """Return the tags that fulfil it, one for each need; none if one is not fulfilled."""
        found = [next((use for use in uses if need.has(use)), None) for need in self.needs]
        return tuple([use for use in found if use is not None]) if all(found) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """Tags that take a hiding back.

    Attributes:
        by: one of these in force is enough.
        of: hidings of these kinds.
        regions: what is seen again; empty is all.
    """

    by: Names
    of: frozenset[Reason]
    regions: frozenset[Region] = frozenset()


_POV: Final = _names("pov", "female pov", "male pov")
_HEAD_ON_VIEWER: Final = _names(
    "head on chest", "head on another's chest", "face to breasts", "face in another's chest",
    "head on another's shoulder", "head on shoulder",
)  # fmt: skip
_EMBRACE: Final = Names(full=_HEAD_ON_VIEWER.full | {"hug", "hugging another", "mutual hug"})
_BELLY: Final = _names(
    "navel", "stomach", "midriff", "abs", "navel piercing", "toned stomach", "midriff peek"
)
_CLOSED_OVER_BELLY: Final = Names(
    nouns=frozenset(
        {
            "coat", "overcoat", "raincoat", "robe", "cloak", "dress", "kimono", "yukata",
            "sweater", "hoodie", "hanfu", "cassock", "turtleneck", "poncho", "parka",
        }
    ),
    but=frozenset({"crop top", "cropped sweater", "cropped hoodie", "fur coat over shoulders"}),
)  # fmt: skip
_NAILS: Final = Names(
    full=frozenset({"nail polish", "fingernails", "nail art", "sharp fingernails"}),
    nouns=frozenset({"nails", "fingernails"}),
    but=frozenset({"toenails", "nails"}),
)
_CLOSED_SHOES: Final = Names(
    nouns=frozenset({"boots", "sneakers", "loafers", "pumps", "uwabaki", "janes"}),
    but=frozenset({"boots removed", "holding boots"}),
)
_TOES: Final = _names("toenails", "toenail polish", "toes", "soles", "feet", "toe scrunch")
_BACK_TAGS: Final = _names(
    "bare back", "back", "backless outfit", "backless dress", "back tattoo", "back bow",
    "shoulder blades", "back focus",
)  # fmt: skip
_BOTH_EYES: Final = _names("heterochromia", "mismatched pupils", "one eye closed")

COMPOUNDS: Final = (
    Compound(
        needs=(_POV, _HEAD_ON_VIEWER),
        regions=frozenset({Region.EYES, Region.FACE, Region.MOUTH, Region.CHEST, Region.BELLY}),
        reason=Reason.POSE,
        is_sure=True,
    ),
    Compound(
        needs=(_POV, _EMBRACE),
        regions=frozenset({Region.BELLY, Region.LEGS, Region.KNEES, Region.FEET}),
        reason=Reason.POSE,
        is_sure=True,
    ),
    Compound(
        needs=(_HEAD_ON_VIEWER, _names("hug", "mutual hug")),
        regions=frozenset({Region.EYES, Region.MOUTH}),
        reason=Reason.POSE,
    ),
    Compound(needs=(_CLOSED_OVER_BELLY,), hides=_BELLY, area=Region.BELLY, reason=Reason.CLOTHES),
    Compound(
        needs=(
            Names(
                nouns=frozenset({"gloves", "gauntlets", "mittens"}),
                but=frozenset({"fingerless gloves", "partially fingerless gloves", "half gloves"}),
            ),
        ),
        hides=_NAILS,
        area=Region.HANDS,
        reason=Reason.CLOTHES,
    ),
    Compound(needs=(_CLOSED_SHOES,), hides=_TOES, area=Region.FEET, reason=Reason.CLOTHES),
    Compound(
        needs=(_names("straight-on", "facing viewer"),), hides=_BACK_TAGS, reason=Reason.CAMERA
    ),
    Compound(
        needs=(_names("from side", "profile"),),
        hides=_BOTH_EYES,
        reason=Reason.CAMERA,
    ),
)

_ALL_SIDES: Final = Names(
    full=frozenset(
        {
            "multiple views", "reference sheet", "character sheet", "turnaround", "comic", "4koma",
            "2koma", "3koma", "collage", "multiple persona", "inset", "zoom layer", "split screen",
            "variations", "expressions", "column lineup", "projected inset", "triptych (art)",
        }
    )
)  # fmt: skip
_OPENED: Final = Names(
    full=frozenset(
        {
            "open clothes", "unbuttoned", "partially unbuttoned", "unzipped", "partially unzipped",
            "crop top", "midriff peek", "navel cutout", "stomach cutout", "clothes lift",
            "shirt lift", "dress lift", "sweater lift", "lifting own clothes", "lifted by self",
            "tied shirt", "front-tie top", "bikini", "swimsuit", "see-through", "undressing",
            "side cutout", "clothing cutout", "crop top overhang", "cropped jacket",
            "cropped shirt", "cropped sweater", "cropped hoodie", "covered navel",
            "jacket on shoulders", "coat on shoulders", "clothes around waist", "two-piece dress",
            "jacket around waist", "see-through clothes", "center opening", "underwear only",
        }
    ),
    nouns=frozenset({"bikini", "swimsuit"}),
)  # fmt: skip
_OPEN_GARMENTS: Final = frozenset(
    f"open {garment}"
    for garment in (
        "jacket", "coat", "shirt", "cardigan", "hoodie", "kimono", "robe", "vest", "dress",
        "bodysuit", "cloak", "yukata",
    )
)  # fmt: skip
_LIMBS: Final = frozenset({Region.LEGS, Region.KNEES, Region.FEET, Region.HIPS, Region.BOTTOM})
_MASKED: Final = frozenset({Region.MOUTH, Region.FACE})

REVEALS: Final = (
    Reveal(by=_ALL_SIDES, of=frozenset({Reason.FRAME, Reason.CAMERA, Reason.POSE})),
    Reveal(
        by=_names("mirror", "reflection", "hand mirror", "full-length mirror"),
        of=frozenset({Reason.CAMERA}),
    ),
    Reveal(
        by=_names("looking back", "looking over shoulder", "turning head", "upside-down"),
        of=frozenset({Reason.CAMERA}),
        regions=frozenset({Region.EYES, Region.FACE, Region.MOUTH}),
    ),
    Reveal(
        by=_names(
            "foot focus",
            "presenting foot",
            "foot up",
            "feet up",
            "leg up",
            "legs up",
            "leg lift",
            "legs over head",
            "high kick",
            "kicking",
            "soles",
            "fetal position",
            "hugging own legs",
            "knees to chest",
            "foreshortening",
            "split",
            "standing split",
        ),
        of=frozenset({Reason.FRAME}),
        regions=_LIMBS,
    ),
    Reveal(
        by=Names(full=_OPENED.full | _OPEN_GARMENTS, nouns=_OPENED.nouns),
        of=frozenset({Reason.CLOTHES}),
        regions=frozenset({Region.BELLY, Region.CHEST}),
    ),
    Reveal(
        by=_names("single glove", "gloves removed", "holding gloves", "removing glove"),
        of=frozenset({Reason.CLOTHES}),
        regions=frozenset({Region.HANDS}),
    ),
    Reveal(
        by=_names(
            "shoes removed",
            "boots removed",
            "no shoes",
            "removing shoes",
            "single shoe",
            "shoe dangle",
            "holding shoes",
            "unworn shoes",
            "unworn boots",
            "sandals",
            "open toe shoes",
            "toeless footwear",
        ),
        of=frozenset({Reason.CLOTHES}),
        regions=frozenset({Region.FEET}),
    ),
    Reveal(
        by=_names("mask pull", "mask removed", "mask around neck", "mask on head", "unworn mask"),
        of=frozenset({Reason.CLOTHES}),
        regions=_MASKED,
    ),
    Reveal(
        by=_names("looking over eyewear", "eyewear on head", "blindfold lift", "adjusting eyewear"),
        of=frozenset({Reason.CLOTHES}),
        regions=frozenset({Region.EYES}),
    ),
    Reveal(
        by=_names("from behind", "from side"),
        of=frozenset({Reason.POSE}),
        regions=frozenset({Region.HANDS, Region.BACK}),
    ),
)
