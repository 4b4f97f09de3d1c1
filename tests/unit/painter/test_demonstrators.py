"""Checkpoints as differences, and the command that makes all demonstrators."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file
from torch import Tensor

from irodori.catalog.header import read_header
from irodori.cli.commands.paint import command
from irodori.errors import InputError, ModelFileError
from irodori.painter.adapt import demonstrators
from irodori.painter.adapt.config import AdapterSettings, Kind, read_adapter_config
from irodori.painter.adapt.demonstrators import CONFIGS, DEMONSTRATORS, train_demonstrators
from irodori.painter.adapt.difference import assemble, digest_of, write_difference
from irodori.painter.adapt.subjects import PenSubject, subject_of
from irodori.painter.adapt.train import adapt
from irodori.painter.drawing import open_model
from irodori.painter.medium import Pen, Quality, Style
from irodori.painter.raster.picture import draw_labels, paint
from irodori.painter.sampling import sample_scene
from irodori.recipe.names import Prediction

SMALL_POOL = "first_seed = 1\nshards = 1\nshard = 2\n[[pool.buckets]]\nwidth = 32\nheight = 32\n"
LESS = (
    (r"(?s)\[pool\].*?\[training\]", f"[pool]\n{SMALL_POOL}share = 1.0\n\n[training]"),
    (r"steps = \d+", "steps = 1"),
    (r"batch = \d+", "batch = 2"),
)


def tensors() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        "matrix": torch.randn(6, 5, generator=generator).half(),
        "kernel": torch.randn(4, 3, 3, 3, generator=generator).half(),
        "bias": torch.randn(6, generator=generator).half(),
        "same": torch.randn(3, 3, generator=generator).half(),
    }


def written(path: Path, values: dict[str, Tensor], **metadata: str) -> Path:
    save_file(values, path, metadata)
    return path


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A base, and a checkpoint that lies near, with a mark and a row that did not change."""
    before = tensors()
    after = {name: value.clone() for name, value in before.items()}
    for name in ("matrix", "kernel", "bias"):
        noise = torch.randn(after[name].shape, generator=torch.Generator().manual_seed(7))
        after[name] = (after[name].float() + 0.05 * noise).half()
    after["matrix"][2] = before["matrix"][2]
    after["v_pred"] = torch.empty(0)
    return (
        written(tmp_path / "base.safetensors", before),
        written(tmp_path / "after.safetensors", after, title="after"),
    )


def test_a_checkpoint_comes_back_within_half_a_step(pair: tuple[Path, Path]) -> None:
    base, after = pair
    difference, out = base.with_name("x.difference"), base.with_name("x.safetensors")
    write_difference(base, after, difference)
    held = load_file(difference)
    assert held["matrix.difference"].dtype == torch.int8
    assert not any(name.startswith("same") for name in held)
    assemble(difference, base, out)
    assembled, wanted, before = load_file(out), load_file(after), load_file(base)
    assert read_header(out).metadata == {"title": "after"}
    assert assembled.keys() == wanted.keys()
    for name in ("bias", "same", "v_pred"):
        assert torch.equal(assembled[name], wanted[name])
    assert torch.equal(assembled["matrix"][2], before["matrix"][2])
    for name in ("matrix", "kernel"):
        changed = (wanted[name].float() - before[name].float()).abs()
        step = changed.amax(tuple(range(1, changed.dim())), keepdim=True) / 127
        error = (assembled[name].float() - wanted[name].float()).abs()
        rounding = wanted[name].float().abs() * 2**-11
        assert (error <= step / 2 + rounding + 1e-6).all()
    again = base.with_name("y.safetensors")
    assemble(difference, base, again)
    assert digest_of(load_file(again)) == digest_of(assembled)


def test_another_base_and_damage_are_told(pair: tuple[Path, Path], tmp_path: Path) -> None:
    base, after = pair
    difference, out = tmp_path / "x.difference", tmp_path / "x.safetensors"
    write_difference(base, after, difference)
    with pytest.raises(InputError, match="belongs to a model of SHA-256"):
        assemble(difference, after, out)
    with pytest.raises(InputError, match="is not the difference of a checkpoint"):
        assemble(after, base, out)
    held, said = load_file(difference), dict(read_header(difference).metadata)
    held["matrix.difference"][0, 0] ^= 64  # one bit
    save_file(held, difference, said)
    with pytest.raises(InputError, match="the file is damaged"):
        assemble(difference, base, out)
    difference.write_bytes(b"nothing")
    with pytest.raises(ModelFileError, match="cannot be read"):
        assemble(difference, base, out)
    assert not out.exists()


def test_a_digest_tells_names_types_and_numbers() -> None:
    one = {"a": torch.zeros(2, 3)}
    others = (
        {"b": one["a"]},
        {"a": one["a"].half()},
        {"a": torch.zeros(3, 2)},
        {"a": one["a"] + 1},
    )
    assert digest_of(one) == digest_of({"a": torch.zeros(2, 3)})
    assert len({digest_of(each) for each in (one, *others)}) == 5


