"""A person made ready to be drawn: colours mixed, view decided, chance divided by subject.

Coordinates of a figure: the centre of the head is the origin, its radius is 1, y runs down. The
chin lies at 0.97, the shoulders at 1.4, the hips at 2.3, the soles at 3.6.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from irodori.painter.medium import Style
from irodori.painter.palette import (
    ACCESSORY_RGB,
    CLOTH_RGB,
    HAIR_RGB,
    INK,
    RGB,
    SKIN_RGB,
    Colour,
    mix,
    shade,
    tint,
    vary,
)
from irodori.painter.scene import Camera, Framing, Gaze, Person, Scene

CHIN_Y: Final = 0.95
"""Below this the body's scale counts."""

_CHIBI_SCALE: Final = (0.80, 0.66)
_ABOVE_SCALE: Final = (0.86, 0.70)


@dataclass(frozen=True, slots=True, kw_only=True)
class HairTones:
    """The four tones of a head of hair."""

    base: RGB
    dark: RGB
    light: RGB
    line: RGB


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinTones:
    """The tones of skin."""

    base: RGB
    shadow: RGB
    line: RGB
    blush: RGB


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A person with what the drawing of it needs.

    Attributes:
        person: who.
        key: starts every random stream of this person, so that subjects do not disturb each other.
        camera: from where the body is seen.
        faces_away: whether the head shows its back; a person seen from behind may look back.
        turn: how far the head is turned to the picture's right, -1..1.
        tilt: how far the head leans, degrees.
        face_drop: how far face and bangs lie lower on the skull than from ahead.
        wings_shown: whether the picture has room for wings.
        body_scale: width and height of everything below the chin, 1 as it is designed.
    """

    person: Person
    key: str
    camera: Camera
    faces_away: bool
    turn: float
    tilt: float
    body_scale: tuple[float, float]
    wings_shown: bool
    face_drop: float
    hair: HairTones
    skin: SkinTones

    def rng(self, subject: str) -> Random:
        """Return the random stream of one subject; the same at each call."""
        return Random(f"{self.key}/{subject}")  # noqa: S311  # pictures, not secrets

    def cloth(self, colour: Colour, subject: str) -> RGB:
        """Return a cloth's colour, varied a little for this picture."""
        return vary(CLOTH_RGB[colour], self.rng(f"cloth/{subject}"))

    def trinket(self, colour: Colour) -> RGB:
        """Return the colour of an accessory, varied a little for this picture."""
        return vary(ACCESSORY_RGB[colour], self.rng("accessory colour"))

    def drop(self, y: float) -> float:
        """Return where something that hangs to `y` ends when the body is shortened."""
        return y if y < CHIN_Y else CHIN_Y + (y - CHIN_Y) * self.body_scale[1]

    @property
    def from_behind(self) -> bool:
        """Whether the body shows its back."""
        return self.camera is Camera.BEHIND

    @property
    def from_side(self) -> bool:
        """Whether the body is seen in profile; it then faces to the right."""
        return self.camera is Camera.SIDE


def _body_scale(scene: Scene) -> tuple[float, float]:
    wide, high = _CHIBI_SCALE if scene.style is Style.CHIBI else (1.0, 1.0)
    if scene.camera is Camera.ABOVE:
        wide, high = wide * _ABOVE_SCALE[0], high * _ABOVE_SCALE[1]
    return wide, high


def figure_of(scene: Scene, index: int) -> Figure:
    """Return the figure of one of the scene's people, counted from the left."""
    person = scene.people[index]
    key = f"{scene.seed}/{index}"
    rng = Random(f"{key}/figure")  # noqa: S311  # pictures, not secrets
    turn = rng.choice((0.0, rng.uniform(-1, 1), rng.uniform(-1, 1)))
    if len(scene.people) == 2 and rng.random() < 0.6:
        turn = abs(turn) if index == 0 else -abs(turn)
    if person.face.gaze is Gaze.BACK:
        turn = rng.choice((-1.0, 1.0)) * rng.uniform(0.7, 1.0)
    hair = vary(HAIR_RGB[person.hair.colour], rng)
    skin = vary(SKIN_RGB[person.skin], rng, amount=0.5)
    dark_share = 0.34 if person.hair.colour is not Colour.WHITE else 0.24
    light_share = 0.55 if person.hair.colour is not Colour.BLACK else 0.42
    return Figure(
        person=person,
        key=key,
        camera=scene.camera,
        faces_away=scene.camera is Camera.BEHIND and person.face.gaze is not Gaze.BACK,
        turn=turn,
        tilt=rng.uniform(-4, 4),
        body_scale=_body_scale(scene),
        face_drop=0.13 if scene.camera is Camera.ABOVE else 0.0,
        wings_shown=scene.framing is not Framing.PORTRAIT,
        hair=HairTones(
            base=hair,
            dark=shade(hair, dark_share),
            light=tint(hair, light_share),
            line=mix(shade(hair, 0.62), INK, 0.4),
        ),
        skin=SkinTones(
            base=skin,
            shadow=mix(skin, (222, 120, 118), 0.34),
            line=mix(mix(skin, (120, 54, 50), 0.62), INK, 0.2),
            blush=mix(skin, (255, 92, 100), 0.55),
        ),
    )
