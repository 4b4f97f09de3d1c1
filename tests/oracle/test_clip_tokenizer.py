"""CLIP BPE against transformers' CLIPTokenizer, built from the shipped merges, no network."""

import random
from pathlib import Path

import pytest

from irodori.prompt.chunk import Encoder, Segment, chunk_segments, id_rows
from irodori.prompt.tokenizer import BOS_ID, EOS_ID, VOCABULARY, Tokenizer, load_tokenizer

transformers = pytest.importorskip("transformers")

PIECES = (
    "1girl", "long hair", "Looking_at_Viewer", "\n", "  ", "(smile:1.2)", "[a|b]",
    "<lora:foo:0.7>", "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1ef\U0001f1f5", "初音ミク", "東京タワー", "e\u0301tude", "étude",
    "A\u030angstro\u0308m", "ΑΣ ΟΔΟΣ", "İstanbul", "ﬁ", "½²", "٣٤", "한국어",
    "\u1112\u1161\u11ab", "don't", "DON'T", "\u0301x", "<|endoftext|>", "<|ENDOFTEXT|>",
    "<|startoftext|> a", "'s", "\x1c", "\x85", "\u00a0", "\u3000", "\u200b", "\t", "^_^",
    ">_<", ":3", r"\(series\)", "__wild__", "{a|b}", "１２", "Ａ", "ß", "ẞ", "हिन्दी", "ไทย",
    "\u0995\u09be\u09bc", ";", "!", "???", "12345", "x1y2", "masterpiece", "ﬃ", "\u0958",
    "\u212b", "\u2126", "ǅ", "a" * 50, "漢字" * 20, "\0", "\r\n", "BREAK", "(((very long)))",
    "100%", "--", "naïve café", "ÀÉÎ",
)  # fmt: skip
RANGES = (
    (0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x36F), (0x391, 0x3C9), (0x3041, 0x3096), (0x30A1, 0x30FA),
    (0x4E00, 0x9FA5), (0x1F300, 0x1F5FF), (0xAC00, 0xD7A3), (0x0, 0x1F),
)  # fmt: skip


def reference(padding: str = "<|endoftext|>") -> "transformers.CLIPTokenizer":
    """Build the reference from the shipped merges, in the vocabulary's printable spelling.

    SDXL's second tokenizer differs from the first in its `pad_token`, which is "!" (id 0).
    """
    ours = load_tokenizer()
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    symbols = [chr(byte) for byte in printable] + [chr(256 + i) for i in range(256 - 188)]
    names = symbols + [symbol + "</w>" for symbol in symbols]
    merges = []
    for left, right in ours.merges:
        merges.append((names[left], names[right]))
        names.append(names[left] + names[right])
    names += ["<|startoftext|>", "<|endoftext|>"]
    return transformers.CLIPTokenizer(
        vocab={name: i for i, name in enumerate(names)}, merges=merges, pad_token=padding
    )


def some_prompt(rng: random.Random) -> str:
    separator = rng.choice((", ", " ", "", ",", "\n"))
    return separator.join(
        rng.choice(PIECES)
        if rng.random() < 0.8
        else "".join(chr(rng.randint(*rng.choice(RANGES))) for _ in range(rng.randint(1, 12)))
        for _ in range(rng.randint(0, 14))
    )


@pytest.fixture(scope="module")
def ours() -> Tokenizer:
    return load_tokenizer()


def test_two_thousand_prompts_have_the_reference_ids(ours: Tokenizer) -> None:
    theirs = reference()
    rng = random.Random(20261123)  # noqa: S311  # test data
    prompts = [some_prompt(rng) for _ in range(2000)]
    expected = theirs(prompts, add_special_tokens=False)["input_ids"]
    wrong = [
        (prompt, ids, list(ours.encode(prompt)))
        for prompt, ids in zip(prompts, expected, strict=True)
        if ids != list(ours.encode(prompt))
    ]
    assert wrong == []
    assert sum(map(len, expected)) > 50_000


@pytest.mark.parametrize(
    ("encoder", "padding"), [(Encoder.CLIP_L, "<|endoftext|>"), (Encoder.CLIP_G, "!")]
)
def test_rows_of_both_encoders_have_the_reference_padding(
    ours: Tokenizer, encoder: Encoder, padding: str
) -> None:
    theirs = reference(padding)
    rng = random.Random(7)  # noqa: S311  # test data
    prompts = ["", "cat", "cat " * 75, *(some_prompt(rng) for _ in range(300))]
    compared = 0
    for prompt in prompts:
        chunks = chunk_segments([Segment(text=prompt)], ours)
        if len(chunks) > 1 or EOS_ID in chunks[0].ids:
            continue  # the reference cuts the first off, and ends at the second
        if encoder is Encoder.CLIP_G and "!" in prompt:
            continue  # there the reference reads "!" as padding, id 0; A1111 as the word, id 256
        compared += 1
        expected = theirs(prompt, padding="max_length", max_length=77)["input_ids"]
        assert id_rows(chunks, encoder) == [expected]
    assert compared > 100


def test_vocabulary_ends_with_the_two_special_tokens(ours: Tokenizer) -> None:
    theirs = reference()
    assert len(theirs) == EOS_ID + 1
    assert (theirs.bos_token_id, theirs.eos_token_id) == (BOS_ID, EOS_ID)
    assert Path(VOCABULARY).stat().st_size < 200_000
