"""BLD002: clothes without a colour beside the only coloured thing."""

from collections.abc import Iterator

from irodori.lint.colours import GARMENTS, colour_of, wardrobes
from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Fix, Severity
from irodori.lint.edits import offered, replaced
from irodori.lint.rule import Option, Rule, RuleMeta

_NEUTRAL = ("white", "black")


class ColourNearPlain(Rule):
    """Clothes without a colour beside the only coloured garment.

    ## Why is this bad?
    The colour spreads to what stands beside it: the hat of `red dress, hat` comes out red.

    ## Example
        1girl, solo, black hair, brown eyes, red dress, hat, smile

    ## Use instead
        1girl, solo, black hair, brown eyes, red dress, black headwear, smile

    ## Options
    `bld.enough` (2): so many different colours keep one another in place.

    ## Fix
    Display: the same garment with a colour, where such a tag is well known.

    ## Evidence
    Practice P7. One person's experience.
    """

    meta = RuleMeta(
        code="BLD002",
        name="colour-near-plain",
        summary="uncoloured clothes take the colour of what stands beside them",
        severity=Severity.HINT,
        since="0.2.0",
        source="P7",
        applicability=Applicability.DISPLAY,
        options=(Option(name="bld.enough", doc="different colours that hold one another"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for worn in wardrobes(context):
            source = next((use for use in worn.bright if use.facet in GARMENTS), None)
            if source is None or len(worn.colours) >= context.settings.bld.enough:
                continue
            for use in worn.plain:
                yield self.at(
                    use.span,
                    f"'{use.text}' has no colour: it may take that of '{source.text}'",
                    evidence=f"P7: {colour_of(source)} is the only colour named",
                    help="name its colour, if it should be another one",
                    fixes=_coloured(context, use),
                )


def _coloured(context: Context, use: TagUse) -> tuple[Fix, ...]:
    least = context.settings.pop.general_good
    tags = [context.vocabulary.get(f"{shade} {use.name}") for shade in _NEUTRAL]
    names = [tag.name for tag in tags if tag is not None and tag.count >= least]
    return offered(context.positive, use, names, replaced)
