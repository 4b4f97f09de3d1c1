"""Prompts to conditionings: each distinct text is encoded once, however often it is in force."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from irodori.engine.conditioning import BatchConditioning, Conditioning, ImageConditioning, Part
from irodori.engine.loading.checkpoint import LoadedModel
from irodori.engine.padding import Padding, padded
from irodori.engine.text import (
    EncodedPrompt,
    TextEncoders,
    TextSettings,
    encode_texts,
    facts_vector,
)
from irodori.engine.timeline import PassTexts, Timeline
from irodori.prompt import chunk
from irodori.prompt.chunk import Chunk
from irodori.prompt.dialect import Dialect
from irodori.prompt.tokenizer import Tokenizer
from irodori.recipe.names import Emphasis, EmptyNegative, PadConds

_TEXTS_KEPT: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How texts become conditionings, beside the texts themselves.

    Attributes:
        dialect: of the prompt language; a1111 encodes all texts of a schedule as one batch.
        emphasis: how weights act.
        clip_skip: layer counted from the end.
        backtrack: tokens back to the comma where a chunk may break, 0..74.
        empty_negative: what an empty negative prompt becomes.
        pad_conds: how prompt and negative prompt of unequal length meet.
        width: of the picture, pixels.
        height: of the picture, pixels.
    """

    dialect: Dialect
    emphasis: Emphasis
    clip_skip: int
    backtrack: int
    empty_negative: EmptyNegative
    pad_conds: PadConds
    width: int
    height: int


class Prompter:
    """Encodes the texts of one model and remembers them: an unchanged prompt costs nothing.

    Args:
        model: whose text encoders.
        tokenizer: CLIP's.

    Attributes:
        encoded: how many texts were really encoded.
    """

    def __init__(self, model: LoadedModel, tokenizer: Tokenizer) -> None:
        self.encoded = 0
        self._model = model
        self._tokenizer = tokenizer
        self._known: OrderedDict[tuple[str, TextSettings, object], EncodedPrompt] = OrderedDict()

    def conditioning(
        self, images: Sequence[PassTexts], reading: Reading
    ) -> Callable[[int], BatchConditioning]:
        """Return what every picture of a batch is told at each call.

        The same batch object comes back for calls that are told the same, so that keys and values
        are computed once.

        Args:
            images: the texts of each picture.
            reading: how they are read.
        """
        distinct: dict[PassTexts, Callable[[int], tuple[tuple[int, ...], ImageConditioning]]] = {}
        for texts in images:
            if texts not in distinct:
                distinct[texts] = self._image(texts, reading)
        at = [distinct[texts] for texts in images]
        batches: dict[tuple[tuple[int, ...], ...], BatchConditioning] = {}

        def told(call: int) -> BatchConditioning:
            answers = [image(call) for image in at]
            key = tuple(indices for indices, _ in answers)
            if key not in batches:
                batches[key] = tuple(conditioning for _, conditioning in answers)
            return batches[key]

        return told

    def _image(
        self, texts: PassTexts, reading: Reading
    ) -> Callable[[int], tuple[tuple[int, ...], ImageConditioning]]:
        """Return one picture's conditioning by call, with the indices of the texts in force."""
        parts = [(weight, line, self._line(line, reading)) for weight, line in texts.parts]
        negatives = self._line(texts.negative, reading)
        if texts.has_empty_negative and reading.empty_negative is EmptyNegative.ZEROS:
            negatives = [negative.zeros() for negative in negatives]
        negative_conditionings = [self._finished(each, reading) for each in negatives]
        part_conditionings = [
            (weight, line, [self._finished(each, reading) for each in encoded])
            for weight, line, encoded in parts
        ]

        padding = self._padding(reading)
        known: dict[tuple[int, ...], ImageConditioning] = {}

        def at(call: int) -> tuple[tuple[int, ...], ImageConditioning]:
            places = [line.index_at(call) for _, line, _ in part_conditionings]
            negative = texts.negative.index_at(call)
            key = (*places, negative)
            if key not in known:
                conditioning = ImageConditioning(
                    parts=tuple(
                        Part(each[place], weight)
                        for (weight, _, each), place in zip(part_conditionings, places, strict=True)
                    ),
                    negative=negative_conditionings[negative],
                )
                known[key] = padded(conditioning, padding)
            return key, known[key]

        return at

    def _padding(self, reading: Reading) -> Padding:
        """Return how unequal lengths meet: by default not at all."""
        empty = None
        if reading.pad_conds is PadConds.EMPTY_CHUNKS:
            empty = self._encoded([""], reading)[0].context[0]
        return Padding(
            align_parts=reading.dialect is Dialect.A1111,
            conds=reading.pad_conds,
            empty_chunk=empty,
        )

    def _line(self, line: Timeline, reading: Reading) -> list[EncodedPrompt]:
        """Return the encoded text of every entry of a timeline."""
        return self._encoded([text for _, text in line.entries], reading)

    def _encoded(self, texts: Sequence[str], reading: Reading) -> list[EncodedPrompt]:
        """Return texts encoded; those of one prompt's schedule belong together."""
        together = reading.dialect is Dialect.A1111
        settings = TextSettings(
            clip_skip=reading.clip_skip, emphasis=reading.emphasis, together=together
        )
        distinct = list(dict.fromkeys(texts))
        # In one batch, the others decide too: they belong to what the result is known by.
        company = tuple(distinct) if together else ()
        keys = {text: (text, settings, (reading.backtrack, company)) for text in distinct}
        missing = [text for text in distinct if keys[text] not in self._known]
        if missing:
            wanted = distinct if together else missing
            chunks = [self._chunks(text, reading) for text in wanted]
            encoders = TextEncoders(text_l=self._model.text_l, text_g=self._model.text_g)
            for text, encoded in zip(wanted, encode_texts(encoders, chunks, settings), strict=True):
                self._known[keys[text]] = encoded
            self.encoded += len(wanted)
        found = [self._known[keys[text]] for text in texts]
        self._forget(keep=len(distinct))
        return found

    def _chunks(self, text: str, reading: Reading) -> tuple[Chunk, ...]:
        chunked = chunk(
            text,
            self._tokenizer,
            dialect=reading.dialect,
            mode=reading.emphasis,
            backtrack=reading.backtrack,
        )
        return chunked.chunks

    def _finished(self, encoded: EncodedPrompt, reading: Reading) -> Conditioning:
        vector = facts_vector(
            encoded.pooled,
            self._model.unet.config.vector_dim,
            width=reading.width,
            height=reading.height,
        )
        return Conditioning(context=encoded.context[0], vector=vector[0])

    def _forget(self, *, keep: int) -> None:
        while len(self._known) > max(_TEXTS_KEPT, keep):
            self._known.popitem(last=False)
