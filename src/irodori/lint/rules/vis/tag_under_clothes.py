"""VIS005: a tag that shows something which clothes cover."""

from irodori.lint.occlusion import Reason
from irodori.lint.rules.vis.hiding import HidingRule, hiding_meta


class TagUnderClothes(HidingRule):
    """A tag that shows something which clothes cover.

    A warning where the tag's own description says so (eye colour under a blindfold), else a
    hint: clothes may be cut in many ways.

    ## Why is this bad?
    The model opens the clothes, cuts a hole into them, or leaves them out.

    ## Example
        1girl, standing, long coat, navel

        1girl, blindfold, green eyes

    ## Use instead
        1girl, standing, long coat, open coat, crop top, navel

        1girl, blindfold

    ## Options
    `vis.sure-weight` (0.6): a tag weaker than this may fail to hide, so it gives a hint only.

    ## Fix
    Unsafe: the tag is taken out.

    ## Evidence
    Practice P6, P10: what opens a garment is named too.
    """

    meta = hiding_meta("VIS005", "tag-under-clothes", "tag shows something that clothes cover")
    reason = Reason.CLOTHES
    advice = "take it out, or say what opens: 'open coat', 'crop top'"
