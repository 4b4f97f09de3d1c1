"""The names of what a scene shows: tags in the practice's order (P2), each with its place in it.

Only what can be seen is named (`visibility`); a colour is not named where there is none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from irodori.painter import visibility, vocabulary
from irodori.painter.medium import Style
from irodori.painter.scene import PLAIN_PLACES, Camera, EyeState, Footwear, Person, Scene, Sex


class Section(IntEnum):
    """The sections of a prompt, in the order in which practised people write them (P2)."""

    PEOPLE = 0
    CHARACTER = 1
    ACTION = 2
    APPEARANCE = 3
    BACKGROUND = 4
    COMPOSITION = 5
    STYLE = 6
    QUALITY = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One tag of a scene.

    Attributes:
        tag: as the booru spells it, unescaped.
        section: where in a prompt it belongs.
        owner: index of the person it speaks of, from the left; None for the whole picture.
    """

    tag: str
    section: Section
    owner: int | None = None


_SEXES_OF: Final = {
    (): "no humans",
    (Sex.BOY,): "1boy",
    (Sex.GIRL,): "1girl",
    (Sex.BOY, Sex.BOY): "2boys",
    (Sex.BOY, Sex.GIRL): "1girl 1boy",
    (Sex.GIRL, Sex.GIRL): "2girls",
}


def count_of(scene: Scene) -> str:
    """Return the key of `vocabulary.COUNT_TAGS` for the people of a scene."""
    return _SEXES_OF[tuple(sorted(person.sex for person in scene.people))]


def names_of(scene: Scene) -> tuple[Name, ...]:
    """Return everything that can be seen of a scene, in prompt order, person by person."""
    names = [_shared(Section.PEOPLE, tag) for tag in vocabulary.COUNT_TAGS[count_of(scene)]]
    for index, person in enumerate(scene.people):
        for section, tag in _person(scene, person):
            names.append(Name(tag=tag, section=section, owner=index))
    names += [_shared(section, tag) for section, tag in _surroundings(scene)]
    return tuple(dict.fromkeys(names))


def tags(scene: Scene) -> tuple[str, ...]:
    """Return the tags of a scene without repeats, spelled as on the booru, in prompt order."""
    ordered = sorted(names_of(scene), key=lambda name: name.section)
    return tuple(dict.fromkeys(name.tag for name in ordered))


_Named = Iterator[tuple[Section, str]]


def _shared(section: Section, tag: str) -> Name:
    return Name(tag=tag, section=section)


def _person(scene: Scene, person: Person) -> _Named:
    if person.character is not None:
        yield Section.CHARACTER, person.character
    yield from _action(scene, person)
    for part in (_hair, _face, _accessory, _clothes):
        yield from ((Section.APPEARANCE, tag) for tag in part(scene, person))


def _action(scene: Scene, person: Person) -> _Named:
    if visibility.posture_seen(scene):
        yield Section.ACTION, "sitting" if person.sitting else "standing"
    if visibility.pose_seen(scene, person):
        for tag in vocabulary.POSE_TAGS[person.pose]:
            yield Section.ACTION, tag
        if person.prop is not None:
            for tag in vocabulary.PROP_TAGS[person.prop]:
                yield Section.ACTION, tag
    if visibility.gaze_seen(scene, person):
        yield Section.ACTION, person.face.gaze


def _hair(scene: Scene, person: Person) -> Iterator[str]:
    hair = person.hair
    if visibility.has_colour(scene):
        yield f"{hair.colour} hair"
    length = visibility.hair_length(scene, person)
    if length is not None:
        yield length
    yield from vocabulary.HAIR_STYLE_TAGS[hair.style]
    if visibility.bangs_seen(scene, person):
        yield from vocabulary.BANGS_TAGS[hair.bangs]
    if visibility.ahoge_seen(scene, person):
        yield "ahoge"


