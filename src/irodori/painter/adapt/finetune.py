"""Checkpoints made of a checkpoint: whole weights learn, not a few beside them.

One kind keeps what is predicted and learns other pictures. The other learns to predict v, and its
noise ends in pure noise: v = sqrt(abar) * noise - sqrt(1 - abar) * latents, and the last of the
thousand times holds no signal at all.

Source: Salimans and Ho 2022, arXiv:2202.00512, section 4; Lin et al. 2024, arXiv:2305.08891,
algorithm 1 and section 3.2.
"""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import torch
from torch import Tensor, nn

from irodori.engine.loading.checkpoint import ModelTraits, save_checkpoint
from irodori.engine.model_sigmas import sdxl_sigmas
from irodori.painter.adapt.base import Base
from irodori.painter.adapt.config import AdapterConfig, AdapterSettings, Kind
from irodori.painter.adapt.file import RECIPE
from irodori.painter.export import CARD_KEY, release_parts
from irodori.painter.train import Batch, Predict
from irodori.recipe.names import Prediction

# What v-prediction models draw with (P18); DPM++ 2M Karras does not fit them.
_V_DRAWN_WITH: Final = {"sampler": "Euler a", "schedule": "Normal"}
_TEXT: Final = ("clip_l", "clip_g")


class FineTune(nn.Module):
    """Parts of a base in training, children named as the parts of `Sumire`.

    Args:
        base: copied, not changed.
        settings: `unet` and `text`: which parts.
    """

    def __init__(self, base: Base, settings: AdapterSettings) -> None:
        super().__init__()
        for part in (*("unet",) * settings.unet, *_TEXT * settings.text):
            copied = copy.deepcopy(base.module.get_submodule(part)).requires_grad_()
            # mypy does not know the overload of `to` that torch's documentation gives.
            copied = copied.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            self.add_module(part, cast("nn.Module", copied))

    def weights(self) -> dict[str, Tensor]:
        """Return the parameters of `Sumire` in training by name; see `adapter.Adaptation`."""
        return dict(self.named_parameters())


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


def write_checkpoint(
    path: Path, module: FineTune, base: Base, config: AdapterConfig, begun: Mapping[str, str]
) -> None:
    """Write a single file in SDXL's layout, with the marks of v and of zero-terminal SNR if so.

    Args:
        path: replaced whole, or not at all.
        module: the trained weights.
        base: whose other parts, tokens and card the file keeps.
        config: what it was trained by.
        begun: metadata that tells what it was begun with, if with something.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    trained = copy.deepcopy(base.module)
    trained.load_state_dict(module.state_dict(), strict=False)  # the other parts are the base's
    parts = release_parts(trained, base.autoencoder, base.vocabulary)
    is_v = config.adapter.kind is Kind.V_CHECKPOINT
    traits = ModelTraits(
        prediction=Prediction.V if is_v else Prediction.EPS, zero_terminal_snr=is_v
    )
    metadata = {RECIPE: config.text, **begun} | ({"modelspec.prediction_type": "v"} if is_v else {})
    if CARD_KEY in base.metadata:
        card = _card(
            json.loads(base.metadata[CARD_KEY]), config.name, _V_DRAWN_WITH if is_v else {}
        )
        metadata[CARD_KEY] = json.dumps(card)
    save_checkpoint(path, parts, traits=traits, dtype=torch.float16, metadata=metadata)


def _card(card: dict[str, Any], name: str, drawn_with: dict[str, str]) -> dict[str, Any]:
    """Return the base's card under another name, with what the checkpoint draws with."""
    defaults = dict(card.get("defaults", {}))
    defaults["base"] = {**defaults.get("base", {}), **drawn_with}
    return {**card, "name": name, "defaults": defaults, "figures": {}}
