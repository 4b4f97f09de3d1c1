"""The index of pictures: rows, search, descent, marks, rebuilding."""

import os
import secrets
import sqlite3
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest
from PIL import Image

from irodori.errors import InputError, StoreError
from irodori.recipe import Hires, Noise, Recipe
from irodori.recipe.embed import save_picture
from irodori.recipe.lineage import Lineage, Step, lineage_text, read_lineage, step_between
from irodori.store.database import Database, database_path, open_database, set_damaged_aside
from irodori.store.describe import describe
from irodori.store.history import ancestors, children, family, set_note, set_star
from irodori.store.journal import Star, append, read_journal
from irodori.store.outputs import draw_id, find, put, recipe_of
from irodori.store.scan import add_folder, rebuild, remove_folder
from irodori.store.search import Search, count, page
from irodori.store.search_text import parse_search
from irodori.store.thumbnails import thumbnail

DAY = 1_763_856_000_000_000  # 2025-11-23 in UTC, microseconds


def make(
    folder: Path, name: str, recipe: Recipe, *, lineage: Lineage | None = None, at: int = 0
) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    save_picture(Image.new("RGB", (32, 48), "red"), path, recipe, lineage=lineage)
    if at:
        os.utime(path, ns=(at * 1000, at * 1000))
    return path


def recipe(prompt: str = "1girl, red hair", seed: int = 1) -> Recipe:
    return Recipe(prompt=prompt, noise=Noise(seed=seed))


def add(db: Database, name: str, prompt: str, *, seed: int = 1, parent: str = "") -> str:
    identity = draw_id(db, secrets.token_hex)
    lineage = Lineage(id=identity, parent=parent, step=Step.EDIT if parent else None)
    path = make(db.outputs, name, recipe(prompt, seed), lineage=lineage)
    with db.transaction() as connection:
        put(db, connection, describe(path))
    return identity


def put_and_fail(db: Database, path: Path) -> None:
    with db.transaction() as connection:
        put(db, connection, describe(path))
        raise ZeroDivisionError


@pytest.fixture
def db(tmp_path: Path):
    with open_database(tmp_path / "outputs") as database:
        yield database


def test_every_table_is_strict_and_keys_are_foreign(db: Database) -> None:
    tables = db.rows("SELECT name, strict FROM pragma_table_list WHERE type = 'table'")
    shadow = ("words", "sqlite_")
    lax = [
        row["name"] for row in tables if not row["strict"] and not row["name"].startswith(shadow)
    ]
    assert lax == []
    assert db.rows("PRAGMA foreign_keys")[0][0] == 1
    assert db.rows("PRAGMA journal_mode")[0][0] == "wal"


def test_migrations_are_recorded_and_run_once(tmp_path: Path) -> None:
    with open_database(tmp_path) as first:
        done = [tuple(row) for row in first.rows("SELECT number, name FROM migrations")]
    with open_database(tmp_path) as second:
        assert [tuple(row) for row in second.rows("SELECT * FROM migrations")] == done
    assert [number for number, _ in done] == list(range(1, len(done) + 1))


def test_an_index_of_the_future_is_refused(tmp_path: Path) -> None:
    with open_database(tmp_path) as db, db.transaction() as connection:
        connection.execute("INSERT INTO migrations VALUES (99, 'what_comes')")
    with pytest.raises(StoreError, match="newer Irodori"):
        open_database(tmp_path)


def test_a_failed_transaction_leaves_nothing(db: Database) -> None:
    path = make(db.outputs, "a.png", recipe())
    with pytest.raises(ZeroDivisionError):
        put_and_fail(db, path)
    assert count(db) == 0
    assert db.rows("SELECT * FROM words") == []


def test_a_picture_is_found_by_id_digits_path_and_last(db: Database) -> None:
    identity = add(db, "a.png", "1girl")
    add(db, "b.png", "1boy", seed=2**64 - 1)
    output = find(db, identity)
    assert find(db, identity[:6]) == output
    assert find(db, str(db.outputs / "a.png")) == output
    last = find(db, "last")
    assert (last.prompt, last.seed) == ("1boy", str(2**64 - 1))
    assert recipe_of(db, output) == recipe("1girl")
    with pytest.raises(InputError, match="no picture 'ffff'"):
        find(db, "ffff")


