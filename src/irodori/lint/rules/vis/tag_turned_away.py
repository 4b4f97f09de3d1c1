"""VIS002: a tag that shows a side which the camera does not see."""

from irodori.lint.occlusion import Reason
from irodori.lint.rules.vis.hiding import HidingRule, hiding_meta
from irodori.lint.visibility import Hidden


class TagTurnedAway(HidingRule):
    """A tag that shows a side which the camera does not see.

    Whether a gaze can reach the camera is VIS003's.

    ## Why is this bad?
    The model turns the person around, or draws the face on the wrong side.

    ## Example
        1girl, solo, from behind, blue eyes, smile

    ## Use instead
        1girl, solo, from behind, looking back, blue eyes, smile

    ## Options
    `vis.sure-weight` (0.6): a tag weaker than this may fail to hide, so it gives a hint only.

    ## Fix
    Unsafe: the tag is taken out.

    ## Evidence
    Practice P6.
    """

    meta = hiding_meta("VIS002", "tag-turned-away", "tag shows a side that the camera does not see")
    reason = Reason.CAMERA
    advice = "take it out, or turn the head: 'looking back'"

    def keeps(self, case: Hidden) -> bool:
        return case.use.facet != "gaze"
