"""The examples in the prompt pages of the documentation do what they show."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from irodori.cli.main import root

DOCS = Path(__file__).parents[2] / "docs"
PAGES = (
    "concepts/text-to-tokens.md",
    "concepts/chunks.md",
    "guides/wildcards.md",
    "guides/converting-prompts.md",
)
_BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def examples(kind: str) -> list[str]:
    texts = [(DOCS / page).read_text(encoding="utf-8") for page in PAGES]
    return [block[2] for text in texts for block in _BLOCK.finditer(text) if block[1] == kind]


@pytest.mark.parametrize("example", examples("console"))
def test_commands_print_what_is_shown(example: str) -> None:
    line, _, shown = example.partition("\n")
    program, *arguments = shlex.split(line.removeprefix("$ "))
    assert program == "irodori"
    result = CliRunner().invoke(root, arguments)
    assert result.exit_code == 0
    assert result.output == shown


@pytest.mark.parametrize("example", examples("python"))
def test_python_runs(example: str) -> None:
    exec(example, {})  # noqa: S102  # our own pages


def test_there_are_examples_of_both_kinds() -> None:
    assert len(examples("console")) >= 3
    assert len(examples("python")) >= 2
