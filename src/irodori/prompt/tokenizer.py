"""CLIP's byte-pair encoding, with the place of every token in the text.

One tokenizer serves both of SDXL's text encoders: they share ids and differ in padding only
(`irodori.prompt.chunk`). The ids equal those of transformers' `CLIPTokenizer`: NFC, lower case,
white space dropped, the literals `<|startoftext|>` and `<|endoftext|>` read as the special tokens.

Source: Radford et al. 2021, arXiv:2103.00020, section 2.4; Sennrich et al. 2016, arXiv:1508.07909.
"""

import heapq
import re
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from irodori.prompt.span import Span

BOS_ID: Final = 49406
EOS_ID: Final = 49407
COMMA_ID: Final = 267

VOCABULARY: Final = Path(__file__).resolve().parents[1] / "assets" / "clip_bpe.bin"

_FIRST_MERGE_ID: Final = 512
_ENDS_WORD: Final = 256  # added to the id of a byte that is the last of its word
_WORDS_REMEMBERED: Final = 16_384
_SPECIAL: Final = {"<|startoftext|>": BOS_ID, "<|endoftext|>": EOS_ID}
_SPECIAL_TEXT: Final = re.compile(r"<\|startoftext\|>|<\|endoftext\|>")
# Works on a text's shape: a letter beyond ASCII stands there as `a`, a number as `0`.
_WORD: Final = re.compile(
    r"<\|startoftext\|>|<\|endoftext\|>"  # written in upper case: plain words, three of them
    r"|'s|'t|'re|'ve|'m|'ll|'d|[a-z]+|[0-9]|[^ \t\n\v\f\ra-z0-9]+"
)
_SHAPE_OF_CATEGORY: Final = {"L": "a", "N": "0", "Z": " "}
_NEXT_LINE: Final = "\x85"  # the one white space beyond ASCII that is no separator by category
_PRINTABLE: Final = (*range(33, 127), *range(161, 173), *range(174, 256))

_Places = Sequence[tuple[int, int]]  # of each character: first code point, end
_Pieces = tuple[tuple[int, int], ...]  # of each piece: id, length in bytes


class Token(NamedTuple):
    """One token and where it stands in the text.

    A named tuple for the same reason as `Span`: a page counts tokens at every key stroke.

    Args:
        id: 0 to 49407.
        span: its code points. Tokens that share one character (a letter beyond ASCII is several
            bytes) share its place.
    """

    id: int
    span: Span


