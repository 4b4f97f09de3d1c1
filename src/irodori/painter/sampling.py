"""Make a scene from a seed: one `random.Random`, drawn from in a fixed order.

The weights stand in `frequency`; here is only what depends on what: a boy wears no sundress, a
portrait of two people shows neither, from behind there is no room for a face.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final, TypeVar

from irodori.painter import frequency
from irodori.painter.characters import CHARACTERS
from irodori.painter.medium import Style
from irodori.painter.palette import Colour
from irodori.painter.scene import (
    PLAIN_PLACES,
    SEPARATES,
    Accessory,
    Animal,
    Background,
    Bottom,
    Camera,
    Character,
    Expression,
    Extra,
    EyeState,
    Face,
    Footwear,
    Framing,
    Garment,
    Gaze,
    Hair,
    HairLength,
    HairStyle,
    Legwear,
    Outfit,
    Person,
    Place,
    Pose,
    Prop,
    Scene,
    Sex,
)

HELD_OUT_FIRST_SEED: Final = 10_000_000
"""Seeds from here on are never trained on; evaluation takes its pictures and prompts from them."""

BASE_STYLES: Final[tuple[Style, ...]] = tuple(s for s in Style if s is not Style.PIXEL_ART)
"""The styles of the base training set. Pixel art is kept out of it, for a LoRA to bring."""

EYES_MATCH_HAIR: Final = 0.3
"""Share of people whose eyes have their hair's colour: the prior that makes colours bleed (P7)."""

T = TypeVar("T")

_MATCHING_EYES: Final[Mapping[Colour, Colour]] = {
    Colour.BLACK: Colour.BROWN,
    Colour.BROWN: Colour.BROWN,
    Colour.BLONDE: Colour.YELLOW,
    Colour.RED: Colour.RED,
    Colour.BLUE: Colour.BLUE,
    Colour.GREEN: Colour.GREEN,
    Colour.PINK: Colour.PINK,
    Colour.PURPLE: Colour.PURPLE,
    Colour.WHITE: Colour.BLUE,
    Colour.ORANGE: Colour.YELLOW,
    Colour.AQUA: Colour.AQUA,
    Colour.GREY: Colour.BLUE,
}
_UNTIED: Final = frozenset({HairStyle.LOOSE, HairStyle.MESSY, HairStyle.WAVY})
_BUNS: Final = frozenset({HairStyle.HAIR_BUN, HairStyle.DOUBLE_BUN})


