"""Begin a run from a release: all that training needs is in the released file.

    irodori paint begin --config FILE --run DIR --model src/irodori/assets/sumire.safetensors

Writes the release's autoencoder as the run's frozen one, the tokens that the release and today's
captions use, and the weights to begin with. Only the optimiser's memory is not in a release: its
first hundred steps rise slowly for that reason.
"""

from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from irodori.engine.loading.checkpoint import LoadedModel
from irodori.errors import InputError
from irodori.painter.compact import CompactVocabulary
from irodori.painter.config import TrainingConfig
from irodori.painter.drawing import open_model
from irodori.painter.frozen_autoencoder import write_frozen
from irodori.painter.model import Sumire, new_model
from irodori.painter.prompts import training_vocabulary
from irodori.painter.run import Run
from irodori.painter.train import STAGE, START, TOKENS
from irodori.prompt.tokenizer import load_tokenizer

_TABLE_L: Final = "embeddings.token_embedding.weight"
_TABLE_G: Final = "token_embedding.weight"


def begin_from(release: Path, config: TrainingConfig, directory: Path) -> None:
    """Write what stage two needs to go on from a release into a run's directory.

    Raises:
        InputError: the run has begun already, or the configuration's sizes are not the release's.
    """
    if Run(directory=directory, stage=STAGE).state_file.exists():
        raise InputError(f"{directory} has a run that has begun; name another directory")
    directory.mkdir(parents=True, exist_ok=True)
    model = open_model(release)
    vocabulary = _vocabulary(model)
    module = new_model(config.model, vocabulary.size)
    _take_over(module, model, vocabulary)
    vocabulary.write(directory / TOKENS)
    write_frozen(model.autoencoder.float(), directory)
    torch.save(module.state_dict(), directory / START)


def _vocabulary(model: LoadedModel) -> CompactVocabulary:
    """Return the tokens that have a row in the release, and those of today's captions."""
    learned = model.text_l.embeddings.token_embedding.weight.any(1).nonzero().flatten().tolist()
    return CompactVocabulary.of([*learned, *training_vocabulary(load_tokenizer()).ids])


@torch.no_grad()
def _take_over(module: Sumire, model: LoadedModel, vocabulary: CompactVocabulary) -> None:
    """Copy the release's weights into a module; a token it never met keeps its starting row."""
    parts = (
        (module.unet, model.unet),
        (module.clip_l, model.text_l),
        (module.clip_g, model.text_g),
    )
    for part, released in parts:
        for name, value in part.state_dict().items():
            theirs = released.state_dict()[name].float()
            if name in {_TABLE_L, _TABLE_G}:
                theirs = _merged(value, vocabulary.compacted(theirs))
            if theirs.shape != value.shape:
                raise InputError(
                    f"{name} is {list(theirs.shape)} in the release, {list(value.shape)} in the "
                    "configuration"
                )
            value.copy_(theirs)


def _merged(fresh: Tensor, learned: Tensor) -> Tensor:
    """Return the learned rows, and the fresh ones where nothing was learned."""
    return torch.where(learned.any(1, keepdim=True), learned, fresh)
