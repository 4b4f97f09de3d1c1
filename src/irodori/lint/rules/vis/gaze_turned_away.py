"""VIS003: a look at the viewer from behind, without a turned head."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, placed_after
from irodori.lint.occlusion import Reason
from irodori.lint.rule import Rule
from irodori.lint.rules.vis.hiding import hiding_meta
from irodori.lint.visibility import hidden

_TURNED = "looking back"


class GazeTurnedAway(Rule):
    """A gaze that the camera, standing behind, cannot see.

    ## Why is this bad?
    One of the two loses: the person turns around, or looks elsewhere, or the neck twists.

    ## Example
        1girl, from behind, looking at viewer

    ## Use instead
        1girl, from behind, looking at viewer, looking back

    ## Options
    `vis.sure-weight` (0.6): a tag weaker than this may fail to hide, so it gives a hint only.

    ## Fix
    Unsafe: `looking back` is added, which turns the head.

    ## Evidence
    Practice P6. `looking back` has more than 200,000 pictures, most of them from behind.
    """

    meta = hiding_meta(
        "VIS003", "gaze-turned-away", "gaze cannot reach the camera without 'looking back'"
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        weight = context.settings.vis.sure_weight
        for case in hidden(view, reasons=(Reason.CAMERA,), sure_weight=weight):
            if case.use.facet != "gaze":
                continue
            yield self.at(
                case.use.span,
                f"'{case.use.text}' contradicts {case.by.told}: the face is turned away",
                evidence="P6: the model turns the person around to show it",
                help=f"add '{_TURNED}', or take one of the two out",
                fixes=fix(
                    f"add '{_TURNED}'",
                    placed_after(view, case.use, _TURNED),
                    Applicability.UNSAFE,
                ),
                severity=None if case.is_sure else Severity.HINT,
            )
