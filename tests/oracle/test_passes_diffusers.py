"""Our passes against diffusers' SDXL pipelines: same weights, same noise, the same pictures."""

import gc
import importlib.util
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.pipelines.stable_diffusion_xl import (
    pipeline_stable_diffusion_xl_img2img as img2img_module,
)
from diffusers.pipelines.stable_diffusion_xl import (
    pipeline_stable_diffusion_xl_inpaint as inpaint_module,
)
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from irodori.engine import samplers
from irodori.engine.image import Picture
from irodori.engine.listener import Listener
from irodori.engine.loading.checkpoint import (
    PREFIXES,
    ModelParts,
    ModelTraits,
    save_checkpoint,
)
from irodori.engine.memory_plan import MemoryWishes
from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
from irodori.engine.modules.clip import CLIP_G, CLIP_L, ClipConfig, ClipG, ClipL
from irodori.engine.modules.unet import UNet, UNetConfig
from irodori.engine.passes.base import draw_base, stage_of
from irodori.engine.passes.drawing import Turn, plan_of, reading_of, timing_of
from irodori.engine.passes.img2img import draw_img2img
from irodori.engine.passes.inpaint import draw_inpaint
from irodori.engine.passes.run import first_draw
from irodori.engine.passes.stage import Canvas, Start, Work
from irodori.engine.pipeline import open_studio
from irodori.engine.studio import Studio, Supplies
from irodori.engine.timeline import pass_texts
from irodori.engine.vae import decode, from_bytes, to_bytes
from irodori.recipe.names import Dtype, MaskedContent
from irodori.recipe.parts import Base, Noise
from irodori.recipe.passes import Img2Img, Inpaint, SourcePicture
from irodori.recipe.recipe import Recipe
from irodori.recipe.schedules import Schedule

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SIZE = (64, 96)  # width, height
STEPS = 8
DENOISE = 0.55  # int(0.55 * 8) + 1 = 5 steps are run
RUN = 5
POOLED = 24
SMALL_UNET = UNetConfig(
    channels=(32, 64, 96),
    depths=(0, 1, 2),
    middle_depth=2,
    head_dim=16,
    context_dim=40,
    vector_dim=POOLED + 6 * 32,
    groups=8,
)
SMALL_AUTOENCODER = AutoencoderConfig(channels=(16, 16, 24, 32), layers_per_block=1, groups=4)
SMALL_L = ClipConfig(width=16, layers=3, heads=2, inner=32)
SMALL_G = ClipConfig(width=24, layers=3, heads=3, inner=48, projection=POOLED)
SMALL = (SMALL_UNET, SMALL_AUTOENCODER, SMALL_L, SMALL_G)
FULL = (UNetConfig(), AutoencoderConfig(), CLIP_L, CLIP_G)
INPAINTING = (replace(SMALL_UNET, extra_channels=5), *SMALL[1:])


