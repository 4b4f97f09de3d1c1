"""The shipped groups against labels made apart from them (fixtures/tag_groups/README.md)."""

import csv
from pathlib import Path

import pytest

from irodori.tags import Vocabulary, open_vocabulary

LISTS = sorted((Path(__file__).parents[2] / "fixtures" / "tag_groups").glob("held_out_*.tsv"))
GOAL = 0.97


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    return open_vocabulary(tmp_path_factory.mktemp("held_out") / "tags.sqlite")


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_groups_agree_with_labels_made_apart(path: Path, vocabulary: Vocabulary) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    wrong = []
    for row in rows:
        tag = vocabulary.get(row["name"])
        group = tag.group if tag is not None else None
        if group != row["group"]:
            wrong.append((row["name"], row["group"], group))
    assert len(rows) >= 100
    assert 1 - len(wrong) / len(rows) >= GOAL, wrong
