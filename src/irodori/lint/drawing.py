"""How a recipe draws, for the rules on recipes: what the model predicts, how many faces are small.

Source: practice P16-P18.
"""

from irodori.lint.context import Context
from irodori.lint.people import people_of
from irodori.prompt.span import Span

V = "v"
AS_FILE = "file"
"""Values of `recipe.names.Prediction`; spelt out, for what that module loads."""

NOWHERE = Span(0, 0)
"""Where a finding about the settings is: they have no place in a text."""

_FAR = frozenset({"full body", "wide shot", "very wide shot"})
_NO_FACE = frozenset({"head out of frame", "lower body", "faceless", "facing away", "no humans"})
_SMALL_MODEL = 512
_CROWD = 3


def predicts_v(context: Context) -> bool:
    """Tell whether the model predicts v: its file says so, else the recipe, else the profile."""
    if context.model is not None and context.model.prediction:
        return context.model.prediction == V
    asked = context.recipe.model.prediction.value if context.recipe else AS_FILE
    if asked != AS_FILE:
        return asked == V
    return context.profile.is_v_prediction


def small_faces(context: Context) -> str:
    """Return why the faces of the picture are small, "" if they are not or there are none."""
    view = context.positive
    names = {use.name for use in view.tags if use.is_drawn}
    who = people_of(view)
    if not who.seen or names & _NO_FACE or is_small_model(context):
        return ""
    if who.seen >= _CROWD:
        return f"{who.seen} people"
    return next((f"'{name}'" for name in sorted(names & _FAR)), "")


def is_small_model(context: Context) -> bool:
    """Tell whether the model draws pictures so small that rules for SDXL do not hold."""
    return context.model is not None and 0 < context.model.native_side < _SMALL_MODEL
