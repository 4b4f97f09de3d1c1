"""Adapters on a toy model: what is trained is what the file says and what the engine draws with."""

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file
from torch import Generator, Tensor

from irodori.catalog.hashes import file_sha256
from irodori.catalog.header import read_header
from irodori.catalog.network_traits import NetworkFamily, network_traits
from irodori.cli.commands.paint import command
from irodori.engine.embeddings import load_embedding
from irodori.engine.loading.checkpoint import LoadedModel
from irodori.engine.lora.keys import KeyTable
from irodori.engine.lora.network import FittedNetwork, load_network
from irodori.errors import InputError
from irodori.painter.adapt.adapter import Inversion, Network
from irodori.painter.adapt.base import TABLES, Base, open_base
from irodori.painter.adapt.changes import largest_divisor
from irodori.painter.adapt.config import (
    AdapterConfig,
    AdapterSettings,
    AdapterTraining,
    Kind,
    SubjectSettings,
    read_adapter_config,
)
from irodori.painter.adapt.finetune import terminal_signal_shares, v_loss
from irodori.painter.adapt.newcomers import NEWCOMERS
from irodori.painter.adapt.places import places_of
from irodori.painter.adapt.subjects import NewcomerSubject, subject_of
from irodori.painter.adapt.train import adapt, predictor
from irodori.painter.config import Bucket, ModelTraining, PoolSettings
from irodori.painter.drawing import DrawSettings, draw, open_model
from irodori.painter.medium import Quality, Style
from irodori.painter.model import Conditions
from irodori.painter.prompts import PromptWriter
from irodori.painter.run import Run
from irodori.painter.train import Batch, noise_loss, signal_shares
from irodori.painter.vocabulary import TAGS
from irodori.prompt.tokenizer import load_tokenizer
from irodori.recipe.names import Prediction

EVERYTHING = AdapterSettings(kind=Kind.LORA, rank=2, convolution_rank=2, text=True)
CONFIG = AdapterConfig(
    name="toy",
    subject=SubjectSettings(style="pixel art"),
    adapter=EVERYTHING,
    pool=PoolSettings(shards=2, shard=4, buckets=(Bucket(width=32, height=32, share=1.0),)),
    training=AdapterTraining(steps=3, batch=4, warm_up=1),
    text="# of the toy",
)
CONFIGS = Path(__file__).parents[3] / "src/irodori/painter/configs/demonstrators"


def shaken(module: Network | Inversion) -> Network | Inversion:
    """Return the module with every number moved, as after training, and as float16 holds it."""
    generator = Generator().manual_seed(9)
    for value in module.parameters():
        value.data += 0.3 * torch.randn(value.shape, generator=generator)
        value.data = value.data.half().float()
    return module


def fitted(path: Path, loaded: LoadedModel) -> FittedNetwork:
    parts = ("unet", "text_l", "text_g")
    shapes = {
        part: {name: value.shape for name, value in getattr(loaded, part).named_parameters()}
        for part in parts
    }
    return load_network(path, KeyTable(loaded), shapes)


def test_the_base_computes_what_the_file_does(base: Base, loaded: LoadedModel) -> None:
    for name, value in loaded.unet.state_dict().items():
        assert torch.equal(base.weights[f"unet.{name}"], value)
    table = loaded.text_g.token_embedding.weight
    assert torch.equal(base.vocabulary.expanded(base.weights[TABLES[1]]), table)
    assert not any(value.requires_grad for value in base.module.parameters())


def test_every_stem_is_one_that_the_engine_knows(base: Base, loaded: LoadedModel) -> None:
    table, places = KeyTable(loaded), places_of(base.module, EVERYTHING)
    parts = {"unet": "unet", "clip_l": "text_l", "clip_g": "text_g"}
    for place in places:
        target = table.find(place.stem)
        assert target is not None, place.stem
        assert f"{parts[place.part]}.{target.parameter}" == place.parameter.replace(
            place.part, parts[place.part], 1
        )
        assert target.rows == place.rows
    assert len({place.stem for place in places}) == len(places)
    transformers = places_of(base.module, replace(EVERYTHING, convolution_rank=0, text=False))
    assert {place.parameter for place in transformers} == {
        name
        for name, value in base.weights.items()
        if name.startswith("unet.")
        and (".1.transformer_blocks." in name or ".1.proj_" in name)
        and value.dim() > 1
    }