def test_digits_of_several_are_refused(db: Database) -> None:
    for end in ("01", "02"):
        path = make(db.outputs, f"{end}.png", recipe(), lineage=Lineage(id=f"abcdef0000{end}"))
        with db.transaction() as connection:
            put(db, connection, describe(path))
    with pytest.raises(InputError, match="give more digits"):
        find(db, "abcd")
    assert find(db, "abcdef000002").path.name == "02.png"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "abcd"),
        ("red hair", "ab"),
        ("red hai*", "ab"),
        ("hai*, smile", "bc"),
        ("tag:hair", "d"),
        ("tag:red_hair", "ab"),
        ("-tag:red hair", "cd"),
        ("-smile", "ad"),
        ("girl", ""),
        ("1girl, -smile", "ad"),
        ("1girl, -smile, -red hair", "d"),
        ("seed:3", "c"),
        ("3", "c"),
        ("tag:no such tag", ""),
        ("tag:1girl, tag:smile", "bc"),
        ("is:starred", "c"),
        ("my favourite", "c"),
        ("after:2025-11-24", "bcd"),
        ("before:2025-11-24", "a"),
        ("after:2025-11-24, before:2025-11-26", "bc"),
        ("source:IRODORI, step:edit", "b"),
        ("model:SUMIRE", ""),
        ('"* NEAR OR ( ^', ""),
        ('"* (^', "abcd"),
        ("is:nothing known", ""),
    ],
)
def test_search(db: Database, text: str, found: str) -> None:
    prompts = {
        "a": "1girl, (red hair:1.2)",
        "b": "1girl, red hair, smile",
        "c": "1girl, long_hair, smile",
        "d": "1girl, hair",
    }
    parent = ""
    for day, (name, prompt) in enumerate(prompts.items()):
        identity = f"{day:012x}"
        lineage = Lineage(id=identity, parent=parent if name == "b" else "", step=Step.EDIT)
        path = make(db.outputs, f"{name}.png", recipe(prompt, day + 1), lineage=lineage)
        with db.transaction() as connection:
            put(db, connection, describe(path, made=DAY + day * 86_400_000_000))
        parent = identity
    favourite = find(db, f"{2:012x}")
    set_star(db, favourite, starred=True)
    set_note(db, favourite, "my favourite of the day")
    search = parse_search(text, zone=UTC)
    names = sorted(output.path.stem for output in page(db, search).outputs)
    assert "".join(names) == found
    assert count(db, search) == len(found)


def test_pages_follow_one_another_newest_first(db: Database) -> None:
    path = make(db.outputs, "x.png", recipe())
    entry = describe(path, made=1000)
    with db.transaction() as connection:
        for number in range(25):
            one = replace(
                entry, path=db.outputs / f"{number}.png", lineage=Lineage(id=f"{number:012x}")
            )
            put(db, connection, one)  # all at the same moment
    for search in (Search(), Search(tags=("1girl",)), Search(phrases=("red hair",))):
        seen: list[str] = []
        before = None
        while True:
            found = page(db, search, before=before, limit=10)
            seen += [output.path.stem for output in found.outputs]
            before = found.next
            if before is None:
                break
        assert seen == [str(number) for number in reversed(range(25))]


def test_descent_is_followed_both_ways(db: Database) -> None:
    first = add(db, "1.png", "a")
    left = add(db, "2.png", "a, b", parent=first)
    right = add(db, "3.png", "a, c", parent=first)
    leaf = add(db, "4.png", "a, c, d", parent=right)
    add(db, "5.png", "stranger")
    assert ancestors(db, find(db, leaf)) == (right, first)
    tree = family(db, find(db, left))
    assert [output.id for output in tree] == [first, left, right, leaf]
    assert [output.id for output in children(tree)[first]] == [left, right]


def test_a_lost_parent_and_a_ring_end_the_line(db: Database) -> None:
    orphan = add(db, "1.png", "a", parent="0123456789ab")
    assert [output.id for output in family(db, find(db, orphan))] == [orphan]
    ring = Lineage(id="aaaaaaaaaaaa", parent="bbbbbbbbbbbb", step=Step.SEED)
    other = Lineage(id="bbbbbbbbbbbb", parent="aaaaaaaaaaaa", step=Step.SEED)
    for name, lineage in (("r.png", ring), ("s.png", other)):
        path = make(db.outputs, name, recipe(), lineage=lineage)
        with db.transaction() as connection:
            put(db, connection, describe(path))
    assert len(family(db, find(db, "aaaaaaaaaaaa"))) == 2


