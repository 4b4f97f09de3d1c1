"""VIS006: a tag that describes a part which another tag closes or takes away."""

from irodori.lint.occlusion import Reason
from irodori.lint.rules.vis.hiding import HidingRule, hiding_meta


class TagOfHiddenPart(HidingRule):
    """A tag that describes a part which another tag closes or takes away.

    ## Why is this bad?
    Closed eyes have no colour: the model opens one, or gives the colour to something else.

    ## Example
        1girl, closed eyes, blue eyes, smile

    ## Use instead
        1girl, closed eyes, smile

    ## Options
    `vis.sure-weight` (0.6): a tag weaker than this may fail to hide, so it gives a hint only.

    ## Fix
    Unsafe: the tag is taken out.

    ## Evidence
    Practice P6, P7.
    """

    meta = hiding_meta(
        "VIS006", "tag-of-hidden-part", "tag describes what another tag closes or takes away"
    )
    reason = Reason.STATE
