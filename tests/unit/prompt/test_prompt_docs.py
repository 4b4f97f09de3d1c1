"""The worked examples of the prompt language's pages are run."""

import doctest
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[3] / "docs" / "concepts"


@pytest.mark.parametrize("page", ["text-to-tree", "tree-to-timeline", "emphasis"])
def test_worked_examples(page: str) -> None:
    result = doctest.testfile(str(PAGES / f"{page}.md"), module_relative=False, encoding="utf-8")
    assert result.attempted >= 3
    assert result.failed == 0