def test_a_copy_is_another_picture_and_a_moved_file_the_same(db: Database) -> None:
    identity = add(db, "a.png", "1girl")
    set_star(db, find(db, identity), starred=True)
    original = db.outputs / "a.png"
    (db.outputs / "copy.png").write_bytes(original.read_bytes())
    rebuild(db)
    assert count(db) == 2
    assert find(db, identity).path.name == "a.png"
    original.rename(db.outputs / "moved.png")
    rebuild(db)
    assert count(db) == 2
    assert find(db, identity).path.name == "moved.png"
    assert find(db, identity).starred


def test_the_index_comes_back_from_the_files(tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    with open_database(outputs) as db:
        first = add(db, "sub/1.png", "1girl, smile", seed=5)
        second = add(db, "sub/2.webp", "1girl, grin", parent=first)
        set_star(db, find(db, second), starred=True)
        set_note(db, find(db, second), "日本語 😀")
        before = [replace(output, number=0) for output in page(db).outputs]
    database_path(outputs).write_bytes(b"SQLite format 3\0" + secrets.token_bytes(8192))
    for ending in ("-wal", "-shm"):
        Path(f"{database_path(outputs)}{ending}").unlink(missing_ok=True)
    with pytest.raises(StoreError, match="irodori history rebuild"):
        open_database(outputs)
    aside = set_damaged_aside(outputs)
    assert aside is not None
    assert aside.exists()
    with open_database(outputs) as db:
        report = rebuild(db)
        assert (report.read, report.problems) == (2, ())
        after = [replace(output, number=0, recipe=1) for output in page(db).outputs]
    assert after == [replace(output, recipe=1) for output in before]
    assert set_damaged_aside(outputs) is None


def test_damaged_and_foreign_files_are_told_not_fatal(db: Database) -> None:
    good = make(db.outputs, "good.png", recipe())
    data = good.read_bytes()
    (db.outputs / "empty.png").write_bytes(b"")
    (db.outputs / "cut.png").write_bytes(data[:60])
    (db.outputs / "noise.jpg").write_bytes(secrets.token_bytes(5000))
    (db.outputs / "text.webp").write_text("this is no picture")
    (db.outputs / "readme.txt").write_text("not looked into")
    (db.outputs / "link.png").symlink_to(db.outputs / "nowhere.png")
    Image.new("RGB", (8, 8)).save(db.outputs / "bare.png")
    report = rebuild(db)
    assert {problem.path.name for problem in report.problems} == {
        "empty.png", "cut.png", "noise.jpg", "text.webp", "link.png",
    }  # fmt: skip
    assert all(problem.why for problem in report.problems)
    assert {output.path.name for output in page(db).outputs} == {"good.png", "bare.png"}
    good.unlink()
    assert rebuild(db).gone == 1


def test_a_folder_of_another_program_is_indexed_where_it_lies(db: Database, tmp_path: Path) -> None:
    foreign = tmp_path / "a1111" / "txt2img-images" / "2024-05-01"
    foreign.mkdir(parents=True)
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text(
        "parameters",
        "1girl, blue hair\nNegative prompt: bad\nSteps: 20, Sampler: Euler a, CFG scale: 7, "
        "Seed: 77, Size: 64x64, Model hash: 0842c2a1d8, Model: Amanatsu_v11, Version: v1.10.1",
    )
    Image.new("RGB", (64, 64)).save(foreign / "00000-77.png", pnginfo=texts)
    before = sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "a1111").rglob("*"))
    report = add_folder(db, tmp_path / "a1111")
    assert (report.read, report.problems) == (1, ())
    output = find(db, "last")
    assert (output.source, output.seed, output.model) == ("a1111", "77", "Amanatsu_v11")
    thumbnail(db.outputs, output.id, output.path)
    set_star(db, output, starred=True)
    assert add_folder(db, tmp_path / "a1111").kept == 1
    assert rebuild(db).read == 1
    assert find(db, output.id).starred
    assert before == sorted(
        (path, path.stat().st_mtime_ns) for path in (tmp_path / "a1111").rglob("*")
    )
    assert remove_folder(db, tmp_path / "a1111") == 1
    assert rebuild(db).read == 0
    with pytest.raises(InputError, match="lie in one another"):
        add_folder(db, db.outputs.parent)


