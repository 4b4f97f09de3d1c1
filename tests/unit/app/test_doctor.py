"""The doctor: each reason for a difference is found, none is invented. PyTorch is not loaded."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from irodori import __version__
from irodori.app.config import Config
from irodori.app.doctor import examine, worst
from irodori.app.doctor_findings import Effect, Finding, Place
from irodori.app.models import SHIPPED
from irodori.app.redraw import place_of
from irodori.app.shelf import legacy_hash, open_shelf
from irodori.catalog.hashes import file_sha256
from irodori.cli.main import root
from irodori.recipe import (
    Approximation,
    Base,
    Compat,
    Detailer,
    FileIdentity,
    Hires,
    Img2Img,
    Inpaint,
    Model,
    Network,
    Noise,
    Numerics,
    Overrides,
    Recipe,
    Refiner,
    SourcePicture,
)
from irodori.recipe.embed import save_picture
from irodori.recipe.info import read_picture, read_text
from irodori.recipe.infotext import write
from irodori.recipe.names import Emphasis, NetworkKind, NoiseKind

SHA = file_sha256(SHIPPED)
SUMIRE = Model(file=FileIdentity(name="sumire", sha256=SHA))
OWN = Recipe(
    prompt="1girl, (smile:1.2)",
    noise=Noise(seed=1),
    model=SUMIRE,
    software=f"irodori {__version__}",
)
PARAMETERS = "Steps: 20, Sampler: {}, Schedule type: Karras, CFG scale: 7, Seed: 1, Size: 64x64, "
A1111 = f"1girl\n{PARAMETERS}Model hash: {SHA[:10]}, Model: sumire, RNG: CPU, Version: v1.10.1"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(shelf=open_shelf(config(tmp_path)))


def config(folder: Path) -> Config:
    return Config(outputs=folder / "outputs", models=(folder / "models",), cache=folder / "cache")


def codes(text: str, place: Place) -> set[str]:
    return {finding.code for finding in examine(read_text(text), place)}


def diagnose(recipe: Recipe, place: Place) -> dict[str, Finding]:
    path = place.shelf.library._cache.parent / "x.png"
    save_picture(Image.new("RGB", (8, 8)), path, recipe)
    return {finding.code: finding for finding in examine(read_picture(path), place)}


def test_an_own_picture_is_healthy(place: Place) -> None:
    assert diagnose(OWN, place) == {}


OTHER = FileIdentity(name="other", sha256="ab" * 32)
CASES: dict[str, tuple[Recipe, Effect]] = {
    "model-missing": (replace(OWN, model=Model(file=OTHER)), Effect.CANNOT),
    "model-differs": (
        replace(OWN, model=Model(file=FileIdentity(name="sumire", sha256="ab" * 32))),
        Effect.DIFFERS,
    ),
    "model-unsure": (replace(OWN, model=Model(file=FileIdentity(name="sumire"))), Effect.NOTE),
    "model-not-stated": (replace(OWN, model=Model()), Effect.DIFFERS),
    "vae-missing": (
        replace(OWN, model=replace(SUMIRE, vae=FileIdentity(name="kl-f8"))),
        Effect.DIFFERS,
    ),
    "refiner-missing": (replace(OWN, refiner=Refiner(checkpoint=OTHER)), Effect.CANNOT),
    "network-missing": (replace(OWN, prompt="1girl, <lora:style:0.7>"), Effect.DIFFERS),
    "upscaler-missing": (replace(OWN, hires=Hires(upscaler="4x-Ultra")), Effect.CANNOT),
    "detector-missing": (
        replace(OWN, detailers=(Detailer(model="nothing_yolov8n.pt"),)),
        Effect.DIFFERS,
    ),
    "source-missing": (
        replace(OWN, img2img=Img2Img(source=SourcePicture(name="lost.png", sha256="ab" * 32))),
        Effect.CANNOT,
    ),
    "device-noise": (replace(OWN, noise=Noise(seed=1, kind=NoiseKind.DEVICE)), Effect.DIFFERS),
    "approximation": (
        replace(OWN, numerics=Numerics(approximations=(Approximation(name="skip", value=0.5),))),
        Effect.DIFFERS,
    ),
    "other-version": (replace(OWN, software="irodori 0.0.1"), Effect.LOW_BITS),
    "batch": (replace(OWN, noise=Noise(seed=1, batch_size=4, batch_index=2)), Effect.NOTE),
    "old-timelines": (
        replace(OWN, prompt="[a:b:0.5]", compat=Compat(old_timelines=True)),
        Effect.NOTE,
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_each_reason_is_found_alone(code: str, place: Place) -> None:
    recipe, effect = CASES[code]
    found = diagnose(recipe, place)
    assert {name: finding.effect for name, finding in found.items()} == {code: effect}
    assert found[code].why


def test_a_speed_up_that_is_known_is_done_again_where_it_can_be(place: Place) -> None:
    numerics = Numerics(approximations=(Approximation(name="int8", value=1),))
    for device, effect in (("", Effect.NOTE), ("cpu", Effect.NOTE), ("cuda", Effect.DIFFERS)):
        found = diagnose(replace(OWN, numerics=numerics), replace(place, device=device))
        assert found["approximation"].effect is effect


def test_other_arithmetic(place: Place) -> None:
    recipe = replace(OWN, numerics=Numerics(device="cuda", dtype="float16"))
    found = diagnose(recipe, replace(place, device="cpu"))
    assert {name: each.effect for name, each in found.items()} == {"other-device": Effect.LOW_BITS}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("Sampler: Euler", "Sampler: Euler"), "other-program"),
        (("RNG: CPU, ", ""), "device-noise"),
        (("RNG: CPU, ", "RNG: CPU, Dynamic thresholding enabled: True, "), "unknown-keys"),
        (("Sampler: Euler", "Sampler: DPM++ 2M SDE"), "sampler-noise"),
        (("RNG: CPU, ", "RNG: CPU, Emphasis: No norm, "), "emphasis"),
        (("Seed: 1, ", ""), "guessed"),
        (("CFG scale: 7, ", ""), "guessed"),
        (("CFG scale: 7", "CFG scale: many"), "reading"),
    ],
)
def test_pictures_of_a1111(change: tuple[str, str], code: str, place: Place) -> None:
    text = A1111.format("Euler")
    assert codes(text, place) == {"other-program"}
    assert codes(text.replace(*change), place) == {"other-program", code}


def test_old_versions_and_old_hashes(place: Place) -> None:
    old = A1111.format("Euler").replace("1girl", "[a:b:0.5]").replace("v1.10.1", "v1.5.2")
    assert {"old-timelines", "other-program"} <= codes(old, place)
    legacy = old.replace(SHA[:10], legacy_hash(SHIPPED))
    assert not {"model-missing", "model-differs"} & codes(legacy, place)
    wrong = old.replace(SHA[:10], "01234567")
    assert "model-differs" in codes(wrong, place)


def test_weights_of_other_programs(place: Place) -> None:
    text = json.dumps({"prompt": "(smile:1.2)", "uc": "", "sampler": "k_euler", "scale": 5,
                       "steps": 20, "seed": 1, "width": 64, "height": 64})  # fmt: skip
    assert "emphasis" in codes(text, place)


def test_networks_are_compared_by_their_hashes(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    body = b"numbers." * 100
    head = b'{"x":{"dtype":"U8","shape":[800],"data_offsets":[0,800]}}'
    path = models / "style.safetensors"
    path.write_bytes(len(head).to_bytes(8, "little") + head + body)
    place = Place(shelf=open_shelf(config(tmp_path)))
    prompt = "1girl, <lora:style:0.7>"

    def found(**hashes: str) -> set[str]:
        network = Network(kind=NetworkKind.LORA, name="style", **hashes)
        return set(diagnose(replace(OWN, prompt=prompt, networks=(network,)), place))

    assert found(digest=hashlib.sha256(body).hexdigest()[:12]) == set()
    assert found(sha256=file_sha256(path)) == set()
    assert found(digest="ab" * 6) == {"network-differs"}
    assert found() == {"network-unsure"}
    path.write_bytes(path.read_bytes()[:-5])
    assert found(digest="ab" * 6) == {"network-damaged"}


def test_another_autoencoder_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "kl-f8.safetensors").symlink_to(SHIPPED)
    place = Place(shelf=open_shelf(config(tmp_path)))

    def found(vae: FileIdentity) -> set[str]:
        return set(diagnose(replace(OWN, model=replace(SUMIRE, vae=vae)), place))

    assert found(FileIdentity(name="kl-f8", sha256=SHA)) == set()
    assert found(FileIdentity(name="kl-f8", sha256="ab" * 32)) == {"vae-differs"}
    later = replace(OWN, hires=Hires(own=Overrides(vae=FileIdentity(name="gone"))))
    assert set(diagnose(later, place)) == {"vae-missing"}


def test_networks_that_a_graph_loads_are_drawn_too(place: Place) -> None:
    inputs = {"steps": 4, "cfg": 5, "seed": 1, "sampler_name": "euler", "scheduler": "karras"}
    graph = {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sumire"}},
        "2": {"class_type": "LoraLoader", "inputs": {"lora_name": "a", "model": ["1", 0]}},
        "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "1girl"}},
        "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64}},
        "5": {
            "class_type": "KSampler",
            "inputs": {**inputs, "model": ["2", 0], "positive": ["3", 0], "latent_image": ["4", 0]},
        },
    }
    told = {each.code: each for each in examine(read_text(json.dumps(graph)), place)}
    assert told["reading"].effect is Effect.NOTE
    assert "added to the recipe's" in told["reading"].why


def test_a_renamed_model_is_found_by_its_hash(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "renamed.safetensors").symlink_to(SHIPPED)
    shelf = open_shelf(config(tmp_path))
    match = shelf.checkpoint(FileIdentity(name="before", short_hash=SHA[:10]))
    assert match.is_sure
    assert shelf.checkpoint(FileIdentity(name="before", short_hash="0" * 10)).path is None


def test_a_source_beside_the_picture_is_found(tmp_path: Path) -> None:
    source, mask = tmp_path / "source.png", tmp_path / "mask.png"
    for path in (source, mask):
        Image.new("RGB", (8, 8)).save(path)
    recipe = replace(
        OWN,
        img2img=Img2Img(source=SourcePicture(name=source.name, sha256=file_sha256(source))),
        inpaint=Inpaint(mask=SourcePicture(name=mask.name)),
    )
    path = tmp_path / "x.png"
    save_picture(Image.new("RGB", (8, 8)), path, recipe)
    own = config(tmp_path)
    here = place_of(path, open_shelf(own), own)
    assert examine(read_picture(path), here) == ()
    source.write_bytes(b"another")
    assert {each.code for each in examine(read_picture(path), here)} == {"source-missing"}


def test_what_says_nothing_cannot_be_drawn(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "bare.png"
    Image.new("RGB", (8, 8)).save(path)
    findings = examine(read_picture(path), place)
    assert [finding.code for finding in findings] == ["no-recipe"]
    assert worst(findings) is Effect.CANNOT


def test_the_command_tells_by_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text(f'outputs = "{tmp_path / "o"}"\ncache = "{tmp_path / "c"}"\n')
    monkeypatch.setenv("IRODORI_CONFIG", str(settings))
    paths = []
    for name in ("healthy", "model-differs", "model-missing"):
        path = tmp_path / f"{name}.png"
        save_picture(Image.new("RGB", (8, 8)), path, CASES[name][0] if name in CASES else OWN)
        paths.append(str(path))
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")

    def exit_code(*arguments: str) -> int:
        return CliRunner().invoke(root, ["doctor", *arguments]).exit_code

    assert [exit_code(path) for path in paths] == [0, 3, 4]
    assert exit_code(*paths) == 4
    assert exit_code(*paths[:2]) == 3
    assert exit_code(str(broken), paths[0]) != 0
    shown = CliRunner().invoke(root, ["doctor", "--json", *paths[:2]])
    rows = json.loads(shown.stdout)
    assert [row["effect"] for row in rows] == ["note", "differs"]
    assert rows[1]["findings"][0]["code"] == "model-differs"
    text = CliRunner().invoke(root, ["doctor", paths[1]]).stdout
    assert "[model-differs]" in text
    assert "->" in text


def test_every_emphasis_mode_of_our_own_is_silent(place: Place) -> None:
    for mode in Emphasis:
        assert diagnose(replace(OWN, emphasis=mode, base=Base(sampler="Euler a")), place) == {}


def test_infotext_of_our_own_reads_like_the_recipe(place: Place) -> None:
    assert codes(write(OWN), place) == set()
