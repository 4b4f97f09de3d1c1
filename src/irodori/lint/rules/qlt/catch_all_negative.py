"""QLT002: a long list of everything bad in the negative prompt."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.rule import Option, Rule, RuleMeta
from irodori.lint.rules.neg.words import CREDITS

_CATCH_ALL: Final = CREDITS | {
    "lowres",
    "bad anatomy",
    "bad hands",
    "bad feet",
    "bad proportions",
    "bad eyes",
    "error",
    "blurry",
    "cropped",
    "deformed",
    "disfigured",
    "mutation",
    "mutated",
    "mutated hands",
    "ugly",
    "missing fingers",
    "missing arms",
    "missing legs",
    "missing limb",
    "extra digit",
    "extra digits",
    "extra fingers",
    "extra arms",
    "extra legs",
    "extra limbs",
    "fewer digits",
    "fused fingers",
    "too many fingers",
    "long neck",
    "poorly drawn hands",
    "poorly drawn face",
    "jpeg artifacts",
    "scan artifacts",
    "artistic error",
    "old",
    "oldest",
    "early",
    "chibi",
    "3d",
    "duplicate",
    "morbid",
    "mutilated",
    "out of frame",
    "bad composition",
    "unfinished",
    "displeasing",
    "very displeasing",
}


class CatchAllNegative(Rule):
    """A long list of everything bad in the negative prompt.

    ## Why is this bad?
    Each word takes training pictures away, whatever else was on them; together they flatten style
    and composition. `bad anatomy, bad hands` stand on few pictures and mend no hand.

    ## Example
        1girl, smile
        Negative prompt: lowres, bad anatomy, bad hands, extra digits, jpeg artifacts, old, chibi

    ## Use instead
        1girl, smile
        Negative prompt: worst quality, bad quality, worst detail

    ## Options
    `qlt.catch-all` (5): how many of the well-known words make a list catch-all.

    ## Fix
    Unsafe: the words are taken out. Words the model's makers taught it (`worst quality`) stay.

    ## Evidence
    Practice P3: advised against, overwhelming. One person's experience.
    """

    meta = RuleMeta(
        code="QLT002",
        name="catch-all-negative",
        summary="long list of everything bad in the negative prompt",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P3",
        applicability=Applicability.UNSAFE,
        options=(
            Option(name="qlt.catch-all", doc="how many well-known words make a list catch-all"),
        ),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.negative
        uses = [use for use in view.tags if use.name in _CATCH_ALL]
        if len(uses) < context.settings.qlt.catch_all:
            return
        said = ", ".join(use.name for use in uses[:4])
        yield self.at(
            uses[0].span,
            f"{len(uses)} words that negate all that is bad ({said} ...) flatten the picture",
            field=view.field,
            help="worst quality, bad quality, worst detail are enough",
            fixes=fix("take them out", removed(view, uses), Applicability.UNSAFE),
        )