def names_of(test: str) -> ModuleType:
    """The mapping of names to diffusers', which stands in the modules' own tests."""
    spec = importlib.util.spec_from_file_location(test, Path(__file__).with_name(f"{test}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def studio(request: pytest.FixtureRequest, random_values, tmp_path: Path) -> Iterator[Studio]:
    """A model of random weights, read from a file and computing in float32 on any machine."""
    path = tmp_path / "random.safetensors"
    gc.collect()  # diffusers' pipelines hold themselves: at full size two do not fit
    save_random(path, request.param, random_values)
    yield open_studio(path, device="cpu", wishes=MemoryWishes(dtype=Dtype.FLOAT32))
    path.unlink()  # gigabytes, which pytest would keep for the next three runs


def save_random(path: Path, configs: tuple, random_values) -> None:
    """Write a model file; in float16 at full size, as such files are, to keep memory free."""
    unet, autoencoder, text_l, text_g = configs
    dtype = torch.float16 if configs is FULL else torch.float32
    with torch.device("meta"):
        parts = ModelParts(
            unet=UNet(unet),
            autoencoder=Autoencoder(autoencoder),
            text_l=ClipL(text_l),
            text_g=ClipG(text_g),
        )
    for name in PREFIXES:
        module = getattr(parts, name)
        values = random_values(module, dtype)
        if name == "autoencoder":  # a posterior without spread: diffusers draws from it
            half = autoencoder.latent_channels
            values["quant_conv.weight"][half:] = 0
            values["quant_conv.bias"][half:] = -40
        module.load_state_dict(values, assign=True)
    save_checkpoint(path, parts, traits=ModelTraits())


def pipeline(kind: type, studio: Studio):
    config, vae = studio.model.unet.config, studio.model.autoencoder.config
    has = [depth > 0 for depth in config.depths]
    with torch.device("meta"):
        unet = UNet2DConditionModel(
            in_channels=config.latent_channels + config.extra_channels,
            out_channels=config.latent_channels,
            block_out_channels=config.channels,
            down_block_types=["CrossAttnDownBlock2D" if h else "DownBlock2D" for h in has],
            up_block_types=["CrossAttnUpBlock2D" if h else "UpBlock2D" for h in reversed(has)],
            layers_per_block=config.layers_per_block,
            transformer_layers_per_block=[max(depth, 1) for depth in config.depths],
            attention_head_dim=tuple(c // config.head_dim for c in config.channels),
            cross_attention_dim=config.context_dim,
            addition_embed_type="text_time",
            addition_time_embed_dim=256 if config == FULL[0] else 32,
            projection_class_embeddings_input_dim=config.vector_dim,
            use_linear_projection=True,
            norm_num_groups=config.groups,
        )
        autoencoder = AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * len(vae.channels),
            up_block_types=("UpDecoderBlock2D",) * len(vae.channels),
            block_out_channels=vae.channels,
            layers_per_block=vae.layers_per_block,
            latent_channels=vae.latent_channels,
            norm_num_groups=vae.groups,
            scaling_factor=vae.scale,
            force_upcast=False,
        )
    values = studio.model.unet.state_dict()
    renamed = names_of("test_modules_unet").to_diffusers(values, config)
    unet.load_state_dict(renamed, assign=True)
    values = studio.model.autoencoder.state_dict()
    renamed = names_of("test_modules_autoencoder").to_diffusers(values, vae)
    autoencoder.load_state_dict(renamed, assign=True)
    made = kind(
        vae=autoencoder,
        text_encoder=None,
        text_encoder_2=None,
        tokenizer=None,
        tokenizer_2=None,
        unet=unet,
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"
        ),
        add_watermarker=False,
    )
    made.set_progress_bar_config(disable=True)
    return made


def painted(generator: torch.Generator) -> np.ndarray:
    """A smooth picture of many colours, uint8 [H, W, 3]."""
    coarse = torch.rand(1, 3, 6, 4, generator=generator)
    smooth = torch.nn.functional.interpolate(coarse, SIZE[::-1], mode="bicubic").clamp(0, 1)
    return to_bytes(smooth)[0]


def opaque(pixels: np.ndarray) -> Picture:
    return Picture(rgba=np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)]))


def a_recipe(**parts) -> Recipe:
    base = Base(
        sampler="Euler",
        schedule=Schedule.KARRAS,
        steps=STEPS,
        cfg_scale=4.0,
        width=SIZE[0],
        height=SIZE[1],
    )
    noise = Noise(seed=11)
    return Recipe(prompt="1girl, sky", negative_prompt="sketch", noise=noise, base=base, **parts)


def a_work(studio: Studio, recipe: Recipe, pixels: np.ndarray, mask: np.ndarray | None) -> Work:
    pictures = {"picture": opaque(pixels)}
    if mask is not None:
        pictures["mask"] = opaque(np.dstack([mask] * 3))
    return Work(
        studio=studio,
        recipes=(recipe,),
        listener=Listener(tell=lambda event: None, cancelled=lambda: False),
        supplies=Supplies(open_picture=lambda source: pictures[source.name]),
    )


