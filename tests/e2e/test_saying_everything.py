"""What practice P17 and P19 name, and every field of a pass, can be said on the command line."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

import pytest
from click.testing import CliRunner
from PIL import Image

from irodori.app.generate import GenerateRequest
from irodori.app.settings import recipe_layer, with_setting
from irodori.cli.main import root
from irodori.errors import InputError, IrodoriError
from irodori.recipe.codec import encode, to_json, to_mapping, type_hints
from irodori.recipe.info import read_picture
from irodori.recipe.parts import Noise
from irodori.recipe.passes import Detailer, Hires, Img2Img, Inpaint, Refiner, Upscale
from irodori.recipe.recipe import Recipe
from irodori.recipe.resolve import resolve

SHARED = ("prompt", "negative_prompt", "sampler", "schedule", "cfg_scale", "checkpoint")


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    config = tmp_path / "config.toml"
    config.write_text(f'outputs = "{tmp_path / "out"}"\ndevice = "cpu"\nthreads = 1\n')
    monkeypatch.setenv("IRODORI_CONFIG", str(config))
    path = tmp_path / "picture.png"
    Image.new("RGB", (64, 96), "teal").save(path)
    return path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[GenerateRequest]:
    """What the commands would have drawn."""
    found: list[GenerateRequest] = []
    for command in ("generate", "img2img", "inpaint", "hires", "detail"):
        monkeypatch.setattr(
            f"irodori.cli.commands.{command}.draw_and_show",
            lambda request, **_: found.append(request),
        )
    return found


def said(asked: list[GenerateRequest], *arguments: str) -> Any:
    asked.clear()
    result = CliRunner().invoke(root, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    (request,) = asked
    return request.recipe


OPTIONS: dict[str, tuple[str, tuple[str, ...], str, object]] = {
    # what practice and issue name: command, options, path in the recipe, value
    "P17 refiner": ("generate", ("--refiner", "sumire"), "refiner.checkpoint", "sumire"),
    "P17 first x": (
        "generate",
        ("--refiner", "b", "--refiner-at", "0.1"),
        "refiner.switch_at",
        0.1,
    ),
    "by step or sigma": (
        "generate",
        ("--refiner", "b", "--refiner-by", "sigma"),
        "refiner.rule",
        "sigma",
    ),
    "in which pass": (
        "generate",
        ("--refiner", "b", "--refiner-in", "both passes"),
        "refiner.scope",
        "both passes",
    ),
    "refiner under a mask": ("inpaint", ("--refiner", "b"), "refiner.checkpoint", "b"),
    "P17 face": ("generate", ("--detailer", "face_yolov8n.pt"), "detailers.0.model", None),
    "P17 hand as second": (
        "generate",
        ("--detailer", "face", "--detailer", "hand_yolov8n.pt"),
        "detailers.1.model",
        "hand_yolov8n.pt",
    ),
    "the second otherwise": (
        "generate",
        ("--detailer", "face", "--detailer", "x", "--set", "detailers.2.denoise=0.3"),
        "detailers.1.denoise",
        0.3,
    ),
    "detailer after img2img": ("img2img", ("--detailer", "x"), "detailers.0.model", "x"),
    "detailer after inpaint": ("inpaint", ("--detailer", "x"), "detailers.0.model", "x"),
    "P17 confidence": ("detail", ("--detail-confidence", "0.4"), "detailers.0.confidence", 0.4),
    "P17 dilate": ("detail", ("--detail-dilate", "-3"), "detailers.0.dilate_erode", -3),
    "P17 blur": ("detail", ("--detail-blur", "6"), "detailers.0.mask_blur", 6),
    "P17 denoise": ("detail", ("--detail-denoise", "0.5"), "detailers.0.denoise", 0.5),
    "P17 whole": ("detail", ("--detail-whole",), "detailers.0.only_masked", False),
    "P17 padding": ("detail", ("--detail-padding", "8"), "detailers.0.padding", 8),
    "classes": ("detail", ("--detail-classes", "face,hand"), "detailers.0.classes", "face,hand"),
    "top k": ("detail", ("--detail-top", "2"), "detailers.0.top_k", 2),
    "top k by": ("detail", ("--detail-top-by", "Confidence"), "detailers.0.top_k_by", "Confidence"),
    "least ratio": ("detail", ("--detail-min", "0.01"), "detailers.0.min_ratio", 0.01),
    "largest ratio": ("detail", ("--detail-max", "0.5"), "detailers.0.max_ratio", 0.5),
    "offset x": ("detail", ("--detail-right", "-4"), "detailers.0.x_offset", -4),
    "offset y": ("detail", ("--detail-up", "5"), "detailers.0.y_offset", 5),
    "merge": ("detail", ("--detail-merge", "Merge and Invert"), "detailers.0.merge", None),
    "own size": ("detail", ("--detail-size", "64x72"), "detailers.0.height", 72),
    "own steps": ("detail", ("--detail-steps", "9"), "detailers.0.steps", 9),
    "own CFG": ("detail", ("--detail-cfg", "2"), "detailers.0.own.cfg_scale", 2.0),
    "own sampler": (
        "detail",
        ("--detail-sampler", "Euler a"),
        "detailers.0.own.sampler",
        "Euler a",
    ),
    "own schedule": ("detail", ("--detail-schedule", "Karras"), "detailers.0.own.schedule", None),
    "own checkpoint": ("detail", ("--detail-model", "b"), "detailers.0.own.checkpoint", "b"),
    "own noise": ("detail", ("--detail-noise", "1.1"), "detailers.0.noise_multiplier", 1.1),
    "[SEP]": ("detail", ("--detail-prompt", "a[SEP][SKIP]"), "detailers.0.own.prompt", None),
    "negative": ("detail", ("--detail-negative", "x"), "detailers.0.own.negative_prompt", "x"),
    "P19 seed": ("img2img", ("--seed", "-1"), "noise.seed", -1),
    "P19 size": ("img2img", ("--size", "128x64"), "base.width", 128),
    "P19 size taken": ("img2img", (), "base.height", 96),
    "P19 sampler": ("img2img", ("--sampler", "Euler a"), "base.sampler", "Euler a"),
    "P19 CFG": ("img2img", ("--cfg", "4"), "base.cfg_scale", 4.0),
    "P19 not all steps": ("img2img", ("--exact-steps",), "img2img.exact_steps", True),
    "P19 denoise": ("img2img", ("--denoise", "0.15"), "img2img.denoise", 0.15),
    "resize": ("img2img", ("--resize", "latent"), "img2img.resize_mode", None),
    "noise multiplier": ("img2img", ("--noise-multiplier", "1.1"), "img2img.noise_multiplier", 1.1),
    "extra noise": ("img2img", ("--extra-noise", "0.1"), "img2img.extra_noise", 0.1),
    "background": ("img2img", ("--background", "#000000"), "img2img.background", "#000000"),
    "P19 inpainting": ("inpaint", ("--box", "1,2,30,40"), "inpaint.mask.name", None),
    "invert": ("inpaint", ("--invert",), "inpaint.invert", True),
    "mask blur": ("inpaint", ("--blur", "7"), "inpaint.blur", 7),
    "content": ("inpaint", ("--content", "latent noise"), "inpaint.content", "latent noise"),
    "only masked": ("inpaint", ("--only-masked",), "inpaint.area", "Only masked"),
    "padding": ("inpaint", ("--padding", "5"), "inpaint.padding", 5),
    "soft": ("inpaint", ("--soft",), "inpaint.soft", {}),
    "soft's own": (
        "inpaint",
        ("--soft", "--set", "inpaint.soft.mask_influence=0.5"),
        "inpaint.soft.mask_influence",
        0.5,
    ),
    "soft room": ("inpaint", ("--extend", "8,0,8,0"), "inpaint.soft", {}),
    "outpainting": ("inpaint", ("--extend", "8,0,8,0"), "inpaint.extend", [8, 0, 8, 0]),
    "mask weight": ("inpaint", ("--mask-weight", "0.5"), "inpaint.conditional_mask_weight", 0.5),
    "hires by": ("hires", ("--by", "1.6"), "hires.scale", 1.6),
    "hires size": ("hires", ("--by", "96x0"), "hires.width", 96),
    "hires upscaler": ("hires", ("--upscaler", "Latent"), "hires.upscaler", "Latent"),
    "hires steps": ("hires", ("--hires-steps", "0"), "hires.steps", 0),
    "hires denoise": ("hires", ("--hires-denoise", "0.39"), "hires.denoise", 0.39),
    "hires prompt": ("hires", ("--hires-prompt", "x"), "hires.own.prompt", "x"),
    "hires negative": ("hires", ("--hires-negative", "x"), "hires.own.negative_prompt", "x"),
    "hires sampler": ("hires", ("--hires-sampler", "Heun"), "hires.own.sampler", "Heun"),
    "hires schedule": ("hires", ("--hires-schedule", "Karras"), "hires.own.schedule", None),
    "hires CFG": ("hires", ("--hires-cfg", "3"), "hires.own.cfg_scale", 3.0),
    "hires checkpoint": ("hires", ("--hires-model", "b"), "hires.own.checkpoint", "b"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_for_it(name: str, asked: list[GenerateRequest], picture: Path) -> None:
    command, options, path, value = OPTIONS[name]
    arguments = ("1girl",) if command == "generate" else (str(picture), "1girl")
    found = said(asked, command, *arguments, *options)
    for part in path.split("."):
        assert part.isdecimal() or part in found, (path, found)
        found = found[int(part)] if part.isdecimal() else found[part]
    assert found == value or (value is None and found)


def leaves(part: type, path: str) -> Iterator[tuple[str, Any]]:
    """Yield path and default of every field of a part, parts within it among them."""
    for entry in fields(part):
        kind = type_hints(part)[entry.name]
        inner = next((each for each in (*get_args(kind), kind) if is_dataclass(each)), None)
        if inner is not None:
            yield from leaves(inner, f"{path}.{entry.name}")  # type: ignore[arg-type]  # a class
        else:
            yield f"{path}.{entry.name}", kind


def other(kind: Any) -> Any:
    """Return a value that a field of this type may hold."""
    if get_origin(kind) is tuple:
        return [8] * len(get_args(kind))
    kind = next((each for each in get_args(kind) if each is not NoneType), kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return list(kind)[-1].value
    return {bool: True, int: 8, float: 1.0, str: "ab" * 32}[kind]


PARTS = {
    "hires": Hires,
    "refiner": Refiner,
    "detailers.1": Detailer,
    "img2img": Img2Img,
    "inpaint": Inpaint,
    "upscale": Upscale,
}
LEAVES = {path: kind for name, part in PARTS.items() for path, kind in leaves(part, name)}
HAND_PICKED = {"sampler": "Heun", "short_hash": "ab" * 5, "background": "#123456"}


@pytest.mark.parametrize("path", LEAVES)
def test_every_field_by_set(path: str) -> None:
    value = HAND_PICKED.get(path.rpartition(".")[2], other(LEAVES[path]))
    layer = {
        "prompt": "x",
        "img2img": {},
        "refiner": {"checkpoint": {"name": "b"}},
        "detailers": [{"model": "a", "width": 16, "height": 16, "max_ratio": 1.0}],
    }
    if path.endswith(
        ("checkpoint.sha256", "checkpoint.short_hash", "vae.sha256", "vae.short_hash")
    ):
        layer = with_setting(layer, f"{path.rpartition('.')[0]}.name=named")
    recipe = resolve(with_setting(layer, f"{path}={json.dumps(value)}"), draw_seed=lambda _: 1)
    found: Any = recipe
    for name in path.split("."):
        found = found[int(name) - 1] if name.isdecimal() else getattr(found, name)
    assert encode(found) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("detailers.2.denoise=0.3", "detailers has 1"),
        ("detailers.x.denoise=0.3", "detailers has 1"),
        ("nonsense=1", "unknown setting"),
        ("cfg_scale", "NAME=VALUE"),
        ("size=big", "832x1216"),
    ],
)
def test_mistakes_are_named(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        with_setting({"detailers": [{"model": "a"}]}, text)


def test_a_recipe_of_a_file_is_drawn(picture: Path, tmp_path: Path) -> None:
    """JSON with fields left out, then the picture it drew, then its whole recipe: the same bits."""
    path = tmp_path / "asked.json"
    path.write_text(
        json.dumps(
            {
                "prompt": "1girl, red hair",
                "noise": {"seed": 4},
                "base": {"steps": 2, "width": 64, "height": 64},
                "hires": {"upscaler": "Latent", "steps": 2, "denoise": 0.6},
                "detailers": [{"model": "hand_yolov8n.pt"}],
            }
        )
    )
    pictures: list[bytes] = []
    for source in (path, tmp_path / "0.png", tmp_path / "whole.json"):
        out = tmp_path / f"{len(pictures)}.png"
        arguments = ["generate", "--recipe", str(source), "--out", str(out)]
        result = CliRunner().invoke(root, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        pictures.append(Image.open(out).convert("RGB").tobytes())
        recipe = read_picture(out).recipe
        assert recipe is not None
        assert recipe.hires is not None
        (tmp_path / "whole.json").write_text(to_json(recipe))
    assert pictures[0] == pictures[1] == pictures[2]


def test_options_stand_above_the_recipe(asked: list[GenerateRequest], tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(to_json(Recipe(prompt="1girl", noise=Noise(seed=4))))
    told = said(
        asked, "generate", "--recipe", str(path), "2girls", "--set", "steps=5", "--cfg", "3"
    )
    assert (told["prompt"], told["base"]["steps"], told["base"]["cfg_scale"]) == ("2girls", 5, 3)
    assert told["noise"]["seed"] == 4
    assert "numerics" not in told


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", "{"), ("b.json", '{"workflow": 1}'), ("c.txt", ""), ("d.json", "[1]")],
)
def test_files_without_a_recipe_are_told(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(IrodoriError, match=name):
        recipe_layer(tmp_path / name)


def test_infotext_is_a_recipe(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("1girl\nSteps: 9, Sampler: Euler, CFG scale: 4, Seed: 3, Size: 64x64")
    layer = recipe_layer(path)
    assert (layer["prompt"], layer["base"]["steps"], layer["noise"]["seed"]) == ("1girl", 9, 3)
    assert set(layer) < set(to_mapping(Recipe(prompt="", noise=Noise(seed=1))))


def test_a_prompt_is_needed() -> None:
    result = CliRunner().invoke(root, ["generate"])
    assert result.exit_code == 2
    assert "give a PROMPT" in result.output
