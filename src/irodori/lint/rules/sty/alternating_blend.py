"""STY007: a blend by alternation."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix
from irodori.lint.rule import Rule, RuleMeta
from irodori.prompt.ast import Alternation, Bracket
from irodori.prompt.entries import flat
from irodori.prompt.render import render_node

_TWO = 2


class AlternatingBlend(Rule):
    """A blend of two things by alternation.

    ## Why is this bad?
    `[a|b]` changes at every step, so the last step decides much, and with another number of steps
    it is another picture. `[a:b:0.5]` blends reliably.

    ## Example
        1girl, solo, [red hair|blue hair]

    ## Use instead
        1girl, solo, [red hair:blue hair:0.5]

    ## Fix
    Unsafe: the first for half of the steps, then the second.

    ## Evidence
    Practice P15.
    """

    meta = RuleMeta(
        code="STY007",
        name="alternating-blend",
        summary="blend by alternation is unreliable",
        severity=Severity.HINT,
        since="0.2.0",
        source="P15",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        nodes = [node for part in view.tree.parts for node in (*part.nodes, *part.tail)]
        for node in flat(nodes):
            if isinstance(node, Alternation) and len(node.options) >= _TWO:
                blend = _scheduled(node)
                edits = (Edit(field=view.field, span=node.span, text=blend),) if blend else ()
                yield self.at(
                    node.span,
                    f"'{node.span.of(view.text)}' changes at every step: an unreliable blend",
                    evidence="P15: [a:b:0.5] is the reliable blend, [a|b] the unreliable one",
                    help="give each its share of the steps" + (f": {blend}" if blend else ""),
                    fixes=fix(f"write {blend}", edits, Applicability.UNSAFE),
                )


def _scheduled(node: Alternation) -> str:
    """Return a schedule of the two options, or "" where it would not say the same."""
    if node.bracket is not Bracket.SQUARE or len(node.options) != _TWO:
        return ""
    first, second = ["".join([render_node(each) for each in option]) for option in node.options]
    plain = first.strip() and second.strip() and ":" not in first + second
    return f"[{first.strip()}:{second.strip()}:0.5]" if plain else ""
