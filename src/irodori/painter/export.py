"""The release: one float16 file in SDXL's single-file layout, with the model's card inside.

    irodori paint export --config FILE --run DIR --out src/irodori/assets/sumire.safetensors

The metadata `irodori.card` holds what a person or a program should know, as JSON (`card`).
"""

from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import torch
from torch import Tensor

from irodori.engine.loading.checkpoint import ModelParts, ModelTraits, save_checkpoint
from irodori.engine.modules.autoencoder import Autoencoder
from irodori.engine.modules.clip import ClipG, ClipL
from irodori.errors import InputError
from irodori.painter.card import Card
from irodori.painter.compact import ROWS, CompactVocabulary
from irodori.painter.config import TrainingConfig
from irodori.painter.frozen_autoencoder import read_released
from irodori.painter.model import Sumire
from irodori.painter.trained import read_trained
from irodori.painter.vocabulary import TAGS

CARD_KEY: Final = "irodori.card"
LARGEST_FILE: Final = 40_000_000
"""Bytes; the file is part of the package."""

_Encoder = TypeVar("_Encoder", ClipL, ClipG)
_TABLES: Final = ("embeddings.token_embedding.weight", "token_embedding.weight")


def export(config: TrainingConfig, directory: Path, out: Path, card: Card) -> int:
    """Write a run's averaged weights as a release, and return the file's size in bytes.

    Args:
        config: the run's.
        directory: the run's directory.
        out: the file, replaced if it exists.
        card: what is said of the model; `steps` and `knows` are filled in.

    Raises:
        InputError: the run has no trained model, or the file would be larger than `LARGEST_FILE`.
    """
    trained = read_trained(config.model, directory)
    parts = release_parts(trained.module, read_released(directory), trained.vocabulary)
    bytes_needed = 2 * sum(
        value.numel()
        for part in (parts.unet, parts.autoencoder, parts.text_l, parts.text_g)
        for value in part.state_dict().values()
    )
    if bytes_needed > LARGEST_FILE:
        raise InputError(f"the release would have {bytes_needed:,} bytes, over {LARGEST_FILE:,}")
    metadata = {CARD_KEY: replace(card, steps=trained.step, knows=tags_by_facet()).to_json()}
    save_checkpoint(out, parts, traits=ModelTraits(), dtype=torch.float16, metadata=metadata)
    return out.stat().st_size


def tags_by_facet() -> dict[str, tuple[str, ...]]:
    """Return the painter's vocabulary by facet, as the card lists it."""
    facets = dict.fromkeys(TAGS.values())
    return {facet: tuple(tag for tag, of in TAGS.items() if of is facet) for facet in facets}


def release_parts(
    module: Sumire, autoencoder: Autoencoder, vocabulary: CompactVocabulary
) -> ModelParts:
    """Return the four modules with token tables of all 49,408 rows; the given ones stay as is."""
    return ModelParts(
        unet=module.unet,
        autoencoder=autoencoder,
        text_l=_with_full_table(module.clip_l, vocabulary),
        text_g=_with_full_table(module.clip_g, vocabulary),
    )


def _with_full_table(encoder: _Encoder, vocabulary: CompactVocabulary) -> _Encoder:
    full = type(encoder)(replace(encoder.config, vocabulary=ROWS))
    values: dict[str, Tensor] = {
        name: vocabulary.expanded(value) if name in _TABLES else value
        for name, value in encoder.state_dict().items()
    }
    full.load_state_dict(values)
    return full
