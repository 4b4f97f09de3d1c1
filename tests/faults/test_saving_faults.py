"""What goes wrong while pictures are saved: the process dies, the disk is full, another writes."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from irodori.app.config import Config
from irodori.app.output_names import Patterns
from irodori.app.outputs import Destination, save_pictures
from irodori.errors import OutputError, StoreError
from irodori.recipe import Noise, Recipe
from irodori.recipe.lineage import Lineage
from irodori.store.database import Database, open_database
from irodori.store.files import TEMPORARY
from irodori.store.saving import ABANDONED, NewOutput, open_store, recover, save_output
from irodori.store.search import count, page

NOW = 1_795_000_000_000_000
RECIPE = Recipe(prompt="1girl", noise=Noise(seed=1), software="irodori 0.1.0")
MOMENT = datetime(2026, 11, 23, tzinfo=UTC)

SAVE_FOREVER = """
import sys
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace
import numpy as np
from irodori.app.config import Config
from irodori.app.outputs import Destination, save_pictures
from irodori.recipe import Noise, Recipe

config = Config(outputs=Path(sys.argv[1]))
pixels = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
recipe = Recipe(prompt="1girl", noise=Noise(seed=1), software="irodori 0.1.0")
moment = datetime(2026, 11, 23, tzinfo=UTC)
print("ready", flush=True)
for seed in count(int(sys.argv[2])):
    if len(sys.argv) > 3 and seed >= int(sys.argv[2]) + int(sys.argv[3]):
        break
    drawn = SimpleNamespace(recipe=replace(recipe, noise=Noise(seed=seed)), pixels=pixels)
    (saved,) = save_pictures((drawn,), Destination(), config, moment)
    assert not saved.problem, saved.problem
    print(saved.id, flush=True)
"""


def start(outputs: Path, first_seed: int, *count: int) -> "subprocess.Popen[str]":
    arguments = [str(outputs), str(first_seed), *map(str, count)]
    process = subprocess.Popen(
        [sys.executable, "-c", SAVE_FOREVER, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def final_files(outputs: Path) -> list[Path]:
    return [path for path in outputs.rglob("*.png") if ".irodori" not in str(path)]


def test_a_killed_save_loses_nothing(tmp_path: Path) -> None:
    """Twenty times by default; IRODORI_KILLS=200 for the long run."""
    kills = int(os.environ.get("IRODORI_KILLS", "20"))
    rng = random.Random(6)  # noqa: S311  # moments, not secrets
    reported: set[str] = set()
    for attempt in range(kills):
        process = start(tmp_path, attempt * 100_000)
        assert process.stdout is not None
        if attempt % 2:  # after a first save; else whenever it comes
            reported.add(process.stdout.readline().strip())
        time.sleep(rng.uniform(0.0, 0.08))
        process.send_signal(signal.SIGKILL)
        said, _ = process.communicate()
        reported |= set(said.split())
        with open_store(tmp_path, now=NOW) as db:
            known = {output.path: output.id for output in page(db, limit=100_000).outputs}
        files = final_files(tmp_path)
        assert set(known) == set(files), attempt
        for path in files:
            with Image.open(path) as picture:
                picture.load()  # a half file does not decode
    assert reported <= set(known.values())
    assert len(files) >= kills // 2


def test_two_processes_save_at_once(tmp_path: Path) -> None:
    processes = [start(tmp_path, first, 15) for first in (0, 1000, 2000)]
    said = [process.communicate(timeout=300)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    ids = {one for each in said for one in each}
    assert len(ids) == 45
    with open_store(tmp_path, now=NOW) as db:
        assert {output.id for output in page(db, limit=100).outputs} == ids
    assert len(final_files(tmp_path)) == 45


@dataclass(frozen=True)
class Picture:
    recipe: Recipe
    pixels: np.ndarray


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path) as database:
        yield database


def new_output(path: Path, write: object) -> NewOutput:
    return NewOutput(
        lineage=Lineage(id="0123456789ab"),
        recipe=RECIPE,
        names=lambda: iter((path,)),
        write=write,  # type: ignore[arg-type]
        now=NOW,
    )


def test_a_full_disk_is_one_error_and_the_store_opens(db: Database, tmp_path: Path) -> None:
    def half(path: Path) -> None:
        path.write_bytes(b"\x89PNG half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left on device"):
        save_output(db, new_output(tmp_path / "x.png", half))
    assert final_files(tmp_path) == []
    assert not list(tmp_path.glob(f"{TEMPORARY}*"))
    with open_store(tmp_path, now=NOW) as again:
        assert count(again) == 0
        assert again.rows("SELECT * FROM saves") == []


def test_a_full_disk_under_the_index_keeps_the_picture(tmp_path: Path) -> None:
    config = Config(outputs=tmp_path, patterns=Patterns(folder="", name="[seed]"))
    with open_database(tmp_path) as db:
        pages = db.rows("PRAGMA page_count")[0][0]
        db.rows(f"PRAGMA max_page_count = {pages}")
        noise = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)

        def write(path: Path) -> None:
            from irodori.recipe.embed import save_picture

            lineage = Lineage(id="0123456789ab")
            save_picture(Image.fromarray(noise), path, RECIPE, lineage=lineage)

        long = Recipe(prompt="tag, " * 4000, noise=Noise(seed=1))
        saved = save_output(
            db,
            NewOutput(
                lineage=Lineage(id="0123456789ab"),
                recipe=long,
                names=lambda: iter((tmp_path / "x.png",)),
                write=write,
                now=NOW,
            ),
        )
    assert isinstance(saved.problem, StoreError)
    assert "full" in str(saved.problem)
    with open_store(config.outputs, now=NOW) as again:
        assert [output.path.name for output in page(again).outputs] == ["x.png"]


def save_until_full(folder: Path, pixels: np.ndarray) -> None:
    for _ in range(100):
        save_pictures((Picture(RECIPE, pixels),), Destination(), Config(outputs=folder), MOMENT)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting needs the administrator"
)
def test_a_small_disk_really_full(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(small)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this machine mounts nothing")
    try:
        pixels = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
        with pytest.raises(OutputError, match=r"No space left|cannot (save|write)"):
            save_until_full(small, pixels)
        files = final_files(small)
        assert files
        for path in files:
            with Image.open(path) as picture:
                picture.load()
        with open_store(small, now=NOW) as db:
            assert 0 < count(db) <= len(files)
        files[0].unlink()
        (again,) = save_pictures(
            (Picture(RECIPE, pixels[:8]),), Destination(), Config(outputs=small), MOMENT
        )
        assert again.problem == ""
    finally:
        subprocess.run(["umount", str(small)], check=False)


def test_an_intent_without_a_file_is_dropped_in_time(db: Database, tmp_path: Path) -> None:
    with db.transaction() as connection:
        connection.execute(
            "INSERT INTO saves VALUES ('0123456789ab', ?, ?)", (str(tmp_path / "x.png"), NOW)
        )
    left = tmp_path / f"{TEMPORARY}abc.png"
    left.write_bytes(b"half")
    os.utime(left, ns=((NOW - 1) * 1000, (NOW - 1) * 1000))
    assert recover(db, now=NOW + 1) == ()
    assert len(db.rows("SELECT * FROM saves")) == 1  # another process may be writing
    assert left.exists()
    assert recover(db, now=NOW + ABANDONED + 1) == ()
    assert db.rows("SELECT * FROM saves") == []
    assert not left.exists()
