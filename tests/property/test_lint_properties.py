"""Whatever is typed, the linter answers: no exception, places inside the text, fixes that rest."""

import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irodori.lint import Diagnostic, Field, LintInput, check, fix
from irodori.prompt import Dialect, Tokenizer, load_tokenizer
from irodori.tags import Vocabulary, open_vocabulary

FIXTURES = Path(__file__).parents[1] / "fixtures"
# fmt: off
WORDS = (
    "1girl", "2girls", "solo", "no humans", "smile", "long hair", "long_hair", "red hair",
    "blue eyes", "arm up", "close-up", "arm behind back", "cowboy shot", "full body",
    "from behind", "looking at viewer", "white background", "night", "simple background",
    "fox ears", "animal ears", "holding cane", "cane", "masterpiece", "worst quality", "general",
    "hererochromia", "makima \\(chainsaw man\\)", "makima (chainsaw man)", "horror_(style)",
    "pixel art", ":3", "(:3)", "^_^", "BREAK", "AND", "__hair__", "<lora:a:0.7>", "<lora:b",
    "# irodori: ignore SYN", "# note", "1.2", ":0.5", "0.5", "dress", "open jacket", "barefoot",
    "pov", "hug", "chibi", "sketch", "censor", "signature", "watermark", "sensitive", "\\", "\n",
    "couple", "crowd",
)
# fmt: on
MARKS = "()[]{}|:,.;!\\\n \t_#<>$0123456789a日😀é"
PIECES = st.one_of(
    st.sampled_from(WORDS), st.sampled_from([*MARKS, ", ", ":1.2)", ":0.5]"]), st.text(max_size=6)
)
PROMPTS = st.lists(PIECES, max_size=40).map("".join)


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    return open_vocabulary(tmp_path_factory.mktemp("tags") / "tags.sqlite")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return load_tokenizer()


def assert_sound(
    source: LintInput, vocabulary: Vocabulary, tokenizer: Tokenizer
) -> Sequence[Diagnostic]:
    """Check a prompt, and that every finding's places lie inside its text."""
    lengths = {Field.PROMPT: len(source.prompt), Field.NEGATIVE_PROMPT: len(source.negative_prompt)}
    findings = check(source, vocabulary, tokenizer=tokenizer)
    for found in findings:
        assert found.message
        for place, field in [(found.span, found.field)] + [
            (edit.span, edit.field) for one in found.fixes for edit in one.edits
        ]:
            assert 0 <= place.start <= place.end <= lengths.get(field, 0)
        for one in found.fixes:
            assert one.edits
            spans = sorted((edit.field, edit.span) for edit in one.edits)
            for (field, left), (other, right) in pairwise(spans):
                assert field != other or left.end <= right.start
    return findings


@given(PROMPTS, PROMPTS, st.sampled_from(Dialect))
@settings(max_examples=300, deadline=None)
def test_any_text_is_answered(vocabulary, tokenizer, prompt, negative, dialect) -> None:
    source = LintInput(prompt=prompt, negative_prompt=negative, dialect=dialect)
    assert_sound(source, vocabulary, tokenizer)


@given(PROMPTS, PROMPTS, st.booleans())
@settings(max_examples=60, deadline=None)
def test_fixing_twice_is_fixing_once(vocabulary, tokenizer, prompt, negative, unsafe) -> None:
    def again(source: LintInput):
        return check(source, vocabulary, tokenizer=tokenizer)

    once = fix(LintInput(prompt=prompt, negative_prompt=negative), again, unsafe=unsafe)
    twice = fix(once.source, again, unsafe=unsafe)
    assert twice.source == once.source


def test_two_thousand_mangled_prompts(vocabulary, tokenizer) -> None:
    """The bounded twin of `benchmarks/fuzz_lint.py`, which runs a hundred thousand."""
    rng = random.Random(20261123)  # noqa: S311  # a fixed stream of mistakes, no secret
    lines = (FIXTURES / "clean_prompts" / "prompts.txt").read_text("utf-8").splitlines()[4:]
    for _ in range(2000):
        prompt = mangled(rng, rng.choice(lines))
        assert_sound(LintInput(prompt=prompt, negative_prompt=""), vocabulary, tokenizer)


def mangled(rng: random.Random, text: str) -> str:
    """Return a prompt with some of its characters taken out, doubled, swapped or put in."""
    chars = list(text[: rng.randrange(1, 120)])
    for _ in range(rng.randrange(12)):
        at = rng.randrange(len(chars) + 1)
        match rng.randrange(4):
            case 0:
                del chars[at : at + rng.randrange(1, 4)]
            case 1:
                chars[at:at] = rng.choice(MARKS)
            case 2:
                chars[at:at] = rng.choice(WORDS)
            case _:
                chars[at:at] = chars[: rng.randrange(8)]
    return "".join(chars)