def given(work: Work, *, whole: bool = False) -> dict[str, object]:
    """What diffusers is told: our own encoded texts, noise levels and first noise.

    Args:
        work: the recipe.
        whole: all steps are run, from noise alone; else as many as `DENOISE` leaves.
    """
    studio, stage = work.studio, stage_of(work)
    config = studio.model.unet.config
    shape = (1, config.latent_channels, SIZE[1] // 8, SIZE[0] // 8)
    if not whole:
        stage = replace(stage, start=Start(latents=torch.zeros(shape), denoise=DENOISE))
    turn = Turn(studio=studio, find_network=lambda name: None, is_own=True)
    info = samplers.get("Euler").info
    plan = plan_of(stage, info, turn)
    assert plan.steps == (STEPS if whole else RUN)
    timing = timing_of(stage, info, plan)
    own = stage.shared
    texts = [pass_texts(own.prompt, own.negative_prompt, timing)]
    (image,) = studio.prompter.conditioning(texts, reading_of(stage))(0)
    positive, negative = image.parts[0].conditioning, image.negative
    pooled = config.vector_dim - 6 * (256 if config == FULL[0] else 32)
    return {
        "prompt_embeds": positive.context[None],
        "negative_prompt_embeds": negative.context[None],
        "pooled_prompt_embeds": positive.vector[None, :pooled],
        "negative_pooled_prompt_embeds": negative.vector[None, :pooled],
        "sigmas": plan.whole.tolist(),
        "num_inference_steps": STEPS,
        "strength": RUN / STEPS,
        "guidance_scale": 4.0,
        "output_type": "latent",
        "generator": torch.Generator().manual_seed(0),
        "noise": first_draw(work, stage),
    }


def psnr(found: torch.Tensor, expected: torch.Tensor) -> float:
    assert expected.std() > 0.01  # not a flat picture
    measured = -10 * math.log10(float((found - expected).double().square().mean()) + 1e-30)
    print(f"PSNR {measured:.1f} dB")  # noqa: T201 - the figure, shown with -s
    return measured


def run_diffusers(
    kind: type, module: ModuleType, work: Work, monkeypatch, **inputs
) -> torch.Tensor:
    told = given(work)
    noise = told.pop("noise")
    monkeypatch.setattr(module, "randn_tensor", lambda shape, **_: noise.reshape(shape))
    latents = pipeline(kind, work.studio)(**told, **inputs).images
    return decode(work.studio.model.autoencoder, latents)


def their_encoders(studio: Studio) -> tuple[torch.nn.Module, torch.nn.Module]:
    """Transformers' text encoders with our weights: the same storage, no copies."""
    made = names_of("test_modules_clip")
    ours_l, ours_g = studio.model.text_l, studio.model.text_g
    with torch.device("meta"):
        text_l = CLIPTextModel(made.transformers_config(ours_l.config, "quick_gelu"))
        text_g = CLIPTextModelWithProjection(made.transformers_config(ours_g.config, "gelu"))
    text_l.load_state_dict(ours_l.state_dict(), assign=True)
    text_g.load_state_dict(made.to_transformers(ours_g.state_dict()), assign=True)
    return text_l, text_g


@torch.no_grad()
def their_text(encoders: tuple, prompt: str) -> tuple[torch.Tensor, torch.Tensor]:
    """States [1, 77 * chunks, L + G] and pooled [1, P] as transformers makes them.

    Every 75 tokens are a row of their own; the penultimate layers stand one after the other, the
    pooled vector is the first row's.
    """
    states = []
    for encoder, padding in zip(encoders, ("<|endoftext|>", "!"), strict=True):
        tokenizer = names_of("test_clip_tokenizer").reference(padding)
        ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
        begin, end, fill = tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id
        cut = [ids[at : at + 75] for at in range(0, len(ids), 75)]
        rows = torch.tensor([[begin, *row, end, *[fill] * (75 - len(row))] for row in cut])
        found = names_of("test_modules_clip").expect(encoder, rows)
        states.append(found.hidden_states[-2].flatten(0, 1)[None])
    return torch.cat(states, -1), found.text_embeds[:1]


@pytest.mark.parametrize(
    "studio", [SMALL, pytest.param(FULL, marks=pytest.mark.full)], indirect=True
)
def test_txt2img_is_diffusers(studio: Studio, generator, relative_error) -> None:
    """Text encoders, UNet and autoencoder in one: two prompts over 77 tokens, chunk by chunk.

    Without commas, so that a chunk ends at its 75th token and nowhere before.
    """
    words = ("girl", "sky", "red dress", "castle", "sunlight", "flower", "river", "cloud")
    prompt = " ".join(f"{word} {number}" for number in range(6) for word in words)
    negative = " ".join(f"bad {word}" for word in words * 5)
    recipe = replace(a_recipe(), prompt=prompt, negative_prompt=negative)
    work = a_work(studio, recipe, painted(generator), None)
    drawn = draw_base(work, Canvas())
    assert drawn is not None
    assert drawn.latents is not None
    told = given(work, whole=True)
    noise = told.pop("noise")
    encoders = their_encoders(studio)
    for name, text in (("prompt", prompt), ("negative_prompt", negative)):
        states, pooled = their_text(encoders, text)
        assert states.shape[1] >= 2 * 77
        for ours, theirs in ((f"{name}_embeds", states), (f"pooled_{name}_embeds", pooled)):
            key = ours.replace("pooled_negative", "negative_pooled")
            assert relative_error(told[key], theirs) <= 1e-5
            told[key] = theirs
    told.pop("strength")
    told["output_type"] = "pt"
    expected = pipeline(StableDiffusionXLPipeline, studio)(
        **told, latents=noise, width=SIZE[0], height=SIZE[1]
    ).images
    assert psnr(decode(studio.model.autoencoder, drawn.latents), expected) > 60


@pytest.mark.parametrize(
    "studio", [SMALL, pytest.param(FULL, marks=pytest.mark.full)], indirect=True
)
def test_img2img_is_diffusers(studio: Studio, generator: torch.Generator, monkeypatch) -> None:
    pixels = painted(generator)
    part = Img2Img(source=SourcePicture(name="picture"), denoise=DENOISE)
    work = a_work(studio, a_recipe(img2img=part), pixels, None)
    drawn = draw_img2img(work, Canvas())
    assert drawn is not None
    assert drawn.latents is not None
    expected = run_diffusers(
        StableDiffusionXLImg2ImgPipeline,
        img2img_module,
        work,
        monkeypatch,
        image=from_bytes(pixels[None]),
    )
    assert psnr(decode(studio.model.autoencoder, drawn.latents), expected) > 60


@pytest.mark.parametrize(
    "studio", [SMALL, pytest.param(FULL, marks=pytest.mark.full)], indirect=True
)
def test_inpainting_is_diffusers(studio: Studio, generator: torch.Generator, monkeypatch) -> None:
    pixels = painted(generator)
    mask = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    mask[16:72, 24:56] = 255
    work = a_work(
        studio,
        a_recipe(
            img2img=Img2Img(source=SourcePicture(name="picture"), denoise=DENOISE),
            inpaint=Inpaint(
                mask=SourcePicture(name="mask"), blur=0, content=MaskedContent.ORIGINAL
            ),
        ),
        pixels,
        mask,
    )
    drawn = draw_inpaint(work, Canvas())
    assert drawn is not None
    assert drawn.pixels is not None
    expected = run_diffusers(
        StableDiffusionXLInpaintPipeline,
        inpaint_module,
        work,
        monkeypatch,
        image=from_bytes(pixels[None]),
        mask_image=from_bytes(np.dstack([mask] * 3)[None])[:, :1],
        width=SIZE[0],
        height=SIZE[1],
    )
    inside = mask == 255
    theirs = torch.from_numpy(to_bytes(expected)[0][inside]).double() / 255
    ours = torch.from_numpy(drawn.pixels[0][inside]).double() / 255
    assert psnr(ours, theirs) > 60
    assert np.array_equal(drawn.pixels[0][~inside], pixels[~inside])


@pytest.mark.parametrize("studio", [INPAINTING], indirect=True)
def test_inpainting_checkpoints_see_what_diffusers_shows(
    studio: Studio, generator: torch.Generator, monkeypatch
) -> None:
    """Nine channels at the first call; diffusers then keeps nothing outside the mask, we do."""
    pixels = painted(generator)
    mask = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    mask[16:72, 24:56] = 255
    parts = {
        "img2img": Img2Img(source=SourcePicture(name="picture"), denoise=DENOISE),
        "inpaint": Inpaint(mask=SourcePicture(name="mask"), blur=0),
    }
    work = a_work(studio, a_recipe(**parts), pixels, mask)
    ours: list[torch.Tensor] = []
    hook = studio.model.unet.register_forward_pre_hook(lambda _, args: ours.append(args[0]))
    draw_inpaint(work, Canvas())
    hook.remove()
    theirs: list[torch.Tensor] = []
    told = given(work)
    noise = told.pop("noise")
    monkeypatch.setattr(inpaint_module, "randn_tensor", lambda shape, **_: noise.reshape(shape))
    made = pipeline(StableDiffusionXLInpaintPipeline, studio)
    made.unet.register_forward_pre_hook(lambda _, args: theirs.append(args[0]))
    made(
        **told,
        image=from_bytes(pixels[None]),
        mask_image=from_bytes(np.dstack([mask] * 3)[None])[:, :1],
        width=SIZE[0],
        height=SIZE[1],
    )
    assert ours[0].shape == theirs[0].shape == (2, 9, 12, 8)
    # diffusers asks the negative prompt first, we ask it last; both see the same. Its grey is 0
    # in -1..1, which no byte is exactly: 127 of 255 is -0.004.
    assert torch.allclose(ours[0][:, :5], theirs[0][:, :5], atol=1e-4)
    error = (ours[0][:, 5:] - theirs[0][:, 5:]).norm() / theirs[0][:, 5:].norm()
    assert error < 0.01
