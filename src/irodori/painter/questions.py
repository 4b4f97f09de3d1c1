"""What the evaluation asks about a picture: questions with their answers, read off a scene.

One rule for all: what is named in a prompt that says everything is asked for, and nothing else is.
So `visibility` decides, as it does for `naming`: no hair colour in a monochrome picture, no pose in
a portrait, no eye colour of closed eyes. Added to it: `none` and `loose` where one sees that there
is nothing; left out: the length of tied hair, which one does not see from ahead, and the colour of
clothes that come in one. Answers are spelled as tags where there is one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from irodori.painter import frequency, visibility
from irodori.painter.medium import Style
from irodori.painter.palette import Colour
from irodori.painter.scene import (
    PLAIN_PLACES,
    Accessory,
    Camera,
    Expression,
    Framing,
    Garment,
    HairLength,
    HairStyle,
    Person,
    Place,
    Pose,
    Scene,
    Sex,
)

COUNTS: Final[dict[str, tuple[Sex, ...]]] = {
    "no humans": (),
    "1girl": (Sex.GIRL,),
    "1boy": (Sex.BOY,),
    "2girls": (Sex.GIRL, Sex.GIRL),
    "2boys": (Sex.BOY, Sex.BOY),
    "1boy 1girl": (Sex.BOY, Sex.GIRL),
}
NONE: Final = "none"
NOT_ASKED: Final = -100
"""In place of an answer's number; losses ignore it."""

_OF_ONE_COLOUR: Final = frozenset({Garment.SERAFUKU, Garment.ARMOR})
_LONG: Final = {HairLength.VERY_SHORT: HairLength.SHORT, HairLength.VERY_LONG: HairLength.LONG}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to look for in a picture.

    Attributes:
        name: of the table's row.
        answers: what there is to choose from.
        of: the answer for a scene, or None where the question is not asked.
    """

    name: str
    answers: tuple[str, ...]
    of: Callable[[Scene], str | None]

    def index(self, scene: Scene) -> int:
        """Return the number of the scene's answer, or `NOT_ASKED`."""
        return _number(self.answers, self.of(scene))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalQuestion:
    """One thing to look for in one person of a picture.

    Attributes:
        name: of the question that asks it of a person alone.
        answers: what there is to choose from.
        of: the answer for a person of a scene, or None where the question is not asked.
    """

    name: str
    answers: tuple[str, ...]
    of: Callable[[Scene, Person], str | None]

    def index(self, scene: Scene, person: Person) -> int:
        """Return the number of the person's answer, or `NOT_ASKED`."""
        return _number(self.answers, self.of(scene, person))

    def alone(self) -> Question:
        """Return the question about a picture that shows one person alone."""
        return Question(name=self.name, answers=self.answers, of=self._of_the_only_one)

    def _of_the_only_one(self, scene: Scene) -> str | None:
        return self.of(scene, scene.people[0]) if len(scene.people) == 1 else None


def _number(answers: tuple[str, ...], answer: str | None) -> int:
    return NOT_ASKED if answer is None else answers.index(answer)


def _count(scene: Scene) -> str:
    sexes = tuple(sorted(person.sex for person in scene.people))
    return next(name for name, people in COUNTS.items() if people == sexes)


def _hair_colour(scene: Scene, person: Person) -> str | None:
    return f"{person.hair.colour} hair" if visibility.has_colour(scene) else None


def _hair_length(scene: Scene, person: Person) -> str | None:
    if person.hair.style is not HairStyle.LOOSE:
        return None
    length = visibility.hair_length(scene, person)
    return length and _LONG.get(length, length)


def _hair_style(_scene: Scene, person: Person) -> str:
    return person.hair.style


def _eye_colour(scene: Scene, person: Person) -> str | None:
    colours = visibility.eye_colours(scene, person)
    return f"{colours[0]} eyes" if len(colours) == 1 else None


def _expression(scene: Scene, person: Person) -> str | None:
    return person.face.expression if visibility.shows_face(scene, person) else None


def _outfit(scene: Scene, person: Person) -> str | None:
    return person.outfit.garment if visibility.garment_seen(scene, person) else None


def _outfit_colour(scene: Scene, person: Person) -> str | None:
    outfit = person.outfit
    if outfit.garment in _OF_ONE_COLOUR or not visibility.garment_colour_seen(scene, person):
        return None
    return outfit.colour if outfit.colour in frequency.CLOTH else None


