"""The vocabulary and the scenes say the same words, and no scene cannot be painted."""

import hypothesis
import numpy as np
from hypothesis import strategies as st

from irodori.painter.medium import Style
from irodori.painter.naming import tags
from irodori.painter.raster import paint
from irodori.painter.sampling import BASE_STYLES, sample_scene
from irodori.painter.vocabulary import SYNONYMS, TAGS

SEEDS = range(12_000)
PIXEL_ART_TAGS = {"pixel art"}


def test_every_tag_occurs_and_no_other() -> None:
    assert len(TAGS) >= 120
    said = {tag for seed in SEEDS for tag in tags(sample_scene(seed))}
    said |= set(tags(sample_scene(0, style_pool=[Style.PIXEL_ART])))
    assert said <= set(TAGS)
    assert set(TAGS) - said == set()


def test_pixel_art_is_not_named_in_the_base_set() -> None:
    said = {tag for seed in range(500) for tag in tags(sample_scene(seed, style_pool=BASE_STYLES))}
    assert not said & PIXEL_ART_TAGS


def test_synonyms_are_no_tags_of_their_own() -> None:
    assert set(SYNONYMS) <= set(TAGS)
    assert not {word for words in SYNONYMS.values() for word in words} & set(TAGS)


@hypothesis.given(
    seed=st.integers(0, 2**31),
    width=st.integers(16, 90),
    height=st.integers(16, 90),
)
@hypothesis.settings(max_examples=60, deadline=None)
def test_any_seed_paints_at_any_size(seed: int, width: int, height: int) -> None:
    scene = sample_scene(seed, style_pool=tuple(Style))
    picture = paint(scene, width, height, supersample=1)
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.uint8
    assert tags(scene)
