"""Dumps: what their files mean, and what they change in the vocabulary."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from irodori.errors import InputError, OutputError
from irodori.tags import Category, Facet, Tag, open_vocabulary
from irodori.tags.dump import Dump, Figure
from irodori.tags.dump_files import read_dump
from irodori.tags.importing import import_dump
from irodori.tags.shipped import Source

DAY = date(2026, 7, 1)
TAGCOMPLETE = """1girl,0,6008644,"1girls,sole_female"
long_hair,0,4350743,"/lh,longhair"
new_artist_(style),1,321,""
some_character_(game),4,2500,
highres,5,5256195,"high_res,hires"
^_^,0,90000,
"""
HANATSUMI = (
    "\ufeffid,name,post_count,category,is_deprecated,created_at,updated_at,words\r\n"
    '1,1girl,6100000,0,False,2013-02-28,2026-10-01,"[""1girl""]"\r\n'
    "2,old_thing,77,0,True,2013-02-28,2026-10-01,[]\r\n"
    '3,"comma,name",80,0,False,2013-02-28,2026-10-01,[]\r\n'
    "4,no_pictures,0,0,False,2013-02-28,2026-10-01,[]\r\n"
)


def dump(day: date, *figures: Figure, key: str = "test", aliases: Sequence[tuple[str, str]] = ()):
    source = Source(key=key, title="a test", taken=day)
    return Dump(source=source, figures=figures, aliases=tuple(aliases))


def known(path: Path, name: str) -> Tag:
    with open_vocabulary(path) as vocabulary:
        tag = vocabulary.get(name)
    assert tag is not None
    return tag


def test_tagcomplete(tmp_path: Path) -> None:
    file, path = tmp_path / "danbooru.csv", tmp_path / "tags.sqlite"
    file.write_text(TAGCOMPLETE, encoding="utf-8")
    before = known(path, "1girl")
    done = import_dump(read_dump(file, DAY), path)
    assert (done.tags, done.aliases) == (6, 6)
    after = known(path, "1girl")
    assert (after.count, after.count_date, after.source) == (6008644, DAY, "tagcomplete")
    assert set(after.aliases) == {*before.aliases, "1girls", "sole female"}
    artist = known(path, "new artist (style)")
    assert (artist.category, artist.facet, artist.count) == (Category.ARTIST, Facet.ARTIST, 321)
    assert known(path, "longhair").name == "long hair"
    assert known(path, "^ ^").count == 90000


def test_hanatsumi(tmp_path: Path) -> None:
    file, path = tmp_path / "tags.csv", tmp_path / "tags.sqlite"
    file.write_text(HANATSUMI, encoding="utf-8")
    read = read_dump(file, DAY)
    assert [figure.name for figure in read.figures] == ["1girl", "old thing", "comma,name"]
    import_dump(read, path)
    assert known(path, "1girl").count == 6100000
    assert known(path, "old_thing").deprecated
    assert not known(path, "1girl").deprecated


def test_an_import_never_touches_what_the_table_says(tmp_path: Path) -> None:
    path = tmp_path / "tags.sqlite"
    names = ["1girl", "cowboy shot", "closed eyes", "makima (chainsaw man)", "red jacket"]
    before = [known(path, name) for name in names]
    figures = [Figure(name.replace(" ", "_"), Category.META, 7) for name in names]
    import_dump(dump(DAY, *figures), path)
    for was in before:
        now = known(path, was.name)
        assert (now.count, now.count_date, now.source) == (7, DAY, "test")
        described = ("name", "category", "facet", "regions", "colour", "people", "flags")
        linked = ("implies", "excludes", "hides", "curated")
        assert [getattr(now, each) for each in described + linked] == [
            getattr(was, each) for each in described + linked
        ]


def test_an_older_figure_does_not_replace_a_newer_one(tmp_path: Path) -> None:
    path = tmp_path / "tags.sqlite"
    import_dump(dump(date(2020, 1, 1), Figure("1girl", Category.GENERAL, 5)), path)
    assert known(path, "1girl").count == 5113288
    import_dump(dump(date(2025, 1, 1), Figure("new", Category.GENERAL, 50), key="late"), path)
    import_dump(dump(date(2024, 6, 1), Figure("new", Category.GENERAL, 40), key="early"), path)
    assert known(path, "new").count == 50


def test_a_second_import_of_a_source_replaces_the_first(tmp_path: Path) -> None:
    path = tmp_path / "tags.sqlite"
    first = dump(
        DAY, Figure("a tag", Category.GENERAL, 5), Figure("gone", Category.GENERAL, 5),
        aliases=[("was here", "a tag")],
    )  # fmt: skip
    import_dump(first, path)
    assert known(path, "was here").name == "a tag"
    import_dump(dump(DAY, Figure("a tag", Category.GENERAL, 6)), path)
    assert known(path, "a tag").count == 6
    with open_vocabulary(path) as vocabulary:
        assert vocabulary.get("gone") is None
        assert vocabulary.get("was here") is None


def test_words_that_no_booru_counts_stay_uncounted(tmp_path: Path) -> None:
    path = tmp_path / "tags.sqlite"
    import_dump(dump(DAY, Figure("best quality", Category.GENERAL, 3)), path)
    assert known(path, "best quality").count_date is None


def test_a_name_goes_before_an_alias(tmp_path: Path) -> None:
    path = tmp_path / "tags.sqlite"
    import_dump(dump(DAY, Figure("x", Category.META, 1), aliases=[("long hair", "x")]), path)
    assert known(path, "long hair").name == "long hair"


def test_imports_survive_new_shipped_data(tmp_path: Path) -> None:
    path = tmp_path / "tags.sqlite"
    import_dump(
        dump(DAY, Figure("a tag", Category.ARTIST, 5, True), aliases=[("an alias", "a tag")]), path
    )
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE fact SET value = 'older' WHERE name = 'fingerprint'")
        connection.execute("UPDATE description SET facet = 'age'")
    tag = known(path, "an alias")
    assert (tag.name, tag.count, tag.deprecated, tag.count_date) == ("a tag", 5, True, DAY)
    assert known(path, "1girl").facet is Facet.COUNT
    with open_vocabulary(path) as vocabulary:
        assert "a test" in {source.title for source in vocabulary.sources()}


def test_an_import_is_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tags.sqlite"
    open_vocabulary(path).close()
    whole = path.read_bytes()
    no_text = Figure("a", Category.META, "many")  # type: ignore[arg-type]
    with pytest.raises((OutputError, TypeError)):
        import_dump(dump(DAY, no_text), path)
    assert path.read_bytes() == whole
    assert {file.name for file in tmp_path.iterdir()} <= {"tags.sqlite", "tags.sqlite.lock"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"1girl,0,many\n", "line 1"),
        (b"1girl,0,5\nsolo,2,5\n", "line 2"),
        (b"name,category,count\n1girl,0\n", "line 2"),
        (b"\xff\xfe\x00", "cannot read"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    with pytest.raises(InputError, match=told):
        read_dump(file, DAY)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_dump(tmp_path / "none.csv", DAY)
