"""VIS: what cannot be seen (P6)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.vis.colour_in_greyscale import ColourInGreyscale
from irodori.lint.rules.vis.contradicting_views import ContradictingViews
from irodori.lint.rules.vis.gaze_turned_away import GazeTurnedAway
from irodori.lint.rules.vis.tag_hidden_by_pose import TagHiddenByPose
from irodori.lint.rules.vis.tag_of_hidden_part import TagOfHiddenPart
from irodori.lint.rules.vis.tag_out_of_frame import TagOutOfFrame
from irodori.lint.rules.vis.tag_turned_away import TagTurnedAway
from irodori.lint.rules.vis.tag_under_clothes import TagUnderClothes

RULES: Final[tuple[type[Rule], ...]] = (
    TagOutOfFrame,
    TagTurnedAway,
    GazeTurnedAway,
    TagHiddenByPose,
    TagUnderClothes,
    TagOfHiddenPart,
    ContradictingViews,
    ColourInGreyscale,
)
