"""Make a scene from a seed: one `random.Random`, drawn from in a fixed order.

The weights stand in `frequency`; here is only what depends on what: a boy wears no sundress, a
portrait of two people shows neither, from behind there is no room for a face.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Final, TypeVar

from irodori.painter import frequency
from irodori.painter.characters import CHARACTERS
from irodori.painter.palette import Colour
from irodori.painter.scene import (
    PLAIN_PLACES,
    Accessory,
    Animal,
    Background,
    Bottom,
    Camera,
    Character,
    Expression,
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
    Style,
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
    people = tuple(_person(rng, sex, framing, camera, len(count)) for sex in count)
    if len(people) == 2 and people[0].hair.colour is people[1].hair.colour:
        people = (people[0], _person(rng, count[1], framing, camera, len(count)))
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
    return Background(place=place, colour=colour, extras=extras)


def _animal(rng: Random, count: Sequence[Sex], framing: Framing, camera: Camera) -> Animal | None:
    beside = len(count) == 1 and framing is Framing.FULL_BODY and camera is not Camera.ABOVE
    share = frequency.ANIMAL_ALONE if not count else frequency.ANIMAL_BESIDE if beside else 0.0
    if rng.random() >= share:
        return None
    species = _pick(rng, frequency.SPECIES)
    return Animal(species=species, colour=_pick(rng, frequency.FUR[species]))


def _person(rng: Random, sex: Sex, framing: Framing, camera: Camera, count: int) -> Person:
    if count == 1 and rng.random() < frequency.CHARACTER:
        character = rng.choice([c for c in Character if CHARACTERS[c].sex is sex] or [None])
    else:
        character = None
    hair = _hair(rng, sex)
    face = _face(rng, hair.colour, camera)
    accessory, accessory_colour = _accessory(rng, sex)
    outfit = _outfit(rng, sex, hair.colour)
    person = Person(
        sex=sex,
        hair=hair,
        face=face,
        outfit=outfit,
        accessory=accessory,
        accessory_colour=accessory_colour,
        skin=_pick(rng, frequency.SKIN),
        sitting=framing is Framing.FULL_BODY and count == 1 and rng.random() < frequency.SITTING,
        character=character,
    )
    person = _posed(rng, person, camera, count)
    return CHARACTERS[character].dressed(person, rng) if character else person


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


def _accessory(rng: Random, sex: Sex) -> tuple[Accessory | None, Colour]:
    weights = frequency.GIRL_ACCESSORY if sex is Sex.GIRL else frequency.BOY_ACCESSORY
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
    if garment in frequency.GARMENTS_WITH_BOTTOM:
        bottom = _pick(rng, frequency.GIRL_BOTTOM if sex is Sex.GIRL else frequency.BOY_BOTTOM)
    if garment is Garment.SERAFUKU:
        bottom = Bottom.PLEATED_SKIRT
    neckwear = None
    if rng.random() < frequency.NECKWEAR_SHARE.get(garment, 0.0):
        neckwear = _pick(rng, frequency.NECKWEAR[garment])
    footwear = _pick(rng, frequency.FOOTWEAR)
    legwear = None
    if bottom is not Bottom.PANTS and footwear is not Footwear.BAREFOOT and sex is Sex.GIRL:
        legwear = _pick(rng, frequency.LEGWEAR)
    return Outfit(
        garment=garment,
        colour=colour,
        bottom=bottom,
        bottom_colour=_pick(rng, frequency.BOTTOM_COLOUR),
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


def _posed(rng: Random, person: Person, camera: Camera, count: int) -> Person:
    poses = frequency.POSE
    if camera is Camera.SIDE:
        poses = {pose: poses[pose] for pose in frequency.POSES_FROM_SIDE}
    elif camera is Camera.BEHIND:
        poses = {pose: poses[pose] for pose in frequency.POSES_FROM_BEHIND}
    elif count == 2:
        poses = {pose: poses[pose] for pose in frequency.POSES_OF_TWO}
    pose = _pick(rng, poses)
    prop = None
    if pose is Pose.HOLDING:
        props = frequency.PROP
        if camera is Camera.SIDE or count == 2:
            props = {p: w for p, w in props.items() if p not in {Prop.UMBRELLA, Prop.STAFF}}
        prop = _pick(rng, props)
    accessory = person.accessory
    if prop is Prop.UMBRELLA and accessory in frequency.TALL_ACCESSORIES:
        accessory = None
    return replace(person, pose=pose, prop=prop, accessory=accessory)
