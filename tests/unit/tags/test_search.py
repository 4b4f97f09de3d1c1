"""Search and neighbours in a small vocabulary of known counts."""

from datetime import date

import pytest

from irodori.tags import Category, Match, MatchKind, Vocabulary, open_vocabulary
from irodori.tags.dump import Dump, Figure
from irodori.tags.importing import import_dump
from irodori.tags.shipped import Source, read_shipped
from irodori.tags.spelling import distance

MADE_UP = {
    "zqx ribbon": 5000,
    "zqx": 10,
    "zqxa": 40_000,
    "big zqx": 900_000,
    "great (zqx)": 300,
    "xzqxy": 2_000_000,
    "zqx%_*": 3,
    "zqx \"quoted\" 'tag'": 4,
}


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    path = tmp_path_factory.mktemp("tags") / "tags.sqlite"
    figures = tuple(Figure(name, Category.GENERAL, n) for name, n in MADE_UP.items())
    aliases = (("zqx alias", "big zqx"), ("wholly else", "zqxa"))
    source = Source(key="test", title="made up", taken=date(2026, 1, 1))
    import_dump(Dump(source=source, figures=figures, aliases=aliases), path)
    return open_vocabulary(path)


def names(matches: list[Match]) -> list[str]:
    return [match.tag.name for match in matches]


def test_better_fits_go_first_and_then_the_count(vocabulary: Vocabulary) -> None:
    found = vocabulary.search("zqx")
    assert [(m.tag.name, m.kind) for m in found] == [
        ("zqx", MatchKind.EXACT),
        ("big zqx", MatchKind.PREFIX),  # by its alias
        ("zqxa", MatchKind.PREFIX),
        ("xzqxy", MatchKind.INFIX),
        ("zqx ribbon", MatchKind.PREFIX),
        ("great (zqx)", MatchKind.WORD),
        ("zqx \"quoted\" 'tag'", MatchKind.PREFIX),
        ("zqx%_*", MatchKind.PREFIX),
    ]


def test_an_alias_tells_what_fitted(vocabulary: Vocabulary) -> None:
    (match,) = vocabulary.search("wholly")
    assert (match.tag.name, match.spelling, match.by_alias) == ("zqxa", "wholly else", True)


@pytest.mark.parametrize("text", ["zqx%", 'zqx "q', "zqx%_*", "d' 't", '"', "'", "%", "*", "("])
def test_no_character_has_a_meaning_of_its_own(vocabulary: Vocabulary, text: str) -> None:
    assert all(text in match.spelling for match in vocabulary.search(text))


@pytest.mark.parametrize("text", ['zqx "q', "zqx%_"])
def test_such_characters_are_found(vocabulary: Vocabulary, text: str) -> None:
    assert len(vocabulary.search(text)) == 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hererochromia", "heterochromia"),
        ("lookign at viewer", "looking at viewer"),
        ("long hiar", "long hair"),
        ("ponytial", "ponytail"),
        ("cowboi shot", "cowboy shot"),
        ("chromatic abberation", "chromatic aberration"),
        ("masterpeice", "masterpiece"),
        ("Hatsune Mikku", "hatsune miku"),
    ],
)
def test_misspellings_are_understood(vocabulary: Vocabulary, typed: str, meant: str) -> None:
    found = vocabulary.search(typed)
    assert found[0].tag.name == meant
    assert found[0].kind is MatchKind.TYPO
    assert 1 <= found[0].distance <= 2


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("holdng sw", "holding sword"),
        ("hodling umb", "holding umbrella"),
        ("lookign at v", "looking at viewer"),
        ("lokoing a", "looking at viewer"),
    ],
)
def test_a_misspelling_with_an_unfinished_word_is_understood(
    vocabulary: Vocabulary, typed: str, meant: str
) -> None:
    found = vocabulary.search(typed)
    assert meant in [match.tag.name for match in found]
    assert {match.kind for match in found} == {MatchKind.TYPO}


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "\U0010ffff", "\n", "qq"])
def test_nothing_is_found_without_an_error(vocabulary: Vocabulary, text: str) -> None:
    assert vocabulary.search(text) == []


def test_words_in_another_order(vocabulary: Vocabulary) -> None:
    found = vocabulary.search("viewer looking", 3)
    assert found[0].tag.name == "looking at viewer"
    assert found[0].kind is MatchKind.WORDS


def test_the_limit_holds(vocabulary: Vocabulary) -> None:
    assert len(vocabulary.search("hair", 7)) == 7
    assert vocabulary.search("hair", 0) == []
    assert len({m.tag.name for m in vocabulary.search("hair", 100)}) == 100


def test_without_a_limit_that_bites_everything_is_found(vocabulary: Vocabulary) -> None:
    found = set(names(vocabulary.search("hair", 10_000)))
    assert {tag.name for tag in read_shipped().tags if "hair" in tag.name} <= found


def test_neighbours_of_a_rare_tag_are_well_known_ones(vocabulary: Vocabulary) -> None:
    near = vocabulary.neighbours("grabbing own ankles")
    assert near
    assert all(tag.count >= 1000 for tag in near)
    assert "grabbing own ankles" not in {tag.name for tag in near}
    assert vocabulary.neighbours("grabbing own ankles", 2) == near[:2]


def test_neighbours_of_a_misspelling_are_what_was_meant(vocabulary: Vocabulary) -> None:
    assert [tag.name for tag in vocabulary.neighbours("hererochromia")] == ["heterochromia"]


def test_neighbours_share_words_and_facet(vocabulary: Vocabulary) -> None:
    near = [tag.name for tag in vocabulary.neighbours("maroon pleated miniskirt")]
    assert any("skirt" in name for name in near)


def test_a_known_name_is_no_misspelling_of_another(vocabulary: Vocabulary) -> None:
    near = [tag.name for tag in vocabulary.neighbours("holding cane")]
    assert near
    assert "holding can" not in near


def test_neighbours_share_more_than_what_stands_in_brackets(vocabulary: Vocabulary) -> None:
    near = [tag.name for tag in vocabulary.neighbours("portal (object)")]
    assert not [name for name in near if name.endswith("(object)")]


def test_neighbours_of_nothing(vocabulary: Vocabulary) -> None:
    assert vocabulary.neighbours("") == []
    assert vocabulary.neighbours("qqqqqqqqqq wwwwwwwww") == []


@pytest.mark.parametrize(
    ("one", "other", "limit", "edits"),
    [
        ("abc", "abc", 1, 0),
        ("abc", "abd", 1, 1),
        ("abc", "acb", 1, 1),
        ("abc", "ab", 1, 1),
        ("abc", "xabc", 1, 1),
        ("abcd", "badc", 2, 2),
        ("abcd", "badc", 1, None),
        ("ca", "abc", 2, None),
        ("", "ab", 2, 2),
        ("", "abc", 2, None),
    ],
)
def test_distance(one: str, other: str, limit: int, edits: int | None) -> None:
    assert distance(one, other, limit) == edits
    assert distance(other, one, limit) == edits
