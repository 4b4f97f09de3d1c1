"""The truth about a painted picture: answers by facet, boxes, colours, and what each pixel shows.

The answers come from the scene through `visibility`; boxes and regions come from the label map, a
second drawing of the same scene in which every shape has its part's number for a colour.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irodori.painter import visibility
from irodori.painter.medium import Style
from irodori.painter.naming import count_of
from irodori.painter.palette import (
    ACCESSORY_RGB,
    BACKDROP_RGB,
    CLOTH_RGB,
    EYE_RGB,
    HAIR_RGB,
    RGB,
    SKIN_RGB,
)
from irodori.painter.parts import Part
from irodori.painter.raster.picture import draw_labels, heads_of
from irodori.painter.scene import PLAIN_PLACES, Garment, Person, Place, Scene
from irodori.painter.vocabulary import Facet

NOTHING = "none"
"""The answer where one sees that there is nothing: no accessory."""

_FACE_PARTS = (Part.FACE, Part.EYES, Part.BROWS, Part.MOUTH, Part.TEARS)
_NOBODY = (Part.BACKGROUND, Part.ANIMAL)

Labels = Mapping[Facet, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box in pixels: left and top inside it, right and bottom just outside."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTruth:
    """What is true of one person in the picture.

    Attributes:
        labels: the answers about this person; None where the picture does not show it.
        head: the head without its hair's length, cut at the picture's edge; None if outside.
        face: around what is seen of the face; None from behind.
        body: around all that is seen of the person; None if nothing is.
        colours: the nominal colours (0..255) of hair, skin, eyes, garment, as far as seen.
    """

    labels: Labels
    head: Box | None
    face: Box | None
    body: Box | None
    colours: Mapping[str, RGB]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of a whole picture.

    Attributes:
        labels: the answers by facet. The facets of a person are answered for a person alone and
            None otherwise: `people` has them then.
        people: left to right.
        parts: uint8 [H, W], the `Part` that each pixel shows.
        owners: uint8 [H, W], whose part it is; no meaning where nobody's.
        backdrop: the nominal colour of a plain background, else None.
    """

    labels: Labels
    people: tuple[PersonTruth, ...]
    parts: NDArray[np.uint8]
    owners: NDArray[np.uint8]
    backdrop: RGB | None

    def mask(self, *parts: Part, owner: int | None = None) -> NDArray[np.bool_]:
        """Return where any of the parts is seen, bool [H, W]; of one person, if `owner` is given.

        Args:
            parts: one or more.
            owner: index of a person from the left; None for everybody.
        """
        found = np.isin(self.parts, parts)
        return found if owner is None else found & (self.owners == owner)


def truth(scene: Scene, width: int, height: int) -> Truth:
    """Return the truth about `raster.paint(scene, width, height)`.

    Args:
        scene: what is drawn.
        width: of the picture, in pixels.
        height: likewise.
    """
    drawn = draw_labels(scene, width, height)
    parts, owners = drawn[..., 0], drawn[..., 1]
    people = tuple(_person_truth(scene, index, parts, owners) for index in range(len(scene.people)))
    alone = people[0].labels if len(people) == 1 else {}
    plain = scene.background.place in PLAIN_PLACES and visibility.has_colour(scene)
    return Truth(
        labels={**dict.fromkeys(Facet), **alone, **_scene_labels(scene)},
        people=people,
        parts=parts,
        owners=owners,
        backdrop=BACKDROP_RGB[scene.background.colour] if plain else None,
    )


def _scene_labels(scene: Scene) -> dict[Facet, str | None]:
    peopled = bool(scene.people)
    return {
        Facet.COUNT: count_of(scene),
        Facet.ANIMAL: scene.animal.species if scene.animal else NOTHING,
        Facet.BACKGROUND: _background_label(scene),
        Facet.FRAMING: scene.framing if peopled else None,
        Facet.CAMERA: ("dutch angle" if scene.roll else scene.camera) if peopled else None,
        Facet.STYLE: scene.style,
        Facet.QUALITY: scene.quality,
    }


def _background_label(scene: Scene) -> str | None:
    background = scene.background
    if scene.style is Style.SKETCH and background.place in PLAIN_PLACES:
        return None
    if background.place is not Place.SIMPLE:
        return background.place
    return f"{background.colour} background" if visibility.has_colour(scene) else None


