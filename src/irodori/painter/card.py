"""What is said of a model inside its file: `irodori.card`, JSON, read by programs and people."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A model's card.

    Attributes:
        name: as people say it.
        version: of the release.
        date: of the release, ISO 8601.
        licence: of the weights and of the pictures they were trained on.
        summary: one sentence.
        width: of the picture it draws by default, in pixels.
        height: of the picture it draws by default, in pixels.
        sizes: widths and heights it was trained on.
        cfg_scale: what it looks best with.
        steps_drawn: sampler steps that are enough.
        sampler: by its A1111 name.
        schedule: by its A1111 name.
        clip_skip: the layer it was trained with.
        negative: a negative prompt that helps.
        knows: tags by facet.
        training: how it was made, in a few sentences.
        figures: measured share of pictures that show what was asked for, by facet, 0 to 1.
        steps: optimiser steps of its training.
    """

    name: str
    version: str
    date: str
    licence: str
    summary: str
    width: int
    height: int
    sizes: tuple[tuple[int, int], ...]
    cfg_scale: float
    steps_drawn: int
    sampler: str = "DPM++ 2M"
    schedule: str = "Karras"
    clip_skip: int = 2
    negative: str = ""
    knows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    training: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    steps: int = 0

    def to_json(self) -> str:
        """Return the card as one JSON object, keys in the order of the attributes."""
        return json.dumps(asdict(self), ensure_ascii=False)
