"""A picture comes back from its own metadata, bit for bit, whatever passes drew it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image
from safetensors.torch import load_file, save_file

from irodori.app.models import SHIPPED
from irodori.cli.main import root
from irodori.errors import InputError
from irodori.recipe.lineage import Step

UNET = "model.diffusion_model."
PROMPT = "1girl, solo, green hair, long hair, smile, white shirt, outdoors"
SMALL = ("--steps", "3", "--size", "64x64", "--seed", "7")
HIRES = ("--hires", "1.5", "--hires-steps", "2", "--upscaler", "Lanczos")
DETAILER = ("--size", "128x128", "--detailer", "face", "--detail-confidence", "0.05",
            "--detail-top", "1", "--detail-steps", "2")  # fmt: skip

KINDS: dict[str, tuple[str, ...]] = {
    "txt2img": (),
    "every step another text": ("--negative", "bad", "--preset", "euler28", *SMALL),
    "stochastic": ("--sampler", "DPM++ 2M SDE"),
    "ancestral": ("--sampler", "Euler a"),
    "philox": ("--noise", "nv"),
    "clip skip 1": ("--clip-skip", "1"),
    "no norm": ("--emphasis", "No norm"),
    "dialect a1111": ("--dialect", "a1111"),
    "batch": ("--batch", "3"),
    "hires": HIRES,
    "hires, latent": ("--hires", "1.5", "--hires-steps", "2", "--upscaler", "Latent"),
    "refiner": ("--refiner", "sumire", "--refiner-at", "0.5"),
    "detailer": DETAILER,
}
"""By name, the options of `irodori generate`."""


@pytest.fixture(autouse=True)
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(
        f'outputs = "{tmp_path / "pictures"}"\nmodels = ["{tmp_path / "models"}"]\n'
        f'cache = "{tmp_path / "cache"}"\nthreads = 1\ndevice = "cpu"\n'
    )
    monkeypatch.setenv("IRODORI_CONFIG", str(path))
    return tmp_path / "pictures"


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(root, arguments, catch_exceptions=False)


def run(*arguments: str) -> Any:
    result = invoke(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def pixels(path: str | Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_comes_back_bit_for_bit(kind: str) -> None:
    drawn = run("generate", PROMPT, *SMALL, *KINDS[kind])
    for each in drawn[-1:]:
        assert not any("found" in note for note in each["notes"])  # its detailers had work
        told = run("redraw", each["path"])
        assert told["bit_equal"], told
        (again,) = told["saved"]
        assert again["parent"] == each["id"]
        assert again["step"] == Step.REDRAW.value
        assert np.array_equal(pixels(each["path"]), pixels(again["path"]))
        assert again["recipe"] == each["recipe"]


@pytest.mark.parametrize("kind", ["txt2img", "hires"])
def test_a_picture_over_a_picture_comes_back(kind: str, tmp_path: Path, outputs: Path) -> None:
    """Img2img, inpainting and hires of a finished picture, after its source was moved away."""
    (first,) = run("generate", PROMPT, *SMALL)
    elsewhere = tmp_path / "elsewhere.png"
    Path(first["path"]).rename(elsewhere)
    mask = tmp_path / "mask.png"
    hole = np.zeros((64, 64), np.uint8)
    hole[16:40, 16:40] = 255
    Image.fromarray(hole).save(mask)
    asked = {
        "txt2img": (
            ("img2img", str(elsewhere), "--denoise", "0.6", "--steps", "4"),
            ("inpaint", str(elsewhere), "--mask", str(mask), "--denoise", "0.8", "--steps", "4"),
        ),
        "hires": (("hires", str(elsewhere), "--by", "1.5", "--upscaler", "Lanczos"),),
    }[kind]
    for arguments in asked:
        (drawn,) = run(*arguments, "--out", str(tmp_path / f"{arguments[0]}.png"))
        hidden = tmp_path / "hidden"
        hidden.mkdir(exist_ok=True)
        kept = hidden / elsewhere.name
        elsewhere.rename(kept)
        told = run("redraw", drawn["path"])
        kept.rename(elsewhere)
        assert (drawn["parent"], drawn["step"]) == (first["id"], arguments[0])
        assert told["bit_equal"], (arguments, told)


def network(path: Path) -> None:
    """Write a LoRA on the linear layers of one attention of the shipped model."""
    generator = torch.Generator().manual_seed(1)
    tensors = {}
    for name, weight in load_file(SHIPPED).items():
        if f"{UNET}input_blocks.7.1." in name and weight.dim() == 2:
            stem = name.removeprefix(UNET).removesuffix(".weight").replace(".", "_")
            up, down = ((size, 2) for size in weight.shape)
            scale = weight.norm() * 0.02
            tensors[f"lora_unet_{stem}.lora_up.weight"] = (
                torch.randn(up, generator=generator) * scale
            )
            tensors[f"lora_unet_{stem}.lora_down.weight"] = torch.randn(
                down[::-1], generator=generator
            )
    path.parent.mkdir()
    save_file(tensors, path)


@pytest.mark.parametrize("tag", ["<lora:style:0.7>", "[:<lora:style:0.7>:0.4]"])
def test_a_picture_with_a_network_comes_back(tag: str, outputs: Path, tmp_path: Path) -> None:
    path = tmp_path / "models" / "style.safetensors"
    network(path)
    (plain,) = run("generate", PROMPT, *SMALL)
    (drawn,) = run("generate", f"{PROMPT}, {tag}", *SMALL)
    assert not np.array_equal(pixels(plain["path"]), pixels(drawn["path"]))
    told = run("redraw", drawn["path"])
    assert told["bit_equal"]
    assert told["findings"] == []
    path.rename(path.with_name("other.safetensors"))
    told = run("redraw", drawn["path"])
    assert not told["bit_equal"]
    assert "network-missing" in {finding["code"] for finding in told["findings"]}


def test_from_jpeg_nearly(outputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.jpg"
    run("generate", PROMPT, *SMALL, "--out", str(out))
    told = run("redraw", str(out))
    assert not told["bit_equal"]
    assert told["psnr"] > 25


def test_check_saves_nothing_and_tells_by_its_exit_code(outputs: Path) -> None:
    (drawn,) = run("generate", PROMPT, *SMALL)
    before = sorted(outputs.rglob("*.png"))
    assert invoke("redraw", drawn["id"], "--check").stdout == "bit-equal: yes\n"
    with Image.open(drawn["path"]) as picture:
        texts = dict(picture.text)  # type: ignore[attr-defined]
        changed = picture.convert("RGB")
    changed.putpixel((5, 5), (255, 0, 255))
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    changed.save(drawn["path"], pnginfo=info)
    result = invoke("redraw", drawn["id"], "--check")
    assert result.exit_code == 1
    assert "bit-equal: no, PSNR" in result.stdout
    assert sorted(outputs.rglob("*.png")) == before


def test_a_foreign_picture_is_drawn_as_near_as_it_can_be(tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    path = tmp_path / "foreign.png"
    info = PngInfo()
    info.add_text(
        "parameters",
        "1girl, red hair\nNegative prompt: bad\nSteps: 3, Sampler: DPM++ 2M, Schedule type: "
        "Karras, CFG scale: 5, Seed: 1, Size: 64x64, Model hash: 0842c2a1d8, Model: Amanatsu_v11, "
        "Version: v1.10.1",
    )
    Image.new("RGB", (64, 64)).save(path, pnginfo=info)
    with pytest.raises(InputError, match=r"Amanatsu_v11.*--model"):
        invoke("redraw", str(path))
    told = run("redraw", str(path), "--model", "sumire", "--noise", "nv")
    (saved,) = told["saved"]
    assert saved["recipe"]["noise"]["kind"] == "nv"
    assert saved["recipe"]["model"]["file"]["name"] == "sumire"
    assert not told["bit_equal"]
    codes = {finding["code"] for finding in told["findings"]}
    assert {"model-missing", "device-noise", "other-program"} <= codes


@pytest.mark.parametrize("reference", ["ffffff", "no-such-file.png"])
def test_what_is_not_there_is_named(reference: str) -> None:
    with pytest.raises(InputError, match="no picture"):
        invoke("redraw", reference)
