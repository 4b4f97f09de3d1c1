"""Pictures and texts by other programs, in the shapes those programs write."""

import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from irodori.errors import PictureFileError
from irodori.recipe import Recipe
from irodori.recipe.info import PictureInfo, read_picture, read_source, read_text
from irodori.recipe.infotext import Source


def png(texts: dict[str, Any], *, zipped: bool = False, international: bool = False) -> bytes:
    info = PngInfo()
    for key, value in texts.items():
        text = value if isinstance(value, str) else json.dumps(value)
        if international:
            info.add_itxt(key, text, zip=zipped)
        else:
            info.add_text(key, text, zip=zipped)
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def drawn(info: PictureInfo) -> Recipe:
    assert info.recipe is not None
    return info.recipe


COMFY = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 156680208700286,
            "steps": 20,
            "cfg": 8.0,
            "sampler_name": "dpmpp_2m",
            "scheduler": "karras",
            "denoise": 1.0,
            "model": ["10", 0],
            "positive": ["6", 0],
            "negative": ["7", 0],
            "latent_image": ["5", 0],
        },
    },
    "4": {
        "class_type": "CheckpointLoaderSimple",
        "inputs": {"ckpt_name": "xl\\amanatsu.safetensors"},
    },
    "10": {
        "class_type": "LoraLoader",
        "inputs": {
            "lora_name": "style.safetensors",
            "strength_model": 0.8,
            "strength_clip": 1.0,
            "model": ["4", 0],
            "clip": ["4", 1],
        },
    },
    "5": {
        "class_type": "EmptyLatentImage",
        "inputs": {"width": 832, "height": 1216, "batch_size": 1},
    },
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["20", 0], "clip": ["10", 1]}},
    "20": {"class_type": "PrimitiveString", "inputs": {"value": "1girl, solo"}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "bad", "clip": ["10", 1]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x", "images": ["8", 0]}},
}


def test_comfyui() -> None:
    info = read_picture(png({"prompt": COMFY, "workflow": {"nodes": []}}))
    assert info.source is Source.COMFYUI
    assert (info.prompt, info.negative_prompt) == ("1girl, solo", "bad")
    assert info.parameters["Sampler"] == "dpmpp_2m"
    recipe = drawn(info)
    assert (recipe.base.sampler, recipe.base.schedule) == ("DPM++ 2M", "Karras")
    assert (recipe.base.width, recipe.base.height, recipe.base.cfg_scale) == (832, 1216, 8.0)
    assert recipe.noise.seed == 156680208700286
    assert recipe.noise.kind == "cpu"
    assert recipe.prompt == "1girl, solo <lora:style:1:0.8>"
    assert recipe.model.file.name == "amanatsu"
    assert recipe.empty_negative == "encoded"


def test_comfyui_second_pass() -> None:
    graph = {
        **COMFY,
        "30": {
            "class_type": "LatentUpscaleBy",
            "inputs": {"samples": ["3", 0], "upscale_method": "nearest-exact", "scale_by": 1.5},
        },
        "31": {
            "class_type": "KSampler",
            "inputs": {
                **COMFY["3"]["inputs"],  # type: ignore[dict-item]
                "latent_image": ["30", 0],
                "denoise": 0.5,
                "steps": 14,
                "sampler_name": "euler",
                "scheduler": "normal",
            },
        },
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["31", 0], "vae": ["4", 2]}},
    }
    recipe = drawn(read_picture(png({"prompt": graph})))
    assert recipe.base.steps == 20
    assert recipe.hires is not None
    assert (recipe.hires.steps, recipe.hires.scale, recipe.hires.denoise) == (14, 1.5, 0.5)
    assert recipe.hires.upscaler == "Latent (nearest-exact)"
    assert recipe.hires.own.sampler == "Euler"


def test_comfyui_second_pass_with_its_own_text_and_model() -> None:
    second = {
        **COMFY["3"]["inputs"],
        "latent_image": ["30", 0],
        "model": ["40", 0],
        "positive": ["41", 0],
    }  # type: ignore[dict-item]
    graph = {
        **COMFY,
        "30": {
            "class_type": "LatentUpscale",
            "inputs": {"samples": ["3", 0], "upscale_method": "x", "width": 1088, "height": 1920},
        },
        "31": {"class_type": "KSampler", "inputs": {**second, "denoise": 0.5}},
        "40": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "other.ckpt"}},
        "41": {"class_type": "CLIPTextEncode", "inputs": {"text": "detailed"}},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["31", 0], "vae": ["4", 2]}},
    }
    recipe = drawn(read_picture(png({"prompt": graph})))
    assert recipe.hires is not None
    assert (recipe.hires.width, recipe.hires.height) == (1088, 1920)
    assert recipe.hires.own.prompt == "detailed"
    assert recipe.hires.own.negative_prompt is None
    assert recipe.hires.own.checkpoint is not None
    assert recipe.hires.own.checkpoint.name == "other"


