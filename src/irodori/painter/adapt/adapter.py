"""A network in training: the changes of all its places, and the weights they make of the base's."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, cast

import torch
from torch import Generator, Tensor, nn

from irodori.painter.adapt.base import TABLES, Base
from irodori.painter.adapt.changes import Change, named_tensors, new_change
from irodori.painter.adapt.config import AdapterSettings
from irodori.painter.adapt.places import Place, places_of
from irodori.prompt.tokenizer import load_tokenizer


class Adaptation(Protocol):
    """What is trained: its parameters alone, and what they make of the base."""

    def weights(self) -> dict[str, Tensor]:
        """Return the changed parameters of `Sumire` by name, with their gradients' graph."""
        ...


class Network(nn.Module):
    """A LoRA, LoKr or DoRA. Children are named as the parts of `Sumire`.

    Args:
        base: what it changes; neither copied nor changed.
        settings: kind and ranks.
        generator: of the starting values.
    """

    def __init__(self, base: Base, settings: AdapterSettings, generator: Generator) -> None:
        super().__init__()
        self._originals = base.weights
        self._places = places_of(base.module, settings)
        for part in dict.fromkeys(place.part for place in self._places):
            self.add_module(part, nn.ModuleDict())
        for place in self._places:
            changes = cast("nn.ModuleDict", self.get_submodule(place.part))
            changes[place.stem] = new_change(
                place.of(self._originals), place.rank, settings, generator
            )

    def weights(self) -> dict[str, Tensor]:
        """See `Adaptation`; weights that share a parameter are joined."""
        pieces: dict[str, list[Tensor]] = {}
        for place in self._places:
            changed = self._change(place)(place.of(self._originals))
            pieces.setdefault(place.parameter, []).append(changed)
        return {name: _joined(parts) for name, parts in pieces.items()}

    def tensors(self) -> dict[str, Tensor]:
        """Return the file's tensors, float16."""
        return named_tensors({place.stem: self._change(place) for place in self._places})

    def named_tensors(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Yield the parameters that a file's tensors can be put into, by the tensors' names."""
        for place in self._places:
            for name, parameter in self._change(place).factors().items():
                yield f"{place.stem}.{name}", parameter

    def _change(self, place: Place) -> Change:
        return cast("Change", self.get_submodule(f"{place.part}.{place.stem}"))


class Inversion(nn.Module):
    """A textual inversion: the vectors of one word in both text encoders.

    Args:
        base: whose tables have spare rows, one for each vector.
        settings: `vectors`, and `begin_with`, whose tokens' vectors they begin as.

    Source: Gal et al. 2022, arXiv:2208.01618, equation 2.
    """

    def __init__(self, base: Base, settings: AdapterSettings) -> None:
        super().__init__()
        numbers = base.vocabulary.numbers
        begin = [numbers[each] for each in load_tokenizer().encode(settings.begin_with)]
        self._rows = torch.tensor([numbers[token] for token in base.spare])
        self._tables = [base.weights[name] for name in TABLES]
        first = torch.tensor([begin[i % len(begin)] for i in range(len(self._rows))])
        self.clip_l = nn.Parameter(self._tables[0][first].clone())
        self.clip_g = nn.Parameter(self._tables[1][first].clone())

    def weights(self) -> dict[str, Tensor]:
        """See `Adaptation`."""
        vectors = (self.clip_l, self.clip_g)
        return {
            name: table.index_copy(0, self._rows, values)
            for name, table, values in zip(TABLES, self._tables, vectors, strict=True)
        }

    def tensors(self) -> dict[str, Tensor]:
        """Return the file's tensors, float16."""
        return {name: value.detach().half().contiguous() for name, value in self.named_tensors()}

    def named_tensors(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Yield the vectors of both encoders, by the names of the file's tensors."""
        yield from self.named_parameters()


def rates_of(module: nn.Module, rate: float, text_rate: float) -> Mapping[str, float]:
    """Return the learning rate of each part of what is trained; "" is all of it."""
    if isinstance(module, Inversion):
        return {"": rate}
    return {name: rate if name == "unet" else text_rate for name, _ in module.named_children()}


def _joined(parts: Sequence[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(list(parts))
