"""A folder that diffusers and transformers wrote: loaded, it computes what they compute."""

import json

import pytest
import torch
from click.testing import CliRunner
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from irodori.cli.main import root
from irodori.engine.device import Machine, choose_policy
from irodori.engine.loading.checkpoint import ModelTraits, load_checkpoint, save_checkpoint
from irodori.engine.loading.source import open_source
from irodori.engine.modules.unet import sinusoids
from irodori.errors import ModelFileError
from irodori.recipe.names import Prediction

CPU = choose_policy(Machine(), parameters=0)
VOCABULARY = 49408


def filled(module, generator):
    """Values that hide no mistake: no zeros, no identity."""
    for name, value in module.named_parameters():
        scale = 1.0 if "embedding" in name else value[0].numel() ** -0.5 if value.dim() > 1 else 0.1
        value.data.normal_(generator=generator).mul_(scale)
        if value.dim() == 1 and name.endswith("weight"):
            value.data.add_(1.0)
    return module.eval()


def text(cls, width, projection, activation, generator):
    config = CLIPTextConfig(
        vocab_size=VOCABULARY,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=3,
        num_attention_heads=4,
        hidden_act=activation,
        projection_dim=projection,
        eos_token_id=2,
    )
    return filled(cls(config), generator)


@pytest.fixture
def theirs(generator):
    return {
        "unet": filled(
            UNet2DConditionModel(
                block_out_channels=(32, 64, 96),
                down_block_types=["DownBlock2D", *["CrossAttnDownBlock2D"] * 2],
                up_block_types=[*["CrossAttnUpBlock2D"] * 2, "UpBlock2D"],
                layers_per_block=2,
                transformer_layers_per_block=[1, 1, 2],
                attention_head_dim=(2, 4, 6),
                cross_attention_dim=16 + 24,
                addition_embed_type="text_time",
                addition_time_embed_dim=32,
                projection_class_embeddings_input_dim=24 + 6 * 32,
                use_linear_projection=True,
                norm_num_groups=8,
            ),
            generator,
        ),
        "vae": filled(
            AutoencoderKL(
                down_block_types=("DownEncoderBlock2D",) * 4,
                up_block_types=("UpDecoderBlock2D",) * 4,
                block_out_channels=(8, 16, 24, 24),
                norm_num_groups=4,
                scaling_factor=0.25,
            ),
            generator,
        ),
        "text_encoder": text(CLIPTextModel, 16, 16, "quick_gelu", generator),
        "text_encoder_2": text(CLIPTextModelWithProjection, 24, 24, "gelu", generator),
    }


@pytest.fixture
def folder(theirs, tmp_path):
    """As `DiffusionPipeline.save_pretrained` lays it out, the UNet in shards."""
    made = tmp_path / "model"
    for name, module in theirs.items():
        module.save_pretrained(made / name, max_shard_size="300KB" if name == "unet" else "1GB")
    DDIMScheduler().save_pretrained(made / "scheduler")
    (made / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionXLPipeline"}))
    assert len(list((made / "unet").glob("*.safetensors"))) > 2
    return made


def load(path):
    return load_checkpoint(open_source(path), CPU)


def test_every_part_computes_what_theirs_does(theirs, folder, generator, relative_error):
    model = load(folder)
    assert model.report.unknown == ()
    assert model.traits == ModelTraits()
    assert model.autoencoder.config.scale == 0.25
    rows = torch.randint(1, 400, (2, 77), generator=generator)
    rows[:, 9:] = VOCABULARY - 1
    x = torch.randn(2, 4, 16, 16, generator=generator)
    t = torch.tensor([13.0, 700.0])
    sizes = torch.tensor([[64.0, 64.0, 0.0, 0.0, 64.0, 64.0]]).repeat(2, 1)
    with torch.no_grad():
        first = theirs["text_encoder"](rows, output_hidden_states=True).hidden_states[-2]
        second = theirs["text_encoder_2"](rows, output_hidden_states=True)
        encoded = model.text_g(rows)
        assert relative_error(model.text_l(rows), first) <= 1e-5
        assert relative_error(encoded.states, second.hidden_states[-2]) <= 1e-5
        assert relative_error(encoded.pooled, second.text_embeds) <= 1e-5
        context = torch.cat((first, second.hidden_states[-2]), -1)
        facts = {"text_embeds": second.text_embeds, "time_ids": sizes}
        predicted = theirs["unet"](
            x, t, encoder_hidden_states=context, added_cond_kwargs=facts
        ).sample
        vector = torch.cat((second.text_embeds, sinusoids(sizes, 32).flatten(1)), 1)
        assert relative_error(model.unet(x, t, vector, context), predicted) <= 1e-5
        pixels = theirs["vae"].decode(x).sample
        assert relative_error(model.autoencoder.decode(x), pixels) <= 1e-5
        mean = theirs["vae"].encode(pixels).latent_dist.mean
        assert relative_error(model.autoencoder.encode(pixels).mean, mean) <= 1e-5


def test_it_becomes_a_single_file_and_comes_back(folder, tmp_path):
    model = load(folder)
    path = tmp_path / "single.safetensors"
    save_checkpoint(path, model, traits=model.traits)
    again = load(path)
    assert again.configs == model.configs
    for part in ("unet", "autoencoder", "text_l", "text_g"):
        ours, back = getattr(model, part).state_dict(), getattr(again, part).state_dict()
        assert all(torch.equal(ours[name], value) for name, value in back.items())


def test_it_is_drawn_with_listed_and_planned_by_commands(folder, tmp_path, monkeypatch):
    config = tmp_path / "config.toml"
    config.write_text(
        f'outputs = "{tmp_path}"\ncache = "{tmp_path / "cache"}"\nmodels = ["{tmp_path}"]\n'
        'device = "cpu"\nthreads = 1\n'
    )
    monkeypatch.setenv("IRODORI_CONFIG", str(config))

    def run(*arguments):
        result = CliRunner().invoke(root, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    small = ("--steps", "2", "--size", "64x64", "--seed", "1")
    for model in ("model", str(folder)):
        (drawn,) = json.loads(run("generate", "1girl", *small, "--model", model, "--json"))
        assert drawn["recipe"]["model"]["file"]["name"] == "model"
        assert drawn["recipe"]["model"]["file"]["sha256"]
        assert "a folder of diffusers" in run("models", "show", model)
    assert run("models", "plan", str(folder), "--vram", "8").startswith("plan: resident")


def test_the_scheduler_says_how_it_was_trained(folder):
    DDIMScheduler(prediction_type="v_prediction", rescale_betas_zero_snr=True).save_pretrained(
        folder / "scheduler"
    )
    assert load(folder).traits == ModelTraits(prediction=Prediction.V, zero_terminal_snr=True)


def test_half_precision_beside_the_whole_is_left_alone(theirs, folder):
    half = theirs["vae"].half()
    half.save_pretrained(folder / "vae", variant="fp16")
    assert load(folder).report.dtypes == ("F32",)
    for file in (folder / "vae").glob("*model.safetensors"):
        file.unlink()
    assert load(folder).report.dtypes == ("F32", "F16")


def test_what_is_missing_is_named(folder, tmp_path):
    (folder / "text_encoder_2" / "model.safetensors").unlink()
    with pytest.raises(ModelFileError, match="lacks 'text_encoder_2/"):
        open_source(folder)
    with pytest.raises(ModelFileError, match="none of diffusers"):
        open_source(tmp_path)
