"""BLD001: one colour alone, which spreads to eyes and hair."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.colours import Wardrobe, colour_of, wardrobes
from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Fix, Severity
from irodori.lint.edits import offered
from irodori.lint.rule import Option, Rule, RuleMeta

_PINS: Final = {
    "eyes": ("blue eyes", "brown eyes", "red eyes", "green eyes"),
    "hair": ("black hair", "blonde hair", "brown hair"),
}
_SHOWN: Final = 2


class LoneColour(Rule):
    """A colour that stands alone, while eyes or hair have none.

    Known characters are spared, they have colours of their own; so are black, white, grey, brown
    and blonde, which hardly spread.

    ## Why is this bad?
    A colour named once spreads: `green hair` gives green eyes, green clothes, green things.

    ## Example
        1girl, solo, green hair, long hair, dress, smile

    ## Use instead
        1girl, solo, green hair, long hair, blue eyes, dress, smile

    ## Options
    `bld.enough` (2): so many different colours keep one another in place.

    ## Fix
    Display: pins for what would be coloured. Which colour it should have, only the author knows.

    ## Evidence
    Practice P7: two or more colours lower the chance. One person's experience.
    """

    meta = RuleMeta(
        code="BLD001",
        name="lone-colour",
        summary="one colour alone spreads to eyes and hair",
        severity=Severity.HINT,
        since="0.2.0",
        source="P7",
        applicability=Applicability.DISPLAY,
        options=(Option(name="bld.enough", doc="different colours that hold one another"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for worn in wardrobes(context):
            if not worn.bright or len(worn.colours) >= context.settings.bld.enough:
                continue
            spared = _spared(worn)
            if spared:
                yield self._report(context, worn.bright[0], spared)

    def _report(self, context: Context, use: TagUse, spared: str) -> Diagnostic:
        return self.at(
            use.span,
            f"'{use.text}' is the only colour here: {spared} may become {colour_of(use)} too",
            evidence="P7: a colour named once spreads; two or more lower the chance",
            help=f"name the colour of the {spared}, or lower the weight",
            fixes=_pins(context, use, spared),
        )


def _spared(worn: Wardrobe) -> str:
    """Return what has no colour yet: eyes before hair; "" if both have."""
    if not worn.has_eyes:
        return "eyes"
    return "" if worn.has_hair else "hair"


def _pins(context: Context, use: TagUse, spared: str) -> tuple[Fix, ...]:
    pins = [pin for pin in _PINS[spared] if not pin.startswith(colour_of(use))]
    return offered(context.positive, use, pins[:_SHOWN])
