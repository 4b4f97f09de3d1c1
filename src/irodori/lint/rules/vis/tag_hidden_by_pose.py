"""VIS004: a tag that shows something which the pose hides."""

from irodori.lint.occlusion import Reason
from irodori.lint.rules.vis.hiding import HidingRule, hiding_meta


class TagHiddenByPose(HidingRule):
    """A tag that shows something which the pose hides.

    A pov hug with the head on the viewer's chest shows neither face nor feet.

    ## Why is this bad?
    Each such tag makes the model turn the camera, or add a person who shows it.

    ## Example
        1girl, 1boy, hug, head on chest, arms around waist, dress, green eyes, pov

    ## Use instead
        1girl, 1boy, hug, head on chest, arms around waist, dress, pov, from above

    ## Options
    `vis.sure-weight` (0.6): a tag weaker than this may fail to hide, so it gives a hint only.

    ## Fix
    Unsafe: the tag is taken out.

    ## Evidence
    Practice P6, whose example this is.
    """

    meta = hiding_meta("VIS004", "tag-hidden-by-pose", "tag shows something that the pose hides")
    reason = Reason.POSE
    advice = "take it out, or change the view: 'from above', 'from side'"
