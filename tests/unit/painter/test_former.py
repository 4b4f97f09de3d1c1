"""Going on, on a second model, with what was trained for a first one."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Generator

from irodori.catalog.hashes import file_sha256
from irodori.catalog.header import read_header
from irodori.cli.commands.paint import command
from irodori.errors import InputError
from irodori.painter.adapt import demonstrators
from irodori.painter.adapt.adapter import Inversion, Network
from irodori.painter.adapt.base import Base, open_base
from irodori.painter.adapt.config import (
    AdapterConfig,
    AdapterSettings,
    AdapterTraining,
    Kind,
    SubjectSettings,
    read_adapter_config,
)
from irodori.painter.adapt.demonstrators import CONFIGS, FormerRelease, train_demonstrators
from irodori.painter.adapt.difference import write_difference
from irodori.painter.adapt.finetune import FineTune
from irodori.painter.adapt.former import Former, begin_with
from irodori.painter.adapt.train import adapt
from irodori.painter.config import Bucket, PoolSettings
from irodori.painter.drawing import open_model

CONFIG = AdapterConfig(
    name="toy",
    subject=SubjectSettings(style="pixel art"),
    adapter=AdapterSettings(kind=Kind.LORA, rank=2, convolution_rank=2, text=True),
    pool=PoolSettings(shards=1, shard=4, buckets=(Bucket(width=32, height=32, share=1.0),)),
    training=AdapterTraining(steps=1, batch=2, warm_up=1),
    text="# of the toy",
)


@pytest.fixture(scope="module")
def second_file(model_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that was trained on from the first: every matrix a little away."""
    generator = Generator().manual_seed(4)
    tensors = load_file(model_file)
    with safe_open(model_file, framework="pt") as file:
        metadata = file.metadata()
    for name, value in tensors.items():
        if value.dim() > 1 and "embed" not in name:
            noise = 0.02 * torch.randn(value.shape, generator=generator)
            tensors[name] = (value.float() + noise).to(value.dtype)
    path = tmp_path_factory.mktemp("second") / "second.safetensors"
    save_file(tensors, path, metadata)
    return path


@pytest.fixture(scope="module")
def second(second_file: Path) -> Base:
    return open_base(second_file)


@pytest.mark.parametrize("kind", [Kind.LORA, Kind.LOKR, Kind.DORA])
def test_a_network_begins_with_the_former_ones_factors(
    kind: Kind, model_file: Path, second: Base, second_file: Path, tmp_path: Path
) -> None:
    config = replace(CONFIG, adapter=replace(CONFIG.adapter, kind=kind))
    former, out = tmp_path / "former.safetensors", tmp_path / "out.safetensors"
    adapt(config, model_file, tmp_path / "run", former)
    module = Network(second, config.adapter, Generator().manual_seed(1))
    begin_with(module, Former(file=former, model=model_file), config)
    were = load_file(former)
    for name, value in module.tensors().items():
        if not name.endswith("dora_scale"):
            assert torch.equal(value, were[name]), name
    adapt(
        config,
        second_file,
        tmp_path / "run",
        out,
        former=Former(file=former, model=model_file),
    )
    said = read_header(out).metadata
    assert said["irodori.begun_with"] == file_sha256(former)
    assert said["ss_new_sd_model_hash"] == second.sha256
    assert "irodori.begun_with" not in read_header(former).metadata
    far = [
        (value.float() - were[name].float()).abs().max() for name, value in load_file(out).items()
    ]
    assert 0 < max(far) < 0.3


def test_an_inversion_begins_with_the_former_ones_vectors(
    model_file: Path, second_file: Path, tmp_path: Path
) -> None:
    config = replace(CONFIG, adapter=AdapterSettings(kind=Kind.INVERSION, vectors=2))
    former = tmp_path / "former.safetensors"
    adapt(config, model_file, tmp_path / "run", former)
    module = Inversion(open_base(second_file, spare=2), config.adapter)
    begin_with(module, Former(file=former, model=model_file), config)
    were = load_file(former)
    assert all(torch.equal(value, were[name]) for name, value in module.tensors().items())


@pytest.mark.parametrize("as_difference", [True, False])
def test_a_checkpoint_begins_with_the_former_ones_difference(
    model_file: Path, second: Base, tmp_path: Path, *, as_difference: bool
) -> None:
    config = replace(CONFIG, adapter=AdapterSettings(kind=Kind.CHECKPOINT))
    former = tmp_path / "former.safetensors"
    adapt(config, model_file, tmp_path / "run", former)
    given = former
    if as_difference:
        given = tmp_path / "former.difference"
        write_difference(model_file, former, given)
    module = FineTune(second, config.adapter)
    begin_with(module, Former(file=given, model=model_file), config)
    first, after = open_model(model_file).unet.state_dict(), open_model(former).unet.state_dict()
    moved = 0.0
    for name, value in module.get_submodule("unet").state_dict().items():
        change = (after[name] - first[name]).float()
        away = value - second.module.get_parameter(f"unet.{name}")
        assert torch.allclose(away, change, atol=2e-3), name
        moved += float(change.abs().sum())
    assert moved > 0


def test_what_has_other_tensors_is_refused(model_file: Path, second: Base, tmp_path: Path) -> None:
    former = tmp_path / "former.safetensors"
    adapt(CONFIG, model_file, tmp_path / "run", former)
    settings = replace(CONFIG.adapter, kind=Kind.LOKR)
    for adapter in (settings, replace(CONFIG.adapter, rank=3)):
        module = Network(second, adapter, Generator().manual_seed(1))
        with pytest.raises(InputError, match="nothing to begin toy with"):
            begin_with(module, Former(file=former, model=model_file), CONFIG)


def test_the_command_goes_on_from_a_former_release(
    model_file: Path, second_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(CONFIG, training=replace(CONFIG.training, steps=6))
    monkeypatch.setattr(demonstrators, "read_adapter_config", lambda _path: config)
    out, run = tmp_path / "out", tmp_path / "run"
    name = "sumire-pixel-art"
    (file,) = train_demonstrators(model_file, run, out, names=[name])
    were = file_sha256(file)
    arguments = ["demonstrators", "--run", run, "--out", out, "--model", second_file]
    arguments += ["--former", out, model_file, name]
    result = CliRunner().invoke(command, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    said = read_header(file).metadata
    assert (said["irodori.begun_with"], said["ss_steps"]) == (were, "2")
    release = FormerRelease(folder=tmp_path / "nowhere", model=model_file)
    with pytest.raises(InputError, match="is not there"):
        list(train_demonstrators(second_file, run, tmp_path / "new", names=[name], former=release))
    assert read_adapter_config(CONFIGS / f"{name}.toml").training.steps == 200
