"""A toy model in SDXL's layout, for tests that train on a finished model."""

from pathlib import Path

import pytest
import torch
from torch import Generator

from irodori.engine.loading.checkpoint import LoadedModel, ModelTraits, save_checkpoint
from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
from irodori.engine.modules.initialise import initialise
from irodori.painter.adapt.base import Base, open_base
from irodori.painter.compact import CompactVocabulary
from irodori.painter.config import ModelTraining
from irodori.painter.drawing import open_model
from irodori.painter.export import release_parts
from irodori.painter.model import new_model
from irodori.painter.vocabulary import TAGS
from irodori.prompt.tokenizer import load_tokenizer

TRAINING = ModelTraining(
    channels=(16, 16, 32),
    transformers=(0, 1, 1),
    res_blocks=1,
    head_channels=8,
    groups=4,
    text_width=8,
    text_width_pooled=8,
    text_layers=2,
    text_heads=2,
    steps=1,
)
AUTOENCODER = AutoencoderConfig(channels=(8, 8, 8, 8), layers_per_block=1, groups=4)


@pytest.fixture(scope="session")
def toy_training() -> ModelTraining:
    """The sizes of the toy model."""
    return TRAINING


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A toy model with weights of its own everywhere, the ends of branches too."""
    path = tmp_path_factory.mktemp("base") / "toy.safetensors"
    tokenizer = load_tokenizer()
    vocabulary = CompactVocabulary.of(token for tag in TAGS for token in tokenizer.encode(tag))
    module = new_model(TRAINING, vocabulary.size)
    generator = Generator().manual_seed(5)
    for value in module.parameters():
        value.data += 0.02 * torch.randn(value.shape, generator=generator)
    autoencoder = Autoencoder(AUTOENCODER)
    initialise(autoencoder, generator)
    parts = release_parts(module, autoencoder, vocabulary)
    save_checkpoint(path, parts, traits=ModelTraits(), dtype=torch.float16)
    return path


@pytest.fixture(scope="session")
def base(model_file: Path) -> Base:
    """The toy model, frozen, to train on."""
    return open_base(model_file)


@pytest.fixture(scope="session")
def loaded(model_file: Path) -> LoadedModel:
    """The toy model, to draw with."""
    return open_model(model_file)
