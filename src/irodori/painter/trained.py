"""What stage two has reached in a run, as the stages after it take it up."""

from dataclasses import dataclass
from pathlib import Path

from irodori.errors import InputError
from irodori.painter.compact import CompactVocabulary
from irodori.painter.config import ModelTraining
from irodori.painter.model import Sumire, new_model
from irodori.painter.run import Run
from irodori.painter.train import STAGE, TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A run's model.

    Attributes:
        module: with the averaged weights.
        vocabulary: of its token tables.
        step: optimiser steps taken.
    """

    module: Sumire
    vocabulary: CompactVocabulary
    step: int


def read_trained(settings: ModelTraining, directory: Path) -> Trained:
    """Return the model of a run as it is now.

    Raises:
        InputError: the run has no trained model.
    """
    state = Run(directory=directory, stage=STAGE).load()
    if state is None:
        raise InputError(f"{directory}: no model was trained here (--stage model)")
    vocabulary = CompactVocabulary.read(directory / TOKENS)
    module = new_model(settings, vocabulary.size)
    module.load_state_dict(state["averaged"])
    return Trained(module=module, vocabulary=vocabulary, step=state["step"])