@pytest.mark.parametrize("kind", [Kind.LORA, Kind.DORA, Kind.LOKR])
@pytest.mark.parametrize("rank", [1, 40])  # LoKr's fine factor of low rank, and whole
def test_the_engine_draws_with_the_weights_that_were_trained(
    kind: Kind, rank: int, base: Base, loaded: LoadedModel, tmp_path: Path
) -> None:
    settings = replace(EVERYTHING, kind=kind, rank=rank, convolution_rank=rank, alpha=1.5, factor=4)
    module = Network(base, settings, Generator().manual_seed(0))
    for name, value in module.weights().items():  # it begins as nothing
        assert torch.allclose(value, base.weights[name], atol=1e-6)
    path = tmp_path / "toy.safetensors"
    write(path, shaken(module).tensors())
    network = fitted(path, loaded)
    assert network.unmatched == ()
    parts = {"unet": "unet", "text_l": "clip_l", "text_g": "clip_g"}
    merged = {name: value.clone() for name, value in base.weights.items()}
    for change in network.changes:
        target = change.target
        view = target.view(merged[f"{parts[target.part]}.{target.parameter}"])
        view.copy_(change.layer.changed(view.clone(), 1.0))
    trained = module.weights()
    assert any(not torch.equal(value, base.weights[name]) for name, value in trained.items())
    for name, value in trained.items():
        assert torch.allclose(merged[name], value, atol=2e-4), name


def write(path: Path, tensors: dict[str, Tensor]) -> None:
    from safetensors.torch import save_file

    save_file(tensors, path)


def test_only_the_adapter_learns_and_the_loss_falls(
    base: Base, toy_training: ModelTraining, tmp_path: Path
) -> None:
    from irodori.painter.crew import Crew
    from irodori.painter.latents import LatentBucket
    from irodori.painter.train import Batches

    settings = replace(toy_training, steps=10, batch=4, large_from=0.0)
    generator = Generator().manual_seed(1)
    bucket = LatentBucket(
        width=64,
        height=64,
        latents=(0.2 * torch.randn(6, 4, 8, 8, generator=generator) + 1).half(),
        seeds=torch.arange(6) + 1,
        frames=torch.full((6, 6), 64.0),
    )
    writer = PromptWriter(settings=settings, tokenizer=load_tokenizer())
    batches = Batches(
        settings=settings,
        buckets=[bucket],
        writer=writer,
        vocabulary=base.vocabulary,
        crew=Crew(),
    )
    before = {name: value.clone() for name, value in base.weights.items()}
    module = Network(base, replace(EVERYTHING, rank=4), Generator().manual_seed(0))
    optimiser = torch.optim.AdamW(module.parameters(), lr=4e-2)
    predict, signal, losses = predictor(base, module), signal_shares(), []
    for step in range(12):
        loss, facts = noise_loss(predict, batches.at(step % 2), signal, settings)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(facts["mse"])
    assert sum(losses[-2:]) < 0.85 * sum(losses[:2])
    for name, value in base.weights.items():
        assert torch.equal(value, before[name])


def test_a_run_resumes_and_writes_the_same_file(model_file: Path, tmp_path: Path) -> None:
    out, again = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    adapt(CONFIG, model_file, tmp_path / "run", out)
    once = load_file(out)
    adapt(CONFIG, model_file, tmp_path / "run", again)  # nothing is left to train
    assert all(torch.equal(value, once[name]) for name, value in load_file(again).items())
    next((tmp_path / "run").glob("toy-*.state.pt")).unlink()
    adapt(CONFIG, model_file, tmp_path / "run", again)
    assert all(torch.equal(value, once[name]) for name, value in load_file(again).items())
    assert any(name.endswith("lora_up.weight") and value.any() for name, value in once.items())


