"""Guidance: its algebra, when it acts, how few network calls it takes, and what AND means."""

import math

import pytest
import torch
from torch import Tensor

from irodori.engine.conditioning import Conditioning, ImageConditioning, Part, rows_of
from irodori.engine.denoiser import Parameterisation
from irodori.engine.guidance import Answers, Guidance, combined, perturbing, rescaled
from irodori.engine.guided import Drawing, GuidedDenoiser
from irodori.engine.model_sigmas import sdxl_sigmas
from irodori.engine.modules.attention import Site, fused
from irodori.engine.padding import Padding, padded
from irodori.engine.samplers.base import GuidedDenoiser as GuidedProtocol
from irodori.errors import RecipeError
from irodori.recipe.names import PadConds, Prediction

SHAPE = (4, 3, 5)
SIGMA = torch.tensor(2.0)
SITE = Site(name="middle_block.1.transformer_blocks.0.attn1")


def normals(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


class Network:
    """A network whose eps is x times a number read from the text by attention; counts its calls."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.encoded = 0

    def context_kv(self, context: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
        self.encoded += 1
        return {"all": (context, context)}

    def __call__(self, x, t, vector, context, attend=fused):
        self.rows.append(len(x))
        keys, values = context["all"]
        told = fused(
            vector[:, None, None, :], keys[:, None], values[:, None], Site(name="x", cross=True)
        ).mean((1, 2, 3))
        # One "self-attention" over the pixels, for perturbed attention to find.
        pixels = x.flatten(2).transpose(1, 2)[:, None]  # (R, 1, H W, 4)
        mixed = attend(pixels, pixels, pixels, SITE)[:, 0].transpose(1, 2).reshape(x.shape)
        return x * told[:, None, None, None] + 0.1 * mixed


def text(seed: int, chunks: int = 1) -> Conditioning:
    return Conditioning(normals(seed, 77 * chunks, 8), normals(seed + 100, 8))


def image(*parts: tuple[int, float], negative: int = 50, chunks: int = 1) -> ImageConditioning:
    return ImageConditioning(
        parts=tuple(Part(text(seed, chunks), weight) for seed, weight in parts),
        negative=text(negative),
    )


def drawing(network: Network, batch, guidance: Guidance, calls: int = 10) -> GuidedDenoiser:
    return GuidedDenoiser(
        Drawing(
            network=network,
            parameterisation=Parameterisation(
                prediction=Prediction.EPS, model_sigmas=sdxl_sigmas()
            ),
            conditioning=lambda _: batch,
            guidance=guidance,
            calls=calls,
        )
    )


def denoised_by(seed: int, x: Tensor, chunks: int = 1) -> Tensor:
    """Return what one text alone denoises x [4, H, W] to."""
    plain = (image((seed, 1.0), chunks=chunks),)
    return drawing(Network(), plain, Guidance(cfg_scale=1.0))(x[None], SIGMA)[0]


def test_guidance_is_its_formula() -> None:
    x = normals(1, 2, *SHAPE)
    batch = (image((1, 1.0)), image((2, 1.0)))
    ours = drawing(Network(), batch, Guidance(cfg_scale=5.0))(x, SIGMA)
    for index in range(2):
        cond, uncond = denoised_by(index + 1, x[index]), denoised_by(50, x[index])
        torch.testing.assert_close(ours[index], uncond + 5 * (cond - uncond))


def test_prompt_and_negative_are_one_call() -> None:
    network = Network()
    drawing(network, (image((1, 1.0)),), Guidance(cfg_scale=5.0))(normals(1, 1, *SHAPE), SIGMA)
    assert network.rows == [2]


def test_scale_one_does_not_compute_the_negative() -> None:
    network = Network()
    x = normals(1, 2, *SHAPE)
    batch = (image((1, 1.0)), image((2, 1.0)))
    ours = drawing(network, batch, Guidance(cfg_scale=1.0))(x, SIGMA)
    assert network.rows == [2]
    other = tuple(ImageConditioning(parts=each.parts, negative=text(77)) for each in batch)
    assert torch.equal(ours, drawing(Network(), other, Guidance(cfg_scale=1.0))(x, SIGMA))


def test_parts_of_and_are_weighed_as_in_a1111() -> None:
    x = normals(1, 1, *SHAPE)
    batch = (image((1, 1.0), (2, 0.5), (3, -0.25)),)
    ours = drawing(Network(), batch, Guidance(cfg_scale=4.0))(x, SIGMA)[0]
    uncond = denoised_by(50, x[0])
    expected = uncond.clone()
    for seed, weight in ((1, 1.0), (2, 0.5), (3, -0.25)):
        expected += 4.0 * weight * (denoised_by(seed, x[0]) - uncond)
    torch.testing.assert_close(ours, expected)


def test_weights_that_cancel_give_no_nan() -> None:
    x = normals(1, 1, *SHAPE)
    ours = drawing(Network(), (image((1, 1.0), (2, -1.0)),), Guidance(cfg_scale=4.0))(x, SIGMA)
    assert bool(ours.isfinite().all())


def test_the_negative_is_not_computed_where_it_has_no_weight() -> None:
    """At cfg * sum(w) = 1 the negative cancels exactly, also for several parts."""
    network, x = Network(), normals(1, 1, *SHAPE)
    batch = (image((1, 0.75), (2, 0.25)),)
    ours = drawing(network, batch, Guidance(cfg_scale=1.0))(x, SIGMA)[0]
    assert network.rows == [2]
    expected = 0.75 * denoised_by(1, x[0]) + 0.25 * denoised_by(2, x[0])
    torch.testing.assert_close(ours, expected)


def test_images_of_a_batch_may_differ_in_parts_and_length() -> None:
    x = normals(1, 3, *SHAPE)
    batch = (image((1, 1.0)), image((2, 1.0), (3, 0.5)), image((4, 1.0), chunks=3))
    network = Network()
    together = drawing(network, batch, Guidance(cfg_scale=3.0))(x, SIGMA)
    assert network.rows == [7]
    for index, each in enumerate(batch):
        alone = drawing(Network(), (each,), Guidance(cfg_scale=3.0))(x[index : index + 1], SIGMA)
        torch.testing.assert_close(together[index], alone[0], rtol=1e-5, atol=1e-5)


def test_repetition_of_whole_texts_is_exact_and_has_a_limit() -> None:
    rows = rows_of([(0, text(1, 2)), (0, text(2, 3)), (0, text(3, 1)), (0, text(4, 5))])
    assert [row.context.shape[1] // 77 for row in rows] == [2, 3, 5]
    assert sorted(place for row in rows for place in row.places.tolist()) == [0, 1, 2, 3]
    x = normals(1, 1, *SHAPE)
    short, long = image((1, 1.0), chunks=1), image((1, 1.0), chunks=2)
    for each in (short, long):
        single = Network()
        drawing(single, (each,), Guidance(cfg_scale=3.0))(x, SIGMA)
        assert single.rows == [2]
    far = Network()
    drawing(far, (image((1, 1.0), chunks=5),), Guidance(cfg_scale=3.0))(x, SIGMA)
    assert far.rows == [1, 1]


def lengths(image: ImageConditioning) -> list[int]:
    """Return the chunks of each part, then of the negative."""
    texts = [*(part.conditioning for part in image.parts), image.negative]
    return [len(text.context) // 77 for text in texts]


def test_padding_is_off_unless_asked_for() -> None:
    given = image((1, 1.0), (2, 1.0), chunks=2)
    assert padded(given, Padding()) is given


def test_upstream_aligns_parts_by_repeating_the_last_state() -> None:
    short, long = text(1), text(2, 2)
    given = ImageConditioning(parts=(Part(short, 0.5), Part(long)), negative=text(50))
    ours = padded(given, Padding(align_parts=True))
    assert lengths(ours) == [2, 2, 1]
    first = ours.parts[0]
    assert first.weight == 0.5
    assert torch.equal(first.conditioning.context[:77], short.context)
    assert torch.equal(first.conditioning.context[77:], short.context[-1:].expand(77, -1))
    assert torch.equal(first.conditioning.vector, short.vector)


@pytest.mark.parametrize(("chunks", "negative"), [(1, 3), (3, 1), (2, 2)])
def test_old_padding_makes_the_negative_as_long_as_the_prompt(chunks: int, negative: int) -> None:
    given = ImageConditioning(parts=(Part(text(1, chunks)),), negative=text(50, negative))
    ours = padded(given, Padding(conds=PadConds.REPEAT_LAST))
    assert lengths(ours) == [chunks, chunks]
    kept = min(chunks, negative) * 77
    assert torch.equal(ours.negative.context[:kept], given.negative.context[:kept])


@pytest.mark.parametrize(("chunks", "negative"), [(1, 3), (3, 1)])
def test_padding_appends_empty_chunks_to_whichever_is_shorter(chunks: int, negative: int) -> None:
    empty = text(9).context
    given = ImageConditioning(parts=(Part(text(1, chunks)),), negative=text(50, negative))
    ours = padded(given, Padding(conds=PadConds.EMPTY_CHUNKS, empty_chunk=empty))
    assert lengths(ours) == [3, 3]
    grown = ours.parts[0].conditioning if chunks == 1 else ours.negative
    assert torch.equal(grown.context[77:], torch.cat([empty, empty]))
    with pytest.raises(RecipeError, match="empty chunk"):
        Padding(conds=PadConds.EMPTY_CHUNKS)


@pytest.mark.parametrize(
    ("guidance", "guided_calls"),
    [
        (Guidance(), list(range(10))),
        (Guidance(start=0.3), [4, 5, 6, 7, 8, 9]),
        (Guidance(end=0.6), [0, 1, 2, 3, 4, 5]),
        (Guidance(start=0.2, end=0.5), [3, 4]),
        (Guidance(end=0.0), []),
        (Guidance(minimum_sigma=3.0), [0, 2, 4, 6, 8]),
        (Guidance(minimum_sigma=3.0, every_call=True), []),
        (Guidance(minimum_sigma=1.0), list(range(10))),
    ],
)
def test_guidance_acts_when_it_should(guidance: Guidance, guided_calls: list[int]) -> None:
    network, x = Network(), normals(1, 1, *SHAPE)
    denoise = drawing(network, (image((1, 1.0)),), guidance)
    results = [denoise(x, SIGMA) for _ in range(10)]
    assert [call for call, rows in enumerate(network.rows) if rows == 2] == guided_calls
    plain = denoised_by(1, x[0])
    for call in set(range(10)) - set(guided_calls):
        torch.testing.assert_close(results[call][0], plain)


def test_conditioning_follows_the_call_and_is_prepared_once() -> None:
    network, x = Network(), normals(1, 1, *SHAPE)
    first, second = (image((1, 1.0)),), (image((2, 1.0)),)
    denoise = GuidedDenoiser(
        Drawing(
            network=network,
            parameterisation=Parameterisation(
                prediction=Prediction.EPS, model_sigmas=sdxl_sigmas()
            ),
            conditioning=lambda call: (first, second)[call % 2],
            guidance=Guidance(cfg_scale=1.0),
            calls=4,
        )
    )
    results = [denoise(x, SIGMA)[0] for _ in range(6)]
    assert network.encoded == 2
    for call, result in enumerate(results):
        torch.testing.assert_close(result, denoised_by(call % 2 + 1, x[0]))


def test_cfg_plus_plus_gets_the_negatives_own_prediction() -> None:
    x = normals(1, 1, *SHAPE)
    for scale in (1.0, 4.0):
        denoise = drawing(Network(), (image((1, 1.0)),), Guidance(cfg_scale=scale))
        assert isinstance(denoise, GuidedProtocol)
        both = denoise.guided(x, SIGMA)
        cond, uncond = denoised_by(1, x[0]), denoised_by(50, x[0])
        torch.testing.assert_close(both.uncond[0], uncond)
        torch.testing.assert_close(both.denoised[0], uncond + scale * (cond - uncond))


def test_rescale_restores_the_spread_of_the_v_prediction() -> None:
    x, guided, cond = normals(1, *SHAPE) * 3, normals(2, *SHAPE) * 2, normals(3, *SHAPE)
    sigma = 1.7

    def v(clean: Tensor) -> Tensor:
        return (x / (sigma**2 + 1) - clean) * math.sqrt(sigma**2 + 1) / sigma

    whole = rescaled(guided, cond, x, sigma, phi=1.0)
    torch.testing.assert_close(v(whole).std(), v(cond).std())
    torch.testing.assert_close(v(whole), v(guided) * (v(cond).std() / v(guided).std()))
    torch.testing.assert_close(rescaled(guided, cond, x, sigma, phi=0.0), guided)
    half = rescaled(guided, cond, x, sigma, phi=0.5)
    torch.testing.assert_close(half, (whole + guided) / 2)


def test_rescale_at_scale_one_changes_nothing() -> None:
    x = normals(1, *SHAPE)
    answers = Answers(parts=(normals(2, *SHAPE),), weights=(1.0,), uncond=normals(3, *SHAPE))
    plain = combined(answers, Guidance(cfg_scale=1.0), x, 2.0)
    with_phi = combined(answers, Guidance(cfg_scale=1.0, rescale_phi=0.7), x, 2.0)
    torch.testing.assert_close(plain, with_phi)


def test_perturbed_rows_see_only_themselves_at_the_chosen_sites() -> None:
    q, k, v = (normals(seed, 3, 2, 6, 4) for seed in (1, 2, 3))
    attend = perturbing(fused, 1, ("middle_block",))
    mixed = attend(q, k, v, SITE)
    torch.testing.assert_close(mixed[:2], fused(q, k, v, SITE)[:2])
    assert torch.equal(mixed[2], v[2])
    for site in (Site(name="input_blocks.4.attn1"), Site(name="middle_block.attn2", cross=True)):
        assert torch.equal(attend(q, k, v, site), fused(q, k, v, site))
    assert torch.equal(perturbing(fused, 3, ("middle_block",))(q, k, v, SITE), v)
    assert perturbing(fused, 0, ("middle_block",)) is fused


def test_perturbed_attention_guides_away_from_the_perturbed_answer() -> None:
    x = normals(1, 1, *SHAPE)
    batch = (image((1, 1.0)),)
    network = Network()
    guidance = Guidance(cfg_scale=4.0, perturbed_scale=3.0)
    ours = drawing(network, batch, guidance)(x, SIGMA)[0]
    assert network.rows == [3]
    without = drawing(Network(), batch, Guidance(cfg_scale=4.0))(x, SIGMA)[0]
    cond = denoised_by(1, x[0])
    # The perturbed answer alone: every row of a call that perturbs everywhere.
    network = Network()
    lonely = drawing(network, batch, Guidance(cfg_scale=1.0))
    lonely._drawing = Drawing(
        network=network,
        parameterisation=lonely._drawing.parameterisation,
        conditioning=lambda _: batch,
        guidance=Guidance(cfg_scale=1.0),
        calls=1,
        attend=perturbing(fused, 1, ("middle_block",)),
    )
    perturbed = lonely(x, SIGMA)[0]
    assert not torch.allclose(perturbed, cond)
    torch.testing.assert_close(ours, without + 3 * (cond - perturbed))


@pytest.mark.parametrize("wrong", [{"start": 0.6, "end": 0.5}, {"end": 1.5}, {"rescale_phi": 2.0}])
def test_impossible_guidance_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(RecipeError):
        Guidance(**wrong)