def _face(scene: Scene, person: Person) -> Iterator[str]:
    face = person.face
    if not visibility.shows_face(scene, person):
        return
    colours = visibility.eye_colours(scene, person)
    yield from (f"{colour} eyes" for colour in colours)
    if len(colours) > 1:
        yield "heterochromia"
    if face.state in {EyeState.CLOSED, EyeState.HALF} or visibility.winking_eye(scene, person):
        yield face.state
    yield from vocabulary.EXPRESSION_TAGS[face.expression]
    if face.blush:
        yield "blush"
    if visibility.glasses_seen(scene, person):
        yield "glasses"
    if visibility.covered_eye(scene, person):
        yield "eyepatch"


def _accessory(scene: Scene, person: Person) -> Iterator[str]:
    if person.accessory is None or not visibility.accessory_seen(scene, person):
        return
    yield from vocabulary.ACCESSORY_TAGS[person.accessory]
    noun = vocabulary.ACCESSORY_COLOUR_NOUN.get(person.accessory)
    if noun is not None and visibility.has_colour(scene):
        yield f"{person.accessory_colour} {noun}"


def _clothes(scene: Scene, person: Person) -> Iterator[str]:
    outfit = person.outfit
    coloured = visibility.has_colour(scene)
    noun = vocabulary.GARMENT_COLOUR_NOUN.get(outfit.garment)
    if noun is not None and visibility.garment_colour_seen(scene, person):
        yield f"{outfit.colour} {noun}"
    if visibility.garment_seen(scene, person):
        yield from vocabulary.GARMENT_TAGS[outfit.garment]
        if visibility.open_jacket_seen(scene, person):
            yield "open jacket"
    elif visibility.bare_shoulders_seen(scene, person):
        yield "bare shoulders"
    if outfit.bottom is not None and visibility.bottom_seen(scene, person):
        yield outfit.bottom
        if coloured:
            yield f"{outfit.bottom_colour} {vocabulary.BOTTOM_NOUN[outfit.bottom]}"
    if outfit.neckwear is not None and visibility.neckwear_seen(scene, person):
        yield outfit.neckwear
        if coloured:
            yield f"{outfit.neckwear_colour} {outfit.neckwear}"
    yield from _feet(scene, person)


def _feet(scene: Scene, person: Person) -> Iterator[str]:
    outfit = person.outfit
    coloured = visibility.has_colour(scene)
    if outfit.legwear is not None and visibility.legs_seen(scene, person):
        yield outfit.legwear
        if coloured:
            yield f"{outfit.legwear_colour} {outfit.legwear}"
    if visibility.feet_seen(scene):
        yield outfit.footwear
        if coloured and outfit.footwear is not Footwear.BAREFOOT:
            yield f"{outfit.footwear_colour} footwear"


def _surroundings(scene: Scene) -> _Named:
    if scene.animal is not None:
        yield Section.PEOPLE, scene.animal.species
        if visibility.has_colour(scene):
            yield Section.PEOPLE, f"{scene.animal.colour} {scene.animal.species}"
    yield from ((Section.BACKGROUND, tag) for tag in _background(scene))
    if scene.people:
        yield Section.COMPOSITION, scene.framing
        for tag in vocabulary.CAMERA_TAGS[scene.camera]:
            yield Section.COMPOSITION, tag
        if scene.roll:
            yield Section.COMPOSITION, "dutch angle"
    yield from ((Section.STYLE, tag) for tag in vocabulary.STYLE_TAGS[scene.style])
    yield from ((Section.QUALITY, tag) for tag in vocabulary.QUALITY_TAGS[scene.quality])


def _background(scene: Scene) -> Iterator[str]:
    background = scene.background
    if scene.style is Style.SKETCH and background.place in PLAIN_PLACES:
        return  # the paper of a sketch has neither colour nor pattern
    above = scene.camera is Camera.ABOVE
    table = vocabulary.ABOVE_PLACE_TAGS if above else vocabulary.PLACE_TAGS
    yield from table[background.place]
    if background.place in PLAIN_PLACES and visibility.has_colour(scene):
        yield f"{background.colour} background"
    for extra in sorted(background.extras):
        yield from vocabulary.EXTRA_TAGS[extra]