def _person_truth(
    scene: Scene, index: int, parts: NDArray[np.uint8], owners: NDArray[np.uint8]
) -> PersonTruth:
    height, width = parts.shape
    person = scene.people[index]
    own = owners == index
    x, y, radius = heads_of(scene, width, height)[index]
    head = np.zeros_like(own)
    top, bottom = max(0, round(y - radius)), max(0, round(y + radius))
    head[top:bottom, max(0, round(x - radius)) : max(0, round(x + radius))] = True
    return PersonTruth(
        labels=_person_labels(scene, person),
        head=box_of(head),
        face=box_of(own & np.isin(parts, _FACE_PARTS)),
        body=box_of(own & ~np.isin(parts, _NOBODY)),
        colours=_colours(scene, person),
    )


def box_of(mask: NDArray[np.bool_]) -> Box | None:
    """Return the box around the true pixels of a mask [H, W], None if there are none."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    return Box(
        left=int(columns[0]),
        top=int(rows[0]),
        right=int(columns[-1]) + 1,
        bottom=int(rows[-1]) + 1,
    )


def _person_labels(scene: Scene, person: Person) -> dict[Facet, str | None]:
    coloured = visibility.has_colour(scene)
    faced = visibility.shows_face(scene, person)
    eyes = visibility.eye_colours(scene, person)
    neck = visibility.neckwear_seen(scene, person)
    outfit = person.outfit
    return {
        Facet.CHARACTER: person.character,
        Facet.HAIR_COLOUR: person.hair.colour if coloured else None,
        Facet.HAIR_LENGTH: visibility.hair_length(scene, person),
        Facet.HAIR_STYLE: person.hair.style,
        Facet.BANGS: person.hair.bangs if visibility.bangs_seen(scene, person) else None,
        Facet.EYE_COLOUR: eyes[0] if len(eyes) == 1 else None,
        Facet.EYE_STATE: person.face.state if faced else None,
        Facet.EXPRESSION: person.face.expression if faced else None,
        Facet.BLUSH: _yes_no("blush", seen=faced, there=person.face.blush),
        Facet.GLASSES: _yes_no("glasses", seen=faced, there=person.face.glasses),
        Facet.OUTFIT: outfit.garment if visibility.garment_seen(scene, person) else None,
        Facet.OUTFIT_COLOUR: _outfit_colour(scene, person),
        Facet.BOTTOM: outfit.bottom if visibility.bottom_seen(scene, person) else None,
        Facet.LEGS: outfit.legwear if visibility.legs_seen(scene, person) else None,
        Facet.NECKWEAR: outfit.neckwear if neck else None,
        Facet.ACCESSORY: _accessory(scene, person),
        Facet.POSE: _pose(person) if visibility.pose_seen(scene, person) else None,
        Facet.POSTURE: _posture(person) if visibility.posture_seen(scene) else None,
        Facet.GAZE: person.face.gaze if visibility.gaze_seen(scene, person) else None,
    }


def _yes_no(name: str, *, seen: bool, there: bool) -> str | None:
    if not seen:
        return None
    return name if there else NOTHING


def _accessory(scene: Scene, person: Person) -> str | None:
    if person.accessory is None:
        return NOTHING
    return person.accessory if visibility.accessory_seen(scene, person) else None


def _pose(person: Person) -> str:
    return f"holding {person.prop}" if person.prop else person.pose


def _posture(person: Person) -> str:
    return "sitting" if person.sitting else "standing"


def _outfit_colour(scene: Scene, person: Person) -> str | None:
    return person.outfit.colour if visibility.garment_colour_seen(scene, person) else None


def _colours(scene: Scene, person: Person) -> dict[str, RGB]:
    if not visibility.has_colour(scene):
        return {}
    colours = {"hair": HAIR_RGB[person.hair.colour], "skin": SKIN_RGB[person.skin]}
    eyes = visibility.eye_colours(scene, person)
    if eyes:
        colours["eyes"] = EYE_RGB[eyes[0]]
    if visibility.garment_colour_seen(scene, person) and person.outfit.garment is not Garment.ARMOR:
        colours["garment"] = CLOTH_RGB[person.outfit.colour]
    if visibility.accessory_seen(scene, person):
        colours["accessory"] = ACCESSORY_RGB[person.accessory_colour]
    return colours
