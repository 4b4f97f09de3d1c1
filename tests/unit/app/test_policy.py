import pytest

from irodori.app.config import Rating
from irodori.app.policy import check_prompt
from irodori.errors import PolicyError


@pytest.mark.parametrize(
    "text", ["1girl, nsfw", "N S F W, nsfw", "ｎｓｆｗ", "n5fw", "1girl, __nsfw__"]
)
def test_above_the_ceiling_is_refused(text: str) -> None:
    with pytest.raises(PolicyError, match="rating ceiling 'sensitive'"):
        check_prompt(text, Rating.SENSITIVE)


@pytest.mark.parametrize("ceiling", list(Rating))
@pytest.mark.parametrize(
    "text", ["nsfw, child", "[nsfw:kid:0.5]", "nsfw AND 12 years old", "nsfw, k1d"]
)
def test_no_ceiling_allows_minors(text: str, ceiling: Rating) -> None:
    with pytest.raises(PolicyError, match="no setting allows it"):
        check_prompt(text, ceiling)


@pytest.mark.parametrize(
    "text",
    ["1girl, solo, swimsuit, smile", "child, park, 1girl", "cumulus cloud", "sussex, analog"],
)
def test_what_is_allowed_passes(text: str) -> None:
    check_prompt(text, Rating.GENERAL)


def test_the_owner_may_raise_the_ceiling() -> None:
    check_prompt("1girl, nsfw", Rating.EXPLICIT)
