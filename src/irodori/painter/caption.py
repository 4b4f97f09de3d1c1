"""Prompts for a scene, as people write them: mostly in order, with gaps, weights and other words.

`caption` is what the model is trained on, a new one at each call; `full_caption` says everything
that can be seen, as an evaluation asks for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from irodori.painter import visibility
from irodori.painter.medium import Quality
from irodori.painter.naming import Name, Section, names_of, tags
from irodori.painter.scene import EyeState, Scene, Sex
from irodori.painter.vocabulary import SYNONYMS, TAGS

PRAISE: Final = (
    "masterpiece",
    "best quality",
    "amazing quality",
    "very aesthetic",
    "absurdres",
    "newest",
)
"""Quality words that change nothing; now and then they stand in a prompt, so as to be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How captions are written; every share 0 to 1.

    Attributes:
        dropout: shares of tags left out, one of which is chosen for each caption.
        count_dropped: share of captions that do not say how many people there are.
        in_order: share of captions that keep the practice's order (P2).
        cut: share of captions that end early.
        synonym: share of the tags that have another word which take it.
        phrased: share of captions that describe hair and eyes in a phrase.
        weighted: share of captions with a weight on one tag.
        absent: share of captions with the weight of 0 to 0.3 on a tag that is not shown.
        praised: share of plain captions with words of praise.
        separated: share of captions of two people in which BREAK separates them (P13).
    """

    dropout: tuple[float, ...] = (0.0, 0.15, 0.35)
    count_dropped: float = 0.05
    in_order: float = 0.6
    cut: float = 0.1
    synonym: float = 0.12
    phrased: float = 0.05
    weighted: float = 0.0
    absent: float = 0.0
    praised: float = 0.12
    separated: float = 0.4


HABITS: Final = Habits()
"""The habits of training captions; weights are left to the trainer, which knows its schedule."""

EMPHATIC: Final = Habits(weighted=0.2, absent=0.1)
"""Captions that carry weights themselves (model.md's fifth recipe)."""


def caption(scene: Scene, rng: Random, habits: Habits = HABITS) -> str:
    """Return a prompt for a scene.

    Args:
        scene: what is in the picture.
        rng: where its freedom comes from; the same state gives the same prompt.
        habits: how it is written.

    Returns:
        Tags between `, `; parentheses of names escaped; BREAK between the people of some.
    """
    kept = _kept(scene, rng, habits)
    quality = _quality(scene, rng, habits)
    if len(scene.people) == 2 and rng.random() < habits.separated:
        chunks = _chunks(scene, kept, rng)
    else:
        chunks = [_line(kept, rng, habits)]
    words = [[_spoken(tag, rng, habits) for tag in chunk] for chunk in chunks]
    if scene.people and rng.random() < habits.phrased:
        words[0] = _phrased(scene, words[0])
    words[0 if rng.random() < 0.6 else -1][0:0] = quality
    escaped = [[escape(tag) for tag in chunk] for chunk in words if chunk]
    _emphasise(escaped, scene, rng, habits)
    return " BREAK ".join(", ".join(chunk) for chunk in escaped)


def full_caption(scene: Scene, rng: Random) -> str:
    """Return a prompt that names everything seen; two people stand in chunks of their own.

    Args:
        scene: what to ask for.
        rng: not drawn from; there so that both kinds of caption are called alike.
    """
    del rng
    names = names_of(scene)
    if len(scene.people) < 2:
        return ", ".join(escape(tag) for tag in tags(scene))
    chunks = [
        [name.tag for name in names if name.owner is None],
        *([name.tag for name in names if name.owner == i] for i in range(len(scene.people))),
    ]
    return " BREAK ".join(", ".join(map(escape, dict.fromkeys(chunk))) for chunk in chunks)


def escape(tag: str) -> str:
    """Return a tag as a prompt spells it: its parentheses are no emphasis."""
    return tag.replace("(", "\\(").replace(")", "\\)")


def _kept(scene: Scene, rng: Random, habits: Habits) -> list[Name]:
    """Return the names that this caption speaks of, quality words aside."""
    drop = rng.choice(habits.dropout)
    names = [name for name in names_of(scene) if name.section is not Section.QUALITY]
    no_count = rng.random() < habits.count_dropped
    kept = []
    for name in names:
        counts = name.section is Section.PEOPLE and name.owner is None
        left_out = no_count if counts else rng.random() < drop
        if not left_out:
            kept.append(name)
    return kept


def _quality(scene: Scene, rng: Random, habits: Habits) -> list[str]:
    if scene.quality is not Quality.PLAIN:
        return [scene.quality]
    return rng.sample(PRAISE, rng.randint(1, 3)) if rng.random() < habits.praised else []


def _line(kept: Sequence[Name], rng: Random, habits: Habits) -> list[str]:
    """Return one chunk's tags: in order with shuffled sections, or in no order behind the count."""
    names = list(kept)
    rng.shuffle(names)
    if rng.random() < habits.in_order:
        names.sort(key=lambda name: (name.section, name.owner or 0))
    elif rng.random() < 0.8:
        names.sort(key=lambda name: name.section is not Section.PEOPLE)
    line = list(dict.fromkeys(name.tag for name in names))
    if rng.random() < habits.cut:
        line = line[: max(1, int(len(line) * rng.random()))]
    return line


def _chunks(scene: Scene, kept: Sequence[Name], rng: Random) -> list[list[str]]:
    """Return chunks as P13 has them: the whole picture first, then the people."""
    shared = [name.tag for name in kept if name.owner is None]
    people = [
        [name.tag for name in kept if name.owner == index] for index in range(len(scene.people))
    ]
    for chunk in people:
        if rng.random() < 0.5:
            rng.shuffle(chunk)
    form = rng.random()
    if form < 0.5:
        return [shared, *people]
    if form < 0.8:
        return [shared + people[0], people[1]]
    return [people[0], people[1] + shared]


def _spoken(tag: str, rng: Random, habits: Habits) -> str:
    words = SYNONYMS.get(tag)
    return rng.choice(words) if words and rng.random() < habits.synonym else tag


def _phrased(scene: Scene, words: Sequence[str]) -> list[str]:
    """Put a phrase for the tags of hair and eyes of the first person, where they are said."""
    person = scene.people[0]
    hair, eyes = f"{person.hair.colour} hair", f"{person.face.left_eye} eyes"
    who = "girl" if person.sex is Sex.GIRL else "boy"
    if hair not in words:
        return list(words)
    length = visibility.hair_length(scene, person)
    long = f"{length.removesuffix(' hair')} " if length and length in words else ""
    phrase = f"a {who} with {long}{hair}"
    used = {hair, length}
    if eyes in words and person.face.state is EyeState.OPEN:
        phrase += f" and {eyes}"
        used.add(eyes)
    place = list(words).index(hair)
    before, after = words[:place], words[place + 1 :]
    return [*(w for w in before if w not in used), phrase, *(w for w in after if w not in used)]


def _emphasise(chunks: Sequence[list[str]], scene: Scene, rng: Random, habits: Habits) -> None:
    """Put a weight on one tag, or a tag that is not shown in at a weight near none."""
    chosen = rng.random()
    if not chunks or chosen >= habits.weighted + habits.absent:
        return
    chunk = rng.choice(chunks)
    if chosen < habits.weighted:
        place = rng.randrange(len(chunk))
        chunk[place] = f"({chunk[place]}:{rng.uniform(0.8, 1.5):.2f})"
        return
    absent = rng.choice(absent_tags(tags(scene)))
    chunk.insert(rng.randint(0, len(chunk)), f"({escape(absent)}:{rng.uniform(0.0, 0.3):.2f})")


def absent_tags(shown: Iterable[str]) -> list[str]:
    """Return the tags of the vocabulary that are not among those shown, in its order."""
    present = set(shown)
    return [tag for tag in TAGS if tag not in present]
