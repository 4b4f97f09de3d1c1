"""Networks of SDXL as the trainers name them, at full size: every tensor finds its weight."""

import public_files
import pytest
import torch

from irodori.catalog.header import read_header
from irodori.catalog.network_traits import network_traits
from irodori.catalog.record import ModelKind
from irodori.catalog.scan import look_at
from irodori.engine.loading.checkpoint import ModelParts
from irodori.engine.lora.keys import KeyTable
from irodori.engine.lora.network import load_network
from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
from irodori.engine.modules.clip import CLIP_G, CLIP_L, ClipG, ClipL
from irodori.engine.modules.unet import UNet, UNetConfig


@pytest.fixture(scope="module")
def sdxl():
    """SDXL's names and shapes, without storage."""
    with torch.device("meta"):
        parts = ModelParts(
            unet=UNet(UNetConfig()),
            autoencoder=Autoencoder(AutoencoderConfig()),
            text_l=ClipL(CLIP_L),
            text_g=ClipG(CLIP_G),
        )
    shapes = {
        part: {name: value.shape for name, value in getattr(parts, part).named_parameters()}
        for part in ("unet", "text_l", "text_g")
    }
    return KeyTable(parts), shapes


@pytest.mark.parametrize("family", public_files.NETWORKS)
def test_every_tensor_finds_its_weight(tmp_path, sdxl, family):
    tensors, count, kind = public_files.NETWORKS[family]
    path = public_files.write_sparse(tmp_path / "style.safetensors", tensors)
    record = look_at(path)
    assert (record.kind, record.what) == (ModelKind.NETWORK, f"{kind} for SDXL")
    network = load_network(path, *sdxl)
    assert (network.unmatched, network.note) == ((), "")
    targets = {each.target for each in network.changes}
    assert len(targets) == len(network.changes) == count


def test_both_names_of_a_layer_mean_it(sdxl):
    """Our parameters have sgm's names; what diffusers calls them stands in the lists."""
    table, _ = sdxl
    for name in public_files.weights(public_files.unet()):
        for stem in (
            f"lora_unet_{name}".replace(".", "_"),
            f"unet.{public_files.in_diffusers(name)}",
        ):
            found = table.find(stem)
            assert found is not None, stem
            assert (found.part, found.parameter) == ("unet", f"{name}.weight")


def test_the_parts_of_a_network_are_told(tmp_path):
    for family in ("kohya", "LyCORIS LoKr", "diffusers", "ComfyUI", "OneTrainer OMI"):
        path = public_files.write_sparse(
            tmp_path / "a.safetensors", public_files.NETWORKS[family][0]
        )
        assert network_traits(read_header(path)).parts == (
            "text encoder L", "text encoder G", "UNet",
        ), family  # fmt: skip


def test_kohya_changes_as_many_modules_as_it_says():
    """The trainer's own count: "create LoRA for U-Net: 722 modules", 72 and 192 for the texts."""
    assert len(public_files.unet_linears()) == 722
    assert (len(public_files.text_linears(12, 768)), len(public_files.text_linears(32, 1280))) == (
        72,
        192,
    )
    assert len(public_files.unet_linears() | public_files.unet_residuals()) == 788
