"""A checkpoint that predicts v and whose noise ends in pure noise, made of one that predicts eps.

All weights learn, not a few beside them; v = sqrt(abar) * noise - sqrt(1 - abar) * latents, and the
last of the thousand times holds no signal at all.

Source: Salimans and Ho 2022, arXiv:2202.00512, section 4; Lin et al. 2024, arXiv:2305.08891,
algorithm 1 and section 3.2.
"""

import copy
import json
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from irodori.engine.loading.checkpoint import ModelTraits, save_checkpoint
from irodori.engine.model_sigmas import sdxl_sigmas
from irodori.painter.adapt.base import Base
from irodori.painter.export import CARD_KEY, release_parts
from irodori.painter.train import Batch, Predict
from irodori.recipe.names import Prediction

# What v-prediction models draw with (P18); DPM++ 2M Karras does not fit them.
_DRAWN_WITH: Final = {"sampler": "Euler a", "schedule": "Normal"}


class FineTune(nn.Module):
    """All weights of a base in training.

    Args:
        base: copied, not changed.
    """

    def __init__(self, base: Base) -> None:
        super().__init__()
        self.model = copy.deepcopy(base.module).requires_grad_()

    def weights(self) -> dict[str, Tensor]:
        """Return all parameters of `Sumire` by name; see `adapter.Adaptation`."""
        return dict(self.model.named_parameters())


def v_loss(predict: Predict, batch: Batch, signal: Tensor) -> tuple[Tensor, dict[str, float]]:
    """Return the squared error of the predicted v, and the facts for the curve.

    Args:
        predict: what is trained.
        batch: clean latents, noise and times.
        signal: what `terminal_signal_shares` gives.
    """
    share = signal[batch.t][:, None, None, None]
    noisy = share.sqrt() * batch.latents + (1 - share).sqrt() * batch.noise
    v = share.sqrt() * batch.noise - (1 - share).sqrt() * batch.latents
    with torch.autocast("cpu", torch.bfloat16):
        predicted = predict(noisy, batch.t.float(), batch.given)
    loss = (predicted.float() - v).square().mean()
    return loss, {"mse": loss.item(), "pictures": float(len(batch.t))}


def terminal_signal_shares() -> Tensor:
    """Return the share of signal variance at each time, float32 [1000], none at the last."""
    sigmas = sdxl_sigmas(zero_terminal_snr=True).table
    return (1 / (1 + sigmas.square())).float()


def write_checkpoint(path: Path, module: FineTune, base: Base, name: str) -> None:
    """Write a single file in SDXL's layout with the marks of v and of zero-terminal SNR.

    Args:
        path: replaced whole, or not at all.
        module: the trained weights.
        base: whose autoencoder, tokens and card the file keeps.
        name: of the checkpoint, for its card.
    """
    parts = release_parts(module.model, base.autoencoder, base.vocabulary)
    traits = ModelTraits(prediction=Prediction.V, zero_terminal_snr=True)
    metadata = {"modelspec.prediction_type": "v"}
    if CARD_KEY in base.metadata:
        metadata[CARD_KEY] = json.dumps(_card(json.loads(base.metadata[CARD_KEY]), name))
    save_checkpoint(path, parts, traits=traits, dtype=torch.float16, metadata=metadata)


def _card(card: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the base's card under another name, with what a v model draws with."""
    defaults = dict(card.get("defaults", {}))
    defaults["base"] = {**defaults.get("base", {}), **_DRAWN_WITH}
    return {**card, "name": name, "defaults": defaults, "figures": {}}
