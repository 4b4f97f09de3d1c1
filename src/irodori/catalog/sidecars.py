"""Files that people's tools put beside a model: descriptions, trigger words, a preview.

`NAME.civitai.info` is Civitai Helper's, `NAME.json` A1111's, a picture of that name the preview.
"""

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Final

_PREVIEWS: Final = tuple(
    f"{middle}.{ending}" for middle in ("", ".preview") for ending in ("png", "jpg", "jpeg", "webp")
)
_INFO: Final = ".civitai.info"
_JSON: Final = ".json"
_LIMIT: Final = 4_000_000  # bytes; descriptions are HTML and may be long


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecars:
    """What stands beside a model file.

    Attributes:
        title: of the model, with its version.
        base: the models it is for, as Civitai says: `Illustrious`, `SDXL 1.0`.
        triggers: words that call it.
        tags: what it is about, as Civitai's categories say: `style`, `character`.
        weight: the strength a person noted for it; 0 for none.
        negative: what a person noted for the negative prompt.
        notes: what else a person noted.
        preview: a picture, or None.
    """

    title: str = ""
    base: str = ""
    triggers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    weight: float = 0.0
    negative: str = ""
    notes: str = ""
    preview: Path | None = None


def sidecar_names(stem: str, names: Set[str]) -> tuple[str, ...]:
    """Return which of a folder's names are sidecars of a file with this stem."""
    return tuple(name for ending in (_INFO, _JSON, *_PREVIEWS) if (name := stem + ending) in names)


def read_sidecars(folder: Path, stem: str, names: Set[str]) -> Sidecars:
    """Return what a file's sidecars say; a damaged one says nothing.

    Args:
        folder: of the file.
        stem: of the file.
        names: of all that is in the folder.
    """
    beside = sidecar_names(stem, names)
    info = _read(folder / (stem + _INFO)) if stem + _INFO in beside else {}
    own = _read(folder / (stem + _JSON)) if stem + _JSON in beside else {}
    preview = next((name for name in beside if not name.endswith((_INFO, _JSON))), None)
    stated = info.get("model")
    model: Mapping[str, Any] = stated if isinstance(stated, dict) else {}
    title = " ".join(filter(None, (_text(model, "name"), _text(info, "name"))))
    triggers = _texts(info, "trainedWords")
    activation = _text(own, "activation text")
    return Sidecars(
        title=title,
        base=_text(info, "baseModel") or _text(own, "sd version"),
        triggers=triggers or ((activation,) if activation else ()),
        tags=(*_texts(model, "tags"), *_texts(info, "tags"), *_texts(own, "tags")),
        weight=_number(own, "preferred weight"),
        negative=_text(own, "negative text"),
        notes=_text(own, "notes"),
        preview=folder / preview if preview else None,
    )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _LIMIT:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _texts(values: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = values.get(key)
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _number(values: Mapping[str, Any], key: str) -> float:
    """Return a number, which A1111 may have written as a text; 0 where there is none."""
    try:
        number = float(values.get(key, 0))
    except (TypeError, ValueError):
        return 0.0
    return number if isfinite(number) else 0.0


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return value.strip() if isinstance(value, str) else ""
