"""STY004: an artist with too few pictures."""

from collections.abc import Iterator

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.evidence import counted
from irodori.lint.rule import Option, Rule, RuleMeta


class RareArtist(Rule):
    """An artist with too few pictures to have been learned.

    Below 100 a warning, below 500 a hint. The shipped list knows next to no artists; import one
    (`irodori tags import`) and the rule knows them. What it does not know it does not judge.

    ## Why is this bad?
    The name costs tokens and shifts the picture somewhere, but not to the artist.

    ## Example
        1girl, solo, smile, miura kentarou

        1girl, solo, smile, toriyama akira

    ## Use instead
        1girl, solo, smile, [:traditional media:0.2]

    ## Options
    `sty.artist-min` (100): below it an artist is not learned; `sty.artist-good` (500): from here on
    the style comes out nearly right.

    ## Fix
    None.

    ## Evidence
    Practice P5: artists from 100, close to perfect at 500. One person's experience.
    """

    meta = RuleMeta(
        code="STY004",
        name="rare-artist",
        summary="artist with too few pictures",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P5, P14",
        options=(
            Option(name="sty.artist-min", doc="pictures from which an artist is learned at all"),
            Option(name="sty.artist-good", doc="pictures from which the style comes out right"),
        ),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        least, good = context.settings.sty.artist_min, context.settings.sty.artist_good
        for use in context.positive.distinct:
            if use.entry is None or use.entry.category != "artist":
                continue
            if 0 < use.count < good:
                rare = use.count < least
                yield self.at(
                    use.span,
                    f"'{use.text}' has {use.count} pictures; "
                    + (f"an artist needs {least}" if rare else f"{good} come out right"),
                    evidence=counted(use.entry),
                    help="name the style by its medium instead, or use a LoRA",
                    severity=None if rare else Severity.HINT,
                )
