"""POP001: a tag too rare to have been learned."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.evidence import counted
from irodori.lint.rule import Option, Rule, RuleMeta

_LEARNED_OTHERWISE: Final = frozenset(
    {"quality", "rating", "meta", "character", "people", ""}  # not by pictures, or other rules
)


class UnderpopulatedTag(Rule):
    """A tag too rare in the training data to have been learned.

    Characters have a rule of their own (POP003), and so have artists (family STY).

    ## Why is this bad?
    The model has seen too few pictures to connect the words with anything: the tokens are lost, or
    draw what the single words mean.

    ## Example
        1girl, grabbing own ankles

    ## Use instead
        1girl, bent over

    ## Options
    `pop.general-min` (1000): below it a warning; `pop.general-good` (2000): below it a hint;
    `pop.style-min` (2000): below it styles get a hint.

    ## Fix
    None: only the author knows what was meant. Well-populated neighbours are named.

    ## Evidence
    Practice P5: 1,000 pictures start to work, 2,000 to 3,000 work close to perfectly, 23 are
    meaningless. The thresholds are one person's experience; counts have their date and source in
    the finding.
    """

    meta = RuleMeta(
        code="POP001",
        name="underpopulated-tag",
        summary="tag is too rare to have been learned",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P5",
        options=(
            Option(name="pop.general-min", doc="pictures below which a tag is not learned"),
            Option(name="pop.general-good", doc="pictures from which a tag works well"),
            Option(name="pop.style-min", doc="pictures below which a style is not learned"),
        ),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        settings = context.settings.pop
        for use in context.positive.distinct:
            if not use.count or use.group in _LEARNED_OTHERWISE:
                continue
            if use.name in context.settings.known_tags or use.facet == "artist":
                continue
            if use.entry is not None and use.entry.deprecated:
                continue  # its pictures went to other tags: POP006
            if use.count < settings.general_min:
                yield self._report(context, use, "is too rare to be drawn", Severity.WARNING)
            elif use.group == "style" and use.count < settings.style_min:
                yield self._report(context, use, "is rare for a style", Severity.HINT)
            elif use.count < settings.general_good:
                yield self._report(context, use, "is rare: it works now and then", Severity.HINT)

    def _report(
        self, context: Context, use: TagUse, message: str, severity: Severity
    ) -> Diagnostic:
        least = context.settings.pop.general_good
        near = [
            f"{tag.name} ({tag.count:,})"
            for tag in context.vocabulary.neighbours(use.name, limit=3, least=least)
            if tag.facet is (use.entry.facet if use.entry else None)
        ]
        return self.at(
            use.span,
            f"'{use.name}' {message}",
            evidence=counted(use.entry),
            help=f"well-known near it: {', '.join(near)}" if near else "describe it otherwise",
            severity=severity,
        )
