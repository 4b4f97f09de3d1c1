"""The index at 100,000 pictures: one page of the gallery, every kind of search, one save.

    python benchmarks/bench_store.py             100,000 pictures, about 3 minutes, 1 GB in /tmp
    python benchmarks/bench_store.py --pictures 5000

The goal is a page in 50 ms. Rows are put straight into the index (no picture files: reading those
is measured by `irodori history rebuild` itself); prompts are drawn from tags as frequent as the
booru's, so that common and rare ones are both searched. Times are medians of the rounds; the exit
code is 1 if one is over the goal.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from irodori.recipe import FileIdentity, Model, Noise, Recipe
from irodori.recipe.lineage import Lineage, Step
from irodori.store.database import Database, open_database
from irodori.store.history import family, set_star
from irodori.store.outputs import Entry, find, put
from irodori.store.search import Search, page
from irodori.store.search_text import parse_search

GOAL_MS = 50.0
COMMON = ("1girl", "solo", "long hair", "looking at viewer", "smile", "blue eyes", "red hair")
MODELS = ("sumire", "Amanatsu_v11", "noobai-v-pred", "illustrious-1.1")
RARE = tuple(f"tag {number}" for number in range(5000))
WEIGHTS = tuple(1 / (1 + number) for number in range(5000))
START = 1_700_000_000_000_000


def entry(number: int, rng: random.Random, outputs: Path) -> Entry:
    """One picture; every fifty are iterated from one another."""
    tags = [tag for tag in COMMON if rng.random() < 0.7]
    tags += rng.choices(RARE, WEIGHTS, k=18)
    prompt = ", ".join(tags)
    parent = f"{rng.randrange(number - number % 50, number):012x}" if number % 50 else ""
    recipe = Recipe(
        prompt=prompt,
        negative_prompt="worst quality, bad quality",
        noise=Noise(seed=rng.randrange(2**32)),
        model=Model(file=FileIdentity(name=rng.choice(MODELS))),
    )
    return Entry(
        path=file_of(outputs, number),
        made=START + number * 60_000_000,
        width=832,
        height=1216,
        bytes=1_500_000,
        modified=START * 1000,
        source="irodori",
        prompt=prompt,
        negative_prompt=recipe.negative_prompt,
        model=recipe.model.file.name,
        seed=str(recipe.noise.seed),
        recipe=recipe,
        lineage=Lineage(id=f"{number:012x}", parent=parent, step=Step.EDIT if parent else None),
    )


def file_of(outputs: Path, number: int) -> Path:
    """Where the file of a picture would be."""
    return outputs / "txt2img-images" / f"{number // 500}" / f"{number:06d}.png"


def fill(db: Database, count: int, rng: random.Random) -> None:
    """Put the pictures in, 500 a transaction."""
    for start in range(0, count, 500):
        with db.transaction() as connection:
            for number in range(start, min(start + 500, count)):
                put(db, connection, entry(number, rng, db.outputs))


def milliseconds(function: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The median and the worst of the rounds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        function()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), max(times)


def cases(db: Database, count: int) -> dict[str, Callable[[], object]]:
    """What a person does in the gallery, by name."""
    middle = START + count // 2 * 60_000_000
    texts = (
        "1girl",
        "smi*",
        "tag 4000",
        "1girl, smile, -red hair",
        "-1girl",
        "tag:1girl",
        "tag:1girl, tag:tag 3000",
        "tag:tag 10, -tag:smile",
        "model:sumire",
        f"seed:{find(db, f'{count // 3:012x}').seed}",
        "is:starred",
        "step:edit",
        "1girl, model:noobai-v-pred, is:starred",
        "no such word",
    )
    found: dict[str, Callable[[], object]] = {
        "first page": lambda: page(db),
        "page in the middle": lambda: page(db, before=middle),
        "by date": lambda: page(db, Search(since=middle, until=middle + 86_400_000_000)),
        "one picture by id": lambda: find(db, f"{count // 2:012x}"),
        "one picture by its file": lambda: find(db, str(file_of(db.outputs, count // 2))),
        "a family of 50": lambda: family(db, find(db, f"{count // 2:012x}")),
    }
    for text in texts:
        search = parse_search(text)
        found[f"search {text}"] = lambda search=search: page(db, search)  # type: ignore[misc]
    found["one picture put in"] = lambda: save_one(db, count)
    return found


def save_one(db: Database, count: int) -> None:
    """One picture's row, in its own transaction, flushed to the disk."""
    rng = random.Random()  # noqa: S311  # which picture does not matter
    with db.transaction() as connection:
        put(db, connection, entry(count + rng.randrange(10**6), rng, db.outputs))


def main() -> int:
    """Fill an index, measure, print a table, compare with the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    rng = random.Random(7)  # noqa: S311  # the same pictures each time
    with tempfile.TemporaryDirectory() as folder, open_database(Path(folder)) as db:
        start = time.perf_counter()
        fill(db, options.pictures, rng)
        seconds = time.perf_counter() - start
        for number in range(0, options.pictures, 997):
            set_star(db, find(db, f"{number:012x}"), starred=True)
        size = sum(path.stat().st_size for path in (Path(folder) / ".irodori").iterdir()) / 2**20
        print(f"{options.pictures} pictures, {size:.0f} MB, filled in {seconds:.0f} s")
        slow = []
        for name, function in cases(db, options.pictures).items():
            median, worst = milliseconds(function, options.rounds)
            print(f"  {name:45} {median:8.2f} ms   worst {worst:8.2f}")
            if median > GOAL_MS:
                slow.append(name)
    print(f"over {GOAL_MS:g} ms: {', '.join(slow) or 'nothing'}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
