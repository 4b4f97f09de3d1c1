"""Prompts to conditionings: each distinct text is encoded once, however often it is in force."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from irodori.engine.conditioning import BatchConditioning, Conditioning, ImageConditioning, Part
from irodori.engine.embeddings import EmbeddingShelf, Vocabulary
from irodori.engine.loading.checkpoint import LoadedModel
from irodori.engine.lora.schedule import NO_NETWORKS, NetworkSchedule, Wear
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


_Image = Callable[[int], tuple[object, ImageConditioning]]
"""One picture's conditioning by call, with what it is known by."""

_Key = tuple[object, ...]
"""What an encoded text is known by: all that decides it."""


def _nothing() -> None:
    """Do nothing: the encoders are where they are used."""


class Prompter:
    """Encodes the texts of one model and remembers them: an unchanged prompt costs nothing.

    Args:
        model: whose text encoders.
        tokenizer: CLIP's.
        embeddings: the textual inversions that texts may name; None for none.
        begin: called before the encoders are used: they may have to come from elsewhere.

    Attributes:
        encoded: how many texts were really encoded.
    """

    def __init__(
        self,
        model: LoadedModel,
        tokenizer: Tokenizer,
        embeddings: EmbeddingShelf | None = None,
        begin: Callable[[], None] = _nothing,
    ) -> None:
        self.encoded = 0
        self._begin = begin
        self._model = model
        self._tokenizer = tokenizer
        self._embeddings = embeddings or EmbeddingShelf(model, tokenizer)
        self._known: OrderedDict[_Key, EncodedPrompt] = OrderedDict()

    def conditioning(
        self,
        images: Sequence[PassTexts],
        reading: Reading,
        networks: NetworkSchedule = NO_NETWORKS,
    ) -> Callable[[int], BatchConditioning]:
        """Return what every picture of a batch is told at each call.

        The same batch object comes back for calls that are told the same by the same UNet, so that
        keys and values are computed once.

        Args:
            images: the texts of each picture.
            reading: how they are read.
            networks: of the pass; a text is encoded by encoders that wear what they wear when it
                is in force.
        """
        self._encode_all(images, reading, networks)
        distinct: dict[PassTexts, _Image] = {}
        for texts in images:
            if texts not in distinct:
                distinct[texts] = self._image(texts, reading, networks)
        at = [distinct[texts] for texts in images]
        batches: dict[object, BatchConditioning] = {}

        def told(call: int) -> BatchConditioning:
            answers = [image(call) for image in at]
            key = (networks.unet_at(call), *(key for key, _ in answers))
            if key not in batches:
                batches[key] = tuple(conditioning for _, conditioning in answers)
            return batches[key]

        return told

    def notes(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Return what a person should know of the embeddings that texts name."""
        return self._embeddings.for_text("\n".join(texts)).notes

    def _encode_all(
        self, images: Sequence[PassTexts], reading: Reading, networks: NetworkSchedule
    ) -> None:
        """Encode what a pass needs, the encoders changed once for each of their states."""
        groups: dict[object, tuple[Wear, dict[tuple[str, ...], None]]] = {}
        for texts in images:
            for line in (*(line for _, line in texts.parts), texts.negative):
                for call in range(line.timing.calls):
                    wear = networks.wear_at(call)
                    _, found = groups.setdefault(wear.key, (wear, {}))
                    found[_company(line, line.index_at(call), reading)] = None
        for wear, found in groups.values():
            self._encode(list(found), reading, wear)

    def _image(self, texts: PassTexts, reading: Reading, networks: NetworkSchedule) -> "_Image":
        """Return one picture's conditioning by call, with what it is known by."""
        zeros = texts.has_empty_negative and reading.empty_negative is EmptyNegative.ZEROS
        padding = self._padding(reading, networks.wear_at(0))
        known: dict[object, ImageConditioning] = {}

        def at(call: int) -> tuple[object, ImageConditioning]:
            wear = networks.wear_at(call)
            places = [line.index_at(call) for _, line in texts.parts]
            place = texts.negative.index_at(call)
            # By text, not by entry: `[a|b]` has an entry a step, and two texts.
            said = (
                line.entries[entry][1] for (_, line), entry in zip(texts.parts, places, strict=True)
            )
            key = (*said, texts.negative.entries[place][1], wear.key)
            if key not in known:
                negative = self._entry(texts.negative, place, reading, wear)
                conditioning = ImageConditioning(
                    parts=tuple(
                        Part(
                            self._finished(self._entry(line, entry, reading, wear), reading), weight
                        )
                        for (weight, line), entry in zip(texts.parts, places, strict=True)
                    ),
                    negative=self._finished(negative.zeros() if zeros else negative, reading),
                )
                known[key] = padded(conditioning, padding)
            return key, known[key]

        return at

    def _padding(self, reading: Reading, wear: Wear) -> Padding:
        """Return how unequal lengths meet: by default not at all."""
        empty = None
        if reading.pad_conds is PadConds.EMPTY_CHUNKS:
            empty = self._encoded("", ("",), reading, wear).context[0]
        return Padding(
            align_parts=reading.dialect is Dialect.A1111,
            conds=reading.pad_conds,
            empty_chunk=empty,
        )

    def _entry(self, line: Timeline, place: int, reading: Reading, wear: Wear) -> EncodedPrompt:
        """Return the encoded text of an entry of a timeline."""
        text = line.entries[place][1]
        return self._encoded(text, _company(line, place, reading), reading, wear)

    def _encoded(
        self, text: str, company: tuple[str, ...], reading: Reading, wear: Wear
    ) -> EncodedPrompt:
        """Return a text encoded in its company."""
        self._encode([company], reading, wear)
        key = self._key(text, company, reading, wear)
        self._known.move_to_end(key)
        return self._known[key]

    def _encode(self, companies: Sequence[tuple[str, ...]], reading: Reading, wear: Wear) -> None:
        """Encode those companies of texts that are not known yet."""
        missing = [
            company
            for company in companies
            if any(self._key(text, company, reading, wear) not in self._known for text in company)
        ]
        if not missing:
            return
        self._begin()
        encoders = TextEncoders(text_l=self._model.text_l, text_g=self._model.text_g)
        with wear.on({"text_l": encoders.text_l, "text_g": encoders.text_g}):
            for company in missing:
                vocabulary = self._embeddings.for_text("\n".join(company))
                chunks = [self._chunks(text, reading, vocabulary) for text in company]
                settings = _settings(reading)
                encoded = encode_texts(encoders, chunks, settings, vocabulary.embeddings)
                for text, each in zip(company, encoded, strict=True):
                    self._known[self._key(text, company, reading, wear)] = each
                self.encoded += len(company)
        self._forget(keep=sum(map(len, missing)))

    def _key(self, text: str, company: tuple[str, ...], reading: Reading, wear: Wear) -> _Key:
        # In one batch, the others decide too: they belong to what the result is known by.
        embeddings = self._embeddings.for_text("\n".join(company)).key
        return text, company, _settings(reading), reading.backtrack, wear.key, embeddings

    def _chunks(self, text: str, reading: Reading, vocabulary: Vocabulary) -> tuple[Chunk, ...]:
        chunked = chunk(
            text,
            self._tokenizer,
            dialect=reading.dialect,
            mode=reading.emphasis,
            backtrack=reading.backtrack,
            embeddings=vocabulary.table,
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


def _settings(reading: Reading) -> TextSettings:
    return TextSettings(
        clip_skip=reading.clip_skip,
        emphasis=reading.emphasis,
        together=reading.dialect is Dialect.A1111,
    )


def _company(line: Timeline, place: int, reading: Reading) -> tuple[str, ...]:
    """Return the texts that an entry of a timeline is encoded with: itself, or in A1111 all."""
    if reading.dialect is Dialect.A1111:
        return tuple(dict.fromkeys(text for _, text in line.entries))
    return (line.entries[place][1],)
