"""Train an adapter: the model stays frozen, a few hundred thousand numbers beside it learn.

A checkpoint made of the model, of which whole weights learn, is trained in the same way.

    irodori paint adapt --config FILE --run DIR --out NAME.safetensors --workers 2

Paints the subject's pictures into DIR/pool, encodes them with the model's own autoencoder, and
trains with stage two's batches and loss. Goes on where it was stopped; adapters of the same
subject and pool may share DIR.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, cast

import torch
from torch import Tensor
from torch.func import functional_call

from irodori.catalog.hashes import file_sha256
from irodori.errors import InputError
from irodori.painter.adapt.adapter import Adaptation, Inversion, Network, rates_of
from irodori.painter.adapt.base import Base, open_base
from irodori.painter.adapt.config import AdapterConfig, Kind
from irodori.painter.adapt.distil import Distillation
from irodori.painter.adapt.file import BEGUN_WITH, write_adapter
from irodori.painter.adapt.finetune import (
    FineTune,
    terminal_signal_shares,
    v_loss,
    write_checkpoint,
)
from irodori.painter.adapt.former import Former, begin_with
from irodori.painter.adapt.subjects import Subject, subject_of
from irodori.painter.crew import Crew, work_together
from irodori.painter.dataset import open_shards, paint_pool
from irodori.painter.latents import encode_shards, open_latents
from irodori.painter.model import Conditions
from irodori.painter.prompts import PromptWriter
from irodori.painter.run import Optimisation, Plan, Run
from irodori.painter.train import Batch, Batches, Predict, noise_loss, signal_shares
from irodori.prompt.tokenizer import load_tokenizer

_LAST_RATE: Final = 0.05


def adapt(
    config: AdapterConfig,
    base_file: Path,
    directory: Path,
    out: Path,
    *,
    workers: int = 1,
    former: Former | None = None,
) -> None:
    """Train an adapter, or go on training it, and write it when its last step is taken.

    Args:
        config: from `read_adapter_config`.
        base_file: the model it is for.
        directory: of the run's files.
        out: the adapter's file.
        workers: processes of one thread each.
        former: what to begin with; None begins with a change of nothing.

    Raises:
        InputError: the configuration names what does not exist, or has nothing to train, or what
            is to be begun with is of another kind.
    """
    adapter = config.adapter
    if adapter.kind is not Kind.INVERSION and not (adapter.unet or adapter.text):
        raise InputError(f"{config.name}: neither unet nor text is trained")
    if adapter.kind is Kind.LCM and (adapter.text or not adapter.unet):
        raise InputError(f"{config.name}: a distilled LoRA changes the UNet alone")
    for _ in paint_pool(config.pool, directory / "pool", subject_of(config.subject).sample):
        pass
    work_together(workers, partial(_work, config, base_file, directory, out, former))


def _work(
    config: AdapterConfig,
    base_file: Path,
    directory: Path,
    out: Path,
    former: Former | None,
    crew: Crew,
) -> None:
    inverts = config.adapter.kind is Kind.INVERSION
    base = open_base(base_file, spare=config.adapter.vectors if inverts else 0)
    subject = subject_of(config.subject)
    module = _new_module(config, base)
    if former is not None:
        begin_with(module, former, config)
    training = config.training
    optimisation = Optimisation(
        run=Run(directory=directory, stage=f"{config.name}-{base.sha256[:8]}"),
        module=module,
        plan=Plan(
            steps=training.steps,
            rates=rates_of(module, training.learning_rate, training.text_learning_rate),
            decay_from=training.decay_from,
            last=_LAST_RATE,
            warm_up=training.warm_up,
            ema=training.ema,
        ),
        crew=crew,
    )
    batches = _batches(config, base, subject, directory, crew)
    begun = {} if former is None else {BEGUN_WITH: file_sha256(former.file)}
    loss_of = _loss_of(config, base, module)
    if optimisation.train(lambda step: loss_of(batches.at(step), step)) and crew.rank == 0:
        averaged = optimisation.averaged_module()
        if isinstance(averaged, FineTune):
            write_checkpoint(out, averaged, base, config, begun)
        else:
            tensors = cast("Network | Inversion", averaged).tensors()
            write_adapter(out, tensors, config, base, subject, begun)


def _new_module(config: AdapterConfig, base: Base) -> Network | Inversion | FineTune:
    """Return what a configuration trains, before the first step."""
    match config.adapter.kind:
        case Kind.INVERSION:
            return Inversion(base, config.adapter)
        case Kind.CHECKPOINT | Kind.V_CHECKPOINT:
            return FineTune(base, config.adapter)
        case _:
            generator = torch.Generator().manual_seed(config.training.seed)
            return Network(base, config.adapter, generator)


def _loss_of(
    config: AdapterConfig, base: Base, module: Adaptation
) -> Callable[[Batch, int], tuple[Tensor, dict[str, float]]]:
    """Return the loss of a batch at a step, with its facts for the curve."""
    if config.adapter.kind is Kind.LCM:
        return Distillation(
            base=base, student=module, signal=signal_shares(), settings=config.training
        ).loss
    predict, settings = predictor(base, module), config.training.as_model_training()
    if config.adapter.kind is Kind.V_CHECKPOINT:
        signal = terminal_signal_shares()
        return lambda batch, _step: v_loss(predict, batch, signal)
    signal = signal_shares()
    return lambda batch, _step: noise_loss(predict, batch, signal, settings)


def predictor(base: Base, module: Adaptation) -> Predict:
    """Return what predicts the noise: the base with the weights that an adaptation makes of its."""

    def predict(noisy: Tensor, t: Tensor, given: Conditions) -> Tensor:
        noise: Tensor = functional_call(base.module, module.weights(), (noisy, t, given))
        return noise

    return predict


def _batches(
    config: AdapterConfig, base: Base, subject: Subject, directory: Path, crew: Crew
) -> Batches:
    """Return the batches of the pool, encoded by this base's autoencoder."""
    shards = open_shards(directory / "pool")
    latents = directory / f"latents-{base.sha256[:8]}"
    encode_shards(base.autoencoder, shards, latents, crew)
    settings = config.training.as_model_training()
    writer = PromptWriter(
        settings=settings,
        tokenizer=load_tokenizer(),
        sample=subject.sample,
        speak=subject.speak,
        words={subject.trigger: base.spare} if base.spare else {},
    )
    return Batches(
        settings=settings,
        buckets=open_latents(shards, latents),
        writer=writer,
        vocabulary=base.vocabulary,
        crew=crew,
    )
