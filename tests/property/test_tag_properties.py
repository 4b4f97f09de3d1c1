"""Properties of the vocabulary: look-ups and searches of any text, imports of any dump."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from irodori.prompt.escaping import escape
from irodori.tags import Category, Vocabulary, open_vocabulary
from irodori.tags.dump_files import CATEGORIES, read_dump
from irodori.tags.importing import import_dump
from irodori.tags.naming import canonical, key
from irodori.tags.shipped import read_shipped
from irodori.tags.spelling import distance

NAMES = sorted(tag.name for tag in read_shipped().tags)
DAY = date(2026, 7, 1)
LETTERS = st.text(st.sampled_from("abc "), max_size=9)
ROWS = st.lists(
    st.tuples(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20),
        st.sampled_from(sorted(CATEGORIES)),
        st.integers(0, 10**7),
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    return open_vocabulary(tmp_path_factory.mktemp("tags") / "tags.sqlite")


@contextmanager
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@given(st.sampled_from(NAMES))
def test_every_name_is_found_however_it_is_written(vocabulary: Vocabulary, name: str) -> None:
    for written in (name, name.replace(" ", "_"), name.upper(), escape(name), f" {name} "):
        tag = vocabulary.get(written)
        assert tag is not None
        assert tag.name == name
        assert vocabulary.search(written, 1)[0].tag.name == name


@given(st.text(max_size=30))
def test_any_text_can_be_looked_up_and_searched(vocabulary: Vocabulary, text: str) -> None:
    vocabulary.get(text)
    vocabulary.neighbours(text)
    found = vocabulary.search(text, 5)
    assert len(found) <= 5
    assert len({match.tag.name for match in found}) == len(found)


@given(st.sampled_from(NAMES), st.data())
def test_what_contains_the_text_is_found(
    vocabulary: Vocabulary, name: str, data: st.DataObject
) -> None:
    text = key(name)
    start = data.draw(st.integers(0, max(0, len(text) - 3)))
    part = key(text[start : start + data.draw(st.integers(3, 30))])
    if len(part) >= 3:
        found = vocabulary.search(part, 3)
        assert found
        assert all(
            part in key(match.spelling) for match in found if match.kind in ("infix", "word")
        )


@given(st.sampled_from([name for name in NAMES if len(name) >= 6]), st.data())
def test_one_changed_letter_is_forgiven(
    vocabulary: Vocabulary, name: str, data: st.DataObject
) -> None:
    text = key(name)
    at = data.draw(st.integers(0, len(text) - 1))
    broken = key(f"{text[:at]}ø{text[at + 1 :]}")
    found = vocabulary.search(broken, 50)
    assert text in {key(match.spelling) for match in found}


@given(LETTERS, LETTERS, st.integers(0, 4))
def test_distance_is_that_of_the_whole_table(one: str, other: str, limit: int) -> None:
    exact = whole_table(one, other)
    assert distance(one, other, limit) == (exact if exact <= limit else None)


def whole_table(one: str, other: str) -> int:
    """Optimal string alignment by its definition, without bands and short cuts."""
    rows = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) + 1):
        for j in range(len(other) + 1):
            if not i or not j:
                rows[i][j] = i + j
                continue
            changed = one[i - 1] != other[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + changed)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS)
def test_any_dump_leaves_the_descriptions_alone(
    vocabulary: Vocabulary, rows: list[tuple[str, str, int, str]]
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("1girl", "5", 7, ""), *rows])
    with folder() as root:
        file, path = root / "dump.csv", root / "tags.sqlite"
        file.write_text(text.getvalue(), encoding="utf-8", newline="")
        done = import_dump(read_dump(file, DAY, least=0), path)
        assert done.new + done.renewed <= done.tags
        with open_vocabulary(path) as imported:
            girl, was = imported.get("1girl"), vocabulary.get("1girl")
            assert girl is not None
            assert was is not None
            assert (girl.facet, girl.excludes, girl.category) == (
                was.facet,
                was.excludes,
                Category.GENERAL,
            )
            for name, *_ in rows:
                tag = imported.get(name) if key(name) else None
                assert tag is None or key(tag.name) == key(name) or key(name) in tag.aliases


@given(st.text(max_size=20))
def test_a_spelling_is_its_own(name: str) -> None:
    assert canonical(canonical(name)) == canonical(name)
    assert key(canonical(name)) == key(name)
