"""VIS001: a tag that shows something the framing leaves outside the picture."""

from irodori.lint.occlusion import Reason
from irodori.lint.rules.vis.hiding import HidingRule, hiding_meta


class TagOutOfFrame(HidingRule):
    """A tag that shows something the framing leaves outside the picture.

    ## Why is this bad?
    The model obeys the tag and not the frame: it moves the camera back, or squeezes the feet in.

    ## Example
        1girl, cowboy shot, red dress, boots

    ## Use instead
        1girl, cowboy shot, red dress

    ## Options
    `vis.sure-weight` (0.6): a tag weaker than this may fail to hide, so it gives a hint only.

    ## Fix
    Unsafe: the tag is taken out. To see it, name a wider framing instead.

    ## Evidence
    Practice P6. Which framing shows what is the booru's own definition; what a tag shows is the
    column `region` of the tag table.
    """

    meta = hiding_meta("VIS001", "tag-out-of-frame", "tag shows something outside the picture")
    reason = Reason.FRAME
    advice = "take it out, or name a wider framing such as 'full body'"
