"""From the tensors of one stem of a network file to what they do to a weight and its bias."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final

import torch
from torch import Tensor

from irodori.catalog.network_names import ALPHA, DORA_SCALE, DOWN, IA3_WEIGHT, MID, ON_INPUT, UP
from irodori.engine.lora.layers.base import Layer
from irodori.engine.lora.layers.dora import Dora
from irodori.engine.lora.layers.factors import Factor, LowRank, Whole
from irodori.engine.lora.layers.full import Full, Overwrite
from irodori.engine.lora.layers.glora import glora_of
from irodori.engine.lora.layers.ia3 import Ia3
from irodori.engine.lora.layers.loha import Loha
from irodori.engine.lora.layers.lokr import Lokr
from irodori.engine.lora.layers.lora import Lora
from irodori.engine.lora.layers.oft import Boft, Oft, rotations

Pieces = Mapping[str, Tensor]
"""The tensors of one stem by role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeftScale:
    """The alpha that PEFT states in a file's metadata and not beside each weight.

    Attributes:
        alpha: `lora_alpha`.
        rank_stabilised: divide by the root of the rank (Kalajdzievski 2023, arXiv:2312.03732).
    """

    alpha: float
    rank_stabilised: bool = False

    def at(self, rank: int) -> float:
        """Return the factor a for a rank."""
        return self.alpha / (sqrt(rank) if self.rank_stabilised else rank)


def weight_layer(
    pieces: Pieces, shape: tuple[int, ...], stated: PeftScale | None = None
) -> Layer | None:
    """Return what is done to a weight; None where nothing is, or something is missing.

    Args:
        pieces: of one stem.
        shape: of the weight, which tells GLoRA's layouts apart.
        stated: PEFT's alpha, for a LoRA without one of its own.
    """
    made = (make(pieces, shape) for roles, make in _KINDS if pieces.keys() >= roles)
    layer = next(made, None) if not _is_lora(pieces) else _lora(pieces, stated)
    if layer is None or DORA_SCALE not in pieces:
        return layer
    return Dora(inner=layer, magnitude=pieces[DORA_SCALE])


def bias_layer(pieces: Pieces) -> Layer | None:
    """Return what is done to the bias beside a weight, or None."""
    difference = pieces.get("diff_b", pieces.get("b_norm"))
    return None if difference is None else Full(difference=difference)


def _is_lora(pieces: Pieces) -> bool:
    return pieces.keys() >= {UP, DOWN}


def _lora(pieces: Pieces, stated: PeftScale | None) -> Layer:
    rank = pieces[DOWN].shape[0]
    scale = _scale(pieces, rank)
    if ALPHA not in pieces and stated is not None:
        scale = stated.at(rank)
    return Lora(up=pieces[UP], down=pieces[DOWN], mid=pieces.get(MID), scale=scale)


def _loha(pieces: Pieces, shape: tuple[int, ...]) -> Layer:  # noqa: ARG001  # one signature
    return Loha(
        first=LowRank(a=pieces["hada_w1_a"], b=pieces["hada_w1_b"], core=pieces.get("hada_t1")),
        second=LowRank(a=pieces["hada_w2_a"], b=pieces["hada_w2_b"], core=pieces.get("hada_t2")),
        scale=_scale(pieces, pieces["hada_w1_b"].shape[0]),
    )


def _lokr(pieces: Pieces, shape: tuple[int, ...]) -> Layer | None:  # noqa: ARG001  # the same
    first, second = _kron(pieces, "lokr_w1"), _kron(pieces, "lokr_w2")
    if first is None or second is None:
        return None
    # The rank is the fine factor's where it has one (compat 3.6); two whole factors have none.
    ranks = [each.b.shape[0] for each in (second, first) if isinstance(each, LowRank)]
    scale = _scale(pieces, ranks[0]) if ranks else 1.0
    return Lokr(first=first, second=second, scale=scale)


def _kron(pieces: Pieces, name: str) -> Factor | None:
    if name in pieces:
        return Whole(value=pieces[name])
    a, b = pieces.get(f"{name}_a"), pieces.get(f"{name}_b")
    if a is None or b is None:
        return None
    return LowRank(a=a, b=b, core=pieces.get("lokr_t2") if name == "lokr_w2" else None)


def _glora(pieces: Pieces, shape: tuple[int, ...]) -> Layer:
    a1, a2, b1, b2 = (pieces[role] for role in ("a1", "a2", "b1", "b2"))
    # The rank is the side that all four share; the inner one of B in either layout.
    rank = min(*b1.shape[:2], *b2.shape[:2])
    return glora_of(a1, a2, b1, b2, shape, _scale(pieces, rank))


def _ia3(pieces: Pieces, shape: tuple[int, ...]) -> Layer:  # noqa: ARG001  # the same
    return Ia3(vector=pieces[IA3_WEIGHT], on_input=bool(pieces[ON_INPUT]))


def _oft(pieces: Pieces, shape: tuple[int, ...]) -> Layer | None:
    """Return a rotation; the constraint is alpha times the output channels (kohya, LyCORIS)."""
    alpha = pieces.get(ALPHA)
    constraint = 0.0 if alpha is None else float(alpha) * shape[0]
    if "oft_blocks" in pieces:
        rotation = rotations(pieces["oft_blocks"], constraint)
    else:  # early LyCORIS wrote the rotation itself
        rotation = pieces["oft_diag"].float()
    rescale = pieces.get("rescale")
    match rotation.dim():
        case 3:
            return Oft(rotation=rotation, rescale=rescale)
        case 4:
            return Boft(rotation=rotation, rescale=rescale)
        case _:
            return None


def _difference(pieces: Pieces, shape: tuple[int, ...]) -> Layer:  # noqa: ARG001  # the same
    return Full(difference=pieces["diff"] if "diff" in pieces else pieces["w_norm"])


def _overwrite(pieces: Pieces, shape: tuple[int, ...]) -> Layer:  # noqa: ARG001  # the same
    return Overwrite(value=pieces["set_weight"])


_Make = Callable[[Pieces, tuple[int, ...]], Layer | None]
_KINDS: Final[tuple[tuple[frozenset[str], _Make], ...]] = (
    (frozenset({"hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"}), _loha),
    (frozenset({"lokr_w1"}), _lokr),
    (frozenset({"lokr_w1_a"}), _lokr),
    (frozenset({"a1", "a2", "b1", "b2"}), _glora),
    (frozenset({ON_INPUT, IA3_WEIGHT}), _ia3),
    (frozenset({"oft_blocks"}), _oft),
    (frozenset({"oft_diag"}), _oft),
    (frozenset({"diff"}), _difference),
    (frozenset({"w_norm"}), _difference),
    (frozenset({"set_weight"}), _overwrite),
)
"""Which roles make which kind; the first that is complete."""


def _scale(pieces: Pieces, rank: int) -> float:
    """Return a = alpha / rank, or 1 without an alpha."""
    alpha = pieces.get(ALPHA)
    return 1.0 if alpha is None else float(alpha) / rank


def is_finite(pieces: Pieces) -> bool:
    """Tell whether all numbers of a stem are numbers."""
    return all(bool(torch.isfinite(piece.float()).all()) for piece in pieces.values())
