"""Stage two on a toy pool: prompts in tokens, batches, learning, resuming, release, drawing."""

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from torch import Tensor

from irodori.catalog.header import read_header
from irodori.errors import InputError
from irodori.painter.card import Card, read_card
from irodori.painter.config import (
    AutoencoderTraining,
    Bucket,
    ModelTraining,
    PoolSettings,
    TrainingConfig,
)
from irodori.painter.crew import Crew
from irodori.painter.dataset import open_shards, paint_pool
from irodori.painter.drawing import DrawSettings, draw, open_model
from irodori.painter.evaluate import (
    Answers,
    as_table,
    contact_sheet,
    evaluation_scenes,
    figures_of,
)
from irodori.painter.export import CARD_KEY, export
from irodori.painter.frozen_autoencoder import freeze
from irodori.painter.latents import LatentBucket, encode_shards, open_latents
from irodori.painter.medium import Quality
from irodori.painter.model import new_model
from irodori.painter.prompts import (
    PromptWriter,
    in_chunks,
    split_caption,
    training_vocabulary,
)
from irodori.painter.questions import QUESTIONS
from irodori.painter.restart import begin_from
from irodori.painter.run import Run
from irodori.painter.sampling import HELD_OUT_FIRST_SEED
from irodori.painter.train import Batches, noise_loss, signal_shares, time_weights, train_model
from irodori.painter.train_autoencoder import train_autoencoder
from irodori.painter.warm_up import plain_conditions, warm_up
from irodori.prompt.tokenizer import COMMA_ID, Tokenizer, load_tokenizer

MODEL = ModelTraining(
    channels=(16, 16, 16),
    transformers=(0, 1, 1),
    res_blocks=1,
    head_channels=8,
    groups=4,
    text_width=8,
    text_width_pooled=8,
    text_layers=2,
    text_heads=2,
    warm_up_steps=2,
    steps=3,
    batch=8,
    large_from=0.5,
    large_share=1.0,
)
CONFIG = TrainingConfig(
    pool=PoolSettings(
        shards=4,
        shard=4,
        buckets=(
            Bucket(width=32, height=32, share=1.0),
            Bucket(width=32, height=48, share=1.0),
        ),
    ),
    autoencoder=AutoencoderTraining(
        channels=(8, 8, 8, 8), res_blocks=1, groups=4, steps=1, batch=2, crop=32, full_from=1.0
    ),
    model=MODEL,
)
CARD = Card(
    name="Toy",
    version="0",
    date="2026-01-01",
    licence="CC0-1.0",
    summary="A toy.",
    defaults={"base": {"width": 32}},
    sizes=((32, 32),),
    training="One step.",
)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return load_tokenizer()


