"""What the evaluation asks about a picture: questions with their answers, read off a scene.

A question is asked of a scene only where the picture shows the answer: the hair's colour not in a
monochrome picture, the outfit not in a portrait. Answers are spelled as tags where there is one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from irodori.painter import frequency
from irodori.painter.palette import Colour
from irodori.painter.scene import (
    PLAIN_PLACES,
    Accessory,
    Camera,
    Expression,
    EyeState,
    Framing,
    Garment,
    HairLength,
    HairStyle,
    Person,
    Place,
    Pose,
    Scene,
    Sex,
    Style,
)

COUNTS: Final = ("no humans", "1girl", "1boy", "2girls", "2boys", "1boy 1girl")
NONE: Final = "none"
_GREY_STYLES: Final = frozenset({Style.SKETCH, Style.MONOCHROME})
_FROM_AHEAD: Final = frozenset({Camera.FRONT, Camera.ABOVE})
_OF_ONE_COLOUR: Final = frozenset({Garment.SERAFUKU, Garment.ARMOR})
_LONG: Final = {HairLength.VERY_SHORT: HairLength.SHORT, HairLength.VERY_LONG: HairLength.LONG}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to look for.

    Attributes:
        name: of the table's row.
        answers: what there is to choose from.
        of: the answer for a scene, or None where the question is not asked.
    """

    name: str
    answers: tuple[str, ...]
    of: Callable[[Scene], str | None]

    def index(self, scene: Scene) -> int:
        """Return the number of the scene's answer, or -100 (ignored by losses) for none."""
        value = self.of(scene)
        return -100 if value is None else self.answers.index(value)


def _count(scene: Scene) -> str:
    sexes = tuple(sorted(person.sex for person in scene.people))
    return {
        (): "no humans",
        (Sex.GIRL,): "1girl",
        (Sex.BOY,): "1boy",
        (Sex.GIRL, Sex.GIRL): "2girls",
        (Sex.BOY, Sex.BOY): "2boys",
        (Sex.BOY, Sex.GIRL): "1boy 1girl",
    }[sexes]


def _alone(scene: Scene) -> Person | None:
    return scene.people[0] if len(scene.people) == 1 else None


def _in_colour(scene: Scene) -> Person | None:
    return None if scene.style in _GREY_STYLES else _alone(scene)


def _dressed(scene: Scene) -> Person | None:
    """Return the lone person whose clothes are seen."""
    return None if scene.framing is Framing.PORTRAIT else _alone(scene)


def _hair_colour(scene: Scene) -> str | None:
    person = _in_colour(scene)
    return f"{person.hair.colour} hair" if person else None


def _hair_length(scene: Scene) -> str | None:
    person = _alone(scene)
    if person is None or person.hair.style is not HairStyle.LOOSE:
        return None
    if scene.framing is Framing.PORTRAIT:
        return None
    return _LONG.get(person.hair.length, person.hair.length)


def _hair_style(scene: Scene) -> str | None:
    person = _alone(scene)
    return person.hair.style if person and scene.camera is Camera.FRONT else None


def _eye_colour(scene: Scene) -> str | None:
    person = _in_colour(scene)
    if person is None or scene.camera not in _FROM_AHEAD:
        return None
    face = person.face
    if face.heterochromia or face.eyepatch or face.state is EyeState.CLOSED:
        return None
    return f"{face.left_eye} eyes"


def _expression(scene: Scene) -> str | None:
    person = _alone(scene)
    return person.face.expression if person and scene.camera in _FROM_AHEAD else None


def _outfit(scene: Scene) -> str | None:
    person = _dressed(scene)
    return person.outfit.garment if person else None


def _outfit_colour(scene: Scene) -> str | None:
    person = _dressed(scene)
    if person is None or _in_colour(scene) is None or person.outfit.garment in _OF_ONE_COLOUR:
        return None
    colour = person.outfit.colour
    return colour if colour in frequency.CLOTH else None


def _accessory(scene: Scene) -> str | None:
    person = _alone(scene)
    if person is None or scene.camera is not Camera.FRONT:
        return None
    return person.accessory or NONE


def _pose(scene: Scene) -> str | None:
    person = _dressed(scene)
    return person.pose if person and scene.camera is Camera.FRONT else None


def _background(scene: Scene) -> str | None:
    plain = scene.style is Style.SKETCH and scene.background.place in PLAIN_PLACES  # is paper
    return None if plain else scene.background.place


def _backdrop(scene: Scene) -> str | None:
    if scene.style in _GREY_STYLES or scene.background.place is not Place.SIMPLE:
        return None
    return f"{scene.background.colour} background"


def _framing(scene: Scene) -> str | None:
    return scene.framing if scene.people else None


def _camera(scene: Scene) -> str | None:
    return scene.camera if scene.people else None


QUESTIONS: Final[tuple[Question, ...]] = (
    Question(name="count", answers=COUNTS, of=_count),
    Question(
        name="hair colour", answers=tuple(f"{c} hair" for c in frequency.HAIR), of=_hair_colour
    ),
    Question(
        name="hair length",
        answers=(HairLength.SHORT, HairLength.MEDIUM, HairLength.LONG),
        of=_hair_length,
    ),
    Question(name="hair style", answers=tuple(HairStyle), of=_hair_style),
    Question(name="eye colour", answers=tuple(f"{c} eyes" for c in frequency.EYES), of=_eye_colour),
    Question(name="expression", answers=tuple(Expression), of=_expression),
    Question(name="outfit", answers=tuple(Garment), of=_outfit),
    Question(name="outfit colour", answers=tuple(frequency.CLOTH), of=_outfit_colour),
    Question(name="accessory", answers=(NONE, *Accessory), of=_accessory),
    Question(name="pose", answers=tuple(Pose), of=_pose),
    Question(name="background", answers=tuple(Place), of=_background),
    Question(
        name="backdrop colour",
        answers=tuple(f"{c} background" for c in Colour),
        of=_backdrop,
    ),
    Question(name="framing", answers=tuple(Framing), of=_framing),
    Question(name="camera", answers=tuple(Camera), of=_camera),
    Question(name="style", answers=tuple(Style), of=lambda scene: scene.style),
)


def labels_of(scene: Scene) -> list[int]:
    """Return the number of the scene's answer to each question, -100 where it is not asked."""
    return [question.index(scene) for question in QUESTIONS]
