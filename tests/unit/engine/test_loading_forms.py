"""Other forms of a model: 8-bit weights, pickled files, autoencoders alone, damaged values."""

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from irodori.app.models import SHIPPED
from irodori.catalog.header import read_header
from irodori.engine.device import Machine, choose_policy
from irodori.engine.loading.checkpoint import load_checkpoint
from irodori.engine.loading.source import open_source
from irodori.errors import ModelFileError

CPU = choose_policy(Machine(), parameters=0)
UNET = "model.diffusion_model."
WEIGHT = f"{UNET}middle_block.1.proj_in.weight"


@pytest.fixture(scope="module")
def shipped():
    return load_file(SHIPPED), dict(read_header(SHIPPED).metadata)


def written(path, shipped, change):
    tensors, metadata = dict(shipped[0]), shipped[1]
    change(tensors)
    save_file(tensors, path, metadata)
    return path


def load(path):
    return load_checkpoint(open_source(path), CPU)


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2])
def test_8_bit_weights_are_taken_as_they_are(tmp_path, shipped, dtype):
    def change(tensors):
        for name, value in tensors.items():
            if name.startswith(UNET) and value.dim() > 1:
                tensors[name] = value.to(dtype)

    model = load(written(tmp_path / "model.safetensors", shipped, change))
    weight = model.unet.state_dict()[WEIGHT.removeprefix(UNET)]
    assert weight.dtype == torch.float32
    assert torch.equal(weight, shipped[0][WEIGHT].to(dtype).float())
    assert "F8_E4M3" in model.report.dtypes or "F8_E5M2" in model.report.dtypes


@pytest.mark.parametrize(
    ("scale_name", "input_name", "each"),
    [
        ("scale_weight", "scale_input", ()),
        ("scale_weight", "scale_input", (1,)),
        ("weight_scale", "input_scale", (-1,)),  # a scale for every output
        ("weight_scale", "input_scale", (-1, 1)),
    ],
)
def test_scaled_8_bit_weights_are_multiplied_by_their_scale(
    tmp_path, shipped, scale_name, input_name, each
):
    rows = shipped[0][WEIGHT].float().abs().amax(1, keepdim=True) / 448
    scale = rows if -1 in each else rows.amax()
    stored = (shipped[0][WEIGHT].float() / scale).to(torch.float8_e4m3fn)

    def change(tensors):
        stem = WEIGHT.removesuffix("weight")
        tensors[WEIGHT] = stored
        tensors[stem + scale_name] = scale.reshape(each).clone()
        tensors[stem + input_name] = torch.tensor(3.0)
        tensors["scaled_fp8"] = torch.empty(2, dtype=torch.float8_e4m3fn)

    model = load(written(tmp_path / "model.safetensors", shipped, change))
    weight = model.unet.state_dict()[WEIGHT.removeprefix(UNET)]
    torch.testing.assert_close(weight, stored.float() * scale)
    assert (weight - shipped[0][WEIGHT].float()).abs().max() < 0.07 * weight.abs().max()
    assert model.report.unknown == ()


def test_a_pickled_checkpoint_is_the_same_model(tmp_path, shipped):
    tensors, metadata = shipped
    path = tmp_path / "model.ckpt"
    # Pickled files state no sizes: these are told by shapes, and heads of 64 channels are assumed.
    torch.save({"state_dict": tensors, "global_step": 9, "pytorch-lightning_version": "1.4"}, path)
    source = open_source(path)
    assert source.header.elements == read_header(SHIPPED).elements
    with source.opened() as read:
        assert torch.equal(read(WEIGHT), tensors[WEIGHT])
    torch.save({"state_dict": {**tensors, "x": print}}, path)
    with pytest.raises(ModelFileError, match="can run code"):
        open_source(path)
    path.write_bytes(b"PK\x03\x04 but no more")
    with pytest.raises(ModelFileError, match="damaged"):
        open_source(path)
    assert metadata


def test_values_that_are_no_numbers_are_refused_with_their_place(tmp_path, shipped):
    def change(tensors):
        tensors[WEIGHT] = tensors[WEIGHT].clone()
        tensors[WEIGHT][0, 0] = float("nan")

    with pytest.raises(
        ModelFileError, match=r"middle_block\.1\.proj_in\.weight has values"
    ) as error:
        load(written(tmp_path / "model.safetensors", shipped, change))
    assert "damaged" in str(error.value)


def test_a_truncated_copy_says_how_much_is_there(tmp_path):
    path = tmp_path / "model.safetensors"
    shutil.copy(SHIPPED, path)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(size - 100)
    with pytest.raises(ModelFileError, match=f"{size - 100} of {size} bytes"):
        open_source(path)


def test_a_file_in_many_maps_gives_every_tensor(monkeypatch, shipped):
    monkeypatch.setattr("irodori.engine.loading.source._BYTES_A_MAP", 1 << 16)
    with open_source(SHIPPED).opened() as read:
        found = {name: read(name) for name in shipped[0]}
    assert all(torch.equal(found[name], value) for name, value in shipped[0].items())


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux tells of its maps there")
def test_a_file_that_is_converted_does_not_stay_mapped(monkeypatch, shipped):
    monkeypatch.setattr("irodori.engine.loading.source._BYTES_A_MAP", 1 << 16)

    def maps() -> int:
        return Path("/proc/self/maps").read_text().count(SHIPPED.name)

    before = maps()
    with open_source(SHIPPED).opened() as read:
        converted = [read(name).float() for name in shipped[0]]
        assert maps() <= before + 1
    assert converted
