import json
import struct

import pytest

from irodori.catalog.hashes import file_sha256
from irodori.catalog.header import Header, TensorInfo, read_header
from irodori.catalog.identify import Family, identify
from irodori.errors import ModelFileError


def written(path, fields, data=b""):
    text = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def entry(shape, start, end, dtype="F16"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.safetensors"


def test_names_types_shapes_and_metadata_are_read(file):
    fields = {
        "__metadata__": {"title": "Sumire"},
        "a": entry([2, 3], 0, 12),
        "mark": entry([0], 12, 12, "F32"),
        "b": entry([], 12, 14),
    }
    header = read_header(written(file, fields, bytes(14)))
    assert header == Header(
        path=file,
        tensors={
            "a": TensorInfo(dtype="F16", shape=(2, 3), start=0, end=12),
            "mark": TensorInfo(dtype="F32", shape=(0,), start=12, end=12),
            "b": TensorInfo(dtype="F16", shape=(), start=12, end=14),
        },
        metadata={"title": "Sumire"},
    )
    assert header.elements == 7


@pytest.mark.parametrize(
    ("fields", "data", "message"),
    [
        ({"a": entry([2], 0, 4)}, b"\0\0", "is truncated: .* bytes are there"),
        ({"a": entry([2], 0, 4)}, bytes(6), "2 bytes follow the last tensor"),
        ({"a": entry([3], 0, 4)}, bytes(4), r"'a' has 4 bytes for F16 \[3\]"),
        ({"a": entry([2], 2, 6)}, bytes(6), "'a' begins at 2, not at 0"),
        ({"a": entry([-2], 0, 4)}, bytes(4), "the shape of 'a'"),
        ({"a": entry([2.5], 0, 4)}, bytes(4), "the shape of 'a'"),
        ({"a": entry([2], 0, 4, "F12")}, bytes(4), "'a' of type F12, which is not supported"),
        ({"a": {"dtype": "F16"}}, b"", "the entry of 'a' lacks type, shape or place"),
        ({"a": 3}, b"", "the entry of 'a' lacks"),
        ({"__metadata__": 3}, b"", "its metadata is not a table"),
        (b"{not json", b"", "its header is not JSON"),
        (b"{" + b'"a":[' * 100_000, b"", "its header is not JSON"),
    ],
)
def test_damage_is_told(file, fields, data, message):
    with pytest.raises(ModelFileError, match=message):
        read_header(written(file, fields, data))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it has only 0 bytes"),
        (b"\x01\x02\x03", "it has only 3 bytes"),
        (b"PK\x03\x04" + bytes(40), "a pickled checkpoint"),
        (b"\x80\x02}q\x00" + bytes(40), "a pickled checkpoint"),
        (b"GGUF" + bytes(40), "a GGUF file"),
        (b"<!DOCTYPE html><html>" + bytes(40), "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "a Git LFS pointer"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "is not a safetensors file"),
        (
            struct.pack("<Q", 100 << 30) + b"{" + bytes(40),
            "declares a header of 107374182400 bytes",
        ),
        (struct.pack("<Q", 5000) + b"{" + bytes(40), "is truncated: 49 of 5008 bytes"),
    ],
)
def test_another_kind_of_file_is_named(file, content, message):
    file.write_bytes(content)
    with pytest.raises(ModelFileError, match=message):
        read_header(file)


def test_a_file_that_is_not_there_is_told(file):
    with pytest.raises(ModelFileError, match="cannot be read: No such file"):
        read_header(file)
    with pytest.raises(ModelFileError, match="cannot be read: No such file"):
        file_sha256(file)


def test_the_hash_is_of_the_whole_file(file):
    file.write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_sha256(file) == expected


@pytest.mark.parametrize(
    ("names", "family"),
    [
        (["model.diffusion_model.label_emb.0.0.weight"], Family.SDXL),
        (["conditioner.embedders.1.model.ln_final.weight"], Family.SDXL),
        (["conditioner.embedders.0.model.ln_final.weight"], Family.SDXL_REFINER),
        (["cond_stage_model.transformer.text_model.final_layer_norm.bias"], Family.SD1),
        (["cond_stage_model.model.ln_final.weight"], Family.SD2),
        (["model.diffusion_model.joint_blocks.0.context_block.attn.qkv.weight"], Family.SD3),
        (["double_blocks.0.img_attn.norm.key_norm.scale"], Family.FLUX),
        (["lora_unet_input_blocks_4_1_proj_in.lora_down.weight"], Family.NETWORK),
        (["lora_unet_mid_block_attentions_0_proj_in.hada_w1_a"], Family.NETWORK),
        (["clip_g", "clip_l"], Family.EMBEDDING),
        (["encoder.down.0.block.0.conv1.weight"], Family.AUTOENCODER),
        (["down_blocks.0.resnets.0.conv1.weight"], Family.DIFFUSERS),
        (["something.else"], Family.UNKNOWN),
        ([], Family.UNKNOWN),
    ],
)
def test_families_are_told_apart(file, names, family):
    tensors = {name: TensorInfo(dtype="F16", shape=(1,), start=0, end=2) for name in names}
    assert identify(Header(path=file, tensors=tensors, metadata={})) is family


def test_an_inpainting_model_is_known_by_its_channels(file):
    tensors = {
        "model.diffusion_model.label_emb.0.0.weight": TensorInfo(
            dtype="F16", shape=(1,), start=0, end=2
        ),
        "model.diffusion_model.input_blocks.0.0.weight": TensorInfo(
            dtype="F16", shape=(320, 9, 3, 3), start=2, end=51842
        ),
    }
    assert identify(Header(path=file, tensors=tensors, metadata={})) is Family.SDXL_INPAINT


def test_a_header_as_long_as_pickles_magic_is_a_header(file):
    """640 is 80 02 in little endian, with which pickled files begin."""
    fields = {"a": entry([2], 0, 4)}
    text = json.dumps(fields).encode()
    header = read_header(written(file, text + b" " * (640 - len(text)), bytes(4)))
    assert list(header.tensors) == ["a"]
