"""CHK002: the first chunk does not say who is there, or how they are framed."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Rule, RuleMeta


class FirstChunkWithoutSubject(Rule):
    """People or framing are named, but not in the first chunk.

    ## Why is this bad?
    The first chunk decides about 70% of the composition. Who is there and how much of them is seen
    is composition.

    ## Example
        forest, night BREAK 1girl, red dress, full body

    ## Use instead
        1girl, red dress, full body BREAK forest, night

    ## Fix
    None: what to move out of the first chunk instead, only the author knows.

    ## Evidence
    Practice P11, P13. One person's experience. A warning for people, a hint for the framing.
    """

    meta = RuleMeta(
        code="CHK002",
        name="first-chunk-without-subject",
        summary="people or framing stand in a later chunk",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P11, P13",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        for number, chunked in enumerate(view.chunked):
            if len(chunked.chunks) < 2:
                continue
            uses = [use for use in view.tags if use.part == number]
            for what, group, facet, severity in _WANTED:
                fits = [
                    use for use in uses if (use.group == group if group else use.facet == facet)
                ]
                if fits and all(use.chunk > 0 for use in fits):
                    yield self.at(
                        fits[0].span,
                        f"'{fits[0].name}' stands in chunk {fits[0].chunk + 1}: "
                        f"the first chunk does not say {what}",
                        help="move it to the first chunk, which decides most of the composition",
                        severity=severity,
                    )


_WANTED: Final = (
    ("who is there", "people", "", Severity.WARNING),
    ("how much is seen", "", "framing", Severity.HINT),
)
