"""torch.compile: asked for by name, and the plain UNet where it fails."""

import pytest
import torch

from irodori.engine.approximate.compiled import CompiledNetwork
from irodori.engine.approximate.of_model import ModelSpeedUps
from irodori.engine.residence import AtHome
from irodori.recipe.approximations import COMPILE
from irodori.recipe.parts import Approximation


def given():
    generator = torch.Generator().manual_seed(1)
    return (
        torch.randn(1, 4, 4, 4, generator=generator),
        torch.tensor([500.0]),
        torch.randn(1, 40, generator=generator),
        torch.randn(1, 77, 20, generator=generator),
    )


@pytest.fixture(autouse=True)
def forgotten():
    yield
    torch.compiler.reset()


@torch.no_grad()
def test_what_is_compiled_is_called_and_listed(model):
    exact, graphs = model.unet(*given()), []

    def watching(graph, inputs):
        graphs.append(graph)
        return graph.forward

    network = CompiledNetwork(AtHome(model).network, model.unet, watching)
    torch.testing.assert_close(network(*given()), exact)
    assert graphs
    speed_ups = ModelSpeedUps(compiled=network)
    assert speed_ups.notes == ()
    assert speed_ups.listed(is_fp8=False) == (Approximation(name=COMPILE, value=1),)


@torch.no_grad()
def test_without_a_compiler_the_picture_is_exact_and_says_so(model):
    exact, tried = model.unet(*given()), []

    def without_compiler(graph, inputs):
        tried.append(graph)
        raise RuntimeError("no C++ compiler was found\nlook here and there")

    network = CompiledNetwork(AtHome(model).network, model.unet, without_compiler)
    for _ in range(2):
        assert torch.equal(network(*given()), exact)
    assert len(tried) == 1
    speed_ups = ModelSpeedUps(compiled=network)
    (note,) = speed_ups.notes
    assert note == "approximation 'compile' was not done: no C++ compiler was found"
    assert speed_ups.listed(is_fp8=False) == ()


@torch.no_grad()
def test_errors_of_the_network_itself_are_not_hidden(model):
    network = CompiledNetwork(AtHome(model).network, model.unet, lambda graph, inputs: graph)
    x, t, vector, _ = given()
    with pytest.raises(KeyError):
        network(x, t, vector, {})
    assert network.note == ""