class Tokenizer:
    """CLIP's byte-pair encoder; remembers the words it has met.

    Args:
        left: for each merge, in rank order, the id of its left part.
        right: the same for its right part; as long as left.
    """

    def __init__(self, left: Sequence[int], right: Sequence[int]) -> None:
        pairs = list(zip(left, right, strict=True))
        alphabet = (*_PRINTABLE, *sorted(set(range(256)) - set(_PRINTABLE)))
        self._parts = pairs
        self._alphabet = bytes(alphabet)
        self._byte_ids = {byte: i for i, byte in enumerate(alphabet)}
        self._merged = dict(zip(pairs, range(_FIRST_MERGE_ID, 1 << 16), strict=False))
        self._pieces = lru_cache(maxsize=_WORDS_REMEMBERED)(self._split_word)

    @property
    def merges(self) -> Sequence[tuple[int, int]]:
        """The ids joined by each merge, in rank order; merge r makes id 512 + r."""
        return self._parts

    def encode(self, text: str) -> tuple[int, ...]:
        """Return the ids of a text, without the tokens that begin and end it."""
        return tuple([piece for _, _, pieces in self._words(text) for piece, _ in pieces])

    def tokens(self, text: str) -> tuple[Token, ...]:
        """Return the tokens of a text with their places, without those that begin and end it."""
        found = []
        for word, places, pieces in self._words(text):
            if len(pieces) == 1:
                found.append(Token(pieces[0][0], Span(places[0][0], places[-1][1])))
                continue
            of_byte = [place for char, place in zip(word, places, strict=True) for _ in _utf8(char)]
            at = 0
            for piece, length in pieces:
                found.append(Token(piece, Span(of_byte[at][0], of_byte[at + length - 1][1])))
                at += length
        return tuple(found)

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of some ids: lower case, one space after each word, none at the end.

        Bytes that make no character are shown as U+FFFD; special tokens as `<|endoftext|>`.

        Raises:
            IndexError: an id outside 0..49407.
        """
        names = {number: text for text, number in _SPECIAL.items()}
        out = bytearray()
        for number in ids:
            if number in names:
                out += names[number].encode() + b" "
            else:
                out += bytes(self._expand(number))
        return out.decode("utf-8", "replace").rstrip(" ")

    def _words(self, text: str) -> Iterator[tuple[str, _Places, _Pieces]]:
        """Yield each word in lower case, the place of each of its characters, and its pieces."""
        begin = 0
        for special in _SPECIAL_TEXT.finditer(text):
            for word, places in _plain_words(text[begin : special.start()], begin):
                yield word, places, self._pieces(word)
            yield special.group(), (special.span(),), ((_SPECIAL[special.group()], 0),)
            begin = special.end()
        for word, places in _plain_words(text[begin:], begin):
            yield word, places, self._pieces(word)

    def _split_word(self, word: str) -> _Pieces:
        ids = [self._byte_ids[byte] for byte in _utf8(word)]
        ids[-1] += _ENDS_WORD
        return tuple([(number, end - at) for number, at, end in _merge(ids, self._merged)])

    def _expand(self, number: int) -> Iterator[int]:
        """Yield the bytes of one id, and a space where it ends a word."""
        stack = [number]
        while stack:
            top = stack.pop()
            if top >= _FIRST_MERGE_ID:
                stack.extend(reversed(self._parts[top - _FIRST_MERGE_ID]))
                continue
            yield self._alphabet[top % _ENDS_WORD]
            if top >= _ENDS_WORD:
                yield ord(" ")


def load_tokenizer(path: Path = VOCABULARY) -> Tokenizer:
    """Return the tokenizer of a packed list of merges, by default CLIP's own.

    Takes some 20 ms; make one and pass it on.

    Raises:
        FileNotFoundError: no such file.
    """
    raw = zlib.decompress(path.read_bytes())
    numbers = struct.unpack(f"<{len(raw) // 2}H", raw)
    half = len(numbers) // 2
    return Tokenizer(numbers[:half], numbers[half:])


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _merge(ids: list[int], merged: dict[tuple[int, int], int]) -> list[tuple[int, int, int]]:
    """Join neighbours, lowest rank first, until none can be: (id, first byte, end) of each piece.

    A heap of candidate pairs over a linked list: n log n, so that a page of text without a space
    (Japanese has none) stays quick.
    """
    count = len(ids)
    following = list(range(1, count + 1))
    previous = list(range(-1, count - 1))
    heap = [
        (number, i) for i in range(count - 1) if (number := merged.get((ids[i], ids[i + 1]), 0))
    ]
    heapq.heapify(heap)
    while heap:
        number, i = heapq.heappop(heap)
        j = following[i]
        if j >= count or merged.get((ids[i], ids[j])) != number:
            continue  # one of the two has been joined to another since
        ids[i], ids[j] = number, -1
        following[i] = after = following[j]
        if after < count:
            previous[after] = i
            if longer := merged.get((number, ids[after]), 0):
                heapq.heappush(heap, (longer, i))
        before = previous[i]
        if before >= 0 and (longer := merged.get((ids[before], number), 0)):
            heapq.heappush(heap, (longer, before))
    return [(number, i, following[i]) for i, number in enumerate(ids) if number >= 0]


def _plain_words(text: str, offset: int) -> Iterator[tuple[str, _Places]]:
    """Yield the words of a text without special tokens and the place of each character."""
    if text.isascii():
        lowered = text.lower()
        for start, end in _word_bounds(lowered):
            first, last = offset + start, offset + end
            places = tuple(zip(range(first, last), range(first + 1, last + 1), strict=True))
            yield lowered[start:end], places
        return
    lowered, places_of = _normalise(text, offset)
    shape = "".join([char if char < "\x80" else _shape(char) for char in lowered])
    for start, end in _word_bounds(shape):
        yield lowered[start:end], places_of[start:end]


def _word_bounds(shape: str) -> Iterator[tuple[int, int]]:
    for word in _WORD.finditer(shape):
        start, end = word.span()
        if word.group() in _SPECIAL:
            yield start, start + 2
            yield start + 2, end - 2
            start = end - 2
        yield start, end


def _shape(char: str) -> str:
    if char == _NEXT_LINE:
        return " "
    return _SHAPE_OF_CATEGORY.get(unicodedata.category(char)[0], "!")


def _normalise(text: str, offset: int) -> tuple[str, list[tuple[int, int]]]:
    """Return the text composed (NFC) and in lower case, and where each character came from."""
    lowered: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end in _clusters(text):
        for char in unicodedata.normalize("NFC", text[start:end]):
            small = char.lower()  # one at a time: a final sigma stays a sigma
            lowered.append(small)
            places.extend([(offset + start, offset + end)] * len(small))
    return "".join(lowered), places


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches that can be composed one by one with the same result as the whole."""
    if unicodedata.is_normalized("NFC", text):
        yield from pairwise(range(len(text) + 1))
        return
    starts = [i for i, char in enumerate(text) if not i or _begins_cluster(char)]
    clusters = list(pairwise((*starts, len(text))))
    composed = [unicodedata.normalize("NFC", text[start:end]) for start, end in clusters]
    if "".join(composed) != unicodedata.normalize("NFC", text):
        yield 0, len(text)  # a script whose letters join without a combining mark
        return
    for (start, end), result in zip(clusters, composed, strict=True):
        if result == text[start:end]:
            yield from pairwise(range(start, end + 1))
        else:
            yield start, end


def _begins_cluster(char: str) -> bool:
    """Tell whether a character never joins the one before it."""
    if char < "\u0300":
        return True
    joins = unicodedata.combining(char) or "\u1161" <= char <= "\u11c2"
    return not joins and unicodedata.category(char) != "Mc"
