"""What is said of a model inside its file: `irodori.card`, JSON, read by programs and people."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from irodori.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A model's card.

    Attributes:
        name: as people say it.
        version: of the release.
        date: of the release, ISO 8601.
        licence: SPDX name, of the weights and of the pictures they were trained on.
        summary: a sentence or two.
        defaults: what it draws best with, in the shape of a recipe's JSON, fields left out.
        sizes: widths and heights it was trained on.
        training: how it was made.
        figures: measured shares of pictures that show what was asked for, 0 to 1.
        knows: tags by facet; filled in at export.
        steps: optimiser steps of its training; filled in at export.
    """

    name: str
    version: str
    date: str
    licence: str
    summary: str
    defaults: Mapping[str, Any]
    sizes: tuple[tuple[int, int], ...]
    training: str
    figures: Mapping[str, float] = field(default_factory=dict)
    knows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    steps: int = 0

    def to_json(self) -> str:
        """Return the card as one JSON object, keys in the order of the attributes."""
        return json.dumps(asdict(self), ensure_ascii=False)


def read_card(path: Path) -> Card:
    """Read a card from a JSON file, what export fills in left out or not.

    Raises:
        InputError: the file is no JSON object, or a key is missing or unknown.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as JSON: {error}") from error
    known = {part.name for part in fields(Card)}
    if not isinstance(data, dict) or not set(data) <= known:
        raise InputError(f"{path}: a card is an object with the keys {', '.join(sorted(known))}")
    try:
        return Card(**data)
    except TypeError as error:
        raise InputError(f"{path}: {error}") from error
