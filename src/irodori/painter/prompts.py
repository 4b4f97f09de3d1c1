"""Captions as the text encoders are given them: chunks of token ids with a weight each.

The same rules as drawing follows (`irodori.prompt`), for the few forms that captions have: tags
between commas, `(tag:1.2)`, and BREAK. A table of tags already split keeps this out of the step's
time.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

import torch
from torch import Tensor

from irodori.painter.caption import caption
from irodori.painter.compact import POSITIONS, CompactVocabulary
from irodori.painter.config import ModelTraining
from irodori.painter.sampling import HELD_OUT_FIRST_SEED, sample_scene
from irodori.painter.scene import Scene
from irodori.painter.vocabulary import SYNONYMS, TAGS
from irodori.prompt.tokenizer import COMMA_ID, Tokenizer

CHUNK: Final = 75
_BREAK: Final = "BREAK"
_WEIGHTED: Final = re.compile(r"\((?P<text>.+):(?P<weight>[0-9.]+)\)")
_VOCABULARY_SCENES: Final = 3000
_MADE_UP: Final = -1  # an id that no vocabulary has
_BREAK_IDS: Final = (-2,)

_Piece = tuple[tuple[int, ...], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPrompt:
    """A prompt in tokens.

    Attributes:
        chunks: token ids, up to 75 each; at least one chunk, which may be empty.
        weights: emphasis of each of them, 1 without.
        tags: the tags told, as text.
    """

    chunks: tuple[tuple[int, ...], ...]
    weights: tuple[tuple[float, ...], ...]
    tags: tuple[str, ...] = ()

    @property
    def is_weighted(self) -> bool:
        """Whether any token has a weight other than 1."""
        return any(weight != 1 for chunk in self.weights for weight in chunk)

    def padded(self, chunks: int) -> list[Sequence[int]]:
        """Return the chunks, and empty ones up to a number."""
        return [*self.chunks, *[()] * (chunks - len(self.chunks))]

    def token_weights(self, chunks: int) -> Tensor:
        """Return the weight of each position, float32 [chunks, 77]; 1 where there is no token."""
        weights = torch.ones(chunks, POSITIONS)
        for i, chunk in enumerate(self.weights):
            weights[i, 1 : len(chunk) + 1] = torch.tensor(chunk)
        return weights


@dataclass(slots=True, kw_only=True)
class PromptWriter:
    """Makes the prompt of a picture, a new one each time; remembers scenes and tags.

    Attributes:
        settings: how often a prompt is empty, weighted or has a made-up word.
        tokenizer: CLIP's.
        sample: gives the scene of a seed.
        speak: gives a caption of a scene, a new one each time.
        words: token ids of tags that are not the tokenizer's to split.
    """

    settings: ModelTraining
    tokenizer: Tokenizer
    sample: Callable[[int], Scene] = sample_scene
    speak: Callable[[Scene, Random], str] = caption
    words: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    _scenes: dict[int, Scene] = field(default_factory=dict)
    _tags: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def write(self, seed: int, rng: Random, *, most_chunks: int = 2) -> TokenPrompt:
        """Return a prompt for the scene of a seed, what is beyond `most_chunks` dropped."""
        if rng.random() < self.settings.unconditional:
            return TokenPrompt(chunks=((),), weights=((),))
        tags = split_caption(self.speak(self._scene(seed), rng))
        if rng.random() < self.settings.emphasised:
            tags = self._emphasised(tags, rng)
        pieces = [(self.tokens_of(tag), weight) for tag, weight in tags]
        if rng.random() < self.settings.made_up:
            pieces.insert(rng.randint(0, len(pieces)), ((_MADE_UP,) * rng.randint(1, 3), 1.0))
        return in_chunks(pieces, most_chunks)

    def tell(self, seed: int, rng: Random) -> TokenPrompt:
        """Return a plain prompt of one chunk for the scene of a seed, with its tags."""
        tags = split_caption(self.speak(self._scene(seed), rng))
        prompt = in_chunks([(self.tokens_of(tag), 1.0) for tag, _ in tags], 1)
        return replace(prompt, tags=tuple(tag for tag, _ in tags))

    def _scene(self, seed: int) -> Scene:
        if seed not in self._scenes:
            self._scenes[seed] = self.sample(seed)
        return self._scenes[seed]

    def _emphasised(self, tags: list[tuple[str, float]], rng: Random) -> list[tuple[str, float]]:
        """Put a weight on one tag, or add one that the picture does not show at a small weight."""
        tags = list(tags)
        if rng.random() < 0.5:
            others = {tag for tag, _ in split_caption(caption(_any_scene(rng), rng))}
            absent = sorted(others - {tag for tag, _ in tags} - {_BREAK})
            if absent:
                place = rng.randint(0, len(tags))
                tags.insert(place, (rng.choice(absent), round(rng.uniform(0.0, 0.3), 2)))
                return tags
        places = [i for i, (tag, _) in enumerate(tags) if tag != _BREAK]
        if places:
            i = rng.choice(places)
            tags[i] = (tags[i][0], round(rng.uniform(0.8, 1.5), 2))
        return tags

    def tokens_of(self, tag: str) -> tuple[int, ...]:
        """Return the token ids of a tag; BREAK has a mark of its own."""
        if tag == _BREAK:
            return _BREAK_IDS
        if tag not in self._tags:
            self._tags[tag] = self.words.get(tag) or self.tokenizer.encode(tag)
        return self._tags[tag]


def _any_scene(rng: Random) -> Scene:
    return sample_scene(rng.randrange(HELD_OUT_FIRST_SEED))


def split_caption(text: str) -> list[tuple[str, float]]:
    """Return the tags of a caption with their weights; BREAK stands among them as itself."""
    return list(_tags_of(text))


def _tags_of(text: str) -> Iterator[tuple[str, float]]:
    for i, part in enumerate(text.split(_BREAK)):
        if i:
            yield _BREAK, 1.0
        for tag in part.split(","):
            stripped = tag.strip()
            found = _WEIGHTED.fullmatch(stripped)
            if found:
                yield _plain(found["text"]), float(found["weight"])
            elif stripped:
                yield _plain(stripped), 1.0


def _plain(tag: str) -> str:
    """Return a tag without the backslashes that keep its parentheses from being emphasis."""
    return tag.replace("\\(", "(").replace("\\)", ")")


def in_chunks(pieces: Sequence[_Piece], most_chunks: int) -> TokenPrompt:
    """Lay tags into chunks of 75, commas between; what does not fit the last chunk is dropped.

    Args:
        pieces: token ids and weight of each tag; BREAK begins a chunk where there may be more.
        most_chunks: 1 or more.
    """
    chunks: list[list[int]] = [[]]
    weights: list[list[float]] = [[]]
    for ids, weight in pieces:
        is_break = ids == _BREAK_IDS
        full = len(chunks[-1]) + len(ids) + 1 > CHUNK
        last = len(chunks) == most_chunks
        if full and last:
            break
        if (full or is_break) and not last:
            chunks.append([])
            weights.append([])
        if is_break:
            continue
        if chunks[-1]:
            chunks[-1].append(COMMA_ID)
            weights[-1].append(1.0)
        chunks[-1].extend(ids)
        weights[-1].extend([weight] * len(ids))
    return TokenPrompt(chunks=tuple(map(tuple, chunks)), weights=tuple(map(tuple, weights)))


def training_vocabulary(tokenizer: Tokenizer) -> CompactVocabulary:
    """Return the tokens of every tag and of many captions: those that get rows of their own."""
    rng = Random("vocabulary")  # noqa: S311  # captions, not secrets
    texts = [caption(sample_scene(seed), rng) for seed in range(_VOCABULARY_SCENES)]
    others = [word for words in SYNONYMS.values() for word in words]
    tags = {tag for text in (*texts, *TAGS, *others) for tag, _ in split_caption(text)}
    return CompactVocabulary.of(token for tag in sorted(tags) for token in tokenizer.encode(tag))
