"""Folders to records: what files are, what stands beside them, and what the cache saves."""

import hashlib
import json
import os
import time

import numpy as np
import pytest
from safetensors.numpy import save_file

from irodori.catalog import describe as describe_module
from irodori.catalog.folders import PATHS_FILE, places_of
from irodori.catalog.hashes import HashCache, file_hashes
from irodori.catalog.lineage import line_of, release_of
from irodori.catalog.record import ModelKind, as_json, from_json
from irodori.catalog.scan import scan

UNET = "model.diffusion_model."
TEXT_G = "conditioner.embedders.1.model."


def write(path, tensors, metadata=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {name: np.zeros(shape, np.float16) for name, shape in tensors.items()}
    save_file(arrays, path, metadata)
    return path


def checkpoint(path, marks=(), metadata=None, channels=4):
    names = {
        f"{UNET}label_emb.0.0.weight": (2, 2),
        f"{UNET}input_blocks.0.0.weight": (2, channels, 3, 3),
        f"{TEXT_G}ln_final.weight": (2,),
    }
    return write(path, names | dict.fromkeys(marks, (0,)), metadata)


def lora(path, rank=8, stem="lora_unet_input_blocks_4_1_proj_in", metadata=None):
    names = {f"{stem}.lora_up.weight": (6, rank), f"{stem}.lora_down.weight": (rank, 6)}
    return write(path, names, metadata)


def only(folder, **kinds):
    (record,) = scan(places_of([folder]), **kinds)
    return record


def test_checkpoints_are_described(tmp_path):
    checkpoint(tmp_path / "noobaiXL_vPred10.safetensors", ("v_pred", "ztsnr"))
    record = only(tmp_path)
    assert (record.kind, record.what) == (ModelKind.CHECKPOINT, "an SDXL checkpoint")
    assert (record.prediction, record.zero_terminal_snr, record.usable) == ("v", True, True)
    assert record.base == "NoobAI"
    checkpoint(tmp_path / "noobaiXL_vPred10.safetensors", channels=9)
    assert only(tmp_path).what == "an SDXL inpainting checkpoint"


def test_a_yaml_file_beside_a_checkpoint_decides_about_v(tmp_path):
    checkpoint(tmp_path / "model.safetensors")
    assert only(tmp_path).prediction == "eps"
    (tmp_path / "model.yaml").write_text("model: {params: {parameterization: v}}")
    assert only(tmp_path).prediction == "v"
    scaling = "sgm.modules.diffusionmodules.denoiser_scaling.EpsScaling"
    (tmp_path / "model.yaml").write_text(
        "model: {params: {denoiser_config: {params: {scaling_config: {target: " + scaling + "}}}}}"
    )
    checkpoint(tmp_path / "model.safetensors", ("v_pred",))
    assert only(tmp_path).prediction == "eps"


def test_networks_are_described(tmp_path):
    metadata = {
        "ss_output_name": "Pretty",
        "ss_sd_model_name": "Illustrious-XL-v1.0.safetensors",
        "ss_tag_frequency": json.dumps({"10_x": {"1girl": 9, "umi": 30}, "5_y": {"umi": 2}}),
    }
    lora(tmp_path / "a.safetensors", 16, metadata=metadata)
    record = only(tmp_path)
    assert record.kind is ModelKind.NETWORK
    assert (record.what, record.rank) == ("LoRA of rank 16 for SDXL", 16)
    assert (record.title, record.base) == ("Pretty", "Illustrious 1.0")
    assert record.triggers == ("umi", "1girl")


def roles(stem, **shapes):
    """Names of one stem: `lora_up` becomes `STEM.lora_up.weight`, others stay as they are."""
    return {
        f"{stem}.{role}{'.weight' if role.startswith(('lora_u', 'lora_d')) else ''}": shape
        for role, shape in shapes.items()
    }


SDXL, FLUX = "lora_te2_x", "lora_unet_double_blocks_0_x"
SD1 = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
PAIR = {"lora_up": (4, 2), "lora_down": (2, 4)}


@pytest.mark.parametrize(
    ("tensors", "what"),
    [
        (roles(SDXL, hada_w1_a=(4, 2), hada_w1_b=(2, 4)), "LoHa of rank 2 for SDXL"),
        (roles(SDXL, lokr_w1=(2, 2), lokr_w2=(2, 2)), "LoKr for SDXL"),
        (
            roles(SDXL, lora_up=(4, 2, 1, 1), lora_down=(2, 4, 3, 3)),
            "LoCon of rank 2 for SDXL",
        ),
        (roles(SDXL, **PAIR, dora_scale=(4, 1)), "DoRA LoRA of rank 2 for SDXL"),
        (roles(FLUX, **PAIR), "LoRA of rank 2 for Flux"),
        (
            roles(SD1, lora_up=(4, 2), lora_down=(2, 768)),
            "LoRA of rank 2 for Stable Diffusion 1",
        ),
        (roles(SDXL, oft_blocks=(2, 2, 2)), "OFT for SDXL"),
        (
            roles("diffusion_model.blocks.0.cross_attn.k", **PAIR),
            "LoRA of rank 2 for Wan",
        ),
        (
            roles("lora_unet_blocks_0_cross_attn_k", **PAIR),
            "LoRA of rank 2 for Wan",
        ),
        (
            roles("transformer.transformer_blocks.0.img_mlp.net.2", **PAIR),
            "LoRA of rank 2 for Qwen-Image",
        ),
        (
            roles("diffusion_model.layers.0.attention.qkv", **PAIR),
            "LoRA of rank 2 for Lumina 2 or Z-Image",
        ),
        ({"clip_l": (3, 768), "clip_g": (3, 1280)}, "a textual inversion for SDXL"),
        ({"emb_params": (2, 768)}, "a textual inversion for Stable Diffusion 1"),
        ({"encoder.down.0.x": (1,)}, "an autoencoder alone"),
    ],
)
def test_kinds_are_told_by_names_and_shapes(tmp_path, tensors, what):
    write(tmp_path / "file.safetensors", tensors)
    assert only(tmp_path).what == what


def test_what_cannot_be_read_is_listed_with_its_problem(tmp_path):
    (tmp_path / "page.safetensors").write_text("<!DOCTYPE html><html>login</html>")
    whole = checkpoint(tmp_path / "short.safetensors").read_bytes()
    (tmp_path / "short.safetensors").write_bytes(whole[:-4])
    huge = (10**11).to_bytes(8, "little") + b"{"
    (tmp_path / "huge.safetensors").write_bytes(huge + b" " * 100)
    (tmp_path / "old.ckpt").write_bytes(b"PK\x03\x04")
    problems = {record.name: record for record in scan(places_of([tmp_path]))}
    assert "web page" in problems["page"].problem
    assert "truncated" in problems["short"].problem
    assert "100000000000" in problems["huge"].problem
    assert not any(problems[name].usable for name in ("page", "short", "huge"))
    assert problems["old"].kind is ModelKind.CHECKPOINT


def test_sidecars_give_title_triggers_and_preview(tmp_path):
    lora(tmp_path / "a.safetensors")
    info = {
        "name": "v2",
        "baseModel": "Illustrious",
        "trainedWords": ["umi", "blue hair"],
        "model": {"name": "Umi"},
    }
    (tmp_path / "a.civitai.info").write_text(json.dumps(info))
    (tmp_path / "a.preview.png").write_bytes(b"")
    record = only(tmp_path)
    assert (record.title, record.base) == ("Umi v2", "Illustrious")
    assert record.triggers == ("umi", "blue hair")
    assert record.preview == tmp_path / "a.preview.png"
    (tmp_path / "a.civitai.info").write_text("{broken")
    own = {
        "activation text": "umi",
        "sd version": "Pony",
        "preferred weight": "0.7",
        "negative text": "blur",
        "notes": "late",
    }
    (tmp_path / "a.json").write_text(json.dumps(own))
    record = only(tmp_path)
    assert (record.triggers, record.base, record.title) == (("umi",), "Pony", "")
    assert (record.weight, record.negative, record.notes) == (0.7, "blur", "late")
    (tmp_path / "a.json").write_text(json.dumps({"preferred weight": "much", "notes": 3}))
    record = only(tmp_path)
    assert (record.weight, record.notes) == (0.0, "")


@pytest.mark.parametrize(
    ("info", "metadata", "folder", "category"),
    [
        ({"model": {"name": "x", "tags": ["anime", "style"]}}, {}, ".", "style"),
        ({"tags": ["Character"]}, {}, "styles", "character"),
        ({}, {"modelspec.tags": "ink, style"}, ".", "style"),
        ({}, {}, "Artists/one", "style"),
        ({}, {}, "characters", "character"),
        ({}, {}, "other", ""),
    ],
)
def test_what_a_network_is_about_is_told_by_tags_or_folder(
    tmp_path, info, metadata, folder, category
):
    path = lora(tmp_path / folder / "a.safetensors", metadata=metadata)
    path.with_name("a.civitai.info").write_text(json.dumps(info))
    assert only(tmp_path).category == category


def test_installations_of_other_programs(tmp_path):
    forge, comfy, common = tmp_path / "forge", tmp_path / "comfy", tmp_path / "common"
    checkpoint(forge / "models/Stable-diffusion/sub/a.safetensors")
    lora(forge / "models/Lora/b.safetensors")
    (forge / "embeddings").mkdir()
    (forge / "embeddings" / "c.pt").write_bytes(b"PK\x03\x04")
    (forge / "repositories").mkdir()
    lora(forge / "repositories" / "not-a-model.safetensors")
    lora(comfy / "models/loras/d.safetensors")
    lora(common / "more-loras/e.safetensors")
    lora(tmp_path / "absolute/f.safetensors")
    (comfy / PATHS_FILE).write_text(
        f"other:\n  base_path: ../common\n  loras: |\n    more-loras\n    {tmp_path}/absolute\n"
    )
    records = scan(places_of([forge, comfy]))
    assert {record.name: record.kind for record in records} == {
        "a": ModelKind.CHECKPOINT,
        "b": ModelKind.NETWORK,
        "c": ModelKind.EMBEDDING,
        "d": ModelKind.NETWORK,
        "e": ModelKind.NETWORK,
        "f": ModelKind.NETWORK,
    }
    assert {record.name for record in scan(places_of([comfy / PATHS_FILE]))} == {"e", "f"}


def test_a_folder_of_models_is_no_installation_for_having_embeddings(tmp_path):
    checkpoint(tmp_path / "checkpoints/a.safetensors")
    lora(tmp_path / "loras/b.safetensors")
    (tmp_path / "embeddings").mkdir()
    (tmp_path / "embeddings" / "c.pt").write_bytes(b"PK\x03\x04")
    assert {record.name: record.kind for record in scan(places_of([tmp_path]))} == {
        "a": ModelKind.CHECKPOINT,
        "b": ModelKind.NETWORK,
        "c": ModelKind.EMBEDDING,
    }


def test_links_are_followed_and_circles_are_not(tmp_path):
    lora(tmp_path / "real/a.safetensors")
    models = tmp_path / "models"
    models.mkdir()
    (models / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "back").symlink_to(models)
    (models / "dead.safetensors").symlink_to(tmp_path / "gone")
    (models / "one.safetensors").symlink_to(tmp_path / "real/a.safetensors")
    names = [record.name for record in scan(places_of([models, models, tmp_path / "missing"]))]
    assert sorted(names) == ["a", "one"]


def test_records_come_back_from_json(tmp_path):
    lora(tmp_path / "a.safetensors", metadata={"modelspec.trigger_phrase": "x, y"})
    (tmp_path / "a.png").write_bytes(b"")
    record = only(tmp_path)
    values = json.loads(json.dumps(as_json(record)))
    assert from_json(record.path, values) == record


def test_the_cache_opens_no_known_file_and_sees_every_change(tmp_path, monkeypatch):
    cache = tmp_path / "cache" / "models.json"
    for name in "abc":
        lora(tmp_path / "m" / f"{name}.safetensors")
    opened = []
    real = describe_module.read_header

    def counting(path):
        opened.append(path.name)
        return real(path)

    monkeypatch.setattr(describe_module, "read_header", counting)
    places = places_of([tmp_path / "m"])
    first = scan(places, cache)
    assert len(opened) == 3
    assert scan(places, cache) == first
    assert len(opened) == 3, "nothing changed, so nothing is opened"
    lora(tmp_path / "m" / "b.safetensors", rank=4)
    (tmp_path / "m" / "a.civitai.info").write_text(json.dumps({"trainedWords": ["umi"]}))
    (tmp_path / "m" / "c.safetensors").unlink()
    second = scan(places, cache)
    assert sorted(opened[3:]) == ["a.safetensors", "b.safetensors"]
    assert [(each.name, each.rank, each.triggers) for each in second] == [
        ("a", 8, ("umi",)),
        ("b", 4, ()),
    ]
    assert "c.safetensors" not in cache.read_text()
    cache.write_text("{broken")
    assert scan(places, cache) == second


def test_ten_thousand_known_files_are_listed_in_a_second(tmp_path):
    """Measured against this very process' listing of the same folder, to be fair to any disk."""
    folder, cache = tmp_path / "m", tmp_path / "models.json"
    lora(folder / "0.safetensors")
    for i in range(1, 10_000):
        os.link(folder / "0.safetensors", folder / f"{i}.safetensors")
    places = places_of([folder])
    records = scan(places, cache)
    begun = time.process_time()
    assert scan(places, cache) == records
    taken = time.process_time() - begun
    assert len(records) == 10_000
    assert taken < 1.0


def test_hashes_are_those_of_a1111_and_civitai(tmp_path):
    path = lora(tmp_path / "a.safetensors")
    content = path.read_bytes()
    tensors = content[8 + int.from_bytes(content[:8], "little") :]
    hashes = file_hashes(path)
    assert hashes.sha256 == hashlib.sha256(content).hexdigest()
    assert hashes.tensors == hashlib.sha256(tensors).hexdigest()
    assert hashes.network == hashes.tensors[:12]
    (tmp_path / "b.pt").write_bytes(content)
    assert file_hashes(tmp_path / "b.pt").tensors == hashes.sha256


def test_hashes_are_computed_once_while_a_file_stays_the_same(tmp_path):
    path, computed = lora(tmp_path / "a.safetensors"), []

    def compute(path):
        computed.append(path)
        return file_hashes(path)

    for _ in range(2):
        cache = HashCache(tmp_path / "hashes.json", compute)
        first = cache.of(path)
    assert len(computed) == 1
    lora(path, rank=9)
    assert HashCache(tmp_path / "hashes.json", compute).known(path) is None
    assert HashCache(tmp_path / "hashes.json", compute).of(path) != first
    assert len(computed) == 2


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("Illustrious-XL-v0.1", "Illustrious 0.1"),
        ("illustriousXL_v10", "Illustrious"),
        ("NoobAI-XL-Vpred-v1.0", "NoobAI 1.0"),
        ("ponyDiffusionV6XL", "Pony"),
        ("waiNSFWIllustrious_v140", "Illustrious"),
        ("someMerge_v3", ""),
    ],
)
def test_lines_of_models_are_told_by_name(said, line):
    assert line_of([said]) == line


def test_known_releases_are_told_by_hash():
    noobai = "ea349eeae87ca8d25ba902c93810f7ca83e5c82f920edf12f273af004ae02819"
    assert release_of(noobai) == "NoobAI v-pred 1.0"
    assert release_of("0" * 64) == ""


def test_a_folder_of_diffusers_is_one_model(tmp_path):
    made = tmp_path / "models" / "noobai-1.1"
    lora(made / "unet" / "diffusion_pytorch_model.safetensors")
    (made / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionXLPipeline"}))
    (made / "scheduler").mkdir()
    config = {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True}
    (made / "scheduler" / "scheduler_config.json").write_text(json.dumps(config))
    record = only(tmp_path / "models")
    assert record.name == "noobai-1.1"
    assert (record.path, record.kind, record.usable) == (made, ModelKind.CHECKPOINT, True)
    assert (record.prediction, record.zero_terminal_snr) == ("v", True)
    cache = HashCache(tmp_path / "hashes.json")
    first = cache.of(made)
    assert cache.known(made) == first
    lora(made / "unet" / "diffusion_pytorch_model.safetensors", rank=3)
    assert cache.known(made) is None
    assert cache.of(made) != first
