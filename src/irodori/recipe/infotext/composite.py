"""Infotext keys whose one value holds many: compat flags, approximations, network hashes."""

import json
import re
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from irodori.recipe.compat import CompatFlags
from irodori.recipe.infotext.forms import Form
from irodori.recipe.names import NetworkKind
from irodori.recipe.parts import Approximation, Network

_NONE: Final = "none"
_HASH_ITEM: Final = re.compile(r"\s*([^:,]+?)\s*:\s*([0-9a-fA-F]+)\s*")


def _write_flags(flags: CompatFlags) -> str:
    words = []
    for entry in fields(flags):
        value = getattr(flags, entry.name)
        if value is True:
            words.append(entry.name)
        elif value is not False and value != entry.default:
            words.append(f"{entry.name}={value}")
    return " ".join(words) or _NONE


def _read_flags(text: str) -> Sequence[Any]:
    known = {entry.name for entry in fields(CompatFlags)}
    flags: dict[str, Any] = {}
    for word in text.split():
        name, _, value = word.partition("=")
        if word == _NONE:
            continue
        if name not in known:
            raise ValueError(f"no flag is called {name}")
        flags[name] = value or True
    return (flags,)


def _read_approximations(text: str) -> Sequence[Any]:
    rows = rows_of(text, columns=2)
    return ([{"name": name, "value": value} for name, value in rows],)


def _write_approximations(values: Sequence[Approximation]) -> str:
    return json.dumps([[item.name, item.value] for item in values], ensure_ascii=False)


def rows_of(text: str, *, columns: int) -> list[list[Any]]:
    """Return a JSON list of lists, each of `columns` values.

    Raises:
        ValueError: it is something else.
    """
    rows = json.loads(text)
    if not isinstance(rows, list):
        raise ValueError("not a list")  # noqa: TRY004  # forms raise ValueError for any bad text
    if not all(isinstance(row, list) and len(row) == columns for row in rows):
        raise ValueError(f"not a list of {columns} values each")
    return rows


COMPAT_FLAGS: Final = Form(write=_write_flags, read=_read_flags)
APPROXIMATIONS: Final = Form(write=_write_approximations, read=_read_approximations)


def hashes_text(networks: Sequence[Network], kinds: frozenset[NetworkKind]) -> str:
    """Return `name: hash, name: hash` for the networks of some kinds that have a hash.

    A1111 drops colons and commas from the names there.
    """
    return ", ".join(
        f"{re.sub('[:,]', '', network.name)}: {network.digest}"
        for network in networks
        if network.kind in kinds and network.digest
    )


def read_hashes(text: str, kind: NetworkKind) -> list[dict[str, str]]:
    """Return networks, as JSON values, from the text of `Lora hashes` or `TI hashes`."""
    return [
        {"kind": kind.value, "name": match[1], "digest": match[2].lower()}
        for match in map(_HASH_ITEM.fullmatch, text.strip('"').split(","))
        if match is not None
    ]


def read_networks(text: str) -> list[Any]:
    """Return networks, as JSON values, from Irodori's own exact key.

    Raises:
        ValueError: not a JSON list of four texts each.
    """
    names = ("kind", "name", "digest", "sha256")
    return [dict(zip(names, row, strict=True)) for row in rows_of(text, columns=len(names))]


def networks_text(networks: Sequence[Network]) -> str:
    """Return the exact form that `read_networks` reads."""
    rows = [[item.kind.value, item.name, item.digest, item.sha256] for item in networks]
    return json.dumps(rows, ensure_ascii=False)