def test_comfyui_workflow_alone() -> None:
    workflow = {
        "nodes": [
            {
                "id": 3,
                "type": "KSampler",
                "inputs": [
                    {"name": "model", "link": 1},
                    {"name": "positive", "link": 4},
                    {"name": "negative", "link": 6},
                    {"name": "latent_image", "link": 2},
                ],
                "widgets_values": [42, "randomize", 25, 7, "euler_ancestral", "normal", 1],
            },
            {"id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["m.safetensors"]},
            {"id": 5, "type": "EmptyLatentImage", "widgets_values": [512, 768, 1]},
            {"id": 6, "type": "CLIPTextEncode", "widgets_values": ["a cat"]},
            {"id": 7, "type": "CLIPTextEncode", "widgets_values": ["a dog"]},
            {"id": 9, "type": "SaveImage", "inputs": [{"name": "images", "link": 9}]},
            {"id": 8, "type": "VAEDecode", "inputs": [{"name": "samples", "link": 7}]},
        ],
        "links": [
            [1, 4, 0, 3, 0, "MODEL"],
            [2, 5, 0, 3, 3, "LATENT"],
            [4, 6, 0, 3, 1, "CONDITIONING"],
            [6, 7, 0, 3, 2, "CONDITIONING"],
            [7, 3, 0, 8, 0, "LATENT"],
            [9, 8, 0, 9, 0, "IMAGE"],
        ],
    }
    info = read_picture(png({"workflow": workflow}))
    assert (info.prompt, info.negative_prompt) == ("a cat", "a dog")
    recipe = drawn(info)
    assert (recipe.base.sampler, recipe.noise.seed, recipe.base.height) == ("Euler a", 42, 768)
    assert recipe.model.file.name == "m"


def test_comfyui_custom_sampler() -> None:
    graph = {
        "1": {"class_type": "RandomNoise", "inputs": {"noise_seed": 9}},
        "2": {
            "class_type": "CFGGuider",
            "inputs": {"cfg": 4.5, "positive": ["6", 0], "negative": ["7", 0], "model": ["4", 0]},
        },
        "3": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "m.safetensors"}},
        "5": {
            "class_type": "BasicScheduler",
            "inputs": {"scheduler": "sgm_uniform", "steps": 40, "denoise": 1.0, "model": ["4", 0]},
        },
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a"}},
        "7": {"class_type": "ConditioningZeroOut", "inputs": {"conditioning": ["6", 0]}},
        "8": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64}},
        "9": {
            "class_type": "SamplerCustomAdvanced",
            "inputs": {
                "noise": ["1", 0],
                "guider": ["2", 0],
                "sampler": ["3", 0],
                "sigmas": ["5", 0],
                "latent_image": ["8", 0],
            },
        },
        "10": {"class_type": "SaveImage", "inputs": {"images": ["9", 0]}},
    }
    info = read_picture(png({"prompt": graph}))
    recipe = drawn(info)
    assert (recipe.base.steps, recipe.base.cfg_scale, recipe.noise.seed) == (40, 4.5, 9)
    assert (recipe.base.schedule, recipe.model.file.name) == ("SGM Uniform", "m")
    assert (info.negative_prompt, recipe.empty_negative) == ("", "zeros")


