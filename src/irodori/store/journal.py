"""What no picture holds: stars, notes, folders indexed in place, files saved elsewhere.

A text file of JSON lines beside the index, only ever appended to, each line flushed to the disk.
It is read when the index is made again; a line that cannot be read is left out.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TypeAlias

from irodori.errors import StoreError
from irodori.store.files import HIDDEN

FILE: Final = "journal.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Star:
    """A picture became a favourite, or no longer is."""

    id: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A picture got these words in place of those before."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder is indexed in place, or no longer."""

    path: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A picture was saved outside the outputs folder, where its owner asked."""

    path: str


Line: TypeAlias = Star | Note | Folder | Elsewhere
_KINDS: Final[tuple[type[Line], ...]] = (Star, Note, Folder, Elsewhere)


def append(outputs: Path, line: Line) -> None:
    """Add a line.

    Raises:
        StoreError: it cannot be written.
    """
    path = outputs / HIDDEN / FILE
    data = {"kind": type(line).__name__.lower(), **asdict(line)}
    text = "\n" + json.dumps(data)  # the newline first: a line cut off by a crash ends there
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreError(f"cannot write '{path}': {error.strerror or error}") from error


def read_journal(outputs: Path) -> Iterator[Line]:
    """Yield the lines, oldest first.

    Raises:
        StoreError: the file is there and cannot be read.
    """
    path = outputs / HIDDEN / FILE
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"cannot read '{path}': {error.strerror or error}") from error
    for raw in lines:
        line = _line(raw)
        if line is not None:
            yield line


def _line(raw: bytes) -> Line | None:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    kind = data.pop("kind", "")
    for each in _KINDS:
        types = each.__annotations__
        if kind == each.__name__.lower() and data.keys() == types.keys():
            whole = all(isinstance(data[name], types[name]) for name in types)
            return each(**data) if whole else None
    return None