def sample_scene(seed: int, *, style_pool: Sequence[Style] = BASE_STYLES) -> Scene:
    """Return the scene of a seed.

    Args:
        seed: any integer; the same seed gives the same scene for ever.
        style_pool: the styles that may occur, with their relative frequencies kept. A pool of one
            gives that style always, as a LoRA's training set wants it.
    """
    rng = Random(f"scene/{seed}")  # noqa: S311  # pictures, not secrets
    weights = {style: w for style, w in frequency.STYLE.items() if style in style_pool}
    style = _pick(rng, weights)
    count = _pick(rng, frequency.COUNT)
    camera = _camera(rng, count)
    framing = _framing(rng, count, camera)
    background = _background(rng, camera, style, populated=bool(count))
    shot = _Shot(framing=framing, camera=camera, count=len(count))
    people = tuple(_person(rng, sex, shot) for sex in count)
    if len(people) == 2 and people[0].hair.colour is people[1].hair.colour:
        people = (people[0], _person(rng, count[1], shot))
    return Scene(
        seed=seed,
        people=people,
        background=background,
        animal=_animal(rng, count, framing, camera),
        framing=framing,
        camera=camera,
        roll=_roll(rng, count, camera),
        style=style,
        quality=_pick(rng, frequency.QUALITY),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shot:
    """How the people are seen, as far as it limits what they wear and do."""

    framing: Framing
    camera: Camera
    count: int


def _pick(rng: Random, weights: Mapping[T, float]) -> T:
    return rng.choices(tuple(weights), tuple(weights.values()))[0]


def _camera(rng: Random, count: Sequence[Sex]) -> Camera:
    return _pick(rng, frequency.CAMERA) if len(count) == 1 else Camera.FRONT


def _framing(rng: Random, count: Sequence[Sex], camera: Camera) -> Framing:
    weights = dict(frequency.FRAMING)
    if len(count) == 2 or camera is Camera.BEHIND:
        del weights[Framing.PORTRAIT]
    if not count:
        return Framing.FULL_BODY
    return _pick(rng, weights)


def _roll(rng: Random, count: Sequence[Sex], camera: Camera) -> float:
    tilted = len(count) == 1 and camera is Camera.FRONT and rng.random() < frequency.DUTCH_ANGLE
    return rng.choice((-1, 1)) * rng.uniform(14, 24) if tilted else 0.0


def _background(rng: Random, camera: Camera, style: Style, *, populated: bool) -> Background:
    weights = dict(frequency.PLACE)
    if not populated:
        weights = {place: w for place, w in weights.items() if place not in PLAIN_PLACES}
    if camera is Camera.ABOVE:
        weights = {place: weights[place] for place in frequency.PLACES_FROM_ABOVE}
    if style is Style.SKETCH and populated:
        weights[Place.SIMPLE] *= 3
    place = _pick(rng, weights)
    colour = Colour.WHITE
    if place in PLAIN_PLACES:
        colour = _pick(rng, frequency.BACKDROP)
        if place is not Place.SIMPLE and colour is Colour.WHITE:
            colour = Colour.BLUE
    extras = frozenset(
        extra
        for extra, share in frequency.EXTRAS.get(place, {}).items()
        if rng.random() < share and camera is not Camera.ABOVE
    )
    if place is Place.SKY and not populated:
        extras |= {Extra.CLOUD}
    return Background(place=place, colour=colour, extras=extras)


def _animal(rng: Random, count: Sequence[Sex], framing: Framing, camera: Camera) -> Animal | None:
    beside = len(count) == 1 and framing is Framing.FULL_BODY and camera is not Camera.ABOVE
    share = frequency.ANIMAL_ALONE if not count else frequency.ANIMAL_BESIDE if beside else 0.0
    if rng.random() >= share:
        return None
    species = _pick(rng, frequency.SPECIES)
    return Animal(species=species, colour=_pick(rng, frequency.FUR[species]))


def _person(rng: Random, sex: Sex, shot: _Shot) -> Person:
    if shot.count == 1 and rng.random() < frequency.CHARACTER:
        character = rng.choice([c for c in Character if CHARACTERS[c].sex is sex] or [None])
    else:
        character = None
    hair = _hair(rng, sex)
    face = _face(rng, hair.colour, shot.camera)
    accessory, accessory_colour = _accessory(rng, sex, shot.camera)
    outfit = _outfit(rng, sex, hair.colour)
    person = Person(
        sex=sex,
        hair=hair,
        face=face,
        outfit=outfit,
        accessory=accessory,
        accessory_colour=accessory_colour,
        skin=_pick(rng, frequency.SKIN),
        sitting=_sits(rng, shot),
        character=character,
    )
    person = _posed(rng, person, shot)
    return CHARACTERS[character].dressed(person, rng) if character else person


def _sits(rng: Random, shot: _Shot) -> bool:
    possible = shot.framing is Framing.FULL_BODY and shot.count == 1
    return possible and shot.camera is Camera.FRONT and rng.random() < frequency.SITTING


def _hair(rng: Random, sex: Sex) -> Hair:
    colour = _pick(rng, frequency.HAIR)
    bangs = _pick(rng, frequency.BANGS)
    if sex is Sex.BOY:
        style = _pick(rng, frequency.BOY_HAIR_STYLE)
        length = _pick(rng, frequency.BOY_HAIR_LENGTH)
    else:
        style = _pick(rng, frequency.GIRL_HAIR_STYLE)
        length = _pick(rng, frequency.GIRL_HAIR_LENGTH)
        if style is HairStyle.MESSY:
            length = rng.choice((HairLength.SHORT, HairLength.MEDIUM))
        elif style is HairStyle.BOB_CUT or style in _BUNS:
            length = HairLength.SHORT
        elif style not in _UNTIED or style is HairStyle.WAVY:
            length = _pick(rng, frequency.TIED_HAIR_LENGTH)
    return Hair(
        colour=colour,
        length=length,
        style=style,
        bangs=bangs,
        ahoge=rng.random() < frequency.AHOGE,
    )


def _face(rng: Random, hair: Colour, camera: Camera) -> Face:
    eye = _MATCHING_EYES[hair] if rng.random() < EYES_MATCH_HAIR else _pick(rng, frequency.EYES)
    other = eye
    if rng.random() < frequency.HETEROCHROMIA:
        other = rng.choice([c for c in frequency.EYES if c is not eye])
    expression = _pick(rng, frequency.EXPRESSION)
    state = _pick(rng, frequency.EYE_STATE)
    if expression is Expression.SURPRISED or (
        expression is Expression.ANGRY and state is EyeState.HALF
    ):
        state = EyeState.OPEN
    gaze = _pick(rng, frequency.GAZE)
    if camera is Camera.BEHIND:
        gaze = Gaze.BACK if rng.random() < frequency.LOOKING_BACK else Gaze.AWAY
        if gaze is Gaze.BACK and state is EyeState.CLOSED:
            state = EyeState.OPEN
    elif camera is Camera.SIDE:
        gaze = Gaze.AWAY
    return Face(
        left_eye=eye,
        right_eye=other,
        state=state,
        expression=expression,
        gaze=gaze,
        blush=rng.random() < frequency.BLUSH,
        glasses=rng.random() < frequency.GLASSES,
        eyepatch=rng.random() < frequency.EYEPATCH,
        acting_eye=rng.choice((-1, 1)),
    )


def _accessory(rng: Random, sex: Sex, camera: Camera) -> tuple[Accessory | None, Colour]:
    weights = frequency.GIRL_ACCESSORY if sex is Sex.GIRL else frequency.BOY_ACCESSORY
    if camera is Camera.SIDE:
        weights = {a: w for a, w in weights.items() if a not in frequency.NOT_FROM_SIDE}
    accessory = _pick(rng, weights)
    return accessory, _pick(rng, frequency.ACCESSORY_COLOUR)


def _outfit(rng: Random, sex: Sex, hair: Colour) -> Outfit:
    garment = _pick(rng, frequency.GIRL_GARMENT if sex is Sex.GIRL else frequency.BOY_GARMENT)
    colour = _pick(rng, frequency.CLOTH)
    if rng.random() < frequency.CLOTH_MATCHES_HAIR and hair in frequency.CLOTH:
        colour = hair
    if garment is Garment.SERAFUKU:
        colour = rng.choice((Colour.WHITE, Colour.WHITE, Colour.BLACK))
    bottom = None
    if garment in SEPARATES:
        bottom = _pick(rng, frequency.GIRL_BOTTOM if sex is Sex.GIRL else frequency.BOY_BOTTOM)
    bottom_colour = _pick(rng, frequency.BOTTOM_COLOUR)
    if garment is Garment.SERAFUKU:
        bottom = Bottom.PLEATED_SKIRT
        bottom_colour = Colour.BLUE if colour is Colour.WHITE else Colour.BLACK
    neckwear = None
    if rng.random() < frequency.NECKWEAR_SHARE.get(garment, 0.0):
        neckwear = _pick(rng, frequency.NECKWEAR[garment])
    footwear = _pick(rng, frequency.FOOTWEAR)
    wear = {kind: w for kind, w in frequency.LEGWEAR.items() if _is_told(kind, garment, footwear)}
    bare = bottom is Bottom.PANTS or footwear is Footwear.BAREFOOT or sex is Sex.BOY
    legwear = None if bare else _pick(rng, wear)
    return Outfit(
        garment=garment,
        colour=colour,
        bottom=bottom,
        bottom_colour=bottom_colour,
        open_jacket=garment is Garment.JACKET and rng.random() < frequency.OPEN_JACKET,
        neckwear=neckwear,
        neckwear_colour=_pick(rng, frequency.NECKWEAR_COLOUR),
        legwear=legwear,
        legwear_colour=rng.choice((Colour.WHITE, Colour.BLACK))
        if legwear is not Legwear.PANTYHOSE
        else Colour.BLACK,
        footwear=footwear,
        footwear_colour=_pick(rng, frequency.FOOTWEAR_COLOUR),
    )


def _is_told(legwear: Legwear | None, garment: Garment, footwear: Footwear) -> bool:
    """Return whether one could tell this legwear from any other under these clothes."""
    if garment in {Garment.KIMONO, Garment.ARMOR}:
        return legwear is None
    if legwear is Legwear.SOCKS:
        return footwear is not Footwear.BOOTS
    return legwear is None or garment in SEPARATES


def _posed(rng: Random, person: Person, shot: _Shot) -> Person:
    poses: Mapping[Pose, float] = frequency.POSE
    if shot.framing is Framing.PORTRAIT:
        poses = {Pose.ARMS_AT_SIDES: 1}
    elif shot.camera is Camera.SIDE:
        poses = {pose: poses[pose] for pose in frequency.POSES_FROM_SIDE}
    elif shot.camera is Camera.BEHIND:
        poses = {pose: poses[pose] for pose in frequency.POSES_FROM_BEHIND}
    elif shot.count == 2:
        poses = {pose: poses[pose] for pose in frequency.POSES_OF_TWO}
    pose = _pick(rng, poses)
    if pose is not Pose.HOLDING:
        return replace(person, pose=pose)
    props = {prop: weight for prop, weight in frequency.PROP.items() if _has_room(prop, shot)}
    prop = _pick(rng, props)
    no_room = prop is Prop.UMBRELLA and person.accessory in frequency.TALL_ACCESSORIES
    return replace(person, pose=pose, prop=prop, accessory=None if no_room else person.accessory)


def _has_room(prop: Prop, shot: _Shot) -> bool:
    """Return whether the shot shows a prop, and nobody stands in its way."""
    if prop is Prop.CANE and shot.framing is Framing.UPPER_BODY:
        return False
    if shot.count == 2 or shot.camera is Camera.SIDE:
        return prop in frequency.SMALL_PROPS
    return True