def test_graphs_with_cycles_end() -> None:
    graph = {
        "1": {
            "class_type": "KSampler",
            "inputs": {
                "seed": ["1", 0],
                "steps": ["2", 0],
                "cfg": 1,
                "model": ["1", 0],
                "positive": ["2", 0],
                "latent_image": ["1", 0],
            },
        },
        "2": {"class_type": "X", "inputs": {"value": ["2", 0], "conditioning": ["2", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
    }
    info = read_picture(png({"prompt": graph}))
    assert info.source is Source.COMFYUI
    assert info.prompt == ""
    assert any("no prompt could be followed" in warning for warning in info.warnings)


def test_swarmui() -> None:
    params = {
        "sui_image_params": {
            "prompt": "a cat",
            "negativeprompt": "bad",
            "model": "xl/amanatsu",
            "seed": 5,
            "steps": 22,
            "cfgscale": 6.5,
            "width": 1024,
            "height": 1024,
            "sampler": "dpmpp_2m",
            "scheduler": "karras",
            "loras": ["style"],
            "loraweights": ["0.6"],
            "swarm_version": "0.9.5.0",
        },
        "sui_models": [
            {"name": "amanatsu.safetensors", "param": "model", "hash": "0x0842c2a1d8ff"}
        ],
    }
    info = read_picture(png({"parameters": params}))
    assert info.source is Source.SWARMUI
    recipe = drawn(info)
    assert recipe.prompt == "a cat <lora:style:0.6>"
    assert recipe.model.file.short_hash == "0842c2a1d8"
    assert (recipe.base.sampler, recipe.base.schedule) == ("DPM++ 2M", "Karras")


NOVELAI = {
    "prompt": "1girl, {smile}",
    "steps": 28,
    "height": 1216,
    "width": 832,
    "scale": 5.0,
    "cfg_rescale": 0.0,
    "seed": 12345,
    "noise_schedule": "karras",
    "sampler": "k_euler_ancestral",
    "uc": "lowres",
}
NOVELAI_TEXTS = {
    "Title": "NovelAI generated image",
    "Software": "NovelAI",
    "Source": "NovelAI Diffusion V4 37442FCA",
    "Description": "1girl, {smile}",
    "Comment": json.dumps(NOVELAI),
}


def check_novelai(info: PictureInfo) -> None:
    assert info.source is Source.NOVELAI
    assert (info.prompt, info.negative_prompt) == ("1girl, {smile}", "lowres")
    recipe = drawn(info)
    assert (recipe.base.sampler, recipe.base.schedule) == ("Euler a", "Karras")
    assert (recipe.noise.ensd, recipe.base.clip_skip, recipe.noise.seed) == (31337, 2, 12345)
    assert any("NovelAI's weights" in warning for warning in info.warnings)


def test_novelai() -> None:
    check_novelai(read_picture(png(NOVELAI_TEXTS)))


def test_novelai_characters() -> None:
    comment = {
        **NOVELAI,
        "v4_prompt": {
            "caption": {
                "base_caption": "2girls",
                "char_captions": [
                    {"char_caption": "girl, red hair"},
                    {"char_caption": "girl, hat"},
                ],
            }
        },
    }
    info = read_picture(png({**NOVELAI_TEXTS, "Comment": comment}))
    assert info.prompt == "2girls BREAK girl, red hair BREAK girl, hat"


def test_novelai_of_2022() -> None:
    comment = {
        "steps": 50, "sampler": "k_euler_ancestral", "seed": 2253955223, "strength": 0.4,
        "noise": 0.0, "scale": 10.0, "uc": "lowres",
    }  # fmt: skip
    texts = {
        "Software": "NovelAI",
        "Source": "Stable Diffusion 1D44365E",
        "Description": "cat, space",
        "Comment": comment,
    }
    info = read_picture(png(texts))
    assert info.prompt == "cat, space"
    assert info.parameters["Model hash"] == "1d44365e"
    recipe = drawn(info)
    assert recipe.img2img is None
    assert (recipe.base.width, recipe.base.height) == (64, 64)


def hide(text: str, signature: bytes, *, channels: int, size: tuple[int, int] = (96, 96)) -> bytes:
    payload = text.encode()
    if signature.endswith(b"comp"):
        payload = gzip.compress(payload)
    data = signature + (len(payload) * 8).to_bytes(4, "big") + payload
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 4), dtype=np.uint8)
    part = pixels[:, :, 3:] if channels == 1 else pixels[:, :, :3]
    flat = part.transpose(1, 0, 2).reshape(-1).copy()
    flat[: bits.size] = flat[: bits.size] & 0xFE | bits
    part[:] = flat.reshape(size[0], size[1], channels).transpose(1, 0, 2)
    picture = Image.fromarray(pixels if channels == 1 else pixels[:, :, :3].copy())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("signature", "channels"),
    [
        (b"stealth_pnginfo", 1),
        (b"stealth_pngcomp", 1),
        (b"stealth_rgbinfo", 3),
        (b"stealth_rgbcomp", 3),
    ],
)
def test_hidden_in_pixels(signature: bytes, channels: int) -> None:
    check_novelai(read_picture(hide(json.dumps(NOVELAI_TEXTS), signature, channels=channels)))
    infotext = "a cat\nSteps: 20, Sampler: Euler, Seed: 3, Size: 64x64"
    assert read_picture(hide(infotext, signature, channels=channels)).prompt == "a cat"


