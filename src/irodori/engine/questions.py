"""One call's texts laid out for the network, and kept for the calls that ask the same."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from irodori.engine.conditioning import BatchConditioning, Rows, rows_of
from irodori.engine.guidance import Answers
from irodori.engine.modules.blocks import ContextKV
from irodori.engine.network import Network

# A prompt that alternates ([a|b|c]) comes back to the same few texts; more are not worth memory.
_KEPT: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkCall:
    """One call of the network.

    Attributes:
        rows: its pictures and texts.
        context: their keys and values.
        perturbed: how many of its last rows are asked with perturbed attention.
    """

    rows: Rows
    context: ContextKV
    perturbed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """The texts of one call: all parts, then all negatives, then all parts to be perturbed.

    Attributes:
        batch: what each picture is told.
        network_calls: the fewest that ask them all.
        count: number of texts in all.
        first_negative: where the negatives begin, one per picture; None where they are not asked.
        first_perturbed: where the perturbed parts begin; `count` where they are not asked.
    """

    batch: BatchConditioning
    network_calls: tuple[NetworkCall, ...]
    count: int
    first_negative: int | None
    first_perturbed: int

    def answers_of(self, answers: Tensor, index: int) -> Answers:
        """Return one picture's answers out of all of the call, [count, 4, H/8, W/8]."""
        parts = self.batch[index].parts
        first = sum(len(image.parts) for image in self.batch[:index])
        places = range(first, first + len(parts))
        perturbed: tuple[Tensor, ...] = ()
        if self.first_perturbed < self.count:
            perturbed = tuple(answers[self.first_perturbed + place] for place in places)
        return Answers(
            parts=tuple(answers[place] for place in places),
            weights=tuple(part.weight for part in parts),
            uncond=None if self.first_negative is None else answers[self.first_negative + index],
            perturbed=perturbed,
        )


class Questions:
    """Makes questions, and remembers the last few with their keys and values.

    Args:
        network: computes keys and values; once per question, not once per call.
        dtype: of the network's weights.
    """

    def __init__(self, network: Network, dtype: torch.dtype) -> None:
        self._network = network
        self._dtype = dtype
        self._kept: OrderedDict[tuple[int, bool, bool], Question] = OrderedDict()

    def ask(
        self, batch: BatchConditioning, *, with_negative: bool, with_perturbed: bool
    ) -> Question:
        """Return the question for a batch; the same one again for the same batch object."""
        key = (id(batch), with_negative, with_perturbed)
        question = self._kept.pop(key, None)
        # A kept question keeps its batch alive, so an id cannot have come to mean another.
        if question is None:
            question = self._made(batch, with_negative, with_perturbed)
        self._kept[key] = question
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return question

    def _made(
        self,
        batch: BatchConditioning,
        with_negative: bool,  # noqa: FBT001  # private; named at its only call
        with_perturbed: bool,  # noqa: FBT001  # the same
    ) -> Question:
        parts = [
            (index, part.conditioning) for index, image in enumerate(batch) for part in image.parts
        ]
        negatives = [(index, image.negative) for index, image in enumerate(batch)]
        asked = parts + (negatives if with_negative else [])
        first_perturbed = len(asked)
        asked = asked + (parts if with_perturbed else [])
        calls = tuple(
            NetworkCall(
                rows=rows,
                context=self._network.context_kv(rows.context.to(self._dtype)),
                perturbed=int((rows.places >= first_perturbed).sum()),
            )
            for rows in rows_of(asked)
        )
        return Question(
            batch=batch,
            network_calls=calls,
            count=len(asked),
            first_negative=len(parts) if with_negative else None,
            first_perturbed=first_perturbed,
        )
