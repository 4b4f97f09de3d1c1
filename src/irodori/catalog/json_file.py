"""Caches as JSON files: whole or not there, and worth nothing when damaged."""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any


def read_json(path: Path) -> Mapping[str, Any]:
    """Return the table in a file; an empty one where it is missing or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Replace a file by a table, at once; a disk that is full or not ours leaves the old one."""
    partial = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            "w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8"
        ) as file:
            partial = Path(file.name)
            json.dump(values, file, ensure_ascii=False, separators=(",", ":"))
        partial.replace(path)
    except OSError:  # a cache is a convenience
        if partial is not None:
            partial.unlink(missing_ok=True)
