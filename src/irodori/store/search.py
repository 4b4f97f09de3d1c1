"""The gallery's pages: which pictures are asked for, newest first, in milliseconds at 100,000.

Every page is read along one index in the order of time, from the end of the page before: the
words of the full-text index, or the rarest tag asked for, or all pictures.
"""

from dataclasses import dataclass
from typing import Final

from irodori.recipe.lineage import Step
from irodori.store.database import Database
from irodori.store.outputs import COLUMNS, JOIN, Output, output_of

PAGE: Final = 50
_END_OF_TIME: Final = 2**63 - 1
_RARE_ENOUGH: Final = 2000
"""Pictures of a tag are counted up to here to find the rarest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is asked for; every part narrows it.

    Args:
        phrases: words that stand beside each other in prompts, notes, model or file names; the
            last word of one that ends in `*` may go on.
        without: phrases that do not occur.
        tags: tags of the prompt, by the names of `outputs.tag_names`.
        without_tags: tags that the prompt does not have.
        seed: decimal, or "".
        model: name of the checkpoint, any case, or "".
        source: the program, or "".
        step: what made it from its parent, or None.
        starred: favourites only.
        since: microseconds since 1970, or 0.
        until: not from then on; microseconds since 1970.
    """

    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    seed: str = ""
    model: str = ""
    source: str = ""
    step: Step | None = None
    starred: bool = False
    since: int = 0
    until: int = _END_OF_TIME


EVERYTHING: Final = Search()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some pictures, newest first.

    Args:
        outputs: the pictures.
        next: what to give as `before` for the page after; None at the end.
    """

    outputs: tuple[Output, ...]
    next: int | None


def page(
    db: Database, search: Search = EVERYTHING, *, before: int | None = None, limit: int = PAGE
) -> Page:
    """Return one page of what is asked for.

    Args:
        db: the index.
        search: what is asked for.
        before: `Page.next` of the page before; None for the first.
        limit: pictures, 1 or more.
    """
    tags = _tag_numbers(db, search.tags)
    if tags is None:
        return Page(outputs=(), next=None)
    query = _Query()
    query.begin(db, search, tags)
    query.narrow(db, search)
    last = search.until if before is None else min(before, search.until)
    query.where(f"{query.key} < ?", last)
    if search.since:
        query.where(f"{query.key} >= ?", search.since)
    rows = db.rows(query.sql(), *query.values, limit + 1)
    found = tuple(output_of(db, row) for row in rows[:limit])
    return Page(outputs=found, next=found[-1].number if len(rows) > limit else None)


def count(db: Database, search: Search = EVERYTHING) -> int:
    """Return how many pictures there are of what is asked for."""
    tags = _tag_numbers(db, search.tags)
    if tags is None:
        return 0
    query = _Query()
    query.begin(db, search, tags)
    query.narrow(db, search)
    query.where(f"{query.key} >= ? AND {query.key} < ?", search.since, search.until)
    row = db.row(query.counting(), *query.values)
    return 0 if row is None else int(row[0])


def match_text(phrases: tuple[str, ...], without: tuple[str, ...]) -> str:
    """Return phrases as the full-text index takes them; "" where they hold no word."""
    wanted = [text for text in map(_quoted, phrases) if text]
    unwanted = [text for text in map(_quoted, without) if text]
    if not wanted:
        return ""
    return " AND ".join(wanted) + "".join(f" NOT {text}" for text in unwanted)


class _Query:
    """A query under construction; its SQL is made of this module's constants only."""

    def __init__(self) -> None:
        self.key = "o.number"
        self.source = "outputs AS o"
        self.conditions: list[str] = []
        self.values: list[object] = []

    def begin(self, db: Database, search: Search, tags: list[int]) -> None:
        """Choose the index to read along."""
        text = match_text(search.phrases, search.without)
        if text:
            self.key = "w.rowid"
            self.source = "words AS w CROSS JOIN outputs AS o ON o.number = w.rowid"
            self.where("words MATCH ?", text)
        elif tags:
            rarest = min(tags, key=lambda tag: _how_many(db, tag))
            self.key = "t.output"
            self.source = "output_tags AS t CROSS JOIN outputs AS o ON o.number = t.output"
            self.where("t.tag = ?", rarest)
            tags = [tag for tag in tags if tag != rarest]
        for tag in tags:
            self.where(f"EXISTS ({_HAS_TAG})", tag)

    def narrow(self, db: Database, search: Search) -> None:
        """Add what the index that is read along does not know."""
        for tag in search.without_tags:
            for number in _tag_numbers(db, (tag,)) or ():
                self.where(f"NOT EXISTS ({_HAS_TAG})", number)
        if search.without and not match_text(search.phrases, ()):
            unwanted = " OR ".join(text for text in map(_quoted, search.without) if text)
            if unwanted:
                excluded = "SELECT rowid FROM words WHERE words MATCH ?"
                self.where(f"o.number NOT IN ({excluded})", unwanted)
        for condition, value in (
            ("o.seed = ?", search.seed),
            ("o.model = ? COLLATE NOCASE", search.model),
            ("o.source = ?", search.source),
            (
                "EXISTS (SELECT 1 FROM lineage s WHERE s.child = o.number AND s.step = ?)",
                search.step.value if search.step else "",
            ),
        ):
            if value:
                self.where(condition, value)
        if search.starred:
            self.where("o.starred = 1")

    def where(self, condition: str, *values: object) -> None:
        """Add a condition."""
        self.conditions.append(condition)
        self.values.extend(values)

    def sql(self) -> str:
        """Return the query for a page; its last value is the limit."""
        return (
            f"SELECT {COLUMNS} FROM {self.source} {JOIN} "  # noqa: S608  # constants only
            f"WHERE {' AND '.join(self.conditions)} ORDER BY {self.key} DESC LIMIT ?"
        )

    def counting(self) -> str:
        """Return the query that counts."""
        return f"SELECT count(*) FROM {self.source} WHERE {' AND '.join(self.conditions)}"  # noqa: S608  # constants only


_HAS_TAG: Final = "SELECT 1 FROM output_tags x WHERE x.tag = ? AND x.output = o.number"


def _tag_numbers(db: Database, names: tuple[str, ...]) -> list[int] | None:
    """Return the keys of tags; None where one is on no picture."""
    rows = [db.row("SELECT number FROM tags WHERE name = ?", name) for name in names]
    found = [int(row["number"]) for row in rows if row is not None]
    return found if len(found) == len(rows) else None


def _how_many(db: Database, tag: int) -> int:
    row = db.row(
        "SELECT count(*) FROM (SELECT 1 FROM output_tags WHERE tag = ? LIMIT ?)", tag, _RARE_ENOUGH
    )
    return 0 if row is None else int(row[0])


def _quoted(phrase: str) -> str:
    words = "".join(char if char.isalnum() else " " for char in phrase).split()
    if not words:
        return ""
    return f'"{" ".join(words)}"' + ("*" if phrase.rstrip().endswith("*") else "")
