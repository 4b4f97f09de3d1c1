"""What pictures hold of the notes that were told while they were drawn."""

import pytest

from irodori.recipe.notes import kept_notes


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("face found nothing", "face found nothing"),
        ("two\nlines\there", "two lines here"),
        ("'/home/me/my models/up.pth' is damaged", "'up.pth' is damaged"),
        ("/home/me/models/up.pth is damaged: see a/b", "up.pth is damaged: see a/b"),
        (r"'C:\Users\me\up.pth' holds no table", "'up.pth' holds no table"),
        ("~/models/up.pth is damaged", "up.pth is damaged"),
        ("24/30 tensors, of conv/bias", "24/30 tensors, of conv/bias"),
        ("hires drew 80x120, not 83x124", "hires drew 80x120, not 83x124"),
        ("half \ud800 a character", "half   a character"),
        ("x" * 600, "x" * 500),
    ],
)
def test_one_line_without_folders(told: str, kept: str) -> None:
    assert kept_notes([told]) == (kept,)


def test_each_once_and_nothing_empty() -> None:
    assert kept_notes(["a", "", "\n", "b", "a"]) == ("a", "b")
