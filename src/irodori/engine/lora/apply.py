"""Networks on a model's weights, at strengths that may change from step to step.

Two ways lead to the same numbers:

- A side branch: the layer's own output plus `up (s * a * down x)`. The weight is not touched, and
  another strength costs as much as writing a few numbers; each call pays for the branch. All
  networks of a layer share one branch: their factors are stacked, and every rank has its scale.
- A merged weight: computed in float32 from the original, rounded once, and put in its place. It
  costs nothing per call, and is computed anew for every other strength.

Only LoRA and LoCon have a cheap branch. What else there is (LoHa, LoKr, DoRA, rotations, norms,
biases, parameters that hold several weights) is merged in either way.

The originals are kept and put back, never computed back: bit for bit, also after an exception.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from irodori.engine.lora.layers.base import moved
from irodori.engine.lora.layers.lora import Lora
from irodori.engine.lora.network import Change


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Share:
    """One change of a network, with its share of the network's strength (block weights)."""

    change: Change
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Owned:
    """A change with the place of its network in the list of strengths."""

    network: int
    change: Change
    share: float


@contextmanager
def applied(
    modules: Mapping[str, nn.Module], networks: Sequence[Sequence[Share]], *, branches: bool
) -> Iterator["Switch"]:
    """Yield what sets the networks' strengths, all 0 at first; afterwards all is as it was.

    Args:
        modules: parts of a model, by the names in `Target.part`; changes to others are ignored.
        networks: the changes of each network, in the order of the prompt.
        branches: leave the weights alone where a side branch is cheap.
    """
    switch = Switch(modules, networks, branches=branches)
    try:
        yield switch
    finally:
        switch.close()


class Switch:
    """Sets the strengths of networks; made and closed by `applied`."""

    def __init__(
        self,
        modules: Mapping[str, nn.Module],
        networks: Sequence[Sequence[Share]],
        *,
        branches: bool,
    ) -> None:
        self._branches: list[_Branch] = []
        self._merges: list[_Merge] = []
        for (part, parameter), owned in _by_parameter(networks).items():
            if part not in modules:
                continue
            path, _, attribute = parameter.rpartition(".")
            holder = modules[part].get_submodule(path)
            if branches and _is_cheap(holder, attribute, owned):
                self._branches.append(_Branch(holder, owned))
            else:
                self._merges.append(_Merge(getattr(holder, attribute), owned))

    def to(self, strengths: Sequence[float]) -> None:
        """Set the strengths, one for each network; what they are already costs nothing."""
        with torch.no_grad():
            for branch in self._branches:
                branch.to(strengths)
            for merge in self._merges:
                merge.to(strengths)

    def close(self) -> None:
        """Put everything back as it was."""
        for branch in self._branches:
            branch.close()
        for merge in self._merges:
            merge.close()


def _by_parameter(networks: Sequence[Sequence[Share]]) -> dict[tuple[str, str], list[_Owned]]:
    """Return all changes by the parameter they touch, in the order of the networks."""
    found: dict[tuple[str, str], list[_Owned]] = {}
    for place, network in enumerate(networks):
        for each in network:
            target = each.change.target
            owned = _Owned(network=place, change=each.change, share=each.share)
            if each.share:
                found.setdefault((target.part, target.parameter), []).append(owned)
    return found


def _is_cheap(holder: nn.Module, attribute: str, owned: Sequence[_Owned]) -> bool:
    """Tell whether the changes are sums of low rank to a whole weight that is called."""
    called = isinstance(holder, nn.Linear | nn.Conv2d) and attribute == "weight"
    return called and all(isinstance(each.change.layer, Lora) for each in owned)


class _Branch:
    """The side branch of one linear layer or convolution, for all networks on it."""

    def __init__(self, layer: nn.Module, owned: Sequence[_Owned]) -> None:
        weight = layer.get_parameter("weight")
        loras = [
            (each.network, each.share, lora, *lora.factors())
            for each in owned
            if isinstance(lora := each.change.layer, Lora)
        ]
        self._owned = [
            (network, share * lora.scale, len(down)) for network, share, lora, _, down in loras
        ]
        downs = [down.reshape(len(down), *weight.shape[1:]) for *_, down in loras]
        # (R, in, ...) and (out, R), R the sum of all ranks
        like = weight if weight.dtype.itemsize > 1 else weight.new_empty(0, dtype=torch.float16)
        self._down = torch.cat(downs).to(like)
        self._up = torch.cat([up for *_, up, _ in loras], 1).to(like)
        self._scales: Tensor | None = None  # (R,); None while all strengths are 0
        self._hook = layer.register_forward_hook(self._add)

    def to(self, strengths: Sequence[float]) -> None:
        values = [strengths[network] * scale for network, scale, _ in self._owned]
        if not any(values):
            self._scales = None
            return
        ranks = torch.tensor([rank for _, _, rank in self._owned])
        self._scales = torch.tensor(values).repeat_interleave(ranks).to(self._up)

    def close(self) -> None:
        self._hook.remove()

    def _add(self, layer: nn.Module, args: tuple[Tensor], output: Tensor) -> Tensor:
        if self._scales is None:
            return output
        (x,) = args
        # A weight may be elsewhere, or in fewer bits, while its layer is not in use.
        self._down, self._up = self._down.to(x), self._up.to(x)
        self._scales = self._scales.to(x)
        if isinstance(layer, nn.Conv2d):
            inner = F.conv2d(x, self._down, None, layer.stride, layer.padding, layer.dilation)
            scaled = inner.permute(0, 2, 3, 1) * self._scales  # (B, H, W, R)
            return output.add_(F.linear(scaled, self._up).permute(0, 3, 1, 2))
        return output.add_(F.linear(F.linear(x, self._down) * self._scales, self._up))


class _Merge:
    """One parameter with its original."""

    def __init__(self, parameter: nn.Parameter, owned: Sequence[_Owned]) -> None:
        self._parameter = parameter
        self._original = parameter.data
        self._owned = owned
        self._strengths: tuple[float, ...] = (0.0,) * len(owned)

    def to(self, strengths: Sequence[float]) -> None:
        wanted = tuple(strengths[each.network] * each.share for each in self._owned)
        if wanted == self._strengths:
            return
        self._parameter.data = self._merged(wanted) if any(wanted) else self._original
        self._strengths = wanted

    def close(self) -> None:
        self._parameter.data = self._original

    def _merged(self, strengths: Sequence[float]) -> Tensor:
        whole = self._original.float()
        if whole is self._original:
            whole = whole.clone()
        for owned, strength in zip(self._owned, strengths, strict=True):
            view = owned.change.target.view(whole)
            layer = moved(owned.change.layer, view.device)
            view.copy_(layer.changed(view, strength))
        # As the original lies in memory (channels last), in its type.
        return torch.empty_like(self._original).copy_(whole)
