"""What the policy's words find in texts, added up."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from irodori.policy.ages import MINORS_AGE, is_minors_age
from irodori.policy.fold import fold
from irodori.policy.lexicon import Hit, lexicon
from irodori.policy.rating import Rating
from irodori.policy.spelling import Spelled, spaced_out, spell, split_tags, with_small_l
from irodori.policy.words import Form, Kind, Word, known_tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What was found in the texts of one picture.

    Attributes:
        rated: words above the rating `general`, the least mild first.
        minors: whether children are spoken of.
        sexual_minors: whether a name of sexual pictures of children is used.
    """

    rated: tuple[Hit, ...] = ()
    minors: bool = False
    sexual_minors: bool = False

    @property
    def rating(self) -> Rating:
        """The mildest ceiling that what was found is within."""
        return self.rated[0].word.rating if self.rated else Rating.GENERAL

    @property
    def is_refused_always(self) -> bool:
        """Whether it is sexual and about minors."""
        return self.sexual_minors or (self.minors and bool(self.rated))

    def above(self, ceiling: Rating) -> tuple[str, ...]:
        """Return what is above a ceiling, as it was written, each once."""
        above = [hit.text for hit in self.rated if not ceiling.allows(hit.word.rating)]
        return tuple(dict.fromkeys(above))


def screen(texts: Iterable[str]) -> Screening:
    """Return what is found in some texts that belong to one picture, taken together."""
    hits = list(_hits(texts))
    rated = [hit for hit in hits if hit.word.kind is Kind.RATED]
    kinds = {hit.word.kind for hit in hits}
    return Screening(
        rated=tuple(sorted(rated, key=lambda hit: (-hit.word.rating.rank, hit.text))),
        minors=Kind.MINOR in kinds,
        sexual_minors=Kind.BOTH in kinds,
    )


def tag_key(words: str) -> str:
    """Return what a tag is known by in the list of tags without a known word.

    Args:
        words: the tag's words, folded, with single blanks between them.
    """
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def _hits(texts: Iterable[str]) -> Iterator[Hit]:
    known = lexicon()
    seen: set[str] = set()
    for text in dict.fromkeys(chain.from_iterable(map(with_small_l, texts))):
        folded = fold(text)
        for reading in spaced_out(folded):
            yield from known.find_reading(reading)
        fresh = [tag for tag in split_tags(folded) if tag not in seen]
        seen.update(fresh)
        spelled = spell(fresh)
        yield from known.find(spelled)
        yield from _hits_of_tags(spelled)
        if is_minors_age(spelled.plain):
            yield Hit(word=MINORS_AGE, text="")


def _hits_of_tags(spelled: Spelled) -> Iterator[Hit]:
    for tag in spelled.tags:
        found = known_tags().get(tag_key(tag))
        if found is not None:
            kind, rating = found
            yield Hit(word=Word(core=tag, form=Form.WHOLE, kind=kind, rating=rating), text=tag)
