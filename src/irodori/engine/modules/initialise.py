"""Starting values for modules that are trained from nothing."""

from torch import Generator, Tensor, nn

from irodori.engine.modules.clip import ClipG, ClipGAttention, ClipLEmbeddings
from irodori.engine.modules.layers import Conv2d, GroupNorm, Linear

_TOKEN_STD = 0.3  # of the token table's rows; small text encoders of width 64-96 start well with it
_POSITION_STD = 0.1


def initialise(module: nn.Module, generator: Generator) -> nn.Module:
    """Fill every parameter of a module with starting values; the same generator, the same values.

    Weights are uniform within 1/sqrt(fan in), biases zero, norms the identity. What a class names
    in `ends_of_branches` starts at zero, so that its branch begins as nothing (Ho et al. 2020,
    arXiv:2006.11239, appendix B).

    Args:
        module: one of our modules, on the generator's device (not `meta`).
        generator: the only source of randomness.

    Returns:
        The module.
    """
    for part in module.modules():
        _fill(part, generator)
    for part in module.modules():
        for name in getattr(part, "ends_of_branches", ()):
            end = part.get_submodule(name)
            for value in end.parameters():
                _data(value).zero_()
    return module


def _fill(part: nn.Module, generator: Generator) -> None:
    """Fill what a module holds itself."""

    def normal(value: Tensor, std: float) -> None:
        _data(value).normal_(0.0, std, generator=generator)

    match part:
        case Linear() | Conv2d():
            _uniform(part.weight, generator)
            if part.bias is not None:
                _data(part.bias).zero_()
        case GroupNorm() | nn.LayerNorm():
            _data(part.weight).fill_(1.0)
            _data(part.bias).zero_()
        case ClipLEmbeddings():
            normal(part.token_embedding.weight, _TOKEN_STD)
            normal(part.position_embedding.weight, _POSITION_STD)
        case ClipG():
            normal(part.token_embedding.weight, _TOKEN_STD)
            normal(part.positional_embedding, _POSITION_STD)
            normal(part.text_projection, part.config.width**-0.5)
        case ClipGAttention():
            _uniform(part.in_proj_weight, generator)
            _data(part.in_proj_bias).zero_()


def _uniform(weight: Tensor, generator: Generator) -> None:
    bound = weight[0].numel() ** -0.5
    _data(weight).uniform_(-bound, bound, generator=generator)


def _data(parameter: Tensor) -> Tensor:
    """Return the parameter's storage, writable outside autograd."""
    return parameter.detach()
