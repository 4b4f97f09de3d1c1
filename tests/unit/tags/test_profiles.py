"""The profiles: what each family knows, and where it differs from the one it goes on from."""

import pytest

from irodori.errors import UnknownNameError
from irodori.lint import read_settings
from irodori.painter.vocabulary import TAGS
from irodori.tags import open_vocabulary
from irodori.tags.naming import canonical
from irodori.tags.profile import DEFAULT_PROFILE, load_profile, profile_names


def test_the_default_is_named_first() -> None:
    assert profile_names()[0] == DEFAULT_PROFILE == load_profile().name
    assert {"illustrious-1.x", "noobai", "noobai-vpred", "sumire"} <= set(profile_names())


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_is_whole(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    assert profile.summary
    assert profile.quality_bad
    assert not profile.quality_good & profile.quality_bad
    for word in profile.quality_good | profile.quality_bad | (profile.tags or frozenset()):
        assert canonical(word) == word
    read_settings(profile.layer)  # refuses a threshold that no rule has


def test_the_quality_words_of_the_practice_are_known() -> None:
    profile = load_profile()
    for word in ("masterpiece", "best quality", "amazing quality", "newest"):
        assert word in profile.quality_good
    for word in ("worst quality", "worst detail", "bad quality"):
        assert word in profile.quality_bad
    assert not profile.is_quality("smile")


def test_a_profile_goes_on_from_its_base() -> None:
    base, newer, noob, vpred = (
        load_profile(name)
        for name in ("illustrious-0.1", "illustrious-1.x", "noobai", "noobai-vpred")
    )
    assert newer.takes_phrases
    assert not base.takes_phrases
    assert newer.layer["pop"] == base.layer["pop"]
    assert newer.layer["rcp"]["area-high"] == 2.4
    assert "rcp" not in base.layer
    assert noob.quality_good == base.quality_good | {"very awa", "highly detailed"}
    assert vpred.quality_good == noob.quality_good
    assert vpred.is_v_prediction
    assert not noob.is_v_prediction


def test_sumire_knows_what_the_painter_taught_it() -> None:
    profile = load_profile("sumire")
    assert profile.tags == frozenset(TAGS)
    assert profile.may_know("1girl")
    assert not profile.may_know("hatsune miku")
    assert load_profile().may_know("hatsune miku")


def test_most_of_what_sumire_knows_is_in_the_table(tmp_path) -> None:
    with open_vocabulary(tmp_path / "tags.sqlite") as vocabulary:
        unknown = {name for name in TAGS if vocabulary.get(name) is None}
    assert len(unknown) < 0.1 * len(TAGS), sorted(unknown)


def test_case_does_not_matter_and_misspellings_are_told() -> None:
    assert load_profile("NoobAI") == load_profile("noobai")
    with pytest.raises(UnknownNameError, match="nearest is 'illustrious-0"):
        load_profile("illustrous-0.1")
