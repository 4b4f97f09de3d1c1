"""The shipped table: every line parses, refers to what there is, and says what a person would."""

from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from irodori.errors import InputError
from irodori.tags.exclusive import Scope, exclusive_sets
from irodori.tags.naming import canonical, key
from irodori.tags.schema import GROUPS, Category, Facet, Group, Region, facets_of
from irodori.tags.shipped import COLUMNS, Shipped, fingerprint, read_shipped
from irodori.tags.tag import Tag

DATA = Path(str(files("irodori.tags") / "data"))


@pytest.fixture(scope="module")
def shipped() -> Shipped:
    return read_shipped()


@pytest.fixture(scope="module")
def tags(shipped: Shipped) -> dict[str, Tag]:
    return {tag.name: tag for tag in shipped.tags}


def test_there_are_enough(tags: dict[str, Tag]) -> None:
    assert len(tags) >= 6000
    assert sum(tag.category is Category.GENERAL for tag in tags.values()) >= 4000


def test_every_facet_has_one_group_and_every_group_facets() -> None:
    assert set(GROUPS) == set(Facet)
    assert {facet for group in Group for facet in facets_of(group)} == set(Facet)
    assert all(facets_of(group) for group in Group)


def test_names_are_canonical(tags: dict[str, Tag]) -> None:
    assert [name for name in tags if canonical(name) != name] == []
    assert [k for k, n in Counter(key(name) for name in tags).items() if n > 1] == []


def test_what_is_referred_to_exists(tags: dict[str, Tag]) -> None:
    missing = {
        (tag.name, other)
        for tag in tags.values()
        for other in (*tag.implies, *tag.excludes)
        if other not in tags
    }
    assert missing == set()


def test_nothing_implies_or_excludes_itself(tags: dict[str, Tag]) -> None:
    assert [t.name for t in tags.values() if t.name in (*t.implies, *t.excludes)] == []


