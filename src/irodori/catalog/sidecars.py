"""Files that people's tools put beside a model: descriptions, trigger words, a preview.

`NAME.civitai.info` is Civitai Helper's, `NAME.json` A1111's, a picture of that name the preview.
"""

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
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
        preview: a picture, or None.
    """

    title: str = ""
    base: str = ""
    triggers: tuple[str, ...] = ()
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
    model = info.get("model")
    title = " ".join(
        filter(None, (_text(model, "name") if isinstance(model, dict) else "", _text(info, "name")))
    )
    words = info.get("trainedWords")
    triggers = tuple(map(str, words)) if isinstance(words, list) else ()
    activation = _text(own, "activation text")
    return Sidecars(
        title=title,
        base=_text(info, "baseModel") or _text(own, "sd version"),
        triggers=triggers or ((activation,) if activation else ()),
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


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return value.strip() if isinstance(value, str) else ""
