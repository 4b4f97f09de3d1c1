"""Distillation on a toy model: the student learns to say early what the teacher says late."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Generator, Tensor
from torch.func import functional_call

from irodori.engine.denoiser import Parameterisation
from irodori.engine.model_sigmas import sdxl_sigmas
from irodori.engine.modules.attention import plain
from irodori.errors import InputError
from irodori.painter.adapt.adapter import Network
from irodori.painter.adapt.base import Base
from irodori.painter.adapt.config import (
    AdapterConfig,
    AdapterSettings,
    AdapterTraining,
    Kind,
    SubjectSettings,
)
from irodori.painter.adapt.distil import Distillation, Told, pseudo_huber, unet_weights
from irodori.painter.adapt.train import adapt
from irodori.painter.config import Bucket, ModelTraining, PoolSettings
from irodori.painter.crew import Crew
from irodori.painter.latents import LatentBucket
from irodori.painter.prompts import PromptWriter
from irodori.painter.train import Batch, Batches, signal_shares
from irodori.prompt.tokenizer import load_tokenizer
from irodori.recipe.names import Prediction

SETTINGS = AdapterTraining(steps=4, batch=4, warm_up=1, skip=40, guidance=(2.0, 4.0), seed=3)
CONFIG = AdapterConfig(
    name="toy-lcm",
    subject=SubjectSettings(),
    adapter=AdapterSettings(kind=Kind.LCM, rank=2, convolution_rank=2),
    pool=PoolSettings(shards=2, shard=4, buckets=(Bucket(width=32, height=32, share=1.0),)),
    training=SETTINGS,
    text="# of the toy",
)


@pytest.fixture(scope="module")
def batch(base: Base, toy_training: ModelTraining) -> Batch:
    settings = replace(toy_training, steps=10, batch=6, large_from=0.0)
    latents = 0.3 * torch.randn(8, 4, 8, 8, generator=Generator().manual_seed(1)) + 0.5
    bucket = LatentBucket(
        width=64,
        height=64,
        latents=latents.half(),
        seeds=torch.arange(8) + 1,
        frames=torch.full((8, 6), 64.0),
    )
    return Batches(
        settings=settings,
        buckets=[bucket],
        writer=PromptWriter(settings=settings, tokenizer=load_tokenizer()),
        vocabulary=base.vocabulary,
        crew=Crew(),
    ).at(0)


def distillation(base: Base, rank: int = 4) -> Distillation:
    settings = AdapterSettings(kind=Kind.LCM, rank=rank, convolution_rank=rank)
    student = Network(base, settings, Generator().manual_seed(0))
    return Distillation(base=base, student=student, signal=signal_shares(), settings=SETTINGS)


def test_a_few_steps_lower_the_loss_and_leave_the_teacher_alone(base: Base, batch: Batch) -> None:
    run = distillation(base)
    before = {name: value.clone() for name, value in base.weights.items()}
    assert isinstance(run.student, Network)
    optimiser = torch.optim.AdamW(run.student.parameters(), lr=1e-2)
    losses = []
    for step in range(24):
        loss, facts = run.loss(batch, step % 2)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert sum(losses[-4:]) < 0.8 * sum(losses[:4])
    assert facts["pictures"] == 6
    for name, value in base.weights.items():
        assert torch.equal(value, before[name])


def test_times_and_guidance_follow_from_the_step(base: Base, batch: Batch) -> None:
    run = distillation(base)
    first, _ = run.loss(batch, 5)
    assert torch.equal(first, run.loss(batch, 5)[0])
    assert not torch.equal(first, run.loss(batch, 6)[0])
    unguided = replace(run, settings=replace(SETTINGS, guidance=(1.0, 1.0)))
    assert not torch.equal(first, unguided.loss(batch, 5)[0])


def test_the_boundary_is_that_of_the_engine(base: Base, batch: Batch) -> None:
    """At every time of LCM's table the student's answer is what the engine makes of the network."""
    run = distillation(base)
    told = run._told(batch.given)
    weights = unet_weights(run.student)
    levels = sdxl_sigmas()
    engine = Parameterisation(prediction=Prediction.EPS, model_sigmas=levels, lcm_boundary=True)
    for t in (19, 499, 999):
        times = torch.full((len(batch.latents),), t)
        noisy = run._mixed(batch.latents, batch.noise, times)
        ours = run._consistent(noisy, times, told, weights)
        sigma = levels.table[t].float()
        output = _noise(run, noisy, times, told, weights)
        theirs = engine.denoised(noisy * (1 + sigma**2).sqrt(), sigma, output)
        assert torch.allclose(ours, theirs, rtol=1e-3, atol=1e-3)
    now = torch.zeros(len(batch.latents), dtype=torch.int64)
    assert torch.equal(run._consistent(noisy, now, told, weights), noisy)  # the identity


def _noise(
    run: Distillation, noisy: Tensor, t: Tensor, told: Told, weights: dict[str, Tensor]
) -> Tensor:
    given = (noisy, t.float(), told.vector, told.context, plain)
    with torch.autocast("cpu", torch.bfloat16), torch.no_grad():
        answer: Tensor = functional_call(run.base.module.unet, weights, given)
    return answer.float()


def test_a_perfect_teacher_step_stays_on_the_trajectory(base: Base, batch: Batch) -> None:
    """What the solver gives from clean latents and their noise is the picture with less noise."""
    run = distillation(base)
    t, earlier = (torch.full((len(batch.latents),), time) for time in (799, 759))
    noisy = run._mixed(batch.latents, batch.noise, t)
    clean = run._clean(noisy, t, batch.noise)
    assert torch.allclose(clean, batch.latents, atol=1e-4)
    less = run._mixed(batch.latents, batch.noise, earlier)
    assert torch.allclose(run._mixed(clean, batch.noise, earlier), less, atol=1e-4)


def test_the_silent_prompt_is_as_long_and_says_nothing(base: Base, batch: Batch) -> None:
    run = distillation(base)
    silent = run._silent(batch.given)
    assert silent.tokens_l.shape == batch.given.tokens_l.shape
    assert torch.equal(silent.frames, batch.given.frames)
    told = run._told(silent)
    assert torch.equal(told.context, told.context[:1].expand_as(told.context))
    assert not torch.equal(told.context, run._told(batch.given).context)


def test_the_metric_is_zero_at_the_target_and_nearly_absolute_far_from_it() -> None:
    x = torch.linspace(-2, 2, 9)
    assert pseudo_huber(x, x).item() == pytest.approx(0.0, abs=1e-9)
    assert pseudo_huber(x, x + 3).item() == pytest.approx(3.0, abs=2e-3)


def test_a_run_resumes_and_writes_the_same_file(model_file: Path, tmp_path: Path) -> None:
    out, again = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    adapt(CONFIG, model_file, tmp_path / "run", out)
    once = load_file(out)
    assert all(name.startswith("lora_unet_") for name in once)
    assert any(name.endswith("lora_up.weight") and value.any() for name, value in once.items())
    state = next((tmp_path / "run").glob("toy-lcm-*.state.pt"))
    state.unlink()
    adapt(CONFIG, model_file, tmp_path / "run", again)
    assert all(torch.equal(value, once[name]) for name, value in load_file(again).items())


def test_text_encoders_are_not_distilled(model_file: Path, tmp_path: Path) -> None:
    wrong = replace(CONFIG, adapter=replace(CONFIG.adapter, text=True))
    with pytest.raises(InputError, match="changes the UNet alone"):
        adapt(wrong, model_file, tmp_path, tmp_path / "out.safetensors")