def test_implications_have_no_circles(tags: dict[str, Tag]) -> None:
    def reach(name: str, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        if name in path:
            return [(*path, name)]
        return [c for other in tags[name].implies for c in reach(other, (*path, name))]

    assert [circle for name in tags for circle in reach(name, ())] == []


def test_what_is_implied_is_not_excluded(tags: dict[str, Tag]) -> None:
    assert [(t.name, o) for t in tags.values() for o in t.implies if o in t.excludes] == []


def test_exclusion_goes_both_ways(tags: dict[str, Tag]) -> None:
    one_way = [
        (tag.name, other)
        for tag in tags.values()
        for other in tag.excludes
        if tag.name not in tags[other].excludes
    ]
    assert one_way == []


def test_aliases_are_of_known_tags_and_are_none_themselves(
    shipped: Shipped, tags: dict[str, Tag]
) -> None:
    keys = {key(name) for name in tags}
    assert [(a, n) for a, n in shipped.aliases if n not in tags or key(a) in keys] == []
    assert [a for a, n in Counter(key(a) for a, _ in shipped.aliases).items() if n > 1] == []


def test_sources_say_when(shipped: Shipped, tags: dict[str, Tag]) -> None:
    by_key = {source.key: source for source in shipped.sources}
    for tag in tags.values():
        assert tag.count_date == by_key[tag.source].taken
        assert tag.count > 0 or tag.source == "practice"


def test_exclusive_sets_hold_known_tags_once(tags: dict[str, Tag]) -> None:
    sets = exclusive_sets()
    assert len({each.name for each in sets}) == len(sets)
    for each in sets:
        members = [name for side in each.sides for name in side]
        assert [name for name in members if name not in tags] == [], each.name
        assert len(members) == len(set(members)), each.name
    assert {each.name for each in sets if each.scope is Scope.PICTURE} >= {"framing"}


@pytest.mark.parametrize(
    ("name", "group", "facet"),
    [
        ("1girl", Group.PEOPLE, Facet.COUNT),
        ("solo", Group.PEOPLE, Facet.SOLO),
        ("hatsune miku", Group.CHARACTER, Facet.CHARACTER),
        ("looking at viewer", Group.ACTION, Facet.GAZE),
        ("holding cane", Group.ACTION, Facet.HOLDING),
        ("hand on another's shoulder", Group.ACTION, Facet.INTERACTION),
        ("red jacket", Group.APPEARANCE, Facet.OUTER),
        ("fox ears", Group.APPEARANCE, Facet.EARS),
        ("open jacket", Group.APPEARANCE, Facet.DRESS_STATE),
        ("indoors", Group.BACKGROUND, Facet.INDOOR),
        ("white background", Group.BACKGROUND, Facet.SIMPLE_BACKGROUND),
        ("cowboy shot", Group.COMPOSITION, Facet.FRAMING),
        ("dutch angle", Group.COMPOSITION, Facet.ANGLE),
        ("pixel art", Group.STYLE, Facet.ARTSTYLE),
        ("traditional media", Group.STYLE, Facet.MEDIUM),
        ("worst quality", Group.QUALITY, Facet.QUALITY_BAD),
        ("general", Group.RATING, Facet.RATING),
        ("signature", Group.META, Facet.CREDIT),
    ],
)
def test_well_known_tags(tags: dict[str, Tag], name: str, group: Group, facet: Facet) -> None:
    assert (tags[name].group, tags[name].facet) == (group, facet)


def test_well_known_relations(tags: dict[str, Tag]) -> None:
    assert "animal ears" in tags["fox ears"].implies
    assert "jacket" in tags["red jacket"].implies
    assert tags["red jacket"].colour == "red"
    assert tags["hug"].mutual
    assert tags["hug"].people == 2
    assert Region.FACE in tags["from behind"].hidden_regions
    assert Facet.EYE_COLOUR in tags["closed eyes"].hidden_facets
    assert Region.FEET in tags["barefoot"].regions
    assert {"full body", "close-up"} <= set(tags["cowboy shot"].excludes)
    assert "general" not in tags["1girl"].excludes


def copy_of(folder: Path, **files_: str) -> Path:
    for file in DATA.iterdir():
        if file.suffix in (".tsv", ".toml"):
            (folder / file.name).write_bytes(file.read_bytes())
    for name, line in files_.items():
        with (folder / f"{name}.tsv").open("a", encoding="utf-8") as handle:
            handle.write(f"{line}\n")
    return folder


def test_a_line_can_be_added(tmp_path: Path) -> None:
    line = "my own tag\tgeneral\t12\tgaze\teyes\t\t2\tmutual\tsolo\t\tface"
    added = {tag.name: tag for tag in read_shipped(copy_of(tmp_path, action=line)).tags}
    assert added["my own tag"].people == 2
    assert fingerprint(tmp_path) != fingerprint()


@pytest.mark.parametrize(
    ("file", "line", "told"),
    [
        ("action", "looking at viewer\tgeneral\t1\tgaze", "stands already in action.tsv"),
        ("action", "new\tgeneral\t1\tangle", "is not of the group 'action'"),
        ("action", "new\tgeneral\t1\tgase", "action.tsv:.*'gase'"),
        ("action", "new\tgenerel\t1\tgaze", "action.tsv:.*'generel'"),
        ("action", "new\tgeneral\tmany\tgaze", "action.tsv:.*'many'"),
        ("action", "new\tgeneral\t1\tgaze\teye", "action.tsv:.*'eye'"),
        ("action", "new\tgeneral\t1\tgaze\t\t\tx", "action.tsv:.*'x'"),
        ("action", "new\tgeneral\t1\tgaze\t\t\t\tbig", "unknown flag 'big'"),
        ("action", "new\tgeneral\t1\tgaze\t\t\t\t\t\t\tfacet:x", "action.tsv:.*'x'"),
        ("action", "new\tgeneral\t\tgaze", "has no count"),
        ("action", "new" + "\tx" * len(COLUMNS), "more than 11 columns"),
        ("extra_counts", "new\tmany\tpractice", "extra_counts.tsv:.*'many'"),
        ("extra_counts", "new\t1\tnowhere", "extra_counts.tsv:.*'nowhere'"),
    ],
)
def test_a_wrong_line_is_told_by_its_place(tmp_path: Path, file: str, line: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_shipped(copy_of(tmp_path, **{file: line}))


def test_a_wrong_header_is_told(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    (folder / "aliases.tsv").write_text("name\talias\n", encoding="utf-8")
    with pytest.raises(InputError, match="the header must be alias, name"):
        read_shipped(folder)
