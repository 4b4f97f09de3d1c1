"""The shipped vocabulary, with a deprecated tag besides, and the tokenizer, loaded once."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest

from irodori.lint import Diagnostic, LintInput, Profile, check, load_profile, read_settings
from irodori.prompt import Tokenizer, load_tokenizer
from irodori.tags import Vocabulary, open_vocabulary
from irodori.tags.dump_files import read_dump
from irodori.tags.importing import import_dump

DEPRECATED = Path(__file__).parents[2] / "fixtures" / "deprecated_tags" / "tags.csv"
Lint = Callable[..., Sequence[Diagnostic]]


@pytest.fixture(scope="session")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vocabulary]:
    path = tmp_path_factory.mktemp("tags") / "tags.sqlite"
    import_dump(read_dump(DEPRECATED, date(2026, 7, 1)), path)
    with open_vocabulary(path) as opened:
        yield opened


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return load_tokenizer()


@pytest.fixture(scope="session")
def lint(vocabulary: Vocabulary, tokenizer: Tokenizer) -> Lint:
    """Check a prompt: `lint("1girl", "negative", only=("SYN",))`."""

    def run(
        prompt: str | LintInput,
        negative: str = "",
        *,
        only: Sequence[str] = ("ALL",),
        profile: Profile | str = "illustrious-0.1",
        **table: object,
    ) -> Sequence[Diagnostic]:
        family = load_profile(profile) if isinstance(profile, str) else profile
        base = read_settings(family.layer)
        source = (
            prompt
            if isinstance(prompt, LintInput)
            else LintInput(prompt=prompt, negative_prompt=negative)
        )
        return check(
            source,
            vocabulary,
            settings=read_settings({"select": list(only), **table}, base),
            profile=family,
            tokenizer=tokenizer,
        )

    return run