def test_every_configuration_is_a_demonstrator_and_pools_agree() -> None:
    assert {each.name for each in DEMONSTRATORS} == {path.stem for path in CONFIGS.glob("*.toml")}
    pools: dict[str, set[object]] = {}
    for each in DEMONSTRATORS:
        config = read_adapter_config(each.config_file)
        shown = (config.subject.style, config.subject.character, config.subject.pen)
        pools.setdefault(each.pool, set()).add((config.pool, shown))
    assert all(len(settings) == 1 for settings in pools.values())


@pytest.fixture
def toy_configs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The recipes of all demonstrators with one step, and pools of two small pictures."""
    folder = tmp_path / "configs"
    folder.mkdir()
    for path in CONFIGS.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        for pattern, new in LESS:
            text, count = re.subn(pattern, new, text)
            assert count == 1
        (folder / path.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(demonstrators, "CONFIGS", folder)
    return folder


def test_one_command_makes_all_of_them_and_none_twice(
    toy_configs: Path, model_file: Path, tmp_path: Path
) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    arguments = ["demonstrators", "--run", run, "--out", out, "--model", model_file]
    result = CliRunner().invoke(command, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*"))
    assert files == sorted(
        [
            "checkpoints/sumire-ink.difference",
            "checkpoints/sumire-v.difference",
            "embeddings/hotaru-look.safetensors",
            "loras/sumire-hotaru-dora.safetensors",
            "loras/sumire-hotaru.safetensors",
            "loras/sumire-lcm.safetensors",
            "loras/sumire-pixel-art-lokr.safetensors",
            "loras/sumire-pixel-art.safetensors",
        ]
    )
    written_at = {path: path.stat().st_mtime_ns for path in out.rglob("*.*")}
    assert len(list(train_demonstrators(model_file, run, out))) == len(DEMONSTRATORS)
    assert written_at == {path: path.stat().st_mtime_ns for path in out.rglob("*.*")}
    differences = sorted((out / "checkpoints").glob("*.difference"))
    arguments = ["assemble", *differences, "--model", model_file]
    result = CliRunner().invoke(command, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    ink, v = (open_model(path.with_suffix(".safetensors")) for path in differences)
    assert (ink.traits.prediction, ink.traits.zero_terminal_snr) == (Prediction.EPS, False)
    assert (v.traits.prediction, v.traits.zero_terminal_snr) == (Prediction.V, True)
    with pytest.raises(InputError, match="no demonstrator 'nothing'"):
        list(train_demonstrators(model_file, run, out, names=["nothing"]))


def test_only_the_parts_that_are_named_learn(model_file: Path, tmp_path: Path) -> None:
    config = read_adapter_config(CONFIGS / "sumire-ink.toml")
    bucket = replace(config.pool.buckets[0], width=32, height=32)
    config = replace(
        config,
        adapter=AdapterSettings(kind=Kind.CHECKPOINT),
        pool=replace(config.pool, shards=1, shard=2, buckets=(bucket,)),
        training=replace(config.training, steps=1, batch=2, warm_up=1),
    )
    out = tmp_path / "ink.safetensors"
    adapt(config, model_file, tmp_path / "run", out)
    before, after = open_model(model_file), open_model(out)
    for part in ("text_l", "text_g", "autoencoder"):
        kept = getattr(before, part).state_dict()
        for name, value in getattr(after, part).state_dict().items():
            assert torch.equal(value, kept[name]), name
    assert not torch.equal(after.unet.out[2].weight, before.unet.out[2].weight)


def test_a_pen_changes_lines_and_nothing_that_captions_say() -> None:
    subject = subject_of(replace(read_adapter_config(CONFIGS / "sumire-ink.toml").subject))
    assert isinstance(subject, PenSubject)
    for seed in range(20):
        scene = subject.sample(seed)
        assert (scene.pen, scene.style, scene.quality) == (Pen.INK, Style.PLAIN, Quality.PLAIN)
    scene = next(s for s in map(subject.sample, range(20)) if len(s.people) == 1)
    fine = replace(scene, pen=Pen.FINE)
    by_ink, by_fine = paint(scene, 96, 96), paint(fine, 96, 96)
    assert (by_ink.max(2) < 40).mean() > (by_fine.max(2) < 40).mean() + 0.02
    assert (draw_labels(scene, 64, 64) == draw_labels(fine, 64, 64)).all()
    assert sample_scene(3).pen is Pen.FINE
    with pytest.raises(InputError, match="no pen 'crayon'"):
        subject_of(replace(read_adapter_config(CONFIGS / "sumire-ink.toml").subject, pen="crayon"))
