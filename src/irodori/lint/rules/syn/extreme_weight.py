"""SYN019: a weight that breaks the picture or does nothing."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, PromptView, TagUse
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Option, Rule, RuleMeta

_NETWORK_HIGH: Final = 2.0


class ExtremeWeight(Rule):
    """A weight that breaks the picture or does next to nothing.

    ## Why is this bad?
    High weights push the text's encoding out of what the model has seen: colours burn, shapes
    repeat. A weight of 0 does not take a tag out: the words around it still carry its meaning; so
    does one near 0.

    ## Example
        1girl, (smile:2.5)

        1girl, (smile:0.0), long hair

    ## Use instead
        1girl, (smile:1.3)

        1girl, [smile::0], long hair

    ## Options
    `syn.weight-low` (0.1), `syn.weight-high` (1.6). From 2 up, and for networks above 2, it is a
    warning, else a hint.

    ## Fix
    None: which weight is right, only the picture tells.

    ## Evidence
    Practice P12 and its recipes, where tags weigh 0.3 to 1.2 and networks 0.25 to 1. One person's
    experience.
    """

    meta = RuleMeta(
        code="SYN019",
        name="extreme-weight",
        summary="weight breaks the picture or does nothing",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
        options=(
            Option(name="syn.weight-low", doc="weights below it are reported"),
            Option(name="syn.weight-high", doc="weights above it are reported"),
        ),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        settings = context.settings.syn
        for view in context.views:
            reported: set[tuple[int, int]] = set()
            for use in view.tags:
                if settings.weight_low <= use.weight <= settings.weight_high:
                    continue
                if use.outer not in reported:
                    reported.add(use.outer)
                    yield self._of_tag(use, view)
        for network in context.positive.networks:
            if abs(network.weight) > _NETWORK_HIGH:
                yield self.at(
                    network.span,
                    f"network '{network.name}' has the strength {network.weight:g}",
                    help="most are made for 0.5 to 1; is a dot missing?",
                )

    def _of_tag(self, use: TagUse, view: PromptView) -> Diagnostic:
        high = use.weight > 1
        return self.at(
            use.outer,
            f"'{use.name}' has the weight {use.weight:.3g}",
            field=view.field,
            help="move it to the front, or lower what competes with it"
            if high
            else f"to take it out, delete it or write [{use.text}::0]",
            severity=Severity.WARNING if use.weight >= 2 else Severity.HINT,
        )
