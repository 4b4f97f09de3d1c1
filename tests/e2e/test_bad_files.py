"""Files that are no model to draw with, given to the command: one line says what each is."""

import json
import struct
import sys

import public_files
import pytest
import torch
from safetensors.torch import load_file, save_file

from irodori.app.models import SHIPPED
from irodori.catalog.header import read_header
from irodori.cli.main import EXIT_FAILURE, EXIT_INPUT, main

UNET = "model.diffusion_model."


def shipped(path, change):
    tensors, metadata = load_file(SHIPPED), dict(read_header(SHIPPED).metadata)
    change(tensors)
    save_file(tensors, path, metadata)


def truncated(path):
    path.write_bytes(SHIPPED.read_bytes()[:-1000])


def no_model(path):
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))


def web_page(path):
    path.write_text("<!DOCTYPE html><html>Log in</html>" + " " * 100)


def huge_header(path):
    path.write_bytes(struct.pack("<Q", 100 << 30) + b"{" + bytes(100))


def broken_header(path):
    text = b'{"a": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4'
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))


def empty(path):
    path.write_bytes(b"")


def folder(path):
    path.mkdir()


def wrong_shapes(path):
    def change(tensors):
        tensors[f"{UNET}time_embed.2.bias"] = torch.zeros(3)

    shipped(path, change)


def missing(path):
    def change(tensors):
        del tensors[f"{UNET}out.2.bias"]

    shipped(path, change)


def no_numbers(path):
    def change(tensors):
        name = f"{UNET}middle_block.1.proj_in.weight"
        tensors[name] = tensors[name].clone()
        tensors[name][0, 0] = float("nan")

    shipped(path, change)


def one(*names):
    return lambda path: public_files.write_sparse(path, dict.fromkeys(names, ("F16", (4, 4))))


def edm(path):
    def change(tensors):
        tensors["edm_mean"] = torch.zeros(4)

    shipped(path, change)


def pickled(path):
    torch.save({"state_dict": {"x": print}}, path)


def nf4(path):
    weight = f"{UNET}middle_block.1.proj_in.weight"
    public_files.write_sparse(path, public_files.sdxl_base() | {weight: ("U8", (819_200, 1))})


CHECKPOINTS = {
    # what is given, under which name, and what is said of it
    "truncated": (truncated, "m.safetensors", "is truncated: "),
    "wrong magic": (no_model, "m.safetensors", "is not a safetensors file"),
    "a web page": (web_page, "m.safetensors", "is a web page: the download needs a login"),
    "100 GB of header": (
        huge_header, "m.safetensors", "is damaged: it declares a header of 107374182400 bytes",
    ),
    "broken JSON": (broken_header, "m.safetensors", "is damaged: its header is not JSON"),
    "empty": (empty, "m.safetensors", "is damaged: it has only 0 bytes"),
    "any folder": (folder, "m", "unknown model"),
    "wrong shapes": (wrong_shapes, "m.safetensors", "time_embed.2.bias [3] instead of"),
    "a missing tensor": (missing, "m.safetensors", "lacks model.diffusion_model.out.2.bias"),
    "NaN": (no_numbers, "m.safetensors", "proj_in.weight has values that are no numbers"),
    "EDM": (edm, "m.safetensors", "EDM prediction is not supported"),
    "SD 1": (
        one("cond_stage_model.transformer.text_model.final_layer_norm.weight"),
        "m.safetensors", "is a Stable Diffusion 1 checkpoint; an SDXL checkpoint is needed",
    ),
    "SD 2": (
        one("cond_stage_model.model.ln_final.weight"),
        "m.safetensors", "is a Stable Diffusion 2 checkpoint; an SDXL checkpoint is needed",
    ),
    "SD 3": (
        one(f"{UNET}joint_blocks.0.context_block.attn.qkv.weight"),
        "m.safetensors", "is a Stable Diffusion 3 checkpoint; an SDXL checkpoint is needed",
    ),
    "Flux": (
        one("double_blocks.0.img_attn.qkv.weight"),
        "m.safetensors", "is a Flux checkpoint; an SDXL checkpoint is needed",
    ),
    "a LoRA": (
        one("lora_unet_x.lora_up.weight", "lora_unet_x.lora_down.weight"),
        "m.safetensors", "is a LoRA or another network; an SDXL checkpoint is needed",
    ),
    "the refiner": (
        lambda path: public_files.write_sparse(path, public_files.sdxl_refiner()),
        "m.safetensors", "is an SDXL refiner; an SDXL checkpoint is needed",
    ),
    "NF4": (nf4, "m.safetensors", "is quantised: "),
    "code": (pickled, "m.ckpt", "is not opened, because that can run code"),
    "a damaged pickle": (no_model, "m.ckpt", "is damaged"),
}  # fmt: skip