def test_hidden_text_of_a_cropped_picture() -> None:
    whole = Image.open(io.BytesIO(hide("x" * 600, b"stealth_pnginfo", channels=1)))
    buffer = io.BytesIO()
    whole.crop((0, 0, 20, 96)).save(buffer, "PNG")
    info = read_picture(buffer.getvalue())
    assert info.recipe is None
    assert "cropped" in " ".join(info.warnings)


def test_invokeai() -> None:
    metadata = {
        "app_version": "4.2.9",
        "generation_mode": "sdxl_txt2img",
        "positive_prompt": "a cat",
        "negative_prompt": "bad",
        "width": 1024,
        "height": 768,
        "seed": 77,
        "rand_device": "cpu",
        "cfg_scale": 6.0,
        "steps": 30,
        "scheduler": "dpmpp_2m_k",
        "model": {"key": "x", "hash": "blake3:aa", "name": "amanatsu", "base": "sdxl"},
        "loras": [{"model": {"name": "style"}, "weight": 0.75}],
    }
    info = read_picture(png({"invokeai_metadata": metadata}))
    assert info.source is Source.INVOKEAI
    recipe = drawn(info)
    assert (recipe.base.sampler, recipe.base.schedule) == ("DPM++ 2M", "Karras")
    assert recipe.prompt == "a cat <lora:style:0.75>"
    assert recipe.model.file.name == "amanatsu"
    assert read_text(json.dumps(metadata)).prompt == "a cat"


def test_invokeai_2() -> None:
    metadata = {
        "model": "stable diffusion",
        "model_weights": "sd-1.5",
        "model_hash": "cc6cb27103417325ff94f52b7a5d2dde45a7515b25c255d8e396c90014281516",
        "app_id": "invoke-ai/InvokeAI",
        "app_version": "2.2.5",
        "image": {
            "prompt": [{"prompt": "a cat [bad, ugly]", "weight": 1.0}],
            "steps": 50,
            "cfg_scale": 7.5,
            "height": 512,
            "width": 512,
            "seed": 8,
            "type": "txt2img",
            "sampler": "k_lms",
        },
    }
    info = read_picture(png({"sd-metadata": metadata}))
    assert (info.prompt, info.negative_prompt) == ("a cat", "bad, ugly")
    assert drawn(info).base.sampler == "LMS"
    info = read_picture(png({"Dream": '"a cat [bad]" -s 50 -S 123 -W 512 -H 640 -C7.5 -A k_lms'}))
    assert (info.prompt, info.negative_prompt) == ("a cat", "bad")
    assert (drawn(info).noise.seed, drawn(info).base.height) == (123, 640)


FOOOCUS = {
    "prompt": "a cat",
    "negative_prompt": "bad",
    "prompt_expansion": "a cat, cinematic",
    "styles": "['Fooocus V2']",
    "performance": "Speed",
    "steps": 30,
    "resolution": "(1152, 896)",
    "guidance_scale": 4.0,
    "sharpness": 2.0,
    "base_model": "amanatsu",
    "base_model_hash": "0842c2a1d8",
    "refiner_model": "None",
    "sampler": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "vae": "Default (model)",
    "seed": "99",
    "loras": [["offset", 0.1, "cafe"]],
    "metadata_scheme": "fooocus",
    "version": "Fooocus v2.5.5",
}


def test_fooocus() -> None:
    info = read_picture(png({"parameters": FOOOCUS, "fooocus_scheme": "fooocus"}))
    assert info.source is Source.FOOOCUS
    recipe = drawn(info)
    assert (recipe.base.sampler, recipe.base.schedule) == ("DPM++ 2M SDE", "Karras")
    assert (recipe.base.width, recipe.base.height) == (1152, 896)
    assert recipe.prompt == "a cat <lora:offset:0.1>"
    assert any("expanded" in warning for warning in info.warnings)


def test_fooocus_in_a1111s_scheme() -> None:
    text = (
        "a cat\nNegative prompt: bad\nSteps: 30, Sampler: DPM++ 2M SDE Karras, Seed: 9, "
        "Size: 1152x896, CFG scale: 4.0, Sharpness: 2.0, ADM Guidance: (1.5, 0.8, 0.3), "
        "Model: amanatsu, Model hash: 0842c2a1d8, Performance: Speed, Version: Fooocus v2.5.5"
    )
    info = read_picture(png({"parameters": text, "fooocus_scheme": "a1111"}))
    assert info.source is Source.FOOOCUS
    assert drawn(info).base.schedule == "Karras"


