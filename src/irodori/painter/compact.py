"""The tokens that the painter's captions use, numbered without gaps, for training.

A table of 49,408 rows of which a thousand are ever used makes every optimiser step slower for
nothing. Training sees the rows in use; `expanded` gives the full tables that a model file has,
where the row of a token never met is zero, as it is for made-up words during training.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from irodori.prompt.tokenizer import BOS_ID, COMMA_ID, EOS_ID

UNKNOWN: Final = 0
"""The compact number of every token that has no row; its row is zero and stays so."""

ROWS: Final = EOS_ID + 1
PAD_G: Final = 0
"""What the second text encoder is padded with, the token `!`; the first is padded with EOS."""

POSITIONS: Final = 77


@dataclass(frozen=True)
class CompactVocabulary:
    """Which token ids have rows.

    Attributes:
        ids: CLIP token ids, ascending; the compact number of `ids[i]` is i + 1. The end of the
            text has the highest number in both numberings.
    """

    ids: tuple[int, ...]

    @classmethod
    def of(cls, ids: Iterable[int]) -> "CompactVocabulary":
        """Return the vocabulary of the given ids and those that every row needs."""
        return cls(tuple(sorted({*ids, PAD_G, COMMA_ID, BOS_ID, EOS_ID})))

    @classmethod
    def read(cls, path: Path) -> "CompactVocabulary":
        """Return what `write` left: a run keeps its vocabulary, whatever is painted later."""
        return cls(tuple(json.loads(path.read_text(encoding="utf-8"))))

    def write(self, path: Path) -> None:
        """Keep the ids in a file, JSON."""
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(self.ids), encoding="utf-8")
        partial.replace(path)

    @property
    def size(self) -> int:
        """Rows of a compact table, the unknown one included."""
        return len(self.ids) + 1

    @cached_property
    def numbers(self) -> dict[int, int]:
        """Compact number by token id."""
        return {token: number for number, token in enumerate(self.ids, start=1)}

    def rows(self, chunks: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Return the compact numbers of chunks of up to 75 tokens, for both text encoders.

        Returns:
            int64 [N, 77] padded with the end of the text, and [N, 77] padded with `!`.
        """
        bos, eos = self.numbers[BOS_ID], self.numbers[EOS_ID]
        first = torch.full((len(chunks), POSITIONS), eos)
        second = torch.full((len(chunks), POSITIONS), self.numbers[PAD_G])
        for i, chunk in enumerate(chunks):
            row = torch.tensor([bos, *(self.numbers.get(t, UNKNOWN) for t in chunk), eos])
            first[i, : len(row)] = row
            second[i, : len(row)] = row
        return first, second

    def expanded(self, table: Tensor) -> Tensor:
        """Return the full table [49408, C] of a compact one [size, C]."""
        full = table.new_zeros(ROWS, table.shape[1])
        full[torch.tensor(self.ids)] = table[1:]
        return full

    def compacted(self, table: Tensor) -> Tensor:
        """Return the compact table [size, C] of a full one [49408, C]."""
        return torch.cat([table.new_zeros(1, table.shape[1]), table[torch.tensor(self.ids)]])
