"""The tables of the index, as a list of steps that only go forward.

A step is a function; each runs once, in one transaction with the record that it ran. A step that
was released is never changed: what comes after is another step.
"""

import sqlite3
from collections.abc import Callable
from typing import Final

from irodori.errors import StoreError


def migrate(connection: sqlite3.Connection) -> None:
    """Bring an index up to date.

    Raises:
        StoreError: a newer Irodori made it.
    """
    while (number := _applied(connection)) < len(MIGRATIONS):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _applied(connection) == number:  # no other process was faster
                step = MIGRATIONS[number]
                step(connection)
                connection.execute(
                    "INSERT INTO migrations (number, name) VALUES (?, ?)",
                    (number + 1, step.__name__),
                )
        except BaseException:
            connection.rollback()
            raise
        connection.commit()
    if number > len(MIGRATIONS):
        raise StoreError(
            f"the index of pictures was made by a newer Irodori (step {number}, known are "
            f"{len(MIGRATIONS)}); update Irodori"
        )


def create_outputs(connection: sqlite3.Connection) -> None:
    """Pictures, their recipes, descent and folders; saves under way; journal of this list."""
    for statement in _OUTPUTS:
        connection.execute(statement)


def create_search(connection: sqlite3.Connection) -> None:
    """Tags of every picture, and the words of its texts."""
    for statement in _SEARCH:
        connection.execute(statement)


def create_jobs(connection: sqlite3.Connection) -> None:
    """The queue."""
    for statement in _JOBS:
        connection.execute(statement)


def _applied(connection: sqlite3.Connection) -> int:
    known = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'").fetchone()
    if known is None:
        return 0
    (number,) = connection.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()
    return int(number)


# `number` is the moment a picture was made, in microseconds since 1970, moved on until it is free:
# so one key puts pictures, their tags and their words in the order of time.
_OUTPUTS: Final = (
    "CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
    """CREATE TABLE folders (
        number INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE          -- absolute; '' is the outputs folder itself
    ) STRICT""",
    "INSERT INTO folders (number, path) VALUES (1, '')",
    """CREATE TABLE recipes (
        number INTEGER PRIMARY KEY,
        digest TEXT NOT NULL UNIQUE,       -- sha256 of the JSON
        json TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE outputs (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE CHECK (length(id) = 12),
        folder INTEGER REFERENCES folders, -- NULL: the path is absolute
        path TEXT NOT NULL,                -- in its folder
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        modified INTEGER NOT NULL,         -- nanoseconds since 1970
        source TEXT NOT NULL,              -- the program that drew it
        model TEXT NOT NULL,
        seed TEXT NOT NULL,                -- up to 2^64 - 1, so no INTEGER
        prompt TEXT NOT NULL,
        negative_prompt TEXT NOT NULL,
        recipe INTEGER REFERENCES recipes,
        starred INTEGER NOT NULL DEFAULT 0 CHECK (starred IN (0, 1)),
        note TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE UNIQUE INDEX outputs_by_path ON outputs (coalesce(folder, 0), path)",
    "CREATE INDEX outputs_by_recipe ON outputs (recipe)",
    "CREATE INDEX outputs_by_model ON outputs (model COLLATE NOCASE, number)",
    "CREATE INDEX outputs_by_seed ON outputs (seed, number)",
    "CREATE INDEX outputs_starred ON outputs (number) WHERE starred = 1",
    # The parent's file may be gone or not yet indexed, so its id is no foreign key.
    """CREATE TABLE lineage (
        child INTEGER PRIMARY KEY REFERENCES outputs ON DELETE CASCADE,
        parent TEXT NOT NULL,
        step TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX lineage_by_parent ON lineage (parent)",
    """CREATE TABLE saves (
        id TEXT PRIMARY KEY,
        path TEXT NOT NULL,
        begun INTEGER NOT NULL
    ) STRICT""",
)

_SEARCH: Final = (
    "CREATE TABLE tags (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    """CREATE TABLE output_tags (
        tag INTEGER NOT NULL REFERENCES tags,
        output INTEGER NOT NULL REFERENCES outputs ON DELETE CASCADE,
        PRIMARY KEY (tag, output)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX output_tags_by_output ON output_tags (output)",
    """CREATE VIRTUAL TABLE words USING fts5(
        prompt, negative_prompt, model, seed, note, path,
        content = 'outputs', content_rowid = 'number',
        tokenize = 'unicode61 remove_diacritics 2'
    )""",
    """CREATE TRIGGER words_insert AFTER INSERT ON outputs BEGIN
        INSERT INTO words (rowid, prompt, negative_prompt, model, seed, note, path)
        VALUES (new.number, new.prompt, new.negative_prompt, new.model, new.seed, new.note,
                new.path);
    END""",
    """CREATE TRIGGER words_delete AFTER DELETE ON outputs BEGIN
        INSERT INTO words (words, rowid, prompt, negative_prompt, model, seed, note, path)
        VALUES ('delete', old.number, old.prompt, old.negative_prompt, old.model, old.seed,
                old.note, old.path);
    END""",
    """CREATE TRIGGER words_update
    AFTER UPDATE OF prompt, negative_prompt, model, seed, note, path ON outputs BEGIN
        INSERT INTO words (words, rowid, prompt, negative_prompt, model, seed, note, path)
        VALUES ('delete', old.number, old.prompt, old.negative_prompt, old.model, old.seed,
                old.note, old.path);
        INSERT INTO words (rowid, prompt, negative_prompt, model, seed, note, path)
        VALUES (new.number, new.prompt, new.negative_prompt, new.model, new.seed, new.note,
                new.path);
    END""",
)

_JOBS: Final = (
    """CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        state TEXT NOT NULL DEFAULT 'queued'
            CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
        priority INTEGER NOT NULL DEFAULT 0,
        request TEXT NOT NULL,
        result TEXT NOT NULL DEFAULT '',
        problem TEXT NOT NULL DEFAULT '',
        worker TEXT NOT NULL DEFAULT '',
        attempts INTEGER NOT NULL DEFAULT 0,
        lease INTEGER NOT NULL DEFAULT 0,  -- microseconds since 1970 at which it ends
        queued INTEGER NOT NULL,
        finished INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    """CREATE INDEX jobs_waiting ON jobs (priority DESC, number)
        WHERE state IN ('queued', 'running')""",
)

MIGRATIONS: Final[tuple[Callable[[sqlite3.Connection], None], ...]] = (
    create_outputs,
    create_search,
    create_jobs,
)