def test_the_journal_survives_a_line_cut_off(db: Database) -> None:
    append(db.outputs, Star(id="aaaaaaaaaaaa", on=True))
    path = db.outputs / ".irodori" / "journal.jsonl"
    with path.open("ab") as file:
        file.write(b'\n{"kind": "star", "id": "bbb')
    append(db.outputs, Star(id="cccccccccccc", on=False))
    with path.open("ab") as file:
        file.write(b'\n[1]\n{"kind": "star", "id": 5, "on": true}\n\xff\xfe\n')
    assert list(read_journal(db.outputs)) == [
        Star(id="aaaaaaaaaaaa", on=True),
        Star(id="cccccccccccc", on=False),
    ]


def test_thumbnails_are_small_cached_and_renewed(db: Database) -> None:
    path = db.outputs / "large.png"
    Image.new("RGBA", (1000, 500), "blue").save(path)
    small = thumbnail(db.outputs, "0123456789ab", path)
    with Image.open(small) as picture:
        assert (picture.format, picture.size) == ("WEBP", (256, 128))
    first = small.stat().st_mtime_ns
    assert thumbnail(db.outputs, "0123456789ab", path).stat().st_mtime_ns == first
    Image.new("RGB", (500, 1000), "red").save(path)
    future = first + 10_000_000_000
    os.utime(path, ns=(future, future))
    with Image.open(thumbnail(db.outputs, "0123456789ab", path)) as picture:
        assert picture.size == (128, 256)


def test_a_folder_of_the_index_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "outputs").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot make"):
        open_database(tmp_path / "outputs")


def test_two_connections_write_in_turn(tmp_path: Path) -> None:
    with open_database(tmp_path) as one, open_database(tmp_path) as two:
        with one.transaction() as connection:
            connection.execute("INSERT INTO tags (name) VALUES ('a')")
            assert two.rows("SELECT * FROM tags") == []  # readers do not wait
        assert len(two.rows("SELECT * FROM tags")) == 1
        with pytest.raises(sqlite3.IntegrityError), two.transaction() as connection:
            connection.execute("INSERT INTO output_tags VALUES (1, 12345)")


@pytest.mark.parametrize("text", ["", "{}", "[", "{" * 600, '{"id": []}', '{"id": "XYZ"}', "1"])
def test_no_lineage_is_read_from_other_texts(text: str) -> None:
    assert read_lineage(text) is None


def test_lineage_comes_back() -> None:
    for lineage in (
        Lineage(id="0123456789ab"),
        Lineage(id="0123456789ab", parent="ba9876543210", step=Step.HIRES),
    ):
        assert read_lineage(lineage_text(lineage)) == lineage
    assert read_lineage('{"id": "0123456789ab", "parent": "x", "step": []}') == Lineage(
        id="0123456789ab"
    )


def test_the_largest_change_names_the_step() -> None:
    first = recipe()
    seeded = replace(first, noise=Noise(seed=2))
    varied = replace(first, noise=Noise(seed=1, variation_seed=9, variation_strength=0.2))
    assert step_between(first, first) is Step.REDRAW
    assert step_between(first, replace(first, software="irodori 9")) is Step.REDRAW
    assert step_between(first, seeded) is Step.SEED
    assert step_between(first, varied) is Step.VARIATION
    assert step_between(first, recipe("1girl", seed=2)) is Step.EDIT
    assert step_between(first, replace(seeded, hires=Hires())) is Step.HIRES


def test_no_lookup_goes_through_the_whole_table(db: Database) -> None:
    for condition in ("coalesce(o.folder, 0) = 1 AND o.path = 'x'", "o.id = 'x'", "o.seed = '1'"):
        sql = "EXPLAIN QUERY PLAN SELECT * FROM outputs AS o WHERE "
        plan = db.rows(sql + condition)
        assert all("SEARCH" in row["detail"] for row in plan), condition
