"""Which options of a slot are taken: drawn from a seed, or all in turn.

A draw depends on the seed, the slot and the options' texts alone. Each option gets a number from a
keyed hash and the ones that rank first are taken, which is weighted sampling without replacement:
so the order of the options does not matter, and a new option changes a draw only where it wins.

Source: Efraimidis and Spirakis 2006, "Weighted random sampling with a reservoir".
"""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing a slot can become.

    Args:
        text: prompt text.
        weight: how often it is drawn relative to the others; 0 is never.
        wildcard: the name it was looked up by; empty for the option of a variant.
    """

    text: str
    weight: float = 1.0
    wildcard: str = ""


class Chooser(Protocol):
    """Decides which options of a slot are taken."""

    def choose(self, slot: str, options: Sequence[Option], least: int, most: int) -> list[int]:
        """Return the indices taken, in the order they are joined.

        Args:
            slot: its identity.
            options: what there is to take.
            least: how many are taken at least; fewer only if there are not so many.
            most: how many at most, `least` or more.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """Draws each slot by hashes of the seed, the slot and the option.

    Args:
        seed: any integer.
    """

    seed: int

    def choose(self, slot: str, options: Sequence[Option], least: int, most: int) -> list[int]:
        """Return the indices drawn; each of the counts `least` to `most` is equally likely."""
        most = min(most, sum(option.weight > 0 for option in options))
        count = least
        if most > least:
            count += int(self._unit(slot, "how many") * (most - least + 1))
        seen: Counter[str] = Counter()
        ranks = []
        for i, option in enumerate(options):
            seen[option.text] += 1
            if option.weight > 0:
                chance = self._unit(slot, f"{option.text}\0{seen[option.text]}")
                ranks.append((math.log(chance) / option.weight, i))
        return [i for _, i in sorted(ranks, key=lambda rank: (-rank[0], rank[1]))[:count]]

    def _unit(self, slot: str, what: str) -> float:
        """Return a number in 0..1, both excluded, the same on every machine."""
        text = f"{self.seed}\0{slot}\0{what}".encode("utf-8", "surrogatepass")
        number = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
        return ((number >> 12) + 0.5) / (1 << 52)


class Odometer:
    """Goes through all choices: a row of wheels, one for each slot met in a run."""

    def __init__(self) -> None:
        self._wheels: list[list[int]] = []  # [position, how many positions]
        self._next = 0

    def choose(self, slot: str, options: Sequence[Option], least: int, most: int) -> list[int]:  # noqa: ARG002  # slots are told apart by their turn
        """Return the indices of the slot's present combination."""
        alive = [i for i, option in enumerate(options) if option.weight > 0]
        most = min(most, len(alive))
        least = min(least, most)
        sizes = [math.comb(len(alive), count) for count in range(least, most + 1)]
        if self._next == len(self._wheels):
            self._wheels.append([0, sum(sizes)])
        rank = self._wheels[self._next][0]
        self._next += 1
        count = least
        for size in sizes:
            if rank < size:
                break
            rank -= size
            count += 1
        return [alive[i] for i in _combination(len(alive), count, rank)]

    def advance(self) -> bool:
        """Move to the next result; False after the last."""
        del self._wheels[self._next :]
        self._next = 0
        while self._wheels:
            self._wheels[-1][0] += 1
            if self._wheels[-1][0] < self._wheels[-1][1]:
                return True
            self._wheels.pop()
        return False


def _combination(size: int, count: int, rank: int) -> list[int]:
    """Return the `rank`-th way, in order, to take `count` of `size` things."""
    taken: list[int] = []
    for i in range(size):
        if len(taken) == count:
            break
        starting_here = math.comb(size - i - 1, count - len(taken) - 1)
        if rank < starting_here:
            taken.append(i)
        else:
            rank -= starting_here
    return taken
