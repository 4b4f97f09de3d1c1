"""`irodori paint`: each command does its part on a toy configuration."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from irodori.cli.commands.paint import command
from irodori.errors import InputError

CONFIG = """
[pool]
shards = 2
shard = 2
[[pool.buckets]]
width = 32
height = 32
share = 1.0
[autoencoder]
channels = [8, 8, 8, 8]
res_blocks = 1
groups = 4
steps = 1
batch = 2
crop = 32
[judge]
steps = 1
batch = 2
[model]
channels = [16, 16, 16]
res_blocks = 1
head_channels = 8
groups = 4
text_width = 8
text_width_pooled = 8
text_layers = 2
text_heads = 2
warm_up_steps = 1
steps = 1
batch = 2
"""
CARD = {
    "name": "Toy",
    "version": "0",
    "date": "2026-01-01",
    "licence": "CC0-1.0",
    "summary": "A toy.",
    "defaults": {},
    "sizes": [[32, 32]],
    "training": "One step.",
}


def run(*arguments: object) -> str:
    result = CliRunner().invoke(command, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_from_pool_to_table(tmp_path: Path) -> None:
    config, directory, out = tmp_path / "c.toml", tmp_path / "run", tmp_path / "toy.safetensors"
    config.write_text(CONFIG, encoding="utf-8")
    (tmp_path / "card.json").write_text(json.dumps(CARD), encoding="utf-8")
    of_run = ("--config", config, "--run", directory)
    assert len(run("pool", *of_run).splitlines()) == 2
    assert run("pool", *of_run) == ""  # nothing is left to paint
    assert "held-out" in run("pool", *of_run, "--held-out", "--shards", 1)
    run("train", *of_run, "--stage", "autoencoder")
    assert "autoencoder.safetensors" in run("freeze", *of_run)
    run("train", *of_run, "--stage", "model")
    assert "MB" in run("export", *of_run, "--out", out, "--card", tmp_path / "card.json")
    again = ("decode", "--run", directory, "--model", out, "--shards", 1, "--smallest", 32)
    assert "decoded" in run(*again)
    assert run(*again) == ""
    run("train", *of_run, "--stage", "judge")
    judge = directory / "judge.safetensors"
    sheet = tmp_path / "sheet.png"
    measured = ("--model", out, "--judge", judge, "--count", 2, "--size", "32x32", "--steps", 1)
    table = run("evaluate", *measured, "--size", "40x32", "--sheet", sheet)
    assert "32x32, 2 prompts:" in table
    assert table.count("| question | asked | drawn |") == 2
    assert table.count("| count | 2 |") == 2
    assert (tmp_path / "sheet-32x32.png").exists()
    assert (tmp_path / "sheet-40x32.png").exists()
    alone = run("evaluate", "--judge", judge, "--count", 2, "--size", "32x32")
    assert "| count | 2 | - |" in alone


def test_stage_two_needs_a_frozen_autoencoder(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text(CONFIG, encoding="utf-8")
    of_run = ("--config", config, "--run", tmp_path / "run")
    run("pool", *of_run, "--shards", 1)
    with pytest.raises(InputError, match="paint freeze"):
        run("train", *of_run, "--stage", "model")


def test_a_size_that_is_none_is_refused() -> None:
    arguments = ["evaluate", "--model", "m", "--judge", "j", "--size", "large"]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2
    assert "WIDTHxHEIGHT" in result.output