@pytest.fixture(scope="module")
def run_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a painted pool and a frozen autoencoder."""
    directory = tmp_path_factory.mktemp("run")
    list(paint_pool(CONFIG.pool, directory / "pool"))
    train_autoencoder(CONFIG, directory)
    freeze(CONFIG.autoencoder, directory, open_shards(directory / "pool"))
    return directory


def toy_bucket(side: int, count: int = 6) -> LatentBucket:
    generator = torch.Generator().manual_seed(side)
    return LatentBucket(
        width=8 * side,
        height=8 * side,
        latents=torch.randn(count, 4, side, side, generator=generator).half(),
        seeds=torch.arange(count) + 1,
        frames=torch.full((count, 6), 8.0 * side),
    )


def toy_batches(tokenizer: Tokenizer, crew: Crew | None = None, **changes: float) -> Batches:
    settings = replace(MODEL, steps=10, **changes)
    return Batches(
        settings=settings,
        buckets=[toy_bucket(4), toy_bucket(8)],
        writer=PromptWriter(settings=settings, tokenizer=tokenizer),
        vocabulary=training_vocabulary(tokenizer),
        crew=crew or Crew(),
    )


def test_captions_split_into_tags_weights_and_breaks() -> None:
    text = r"1girl, (red hair:1.2), watercolor \(medium\) BREAK :d, (cat ears:0)"
    assert split_caption(text) == [
        ("1girl", 1.0),
        ("red hair", 1.2),
        ("watercolor (medium)", 1.0),
        ("BREAK", 1.0),
        (":d", 1.0),
        ("cat ears", 0.0),
    ]


def test_chunks_hold_whole_tags_with_commas_between() -> None:
    prompt = in_chunks([((1, 2), 1.0), ((3,), 1.5)], 2)
    assert prompt.chunks == ((1, 2, COMMA_ID, 3),)
    assert prompt.weights == ((1.0, 1.0, 1.0, 1.5),)
    assert prompt.is_weighted
    assert prompt.token_weights(2)[0, :6].tolist() == [1, 1, 1, 1, 1.5, 1]
    assert prompt.padded(2) == [(1, 2, COMMA_ID, 3), ()]


@pytest.mark.parametrize(("most", "sizes"), [(1, [74]), (2, [74, 74]), (3, [74, 74, 14])])
def test_a_long_prompt_fills_chunks_and_is_cut(most: int, sizes: list[int]) -> None:
    pieces = [((7, 8, 9, 10), 1.0)] * 33
    assert [len(chunk) for chunk in in_chunks(pieces, most).chunks] == sizes


def test_break_begins_a_chunk_or_counts_as_a_comma(tokenizer: Tokenizer) -> None:
    writer = PromptWriter(settings=MODEL, tokenizer=tokenizer)
    pieces = [(writer.tokens_of(tag), 1.0) for tag in ("smile", "BREAK", "hat")]
    assert [len(chunk) for chunk in in_chunks(pieces, 2).chunks] == [1, 1]
    assert [len(chunk) for chunk in in_chunks(pieces, 1).chunks] == [3]


def test_prompts_are_empty_weighted_and_made_up_in_their_shares(tokenizer: Tokenizer) -> None:
    settings = replace(MODEL, unconditional=0.3, emphasised=0.5, made_up=0.2)
    writer = PromptWriter(settings=settings, tokenizer=tokenizer)
    rng = Random(0)  # noqa: S311  # captions, not secrets
    prompts = [writer.write(seed % 40, rng) for seed in range(600)]
    known = set(training_vocabulary(tokenizer).ids)
    told = [prompt for prompt in prompts if prompt.chunks != ((),)]
    weights = {w for prompt in told for chunk in prompt.weights for w in chunk if w != 1}
    assert 0.24 < 1 - len(told) / 600 < 0.36
    assert 0.4 < sum(prompt.is_weighted for prompt in told) / len(told) < 0.6
    assert min(weights) < 0.1
    assert max(weights) > 1.4
    assert not [w for w in weights if 0.3 < w < 0.8]
    made_up = [p for p in told if any(t not in known for chunk in p.chunks for t in chunk)]
    assert 0.12 < len(made_up) / len(told) < 0.28


def test_batches_follow_from_step_and_worker(tokenizer: Tokenizer) -> None:
    batches = toy_batches(tokenizer)
    first, again = batches.at(0), batches.at(0)
    assert torch.equal(first.latents, again.latents)
    assert torch.equal(first.noise, again.noise)
    assert torch.equal(first.given.tokens_l, again.given.tokens_l)
    one, other = (toy_batches(tokenizer, Crew(rank=r, size=2)).at(7) for r in (0, 1))
    assert one.latents.shape == other.latents.shape == (1, 4, 8, 8)
    assert not torch.equal(one.noise, other.noise)


def test_large_pictures_come_late_and_cost_the_same(tokenizer: Tokenizer) -> None:
    batches = toy_batches(tokenizer)
    assert [batches.at(step).latents.shape[-1] for step in (0, 4, 5, 9)] == [4, 4, 8, 8]
    assert [len(batches.at(step).t) for step in (0, 9)] == [8, 2]


def test_only_empty_prompts_are_zeroed(tokenizer: Tokenizer) -> None:
    batches = toy_batches(tokenizer, unconditional=0.5, zeroed=1.0, emphasised=0.0)
    given = batches.at(1).given
    vocabulary = training_vocabulary(tokenizer)
    eos = vocabulary.numbers[49407]
    empty = given.tokens_l[:, 0, 1] == eos
    assert empty.any()
    assert not empty.all()
    assert torch.equal(given.kept, (~empty).float())
    assert torch.equal(given.kept_pooled, (~empty).float())


def test_loss_falls_on_a_toy_set(tokenizer: Tokenizer) -> None:
    batches = toy_batches(tokenizer)
    module = new_model(MODEL, batches.vocabulary.size)
    optimiser = torch.optim.AdamW(module.parameters(), lr=3e-3)
    signal, losses = signal_shares(), []
    for step in range(80):
        loss, facts = noise_loss(module, batches.at(step % 4), signal, MODEL)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(facts["mse"])
    assert losses[0] == pytest.approx(1.0, abs=0.1)  # it begins by predicting nothing
    assert np.mean(losses[-8:]) < 0.6


def test_warm_up_teaches_the_encoders_to_tell_tags_apart(tokenizer: Tokenizer) -> None:
    settings = replace(MODEL, text_width=16, text_width_pooled=16, warm_up_steps=150)
    vocabulary = training_vocabulary(tokenizer)
    writer = PromptWriter(settings=settings, tokenizer=tokenizer)
    told = [writer.tell(seed, Random(seed)) for seed in range(1, 33)]  # noqa: S311
    given = plain_conditions(told, vocabulary)
    module = new_model(settings, vocabulary.size)
    unet = {name: value.clone() for name, value in module.unet.state_dict().items()}
    before = module.read(given)[0].std(0).mean().item()  # between prompts
    warm_up(module, vocabulary, writer, settings)
    assert module.read(given)[0].std(0).mean().item() > 1.3 * before
    for name, value in module.unet.state_dict().items():
        assert torch.equal(value, unet[name])


def test_signal_shares_are_sdxls() -> None:
    signal = signal_shares()
    sigma = ((1 - signal) / signal).sqrt()
    assert sigma[0].item() == pytest.approx(0.0292, abs=1e-4)
    assert sigma[-1].item() == pytest.approx(14.6146, abs=1e-3)


def test_min_snr_limits_what_clean_pictures_weigh(tokenizer: Tokenizer) -> None:
    batches = toy_batches(tokenizer)
    module = new_model(MODEL, batches.vocabulary.size)  # predicts 0: every error is noise squared
    signal = signal_shares()
    batch = replace(batches.at(0), t=torch.full((8,), 0))
    errors = (batch.noise**2).mean()
    snr = signal[0] / (1 - signal[0])
    loss, _ = noise_loss(module, batch, signal, MODEL)
    assert loss.item() == pytest.approx((errors * 5 / snr).item(), rel=2e-3)


def test_high_noise_weighs_as_an_error_of_v_up_to_a_bound() -> None:
    signal = torch.tensor([0.5, 0.2, 0.01])
    assert time_weights(signal, MODEL).tolist() == pytest.approx([2.0, 5.0, 12.0])


def test_latents_are_of_the_pictures_and_encoded_once(run_directory: Path) -> None:
    shards = open_shards(run_directory / "pool")
    from irodori.painter.frozen_autoencoder import read_frozen

    autoencoder = read_frozen(run_directory)
    encode_shards(autoencoder, shards, run_directory / "some", Crew(rank=0, size=1))
    buckets = open_latents(shards, run_directory / "some")
    assert [bucket.width * bucket.height for bucket in buckets] == sorted(
        {s.size[0] * s.size[1] for s in shards}
    )
    joined = torch.cat([bucket.latents.float().flatten() for bucket in buckets])
    assert joined.std().item() == pytest.approx(1.0, abs=0.25)
    before = {path: path.stat().st_mtime_ns for path in (run_directory / "some").iterdir()}
    encode_shards(autoencoder, shards, run_directory / "some", Crew())
    assert before == {p: p.stat().st_mtime_ns for p in (run_directory / "some").iterdir()}


def model_state(directory: Path) -> dict[str, Tensor]:
    state = Run(directory=directory, stage="model").load()
    assert state is not None
    return state["averaged"]


def test_a_run_resumes_to_the_same_weights(run_directory: Path) -> None:
    train_model(CONFIG, run_directory)
    once = model_state(run_directory)
    train_model(CONFIG, run_directory)  # nothing is left to do
    (run_directory / "model.state.pt").unlink()
    train_model(replace(CONFIG, model=replace(MODEL, steps=3)), run_directory)
    for name, value in model_state(run_directory).items():
        assert torch.equal(value, once[name])


def test_a_release_loads_and_draws(run_directory: Path, tmp_path: Path) -> None:
    train_model(CONFIG, run_directory)
    out = tmp_path / "toy.safetensors"
    size = export(CONFIG, run_directory, out, CARD)
    assert size == out.stat().st_size
    card = json.loads(read_header(out).metadata[CARD_KEY])
    assert (card["name"], card["steps"]) == ("Toy", 3)
    assert "1girl" in card["knows"]["count"]
    model = open_model(out)
    assert model.unet.config.channels == MODEL.channels
    assert model.text_g.config.vocabulary == 49408
    settings = DrawSettings(width=32, height=48, steps=2, batch=2, negative="worst quality")
    pictures = draw(model, ["1girl, (hat:1.2)", "1boy BREAK smile", "zzz"], [1, 2, 3], settings)
    assert pictures.shape == (3, 48, 32, 3)
    alone = draw(model, ["1boy BREAK smile"], [2], settings)
    assert np.abs(pictures[1].astype(int) - alone[0].astype(int)).max() <= 2


def test_a_run_goes_on_from_a_release(run_directory: Path, tmp_path: Path) -> None:
    train_model(CONFIG, run_directory)
    out, again = tmp_path / "toy.safetensors", tmp_path / "again"
    export(CONFIG, run_directory, out, CARD)
    begin_from(out, CONFIG, again)
    list(paint_pool(CONFIG.pool, again / "pool"))
    train_model(replace(CONFIG, model=replace(MODEL, steps=0)), again)
    assert not (again / "model.state.pt").exists()  # no step, nothing to save
    train_model(replace(CONFIG, model=replace(MODEL, steps=1, learning_rate=0.0)), again)
    export(CONFIG, again, tmp_path / "second.safetensors", CARD)
    first, second = open_model(out), open_model(tmp_path / "second.safetensors")
    for name, value in first.unet.state_dict().items():
        assert torch.allclose(value, second.unet.state_dict()[name], atol=1e-3)
    pixels = torch.zeros(1, 3, 32, 32)
    assert torch.allclose(
        first.autoencoder.encode(pixels).mean, second.autoencoder.encode(pixels).mean, atol=1e-3
    )
    with pytest.raises(InputError, match="has begun"):
        begin_from(out, CONFIG, again)
    wider = replace(MODEL, text_width=16)
    with pytest.raises(InputError, match="in the release"):
        begin_from(out, replace(CONFIG, model=wider), tmp_path / "wider")


def test_a_run_without_a_model_cannot_be_released(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no model was trained"):
        export(CONFIG, tmp_path, tmp_path / "out.safetensors", CARD)


def test_cards_are_read_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(CARD.to_json(), encoding="utf-8")
    assert read_card(path).name == "Toy"
    path.write_text('{"name": "Toy", "colour": "red"}', encoding="utf-8")
    with pytest.raises(InputError, match="a card is an object"):
        read_card(path)
    path.write_text('{"name": "Toy"}', encoding="utf-8")
    with pytest.raises(InputError, match="missing"):
        read_card(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        read_card(path)


def test_figures_count_what_was_asked_alone() -> None:
    labels = np.full((4, len(QUESTIONS)), -100)
    labels[:, 0] = [1, 1, 1, 2]
    labels[:2, 2] = [0, 1]
    drawn = labels.copy()
    drawn[0, 0] = 3
    answers = Answers(drawn=drawn, painted=labels, through_latents=labels)
    figures = figures_of(labels, answers)
    count, hair_length = figures
    assert (count.asked, count.drawn, count.painted, count.floor) == (4, 0.75, 1.0, 0.75)
    assert (hair_length.asked, hair_length.drawn, hair_length.floor) == (2, 1.0, 0.5)
    assert "| count | 4 | 0.75 | 1.00 | 1.00 | 0.75 |" in as_table(figures)
    alone = figures_of(labels, Answers(painted=labels))
    assert "| count | 4 | - | 1.00 | - | 0.75 |" in as_table(alone)


def test_evaluation_asks_for_held_out_pictures_in_good_quality() -> None:
    scenes = list(evaluation_scenes(30))
    assert all(scene.seed >= HELD_OUT_FIRST_SEED for scene in scenes)
    assert {scene.quality for scene in scenes} == {Quality.PLAIN}


def test_a_contact_sheet_has_rows_and_a_white_end() -> None:
    pictures = np.zeros((3, 4, 6, 3), np.uint8)
    sheet = np.asarray(contact_sheet(pictures, columns=2))
    assert sheet.shape == (8, 12, 3)
    assert not sheet[:4].any()
    assert (sheet[4:, 6:] == 255).all()
