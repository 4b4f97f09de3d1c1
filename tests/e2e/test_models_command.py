"""`irodori models`: listing, describing, adding folders, checking."""

import hashlib
import json
import shutil
import tomllib

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file

from irodori.app.models import SHIPPED
from irodori.catalog.header import read_header
from irodori.cli.main import root
from irodori.errors import InputError, UnknownNameError


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    path = tmp_path / "config.toml"
    path.write_text(
        f'# mine\noutputs = "{tmp_path / "pictures"}"\ncache = "{tmp_path / "cache"}"\n'
    )
    monkeypatch.setenv("IRODORI_CONFIG", str(path))
    return path


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "models [1]"
    made.mkdir()
    shutil.copy(SHIPPED, made / "sumire-copy.safetensors")
    stem = "lora_te2_text_model_encoder_layers_0_mlp_fc1"
    tensors = {
        f"{stem}.lora_up.weight": torch.ones(4, 2),
        f"{stem}.lora_down.weight": torch.ones(2, 4),
    }
    save_file(tensors, made / "style.safetensors", {"ss_output_name": "Style"})
    return made


def run(*arguments, code=0):
    result = CliRunner().invoke(root, ["models", *arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_an_added_folder_is_searched_and_the_rest_of_the_file_stays(config, folder, tmp_path):
    before = config.read_text()
    assert run("add-folder", str(folder)) == "1 folders, 2 model files\n"
    assert config.read_text().startswith(before)
    assert tomllib.loads(config.read_text())["models"] == [str(folder)]
    assert run("add-folder", str(folder)) == "1 folders, 2 model files\n"
    second = tmp_path / "second"
    second.mkdir()
    config.write_text(config.read_text().replace('"]', '",  # "]" here\n]') + "[other]\nx = 1\n")
    with pytest.raises(UnknownNameError, match="other"):
        run("add-folder", str(second))
    config.write_text(config.read_text().replace("[other]\nx = 1\n", "threads = 1\n"))
    run("add-folder", str(second))
    stated = tomllib.loads(config.read_text())
    assert stated["models"] == [str(folder), str(second)]
    assert stated["threads"] == 1
    with pytest.raises(InputError, match="no folder"):
        run("add-folder", str(tmp_path / "gone"))


def test_models_are_listed_by_kind_and_text(folder):
    run("add-folder", str(folder))
    listed = run("list").splitlines()
    assert listed[0].split()[:2] == ["network", "style"]
    assert "LoRA of rank 2 for SDXL" in listed[0]
    assert "an SDXL checkpoint" in listed[1]
    assert run("list", "--kind", "checkpoint").splitlines() == listed[1:]
    (found,) = json.loads(run("list", "STYLE", "--json"))
    assert (found["rank"], found["title"]) == (2, "Style")


def test_a_model_is_described_with_its_hashes(folder):
    run("add-folder", str(folder))
    assert "sha256" not in run("show", "style")
    sha256 = hashlib.sha256((folder / "style.safetensors").read_bytes()).hexdigest()
    assert f"sha256: {sha256}" in run("show", "style", "--hashes")
    assert json.loads(run("show", "style", "--json"))["model hash (AutoV2)"] == sha256[:10]
    assert "prediction: eps" in run("show", str(SHIPPED))
    with pytest.raises(UnknownNameError, match="nearest is 'style'"):
        run("show", "stile")


def test_a_file_is_checked_against_what_is_stated_of_it(folder):
    path = folder / "style.safetensors"
    assert "nobody states" in run("verify", str(path))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    info = {"files": [{"name": path.name, "hashes": {"SHA256": sha256.upper()}}]}
    (folder / "style.civitai.info").write_text(json.dumps(info))
    assert "agrees" in run("verify", str(path))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert f"DIFFERS: {sha256}" in run("verify", str(path), code=1)


def test_a_model_is_written_as_one_file_bit_for_bit(tmp_path):
    target, half = tmp_path / "same.safetensors", tmp_path / "half.safetensors"
    assert run("convert", "sumire", str(target)) == f"{target}\n"
    own, written = load_file(SHIPPED), load_file(target)
    assert own.keys() == written.keys()
    assert all(torch.equal(written[name], value) for name, value in own.items())
    assert all(written[name].dtype == value.dtype for name, value in own.items())
    stated, kept = read_header(SHIPPED).metadata, read_header(target).metadata
    assert {name: kept[name] for name in stated if name != "irodori.config"} == {
        name: text for name, text in stated.items() if name != "irodori.config"
    }
    assert json.loads(kept["irodori.config"]) == json.loads(stated["irodori.config"])
    run("convert", str(target), str(half), "--dtype", "bfloat16")
    assert {value.dtype for value in load_file(half).values()} == {torch.bfloat16}
    with pytest.raises(InputError, match="is there already"):
        run("convert", "sumire", str(target))
    assert "must end in" in run("convert", "sumire", str(tmp_path / "x.ckpt"), code=2)


def test_the_memory_plan_says_whether_it_fits():
    told = run("plan", "--vram", "8", "--size", "256x256")
    assert told.startswith("plan: resident\n")
    assert told.endswith("of 8 GiB: fits\n")
    assert "\n* resident         whole" in told
    assert "\n  streamed         whole" in told
    halved = run("plan", "--vram", "8", "--size", "256x256", "--fp8")
    assert halved != told
    assert run("plan", "--vram", "8", "--size", "256x256", "--dtype", "float32") == told  # Sumire's
    assert run("plan", "--vram", "8", "--size", "256x256", "--dtype", "float16") != told
    larger = run("plan", "--vram", "8", "--size", "256x256", "--hires", "2")
    assert larger == run("plan", "--vram", "8", "--size", "512x512")
    small = run("plan", "--vram", "1", "--size", "4096x4096", "--batch", "64", code=1)
    assert "plan: streamed" in small
    assert "does NOT fit" in small


@pytest.mark.parametrize(
    ("vram", "told"), [("8", "both stay on the card"), ("1.6", "they take turns: the one that")]
)
def test_a_plan_says_how_a_refiner_fits_beside(vram, told):
    result = CliRunner().invoke(root, ["models", "plan", "--vram", vram, "--refiner", "sumire"])
    assert result.exit_code == 0
    assert told in result.stdout.splitlines()[-1]
