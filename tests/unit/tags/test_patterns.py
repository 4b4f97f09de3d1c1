"""What names alone tell: the rules of `patterns.toml`, and how well they agree with the table."""

from importlib.resources import files
from pathlib import Path

import pytest

from irodori.errors import InputError
from irodori.tags import Category, Facet, Group, Region
from irodori.tags.patterns import Patterns, classify, read_patterns
from irodori.tags.shipped import read_shipped

DATA = Path(str(files("irodori.tags") / "data"))


@pytest.fixture(scope="module")
def patterns() -> Patterns:
    return read_patterns()


@pytest.mark.parametrize(
    ("name", "facet", "colour"),
    [
        ("teal hair", Facet.HAIR_COLOUR, "teal"),
        ("Light_Blue_Hair", Facet.HAIR_COLOUR, "light blue"),
        ("maroon eyes", Facet.EYE_COLOUR, "maroon"),
        ("very long hair", Facet.HAIR_LENGTH, ""),
        ("holding toaster", Facet.HOLDING, ""),
        ("lavender background", Facet.SIMPLE_BACKGROUND, ""),
        ("17girls", Facet.COUNT, ""),
        ("hand on another's elbow", Facet.INTERACTION, ""),
        ("hand on lamp", Facet.HAND_POSE, ""),
        ("arms behind table", Facet.ARM_POSE, ""),
        ("looking at toaster", Facet.GAZE, ""),
        ("teal plaid skort", Facet.LOWER, "teal"),
        ("otter girl", Facet.SPECIES, ""),
        ("open haori", Facet.DRESS_STATE, ""),
        ("toaster (medium)", Facet.MEDIUM, ""),
        ("horror (style)", Facet.ARTSTYLE, ""),
        ("rim lighting", Facet.LIGHT, ""),
        ("big hat (qwerty)", Facet.HEADWEAR, ""),
        ("toaster focus", Facet.FOCUS, ""),
    ],
)
def test_a_name_tells(patterns: Patterns, name: str, facet: Facet, colour: str) -> None:
    told = patterns.classify(name)
    assert (told.facet, told.colour) == (facet, colour)
    assert told.group is facet.group


@pytest.mark.parametrize(
    "name", ["", "qwerty", "magic light that comes out of both of her hands", "(medium)", "hair"]
)
def test_a_name_may_tell_nothing_or_little(patterns: Patterns, name: str) -> None:
    assert patterns.classify(name).facet in (None, Facet.HAIR_STYLE)


def test_what_is_guessed_besides_the_facet(patterns: Patterns) -> None:
    coat = patterns.classify("teal coat")
    assert (coat.implies, coat.regions) == (("coat",), {Region.CHEST})
    assert patterns.classify("coat").implies == ()
    hug = patterns.classify("hugging another")
    assert (hug.flags, hug.people) == ({"mutual"}, 2)
    assert patterns.classify("see-through toga").flags == {"sensitive"}
    assert patterns.regions_of(Facet.FOOTWEAR) == {Region.FEET}


@pytest.mark.parametrize(
    ("category", "group"),
    [
        (Category.CHARACTER, Group.CHARACTER),
        (Category.COPYRIGHT, Group.CHARACTER),
        (Category.ARTIST, Group.STYLE),
        (Category.META, Group.META),
        (Category.GENERAL, None),
    ],
)
def test_the_category_decides_where_the_name_does_not(
    category: Category, group: Group | None
) -> None:
    assert classify("qwerty", category).group is group


def test_a_meta_tag_may_be_told_by_its_name() -> None:
    assert classify("qwerty (medium)", Category.META).group is Group.STYLE


def test_names_agree_with_the_table(patterns: Patterns) -> None:
    """The figures of docs/concepts/tags.md: the table was described by hand."""
    tags = [tag for tag in read_shipped().tags if tag.category is Category.GENERAL]
    told = [(tag, patterns.classify(tag.name)) for tag in tags]
    known = [(tag, guess) for tag, guess in told if guess.facet is not None]
    agree = sum(guess.group is tag.group for tag, guess in known)
    assert len(known) > 0.68 * len(tags)
    assert agree > 0.95 * len(known)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('{ match = "a", facet = "gase" }', "'gase'"),
        ('{ match = "{nothing} a", facet = "gaze" }', r"no list 'nothing' under \[words\]"),
        ('{ match = "a", facet = "gaze", region = "eye" }', "'eye'"),
        ('{ match = "a", face = "gaze" }', "face"),
        ("{", "patterns.toml"),
    ],
)
def test_a_wrong_rule_is_told(tmp_path: Path, rule: str, told: str) -> None:
    text = (DATA / "patterns.toml").read_text(encoding="utf-8")
    wrong = text.replace("patterns = [", f"patterns = [\n  {rule},", 1)
    (tmp_path / "patterns.toml").write_text(wrong, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        read_patterns(tmp_path)