def _accessory(scene: Scene, person: Person) -> str | None:
    if person.accessory is None:
        return NONE
    return person.accessory if visibility.accessory_seen(scene, person) else None


def _pose(scene: Scene, person: Person) -> str | None:
    return person.pose if visibility.pose_seen(scene, person) else None


def _background(scene: Scene) -> str | None:
    plain = scene.style is Style.SKETCH and scene.background.place in PLAIN_PLACES  # is paper
    return None if plain else scene.background.place


def _backdrop(scene: Scene) -> str | None:
    if not visibility.has_colour(scene) or scene.background.place is not Place.SIMPLE:
        return None
    return f"{scene.background.colour} background"


def _two_hair_colours(scene: Scene) -> str | None:
    colours = {person.hair.colour for person in scene.people}
    if len(colours) != 2 or not visibility.has_colour(scene):
        return None
    return " and ".join(f"{colour} hair" for colour in frequency.HAIR if colour in colours)


HAIR_COLOURS: Final = tuple(f"{colour} hair" for colour in frequency.HAIR)
SEX: Final = PersonalQuestion(name="sex", answers=tuple(Sex), of=lambda _scene, person: person.sex)
HAIR_COLOUR: Final = PersonalQuestion(name="hair colour", answers=HAIR_COLOURS, of=_hair_colour)
_OF_ONE_ALONE: Final = (
    HAIR_COLOUR,
    PersonalQuestion(
        name="hair length",
        answers=(HairLength.SHORT, HairLength.MEDIUM, HairLength.LONG),
        of=_hair_length,
    ),
    PersonalQuestion(name="hair style", answers=tuple(HairStyle), of=_hair_style),
    PersonalQuestion(
        name="eye colour", answers=tuple(f"{c} eyes" for c in frequency.EYES), of=_eye_colour
    ),
    PersonalQuestion(name="expression", answers=tuple(Expression), of=_expression),
    PersonalQuestion(name="outfit", answers=tuple(Garment), of=_outfit),
    PersonalQuestion(name="outfit colour", answers=tuple(frequency.CLOTH), of=_outfit_colour),
    PersonalQuestion(name="accessory", answers=(NONE, *Accessory), of=_accessory),
    PersonalQuestion(name="pose", answers=tuple(Pose), of=_pose),
)
PERSONAL_QUESTIONS: Final[tuple[PersonalQuestion, ...]] = (SEX, *_OF_ONE_ALONE)

COUNT: Final = Question(name="count", answers=tuple(COUNTS), of=_count)
WHOLE_QUESTIONS: Final[tuple[Question, ...]] = (
    COUNT,
    *(question.alone() for question in _OF_ONE_ALONE),
    Question(name="background", answers=tuple(Place), of=_background),
    Question(
        name="backdrop colour",
        answers=tuple(f"{c} background" for c in Colour),
        of=_backdrop,
    ),
    Question(
        name="framing",
        answers=tuple(Framing),
        of=lambda scene: scene.framing if scene.people else None,
    ),
    Question(
        name="camera",
        answers=tuple(Camera),
        of=lambda scene: scene.camera if scene.people else None,
    ),
    Question(name="style", answers=tuple(Style), of=lambda scene: scene.style),
)
"""What one can be asked about a picture as a whole."""

TWO_HAIR_COLOURS: Final = Question(
    name="two hair colours",
    answers=tuple(" and ".join(pair) for pair in combinations(HAIR_COLOURS, 2)),
    of=_two_hair_colours,
)
"""Has each of two people a hair colour of those asked for, another than the other one? As a set: a
prompt does not say who stands on the left."""

QUESTIONS: Final[tuple[Question, ...]] = (*WHOLE_QUESTIONS, TWO_HAIR_COLOURS)


def labels_of(scene: Scene) -> list[int]:
    """Return the number of the scene's answer to each question, `NOT_ASKED` for none."""
    return [question.index(scene) for question in QUESTIONS]


def personal_labels_of(scene: Scene, person: Person) -> list[int]:
    """Return the number of a person's answer to each personal question, `NOT_ASKED` for none."""
    return [question.index(scene, person) for question in PERSONAL_QUESTIONS]
