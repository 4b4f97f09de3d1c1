"""POP003: a character too rare to come out right."""

from collections.abc import Iterator

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.evidence import counted
from irodori.lint.rule import Option, Rule, RuleMeta


class RiskyCharacter(Rule):
    r"""A character too rare to come out right.

    ## Why is this bad?
    Below 2,000 pictures a character has little chance; at about 2,000 clothes or eyes still come
    out wrong. A LoRA, or naming what is wrong, helps.

    ## Example
        1girl, belle \(zenless zone zero\)

        1girl, stelle \(honkai: star rail\)

    ## Use instead
        1girl, makima \(chainsaw man\)

        1girl, stelle \(honkai: star rail\), grey hair, yellow eyes

        1girl, belle \(zenless zone zero\), <lora:belle_zzz:0.8>

    ## Options
    `pop.character-min` (2000): below it a warning; `pop.character-good` (3000): below it a hint,
    unless hair or eyes are named.

    ## Fix
    None: which features come out wrong, only the picture tells.

    ## Evidence
    Practice P5. The thresholds are one person's experience.
    """

    meta = RuleMeta(
        code="POP003",
        name="risky-character",
        summary="character is too rare to come out right",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P5",
        options=(
            Option(name="pop.character-min", doc="pictures a character needs to have a chance"),
            Option(name="pop.character-good", doc="pictures from which it comes out right"),
        ),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        settings = context.settings.pop
        for use in context.positive.distinct:
            if use.facet != "character" or not 0 < use.count < settings.character_good:
                continue
            if use.name in context.settings.known_tags or _has_network(use, context):
                continue
            if use.count < settings.character_min:
                yield self.at(
                    use.span,
                    f"'{use.name}' has too few pictures to be drawn right",
                    evidence=counted(use.entry),
                    help="name hair, eyes and clothes, or use a LoRA",
                )
            elif not self._is_described(context, use.section):
                yield self.at(
                    use.span,
                    f"'{use.name}' has just enough pictures: clothes or eyes may come out wrong",
                    evidence=counted(use.entry),
                    help="name what comes out wrong, such as the colour of hair and eyes",
                    severity=Severity.HINT,
                )

    def _is_described(self, context: Context, section: int) -> bool:
        facets = ("hair-colour", "eye-colour")
        return any(
            use.section == section for facet in facets for use in context.positive.in_facet(facet)
        )


def _has_network(use: TagUse, context: Context) -> bool:
    """Tell whether a network of the prompt is there for a character, by its name or triggers."""
    first = use.name.split(" ")[0]
    facts = context.model.networks if context.model else {}
    return any(
        first in network.name.lower()
        or (network.name in facts and use.name in facts[network.name].triggers)
        for network in context.positive.networks
    )