def test_drawthings() -> None:
    data = {
        "c": "a cat",
        "uc": "bad",
        "seed": 4,
        "steps": 25,
        "scale": 5,
        "sampler": "DPM++ 2M Karras",
        "size": "1024x768",
        "model": "amanatsu_f16.ckpt",
        "strength": 1,
        "seed_mode": "Scale Alike",
        "lora": [{"model": "style_lora_f16.ckpt", "weight": 0.6}],
    }
    escaped = json.dumps(data).replace("&", "&amp;").replace('"', "&quot;")
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description>'
        "<xmp:CreatorTool>Draw Things</xmp:CreatorTool>"
        f'<exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">{escaped}</rdf:li></rdf:Alt>'
        "</exif:UserComment></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    info = read_picture(png({"XML:com.adobe.xmp": xmp}, international=True))
    assert info.source is Source.DRAWTHINGS
    recipe = drawn(info)
    assert (recipe.base.sampler, recipe.base.schedule) == ("DPM++ 2M", "Karras")
    assert recipe.prompt == "a cat <lora:style_lora_f16:0.6>"
    assert recipe.img2img is None


def test_easydiffusion() -> None:
    texts = {
        "prompt": "a cat",
        "negative_prompt": "bad",
        "seed": "3",
        "use_stable_diffusion_model": "xl/amanatsu.safetensors",
        "num_inference_steps": "25",
        "sampler_name": "euler_a",
        "guidance_scale": "7.5",
        "width": "512",
        "height": "768",
        "clip_skip": "True",
    }
    info = read_picture(png(texts))
    assert info.source is Source.EASYDIFFUSION
    recipe = drawn(info)
    assert (recipe.base.sampler, recipe.base.clip_skip, recipe.base.height) == ("Euler a", 2, 768)


def test_exif_wins_over_parameters_and_both_byte_orders_are_read() -> None:
    text = "a cat 日本\nSteps: 20, Sampler: Euler, Seed: 3, Size: 64x64"
    for codec in ("utf-16-be", "utf-16-le"):
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode(codec)
        for kind in ("JPEG", "WEBP", "PNG"):
            buffer = io.BytesIO()
            more = {"pnginfo": PngInfo()} if kind == "PNG" else {}
            if kind == "PNG":
                more["pnginfo"].add_text("parameters", "a dog\nSteps: 1, Sampler: Euler, Seed: 1")
            Image.new("RGB", (64, 64)).save(buffer, kind, exif=exif.tobytes(), **more)
            assert read_picture(buffer.getvalue()).prompt == "a cat 日本"


@pytest.mark.parametrize("international", [False, True])
@pytest.mark.parametrize("zipped", [False, True])
def test_all_kinds_of_png_text(zipped: bool, international: bool) -> None:
    text = "a café\nSteps: 20, Sampler: Euler, Seed: 3, Size: 64x64"
    data = png({"parameters": text}, zipped=zipped, international=international)
    assert read_picture(data).prompt == "a café"


def test_a_picture_that_says_nothing() -> None:
    info = read_picture(png({}))
    assert (info.source, info.recipe) == (Source.UNKNOWN, None)
    assert info.warnings


def test_no_reader_raises_on_odd_types() -> None:
    for value in (None, [], "x", 3, {"a": 1}, [["x"]], {"class_type": 3, "inputs": []}):
        odd = json.dumps(value)
        for key in (
            "prompt",
            "workflow",
            "invokeai_metadata",
            "sd-metadata",
            "parameters",
            "Comment",
        ):
            read_picture(png({key: odd, "Software": "NovelAI"} if key == "Comment" else {key: odd}))
        for keys in (COMFY["3"]["inputs"], NOVELAI, FOOOCUS):
            for key in keys:  # type: ignore[attr-defined]
                read_text(json.dumps({**keys, key: value}))  # type: ignore[dict-item]


def test_deep_json_is_refused() -> None:
    with pytest.raises(PictureFileError, match="nested deeper"):
        read_picture(png({"prompt": "[" * 100_000}))


def test_a_refusal_names_the_file(tmp_path: Path) -> None:
    picture, text = tmp_path / "deep.png", tmp_path / "deep.json"
    picture.write_bytes(png({"prompt": "[" * 1000}))
    text.write_text('{"a":' * 1000)
    for path in (picture, text):
        with pytest.raises(PictureFileError, match=f"^{re.escape(str(path))}: .*nested deeper"):
            read_source(path)
