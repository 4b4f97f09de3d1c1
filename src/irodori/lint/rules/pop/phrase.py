"""POP008: a sentence where tags are read."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Rule, RuleMeta

_WORDS: Final = 5
_LINKS: Final = frozenset({"a", "an", "the", "of", "in", "with", "is", "are", "and", "her", "his"})


class PhraseForTags(Rule):
    """A sentence where the model reads tags.

    ## Why is this bad?
    Models of the family Illustrious 0.1 were taught with tags. Of a sentence they catch single
    words, and its other tokens move the weights of the rest.

    ## Example
        1girl, magical weaving chaotic threads of white light coming out of hands

    ## Use instead
        1girl, casting spell, light particles, outstretched arms

        Profile: illustrious-1.x
        1girl, magical weaving chaotic threads of white light coming out of hands

    ## Fix
    None: which tags say it, the author must choose.

    ## Evidence
    Practice P18: newer models take phrases where no tag exists, older ones do not.
    """

    meta = RuleMeta(
        code="POP008",
        name="phrase-for-tags",
        summary="sentence where tags are read",
        severity=Severity.HINT,
        since="0.2.0",
        source="P18",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        if context.profile.takes_phrases:
            return
        for use in context.positive.distinct:
            if use.entry is None and use.editable and is_phrase(use.name):
                yield self.at(
                    use.span,
                    f"'{use.name}' is a sentence: this family of models reads tags",
                    help="say it in tags: irodori tags search",
                )


def is_phrase(name: str) -> bool:
    """Tell whether a name is a sentence more than a tag."""
    words = name.split()
    return len(words) >= _WORDS or (len(words) == _WORDS - 1 and not _LINKS.isdisjoint(words))
