"""eps and v behind one denoiser: the same trajectories, finite at zero-terminal SNR."""

import pytest
import torch
from torch import Tensor

from irodori.engine.closed_form import GaussianMixture
from irodori.engine.denoiser import Parameterisation, PlainDenoiser
from irodori.engine.model_sigmas import ModelSigmas, sdxl_sigmas
from irodori.engine.noise import ImageNoise, NoiseSetting
from irodori.engine.samplers import get
from irodori.engine.sampling import Pass, finished, noised, sample
from irodori.engine.schedules import sigmas
from irodori.errors import RecipeError
from irodori.recipe.names import Prediction
from irodori.recipe.parts import Noise
from irodori.recipe.samplers import SAMPLERS

PLAIN, ZERO_SNR = sdxl_sigmas(), sdxl_sigmas(zero_terminal_snr=True)
SHAPE = (4, 4, 4)


def mixture() -> GaussianMixture:
    generator = torch.Generator().manual_seed(3)
    return GaussianMixture(
        means=torch.randn((3, *SHAPE), generator=generator, dtype=torch.float64), spread=0.4
    )


def ideal(data: GaussianMixture, prediction: Prediction, model: ModelSigmas) -> PlainDenoiser:
    """Return the perfect network for data, of either prediction, behind its denoiser."""

    def network(scaled: Tensor, t: Tensor) -> Tensor:
        sigma = model.to_sigma(t[0])
        x = scaled * (sigma**2 + 1).sqrt()
        clean = data(x, sigma)
        eps = (x - clean) / sigma
        alpha = (sigma**2 + 1).rsqrt()
        return alpha * eps - sigma * alpha * clean if prediction is Prediction.V else eps

    return PlainDenoiser(
        parameterisation=Parameterisation(prediction=prediction, model_sigmas=model),
        network=network,
    )


@pytest.mark.parametrize("prediction", [Prediction.EPS, Prediction.V])
@pytest.mark.parametrize("sigma", [0.0292, 0.5, 14.6])
def test_a_perfect_network_denoises_perfectly(prediction: Prediction, sigma: float) -> None:
    data, level = mixture(), torch.tensor(sigma, dtype=torch.float64)
    x = torch.randn((2, *SHAPE), generator=torch.Generator().manual_seed(1)).double() * sigma
    ours = ideal(data, prediction, PLAIN)(x, level)
    # The time is float32: it holds sigma to about 1e-6.
    torch.testing.assert_close(ours, data(x, level), rtol=0, atol=2e-5)


@pytest.mark.parametrize("name", [info.name for info in SAMPLERS if not info.cfg_plus_plus])
def test_eps_and_v_take_the_same_path(name: str) -> None:
    data = mixture()
    levels = sigmas("SGM Uniform", 12, model_sigmas=PLAIN).double()

    def drawn(prediction: Prediction) -> Tensor:
        noise = ImageNoise([Noise(seed=4)], NoiseSetting(shape=SHAPE, sigmas=levels))
        x = noised(noise.initial.double(), levels[0])
        run = Pass(sampler=get(name), sigmas=levels, noise=noise)
        return finished(sample(run, ideal(data, prediction, PLAIN), x), x)

    eps, v = drawn(Prediction.EPS), drawn(Prediction.V)
    assert bool(eps.isfinite().all())
    torch.testing.assert_close(eps, v, rtol=0, atol=1e-6)


def test_v_starts_finite_from_zero_terminal_snr() -> None:
    data = mixture()
    levels = sigmas("SGM Uniform", 20, model_sigmas=ZERO_SNR)
    assert float(levels[0]) == pytest.approx(4518.76, rel=1e-5)
    noise = ImageNoise([Noise(seed=4)], NoiseSetting(shape=SHAPE, sigmas=levels))
    x = noised(noise.initial, levels[0])
    run = Pass(sampler=get("DPM++ 2M"), sigmas=levels, noise=noise)
    result = finished(sample(run, ideal(data, Prediction.V, ZERO_SNR), x), x)
    nearest = (result - data.means).flatten(1).square().mean(1).sqrt().min()
    assert float(nearest) < 3 * data.spread


def test_upstream_gives_whole_timesteps() -> None:
    between = PLAIN.to_sigma(torch.tensor(500.3))
    plain = Parameterisation(prediction=Prediction.EPS, model_sigmas=PLAIN)
    whole = Parameterisation(prediction=Prediction.EPS, model_sigmas=PLAIN, nearest_timestep=True)
    assert float(plain.timestep(between)) == pytest.approx(500.3, abs=1e-3)
    assert float(whole.timestep(between)) == 500.0


def test_lcm_boundary_runs_on_a_table_of_fifty_and_hardly_changes_the_answer() -> None:
    lcm = Parameterisation(prediction=Prediction.EPS, model_sigmas=PLAIN, lcm_boundary=True)
    assert float(lcm.timestep(torch.tensor(PLAIN.sigma_max))) == 999.0
    assert float(lcm.timestep(torch.tensor(PLAIN.sigma_min))) == 19.0
    x, output = torch.full((1, 4, 2, 2), 3.0), torch.ones((1, 4, 2, 2))
    sigma = torch.tensor(PLAIN.sigma_min)
    scaled = (19.0 * 10) ** 2
    expected = (scaled / (scaled + 0.25)) ** 0.5 * (x - output * sigma) + 0.25 / (scaled + 0.25) * x
    torch.testing.assert_close(lcm.denoised(x, sigma, output), expected)


def test_an_unresolved_prediction_is_refused() -> None:
    with pytest.raises(RecipeError, match="resolved"):
        Parameterisation(prediction=Prediction.FILE, model_sigmas=PLAIN)
