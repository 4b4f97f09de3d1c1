"""All model files of some folders, from a cache where nothing changed.

A file is known by its path, size and time of change, and by those of its sidecars: listing ten
thousand known files opens none of them.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from irodori.catalog.describe import MODEL_INDEX, PICKLED, SAFETENSORS, describe
from irodori.catalog.folders import Place, kind_of_folder
from irodori.catalog.json_file import read_json, write_json
from irodori.catalog.record import ModelRecord, as_json, from_json
from irodori.catalog.sidecars import read_sidecars, sidecar_names

VERSION: Final = 2
"""Of the cache's content; another one is thrown away."""

_ENDINGS: Final = (SAFETENSORS, *PICKLED)
_HIDDEN: Final = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A model file on the disk.

    Attributes:
        path: of the file.
        size: bytes.
        modified: nanoseconds.
        names: of all that is in its folder.
        beside: times of change of its sidecars.
        place: what it was found in.
    """

    path: Path
    size: int
    modified: int
    place: Place
    names: frozenset[str] = field(repr=False)
    beside: tuple[int, ...]

    @property
    def stamp(self) -> list[Any]:
        """What must be the same for the cache to hold, as JSON has it."""
        return [self.size, self.modified, list(self.beside)]


def scan(places: Iterable[Place], cache: Path | None = None) -> tuple[ModelRecord, ...]:
    """Return what is known of every model file, in the order of places and names.

    Args:
        places: to be searched; those that are not there have nothing.
        cache: a file that remembers; None reads every header anew. It is replaced when something
            changed, and rebuilt when it is damaged.
    """
    known = _read_cache(cache)
    kept: dict[str, Any] = {}
    records = []
    for found in find_files(places):
        key = str(found.path)
        entry = known.get(key)
        record = _remembered(found, entry)
        if record is None:
            record = _read(found)
            entry = [found.stamp, as_json(record)]
        kept[key] = entry
        records.append(record)
    if cache is not None and kept != known:
        write_json(cache, {"version": VERSION, "files": kept})
    return tuple(records)


def look_at(path: Path) -> ModelRecord:
    """Return what is known of one file and its sidecars, read anew."""
    names = frozenset(each.name for each in path.parent.iterdir())
    return describe(path, kind_of_folder(path.parent), read_sidecars(path.parent, path.stem, names))


def find_files(places: Iterable[Place]) -> Iterator[FoundFile]:
    """Yield every model file once, links followed, the same folder never twice."""
    seen: set[tuple[int, int]] = set()
    for place in places:
        yield from _below(place.path, place, seen)


def _below(folder: Path, place: Place, seen: set[tuple[int, int]]) -> Iterator[FoundFile]:
    try:
        status = folder.stat()
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name.casefold())
    except OSError:  # not there, or not ours to read: nothing to list
        return
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        return
    seen.add(identity)
    times: dict[str, os.DirEntry[str]] = {entry.name: entry for entry in entries}
    names = frozenset(times)
    if MODEL_INDEX in names:  # a model by itself: its parts are no files of their own
        yield FoundFile(
            path=folder,
            size=0,
            modified=status.st_mtime_ns,
            place=place,
            names=frozenset(),
            beside=(times[MODEL_INDEX].stat().st_mtime_ns,),
        )
        return
    for entry in entries:
        if entry.name.startswith(_HIDDEN):
            continue
        if entry.name.lower().endswith(_ENDINGS):
            found = _found(entry, place, names, times)
            if found is not None:
                yield found
        elif _is_folder(entry):
            yield from _below(folder / entry.name, place, seen)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _found(
    entry: "os.DirEntry[str]",
    place: Place,
    names: frozenset[str],
    times: "Mapping[str, os.DirEntry[str]]",
) -> FoundFile | None:
    """Return a file with its sidecars' times; None for a folder of that name or a dead link."""
    path = Path(entry.path)
    try:
        if not entry.is_file():
            return None
        status = entry.stat()
        beside = tuple(times[name].stat().st_mtime_ns for name in sidecar_names(path.stem, names))
    except OSError:
        return None
    return FoundFile(
        path=path,
        size=status.st_size,
        modified=status.st_mtime_ns,
        place=place,
        names=names,
        beside=beside,
    )


def _read(found: FoundFile) -> ModelRecord:
    folder = found.path.parent
    beside = read_sidecars(folder, found.path.stem, found.names)
    return describe(found.path, kind_of_folder(folder) or found.place.kind, beside)


def _remembered(found: FoundFile, entry: Any) -> ModelRecord | None:
    try:
        stamp, values = entry
        return from_json(found.path, values) if stamp == found.stamp else None
    except (TypeError, ValueError, KeyError):
        return None


def _read_cache(cache: Path | None) -> Mapping[str, Any]:
    stored = {} if cache is None else read_json(cache)
    files = stored.get("files")
    return files if stored.get("version") == VERSION and isinstance(files, dict) else {}
