"""The history for people: what changed from picture to picture, and whole trees of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from irodori.app.config import Config
from irodori.app.outputs import microseconds
from irodori.recipe.codec import Json
from irodori.recipe.diff import diff
from irodori.recipe.tag_diff import Change
from irodori.store.database import Database, set_damaged_aside
from irodori.store.history import children, family
from irodori.store.outputs import Output, recipe_of
from irodori.store.saving import open_store
from irodori.store.scan import ScanReport, rebuild


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeRow:
    """A picture's place in the drawing of a tree.

    A picture with one child has it below, in the same lane. Of several children the last goes on
    in the lane; each one before begins a lane of its own, one to the right.

    Args:
        output: the picture.
        lane: 0 or more, from the left.
        is_branch: it begins its lane, so a line leads to it from the lane before.
        changes: what is different from its parent; nothing where the parent is not known.
    """

    output: Output
    lane: int
    is_branch: bool
    changes: tuple[Change, ...]


def open_history(config: Config, moment: datetime) -> Database:
    """Return the index of the outputs folder.

    Raises:
        StoreError: it is damaged, or the folder cannot be written.
    """
    return open_store(config.outputs, now=microseconds(moment))


def changes_between(db: Database, before: Output, after: Output) -> tuple[Change, ...]:
    """Return what changed from one picture to another; nothing where a recipe is not known."""
    old, new = recipe_of(db, before), recipe_of(db, after)
    return () if old is None or new is None else diff(old, new)


def tree(db: Database, output: Output) -> tuple[TreeRow, ...]:
    """Return all pictures with the same first one, as they are drawn from top to bottom."""
    members = family(db, output)
    known = {member.id: member for member in members}
    below = children(members)
    roots = [member for member in members if member.parent not in known] or [members[0]]
    waiting = [(root, 0, False) for root in reversed(roots)]
    rows: list[TreeRow] = []
    drawn: set[str] = set()
    while waiting:
        member, lane, is_branch = waiting.pop()
        if member.id in drawn:  # a ring: only a file that was tampered with makes one
            continue
        drawn.add(member.id)
        parent = known.get(member.parent)
        changes = () if parent is None else changes_between(db, parent, member)
        rows.append(TreeRow(output=member, lane=lane, is_branch=is_branch, changes=changes))
        own = below.get(member.id, ())
        waiting += [(child, lane, False) for child in own[-1:]]
        waiting += [(child, lane + 1, True) for child in reversed(own[:-1])]
    return tuple(rows)


def rebuild_history(
    config: Config,
    moment: datetime,
    *,
    everything: bool = True,
    tell: Callable[[int, int], None] = lambda *_: None,
) -> tuple[ScanReport, Path | None]:
    """Make the index again from the files.

    Returns:
        What was done, and where a damaged index was put.

    Raises:
        StoreError: the folder cannot be written.
    """
    aside = set_damaged_aside(config.outputs)
    with open_history(config, moment) as db:
        return rebuild(db, everything=everything or aside is not None, tell=tell), aside


def moment_of(output: Output) -> datetime:
    """Return when a picture was made, in the machine's time zone."""
    return datetime.fromtimestamp(output.number / 1_000_000).astimezone()


def to_mapping(output: Output) -> dict[str, Json]:
    """Return a picture of the history as values that JSON can hold."""
    return {
        "id": output.id,
        "path": str(output.path),
        "made": moment_of(output).isoformat(),
        "width": output.width,
        "height": output.height,
        "bytes": output.bytes,
        "source": output.source,
        "model": output.model,
        "seed": output.seed,
        "prompt": output.prompt,
        "negative_prompt": output.negative_prompt,
        "starred": output.starred,
        "note": output.note,
        "parent": output.parent,
        "step": None if output.step is None else output.step.value,
    }


def changes_to_list(changes: Sequence[Change]) -> list[Json]:
    """Return changes as values that JSON can hold."""
    return [
        {
            "kind": change.kind.value,
            "where": change.where or "settings",
            "name": change.name,
            "before": change.before,
            "after": change.after,
            "text": str(change),
        }
        for change in changes
    ]


def summary(row: TreeRow) -> str:
    """Return in one line what made a picture: its changes, or a first one's prompt."""
    if row.output.step is None:
        return row.output.prompt
    told = ", ".join(str(change) for change in row.changes)
    return told or "nothing changed"
