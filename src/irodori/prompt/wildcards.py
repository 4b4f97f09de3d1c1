"""Wildcard files: what `__colors__` can stand for.

A name is the path of a file under a wildcard folder without its suffix (`artists/dutch.txt` is
`artists/dutch`), or the path of keys inside a YAML or JSON pack. `*` in a name matches any stretch.

Safety: a name from a prompt is only ever compared with the names found by listing the folders; it
is never made into a path. A link that leads out of its folder is not listed.

Source: the file formats are those of sd-dynamic-prompts, as its docs/SYNTAX.md describes them.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cached_property
from pathlib import Path
from typing import Final

_PACKS: Final = frozenset({".yaml", ".yml", ".json"})
_LARGEST_FILE: Final = 16 << 20  # bytes
_DEEPEST_PACK: Final = 16
_MOST_VALUES: Final = 200_000  # in one pack; YAML aliases can multiply a small file
_WEIGHTED: Final = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*::(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class WildcardValue:
    """One thing a wildcard can become.

    Args:
        text: prompt text; may hold variants and wildcards of its own.
        weight: how often it is drawn relative to the others, over 0; `2::red` gives 2. Default 1.
        source: the file it came from, relative to its folder.
    """

    text: str
    weight: float = 1.0
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What a name stands for.

    Args:
        values: empty when there is no such wildcard, or it is empty or unreadable.
        problems: what went wrong, one sentence each, for the person who wrote the name.
    """

    values: tuple[WildcardValue, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: Path
    source: str


@dataclass(frozen=True)  # no slots: cached_property keeps what was read in the instance
class WildcardLibrary:
    """The wildcards under some folders, listed and read when first asked for.

    Args:
        folders: searched in this order; the first that has a name wins. A folder that does not
            exist holds nothing.
    """

    folders: tuple[Path, ...] = ()
    _read: dict[Path, Lookup] = field(default_factory=dict, repr=False, compare=False)

    def names(self) -> tuple[str, ...]:
        """Return every name there is, sorted."""
        return tuple(sorted(self._texts.keys() | self._packs[0].keys()))

    def look_up(self, name: str) -> Lookup:
        """Return the values of a name; with `*` in it, those of all names that match, in order."""
        name = name.strip().strip("/")
        if "*" in name:
            matches = re.compile(translate(name.replace("[", "[[]")))
            found = [self._one(known) for known in self.names() if matches.match(known)]
            if not found:
                return Lookup(problems=(f"no wildcard matches '{name}'",))
            return Lookup(
                values=tuple([value for lookup in found for value in lookup.values]),
                problems=tuple([problem for lookup in found for problem in lookup.problems]),
            )
        return self._one(name)

    def _one(self, name: str) -> Lookup:
        texts = self._texts
        if name in texts:
            file = texts[name]
            if file.path not in self._read:
                self._read[file.path] = _read_text(file, name)
            return self._read[file.path]
        packs, problems = self._packs
        if name in packs:
            return Lookup(values=packs[name])
        return Lookup(problems=(f"no wildcard is called '{name}'", *problems))

    @cached_property
    def _texts(self) -> Mapping[str, _File]:
        found: dict[str, _File] = {}
        for folder in self.folders:
            for file in _files(folder):
                if file.path.suffix.lower() == ".txt":
                    found.setdefault(file.source.rpartition(".")[0], file)
        return found

    @cached_property
    def _packs(self) -> tuple[Mapping[str, tuple[WildcardValue, ...]], tuple[str, ...]]:
        """The values by name of every pack, and what could not be read."""
        found: dict[str, tuple[WildcardValue, ...]] = {}
        problems: list[str] = []
        for folder in self.folders:
            for file in _files(folder):
                if file.path.suffix.lower() not in _PACKS:
                    continue
                try:
                    pack = _read_pack(file)
                except (OSError, ValueError, RecursionError) as error:
                    problems.append(f"wildcard pack {file.source} was skipped: {error}")
                    continue
                for name, values in pack.items():
                    found.setdefault(name, values)
        return found, tuple(problems)


def parse_values(lines: Sequence[str], source: str) -> tuple[WildcardValue, ...]:
    """Return the values of a text file's lines.

    A line that begins with `#` is a comment; a `#` further on belongs to the value. Empty lines
    and white space around a value are dropped. `2::red` weighs 2; a weight of 0 is never drawn.
    """
    kept = [line.strip() for line in lines if not line.startswith("#")]
    values = [_value(line, source) for line in kept if line]
    return tuple([value for value in values if value.weight > 0])


def _value(text: str, source: str) -> WildcardValue:
    weighted = _WEIGHTED.fullmatch(text)
    if weighted is None:
        return WildcardValue(text=text, source=source)
    return WildcardValue(text=weighted[2].strip(), weight=float(weighted[1]), source=source)


def _files(folder: Path) -> Iterator[_File]:
    """Yield the files under a folder in a settled order, none from outside it."""
    try:
        root = folder.resolve(strict=True)
        paths = sorted(path for path in root.rglob("*") if path.is_file())
    except OSError:
        return
    for path in paths:
        if path.resolve().is_relative_to(root):
            yield _File(path=path, source=path.relative_to(root).as_posix())


def _read_text(file: _File, name: str) -> Lookup:
    try:
        text = _content(file.path)
    except (OSError, ValueError) as error:
        return Lookup(problems=(f"wildcard '{name}' cannot be read: {error}",))
    values = parse_values(text.splitlines(), file.source)
    problems = () if values else (f"wildcard '{name}' has no values ({file.source})",)
    return Lookup(values=values, problems=problems)


def _content(path: Path) -> str:
    """Return a file's text.

    Raises:
        ValueError: it is over 16 MiB, or not UTF-8.
        OSError: it cannot be read.
    """
    if path.stat().st_size > _LARGEST_FILE:
        raise ValueError(f"larger than {_LARGEST_FILE >> 20} MiB")
    return path.read_text(encoding="utf-8-sig")


def _read_pack(file: _File) -> dict[str, tuple[WildcardValue, ...]]:
    """Return the lists of a pack by the path of their keys, under the folder it lies in.

    Raises:
        ValueError: it is not YAML or JSON, too large, or too deep.
        OSError: it cannot be read.
    """
    text = _content(file.path)
    if file.path.suffix.lower() == ".json":
        tree = json.loads(text)
    else:
        import yaml

        try:
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where there is one
            tree = yaml.load(text, Loader=loader)  # noqa: S506  # both are safe loaders
        except yaml.YAMLError as error:
            raise ValueError(f"not YAML: {error}") from error
    folder, _, stem = file.source.rpartition(".")[0].rpartition("/")
    # A list without a key is named after the file.
    named = {stem: tree} if isinstance(tree, list) else tree
    pack: dict[str, tuple[WildcardValue, ...]] = {}
    count = 0
    for keys, items in _lists(named, (folder,) if folder else ()):
        count += len(items)
        if count > _MOST_VALUES:
            raise ValueError(f"more than {_MOST_VALUES} values")
        pack["/".join(keys)] = parse_values([str(item) for item in items], file.source)
    return pack


def _lists(tree: object, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[object]]]:
    """Yield every list of plain values in a pack; other leaves are not wildcards."""
    if len(keys) > _DEEPEST_PACK:
        raise ValueError(f"keys more than {_DEEPEST_PACK} deep")
    if isinstance(tree, dict):
        for key, below in tree.items():
            yield from _lists(below, (*keys, str(key)))
    elif isinstance(tree, list):
        yield keys, [item for item in tree if isinstance(item, (str, int, float))]
