"""A1111's schedule grammar for lark's Earley parser, as it is published: slow, and the reference.

Needs lark (`pip install --group oracle`); nothing in the package or its tests imports it.
"""

from collections.abc import Iterator

from lark import Lark, Token, Tree
from lark.exceptions import LarkError

GRAMMAR = r"""
start: (row | /[][():]/+)*
row: (group | schedule | alternation | plain | BLANK)*
!group: "(" row ")" | "(" row ":" row ")" | "[" row "]"
schedule: "[" [row ":"] row ":" [BLANK] NUMBER [BLANK] "]"
alternation: "[" row ("|" [row])+ "]"
BLANK: /\s+/
plain: /([^\\\[\]():|]|\\.)+/
%import common.SIGNED_NUMBER -> NUMBER
"""


class EarleySchedules:
    """Schedules of the first pass, in new timelines, read by lark."""

    def __init__(self) -> None:
        self._lark = Lark(GRAMMAR)

    def parse(self, text: str) -> Tree | None:
        """The tree, or None where the grammar has none and A1111 keeps the text as it is."""
        try:
            return self._lark.parse(text)
        except LarkError:
            return None

    def schedule(self, text: str, steps: int) -> list[tuple[int, str]]:
        """The entries (last step, text)."""
        tree = self.parse(text)
        if tree is None:
            return [(steps, text)]
        ends = {steps}
        for node in tree.iter_subtrees():
            if node.data == "alternation":
                ends.update(range(1, steps + 1))
            elif node.data == "schedule":
                ends.add(_switch(node, steps))
        return [(end, "".join(_text(tree, end, steps))) for end in sorted(ends) if end >= 1]


def _switch(node: Tree, steps: int) -> int:
    number = next(str(c) for c in node.children if isinstance(c, Token) and c.type == "NUMBER")
    value = float(number)
    return min(steps, int(value * steps if "." in number else value))


def _text(node: Tree | Token | None, step: int, steps: int) -> Iterator[str]:
    if node is None:
        return
    if isinstance(node, Token):
        yield str(node)
        return
    branches = node.children
    if node.data == "schedule":
        before, after = branches[:2]
        branches = [before if step <= _switch(node, steps) else after]
    elif node.data == "alternation":
        branches = [branches[(step - 1) % len(branches)]]
    for branch in branches:
        yield from _text(branch, step, steps)
