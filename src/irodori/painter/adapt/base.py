"""The model that an adapter is trained on: frozen, its token tables cut to the rows in use."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from torch import Tensor, nn

from irodori.catalog.hashes import file_sha256
from irodori.engine.modules.autoencoder import Autoencoder
from irodori.painter.compact import CompactVocabulary
from irodori.painter.drawing import open_model
from irodori.painter.model import Sumire
from irodori.prompt.tokenizer import EOS_ID

TABLES: Final = (
    "clip_l.embeddings.token_embedding.weight",
    "clip_g.token_embedding.weight",
)
"""The token tables of both text encoders, by their names in `Sumire`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Base:
    """A model to train on.

    Attributes:
        path: its file.
        sha256: of the file, hexadecimal.
        module: UNet and text encoders, frozen.
        autoencoder: makes the latents.
        vocabulary: of the module's token tables.
        metadata: of the file, free text by name.
        spare: token ids that no caption uses; their rows are zero and free for a new word.
    """

    path: Path
    sha256: str
    module: Sumire
    autoencoder: Autoencoder
    vocabulary: CompactVocabulary
    metadata: Mapping[str, str]
    spare: tuple[int, ...]

    @property
    def weights(self) -> Mapping[str, Tensor]:
        """All parameters of the module by name."""
        return dict(self.module.named_parameters())


def open_base(path: Path, *, spare: int = 0) -> Base:
    """Return a released model to train on.

    Args:
        path: its file; what it computes is what drawing computes with it.
        metadata: of the file, free text by name.
        spare: token ids wanted for a new word.
    """
    model = open_model(path)
    # A token without a row in the file is as unknown here: both are zero.
    learned = model.text_l.embeddings.token_embedding.weight.any(1).nonzero().flatten().tolist()
    taken = {*learned, *CompactVocabulary.of(()).ids}
    free = [token for token in range(EOS_ID) if token not in taken][:spare]
    vocabulary = CompactVocabulary.of([*learned, *free])
    text_l, text_g = (
        replace(encoder.config, vocabulary=vocabulary.size)
        for encoder in (model.text_l, model.text_g)
    )
    module = Sumire(model.unet.config, text_l, text_g)
    parts: tuple[tuple[str, nn.Module], ...] = (
        ("unet", model.unet),
        ("clip_l", model.text_l),
        ("clip_g", model.text_g),
    )
    state = {
        f"{part}.{name}": value.float()
        for part, source in parts
        for name, value in source.state_dict().items()
    }
    module.load_state_dict(
        state | {name: vocabulary.compacted(state[name]) for name in TABLES}, assign=True
    )
    return Base(
        path=path,
        sha256=file_sha256(path),
        module=module.requires_grad_(requires_grad=False).eval(),
        autoencoder=model.autoencoder.float(),
        vocabulary=vocabulary,
        metadata=model.metadata,
        spare=tuple(free),
    )
