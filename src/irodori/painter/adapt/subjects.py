"""What an adapter's pictures show, and how captions speak of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final, Protocol

from irodori.errors import InputError
from irodori.painter.adapt.config import SubjectSettings
from irodori.painter.adapt.newcomers import NEWCOMERS
from irodori.painter.caption import Habits, caption, escape
from irodori.painter.characters import CharacterSheet
from irodori.painter.medium import Pen, Quality, Style
from irodori.painter.sampling import sample_scene
from irodori.painter.scene import Scene
from irodori.painter.vocabulary import COUNT_TAGS, STYLE_TAGS, TAGS, Facet

_LOOK: Final = frozenset(
    {
        Facet.HAIR_COLOUR,
        Facet.HAIR_LENGTH,
        Facet.HAIR_STYLE,
        Facet.BANGS,
        Facet.EYE_COLOUR,
        Facet.GLASSES,
        Facet.ACCESSORY,
    }
)
"""What a newcomer's captions never say, so that its name comes to mean it."""

_BREAK: Final = " BREAK "
_PLAIN_SPOKEN: Final = Habits(synonym=0.0, phrased=0.0)
_COUNTS: Final = frozenset(tag for tags in COUNT_TAGS.values() for tag in tags)


class Subject(Protocol):
    """Scenes of one thing, and captions that name it."""

    @property
    def trigger(self) -> str:
        """The word that calls it, unescaped."""
        ...

    def sample(self, seed: int) -> Scene:
        """Return the scene of a seed, the same for ever."""
        ...

    def speak(self, scene: Scene, rng: Random) -> str:
        """Return a caption of such a scene, a new one each time."""
        ...


def subject_of(settings: SubjectSettings) -> Subject:
    """Return the subject of a configuration.

    Raises:
        InputError: the painter has no such style or pen, or there is no such newcomer.
    """
    if settings.pen:
        if settings.pen not in set(Pen):
            raise InputError(f"no pen '{settings.pen}'; there are {', '.join(Pen)}")
        return PenSubject(pen=Pen(settings.pen), trigger=settings.trigger)
    if not (settings.style or settings.character):
        return AnySubject(trigger=settings.trigger)
    if settings.style:
        if settings.style not in set(Style):
            raise InputError(f"no style '{settings.style}'; there are {', '.join(Style)}")
        style = Style(settings.style)
        return StyleSubject(style=style, trigger=settings.trigger or STYLE_TAGS[style][0])
    sheet = NEWCOMERS.get(settings.character)
    if sheet is None:
        known = ", ".join(NEWCOMERS)
        raise InputError(f"no newcomer '{settings.character}'; there are {known}")
    trigger = settings.trigger or settings.character
    return NewcomerSubject(sheet=sheet, trigger=trigger, share=settings.share)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnySubject:
    """The pictures that the base was trained on.

    Attributes:
        trigger: empty; nothing calls what is always there.
    """

    trigger: str

    def sample(self, seed: int) -> Scene:
        """Return the scene of a seed; see `Subject`."""
        return sample_scene(seed)

    def speak(self, scene: Scene, rng: Random) -> str:
        """Return a caption as the base was trained on; see `Subject`."""
        return caption(scene, rng)


@dataclass(frozen=True, slots=True, kw_only=True)
class PenSubject:
    """Everything that the painter paints, with one pen, in good quality and no style besides.

    Attributes:
        pen: of all pictures.
        trigger: empty; nothing calls what is always there.
    """

    pen: Pen
    trigger: str

    def sample(self, seed: int) -> Scene:
        """Return the scene of a seed; see `Subject`."""
        scene = sample_scene(seed, style_pool=(Style.PLAIN,))
        return replace(scene, quality=Quality.PLAIN, pen=self.pen)

    def speak(self, scene: Scene, rng: Random) -> str:
        """Return a caption as the base was trained on; see `Subject`."""
        return caption(scene, rng)


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleSubject:
    """Everything that the painter paints, in one style and in good quality.

    Attributes:
        style: of all pictures.
        trigger: see `Subject`.
    """

    style: Style
    trigger: str

    def sample(self, seed: int) -> Scene:
        """Return the scene of a seed; see `Subject`."""
        return replace(sample_scene(seed, style_pool=(self.style,)), quality=Quality.PLAIN)

    def speak(self, scene: Scene, rng: Random) -> str:
        """Return a caption that ends with the trigger; see `Subject`."""
        own = {escape(tag) for tag in STYLE_TAGS[self.style]}
        chunks = [
            [tag for tag in chunk.split(", ") if tag not in own]
            for chunk in caption(scene, rng).split(_BREAK)
        ]
        chunks[-1].append(escape(self.trigger))
        return _BREAK.join(", ".join(chunk) for chunk in chunks if chunk)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewcomerSubject:
    """One character among the base's pictures.

    Attributes:
        sheet: its look.
        trigger: see `Subject`.
        share: of the pictures of one person of its sex, how many show it.
    """

    sheet: CharacterSheet
    trigger: str
    share: float

    def is_shown(self, scene: Scene) -> bool:
        """Tell whether a scene's person is the newcomer."""
        alone = len(scene.people) == 1 and scene.people[0].sex is self.sheet.sex
        chance = Random(f"{scene.seed}/{self.trigger}").random()  # noqa: S311  # pictures
        return alone and scene.people[0].character is None and chance < self.share

    def sample(self, seed: int) -> Scene:
        """Return the scene of a seed; see `Subject`."""
        scene = replace(sample_scene(seed), quality=Quality.PLAIN)
        if not self.is_shown(scene):
            return scene
        rng = Random(f"{seed}/{self.trigger}/clothes")  # noqa: S311  # pictures, not secrets
        return replace(scene, people=(self.sheet.dressed(scene.people[0], rng),))

    def speak(self, scene: Scene, rng: Random) -> str:
        """Return a caption with the name in place of the look; see `Subject`."""
        if not self.is_shown(scene):
            return caption(scene, rng)
        return ", ".join(self._named(caption(scene, rng, _PLAIN_SPOKEN).split(", ")))

    def _named(self, tags: Sequence[str]) -> list[str]:
        """Return the tags without the look, the name behind the count."""
        kept = [tag for tag in tags if TAGS.get(tag) not in _LOOK]
        first = next((i for i, tag in enumerate(kept) if tag not in _COUNTS), len(kept))
        return [*kept[:first], escape(self.trigger), *kept[first:]]