def test_the_file_says_what_it_is_and_how_it_was_made(model_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.safetensors"
    adapt(CONFIG, model_file, tmp_path / "run", out)
    header = read_header(out)
    traits = network_traits(header)
    assert (traits.kind, traits.rank, traits.family) == ("LoCon", 2, NetworkFamily.SDXL)
    assert (traits.title, traits.triggers) == ("toy", ("pixel art",))
    assert set(traits.parts) == {"UNet", "text encoder L", "text encoder G"}
    assert header.metadata["ss_new_sd_model_hash"] == file_sha256(model_file)
    assert header.metadata["irodori.recipe"] == CONFIG.text
    counts = json.loads(header.metadata["ss_tag_frequency"])["toy"]
    assert counts["pixel art"] == 8
    assert {info.dtype for info in header.tensors.values()} == {"F16"}


def test_an_inversion_is_read_as_it_was_trained(model_file: Path, tmp_path: Path) -> None:
    settings = AdapterSettings(kind=Kind.INVERSION, vectors=3, begin_with="1girl")
    config = replace(
        CONFIG,
        adapter=settings,
        subject=SubjectSettings(character="hotaru (irodori)", trigger="hotaru"),
        training=replace(CONFIG.training, learning_rate=0.05),
    )
    out = tmp_path / "hotaru.safetensors"
    adapt(config, model_file, tmp_path / "run", out)
    embedding = load_embedding(out, 8, 8)
    assert embedding.clip_l.shape == embedding.clip_g.shape == (3, 8)
    base = open_base(model_file, spare=3)
    start = Inversion(base, settings)
    assert not torch.allclose(embedding.clip_l, start.clip_l, atol=1e-3)
    rows = [base.vocabulary.numbers[token] for token in base.spare]
    tables = shaken(start).weights()
    assert torch.equal(tables[TABLES[0]][rows], start.clip_l)
    others = [i for i in range(base.vocabulary.size) if i not in rows]
    assert torch.equal(tables[TABLES[0]][others], base.weights[TABLES[0]][others])


def test_a_new_word_takes_spare_tokens_in_prompts(
    model_file: Path, toy_training: ModelTraining
) -> None:
    base = open_base(model_file, spare=3)
    subject = subject_of(SubjectSettings(character="hotaru (irodori)", trigger="hotaru", share=1))
    writer = PromptWriter(
        settings=replace(toy_training, unconditional=0.0, emphasised=0.0, made_up=0.0),
        tokenizer=load_tokenizer(),
        sample=subject.sample,
        speak=subject.speak,
        words={"hotaru": base.spare},
    )
    shown = [s for s in range(40) if subject.speak(subject.sample(s), Random(0)).count("hotaru")]  # noqa: S311
    assert len(shown) > 10
    prompt = writer.write(shown[0], Random(1))  # noqa: S311  # captions, not secrets
    ids = prompt.chunks[0]
    assert any(ids[i : i + 3] == base.spare for i in range(len(ids)))


def test_style_pictures_all_have_the_style_and_say_so() -> None:
    subject = subject_of(SubjectSettings(style="pixel art"))
    for seed in range(60):
        scene = subject.sample(seed)
        said = subject.speak(scene, Random(seed))  # noqa: S311  # captions, not secrets
        assert (scene.style, scene.quality) == (Style.PIXEL_ART, Quality.PLAIN)
        assert said.endswith("pixel art")
        assert said.count("pixel art") == 1


def test_a_newcomer_keeps_its_look_and_captions_leave_it_unsaid() -> None:
    name = "hotaru (irodori)"
    subject = subject_of(SubjectSettings(character=name, share=0.8))
    assert isinstance(subject, NewcomerSubject)
    sheet, shown = NEWCOMERS[name], 0
    for seed in range(200):
        scene = subject.sample(seed)
        said = subject.speak(scene, Random(seed))  # noqa: S311  # captions, not secrets
        assert (r"hotaru \(irodori\)" in said) == subject.is_shown(scene)
        if subject.is_shown(scene):
            shown += 1
            person = scene.people[0]
            assert (person.hair, person.face.left_eye) == (sheet.hair, sheet.eyes)
            tags = {tag.strip() for tag in said.split(",")}
            assert not {t for t in tags if t in TAGS and "hair" in TAGS[t]}
            assert "pink eyes" not in tags
    assert 60 < shown < 140


def test_configurations_are_read_and_checked(tmp_path: Path) -> None:
    configs = {path.stem: read_adapter_config(path) for path in sorted(CONFIGS.glob("*.toml"))}
    assert {config.adapter.kind for config in configs.values()} == set(Kind)
    for stem, config in configs.items():
        assert config.name == stem
        subject_of(config.subject)
    text = (CONFIGS / "sumire-pixel-art.toml").read_text(encoding="utf-8")
    path = tmp_path / "adapter.toml"
    for old, new, told in (
        ('kind = "lora"', 'kind = "magic"', "unknown kind"),
        ("rank = 6", "ranks = 6", "has no ranks"),
        ('style = "pixel art"', 'style = "a"\ncharacter = "b"', "not several"),
        ("name =", "names =", "needs exactly"),
    ):
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(InputError, match=told):
            read_adapter_config(path)


def test_a_checkpoint_that_predicts_v_loads_and_draws(model_file: Path, tmp_path: Path) -> None:
    config = replace(
        CONFIG, adapter=AdapterSettings(kind=Kind.V_CHECKPOINT), subject=SubjectSettings()
    )
    out = tmp_path / "v.safetensors"
    adapt(config, model_file, tmp_path / "run", out)
    model, before = open_model(out), open_model(model_file)
    assert (model.traits.prediction, model.traits.zero_terminal_snr) == (Prediction.V, True)
    assert torch.equal(model.autoencoder.quant_conv.weight, before.autoencoder.quant_conv.weight)
    assert not torch.equal(model.unet.out[2].weight, before.unet.out[2].weight)
    assert draw(model, ["1girl"], [1], DrawSettings(width=32, height=32, steps=2)).std() > 0


def test_the_error_of_v_is_that_of_pure_noise_at_the_last_time() -> None:
    generator = Generator().manual_seed(0)
    latents, noise = torch.randn(2, 3, 4, 8, 8, generator=generator)
    given = Conditions(**dict.fromkeys(Conditions.__annotations__, torch.zeros(0)))
    batch = Batch(latents=latents, noise=noise, t=torch.tensor([999, 999, 999]), given=given)
    signal = terminal_signal_shares()
    assert signal[999] < 1e-7
    assert torch.allclose(signal[0], signal_shares()[0], atol=1e-3)
    seen: list[Tensor] = []

    def knows(noisy: Tensor, t: Tensor, _given: Conditions) -> Tensor:
        seen.append(noisy)
        return -latents

    loss, facts = v_loss(knows, batch, signal)
    assert torch.allclose(seen[0], noise, atol=2e-3)
    assert loss.item() < 1e-6
    early = replace(batch, t=torch.tensor([500, 500, 500]))
    wrong, _ = v_loss(lambda noisy, _t, _g: 0 * noisy, early, signal)
    assert wrong.item() == pytest.approx(1.0, abs=0.15)  # v has unit variance at every time
    assert facts["pictures"] == 3


def test_unknown_subjects_and_empty_networks_are_told(model_file: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no style 'oil'"):
        subject_of(SubjectSettings(style="oil"))
    with pytest.raises(InputError, match="no newcomer 'nobody'"):
        subject_of(SubjectSettings(character="nobody"))
    nothing = replace(CONFIG, adapter=replace(EVERYTHING, unet=False, text=False))
    with pytest.raises(InputError, match="neither unet nor text"):
        adapt(nothing, model_file, tmp_path, tmp_path / "out.safetensors")


@pytest.mark.parametrize(("size", "bound", "found"), [(96, 8, 8), (7, 4, 1), (6, 4, 3), (5, 8, 5)])
def test_factors_divide(size: int, bound: int, found: int) -> None:
    assert largest_divisor(size, bound) == found


def test_the_command_trains_and_says_what_it_wrote(model_file: Path, tmp_path: Path) -> None:
    text = (CONFIGS / "sumire-pixel-art.toml").read_text(encoding="utf-8")
    for old, new in (
        ("shards = 10", "shards = 1\nshard = 2"),
        ("steps = 200", "steps = 1"),
        ("width = 192\nheight = 256", "width = 32\nheight = 32"),
        ("width = 256\nheight = 256", "width = 32\nheight = 32"),
    ):
        assert old in text
        text = text.replace(old, new)
    config, out = tmp_path / "toy.toml", tmp_path / "out.safetensors"
    config.write_text(text, encoding="utf-8")
    arguments = ["adapt", "--config", config, "--run", tmp_path / "run", "--out", out]
    arguments += ["--model", model_file]
    result = CliRunner().invoke(command, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert f"{out}: " in result.output
    assert Run(directory=tmp_path / "run", stage="x").load() is None
    assert out.exists()
