"""SYN021: a tag that stands twice in one chunk."""

from collections.abc import Iterator

from irodori.lint.context import Context, PromptView, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.rule import Rule, RuleMeta


class DuplicateTag(Rule):
    """A tag that stands twice between two BREAKs.

    Aliases count as the tag they mean. After BREAK a tag may stand again: there it is about
    somebody else (P13).

    ## Why is this bad?
    The second one costs tokens and shifts the weights of all others; a weight says the same better.

    ## Example
        1girl, looking at viewer, smile, looking at viewer

    ## Use instead
        1girl, (looking at viewer:1.1), smile

    ## Fix
    Safe: the later one is taken out; if it was the stronger one, its weight is kept.

    ## Evidence
    Practice P12; the second `looking at viewer` of a recipe of twelve was an oversight.
    """

    meta = RuleMeta(
        code="SYN021",
        name="duplicate-tag",
        summary="tag stands twice in one chunk",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P12",
        applicability=Applicability.SAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for view in context.views:
            first: dict[tuple[int, int, str], list[TagUse]] = {}
            for use in view.tags:
                name = use.entry.name if use.entry is not None else use.name
                same = first.setdefault((use.part, use.section, name), [])
                earlier = next((one for one in same if one.meets(use)), None)
                if earlier is None:
                    same.append(use)
                else:
                    yield self._report(view, earlier, use)

    def _report(self, view: PromptView, earlier: TagUse, use: TagUse) -> Diagnostic:
        also = "" if earlier.name == use.name else f", which means '{earlier.name}',"
        return self.at(
            use.span,
            f"'{use.name}'{also} stands here a second time",
            field=view.field,
            help="take it out, or give the first one a weight",
            fixes=fix("remove the second one", _merged(view, earlier, use), Applicability.SAFE),
        )


def _merged(view: PromptView, earlier: TagUse, use: TagUse) -> tuple[Edit, ...]:
    """Return the edits that leave the earlier of two, with the stronger weight of both."""
    if use.in_schedule or earlier.in_schedule or not earlier.editable:
        return ()
    taken = removed(view, [use])
    if not taken or abs(use.weight) <= abs(earlier.weight):
        return taken
    stronger = Edit(field=view.field, span=earlier.outer, text=use.outer.of(view.text))
    return (stronger, *taken)