def lora(stem, out, inner):
    return lambda path: public_files.write_sparse(path, public_files.lora({stem: (out, inner)}))


ATTENTION = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
NETWORKS = {
    "Flux": (lora("lora_unet_double_blocks_0_img_attn_qkv", 9, 3), "a network for Flux"),
    "SD 1": (lora(ATTENTION, 320, 768), "a network for Stable Diffusion 1"),
    "SD 2": (lora(ATTENTION, 320, 1024), "a network for Stable Diffusion 2"),
    "SD 3": (
        lora("lora_unet_joint_blocks_0_context_block_attn_qkv", 9, 3),
        "a network for Stable Diffusion 3",
    ),
    "full SDXL": (
        lambda path: public_files.write_sparse(
            path, public_files.NETWORKS["diffusers before 0.22"][0]
        ),
        "an SDXL network, but its weights have other shapes than this model's",
    ),
    "truncated": (truncated, "is truncated"),
    "wrong magic": (no_model, "is not a safetensors file"),
    "a checkpoint": (one(f"{UNET}x.weight"), "no network that is known here"),
}


@pytest.fixture(autouse=True)
def configured(tmp_path, monkeypatch):
    path, models = tmp_path / "config.toml", tmp_path / "models"
    models.mkdir()
    path.write_text(
        f'outputs = "{tmp_path / "pictures"}"\nmodels = ["{models}"]\n'
        f'cache = "{tmp_path / "cache"}"\nthreads = 1\ndevice = "cpu"\n'
    )
    monkeypatch.setenv("IRODORI_CONFIG", str(path))
    return models


def said_by(capsys, monkeypatch, *arguments):
    """Run the program as a person does; return its last line and exit code."""
    small = ("--size", "64x64", "--steps", "1", "--sampler", "Euler")
    monkeypatch.setattr(sys, "argv", ["irodori", "generate", *arguments, *small])
    with pytest.raises(SystemExit) as exit_:
        main()
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    return shown.splitlines()[-1], exit_.value.code


@pytest.mark.parametrize("what", CHECKPOINTS)
def test_a_checkpoint_that_is_none_is_named(configured, capsys, monkeypatch, what):
    make, name, message = CHECKPOINTS[what]
    path = configured / name
    make(path)
    line, code = said_by(capsys, monkeypatch, "1girl", "--model", str(path))
    assert line.startswith("irodori: ")
    assert message in line
    assert str(path) in line
    assert code in (EXIT_FAILURE, EXIT_INPUT)


@pytest.mark.parametrize("what", NETWORKS)
def test_a_network_that_fits_nowhere_is_named(configured, capsys, monkeypatch, what):
    make, message = NETWORKS[what]
    path = configured / "style.safetensors"
    make(path)
    line, code = said_by(capsys, monkeypatch, "1girl, <lora:style:1>")
    assert line.startswith("irodori: ")
    assert message in line
    assert str(path) in line
    assert code == EXIT_FAILURE


def test_a_listing_tells_them_all_and_ends_well(configured, capsys, monkeypatch):
    for number, (make, name, _) in enumerate(CHECKPOINTS.values()):
        make(configured / f"{number}-{name}")
    monkeypatch.setattr(sys, "argv", ["irodori", "models", "list", "--json"])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    listed = json.loads(shown.out)
    assert len(listed) == len(CHECKPOINTS) - 1  # a folder is no file
    damaged = [each for each in listed if each["kind"] == "unreadable"]
    assert len(damaged) == 7  # those whose header cannot be read, and EDM
    assert all(each["problem"] and each["usable"] is False for each in damaged)
