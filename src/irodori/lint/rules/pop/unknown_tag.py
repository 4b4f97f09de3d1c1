"""POP002: a tag that the list does not know."""

import re
from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, PromptView, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, replaced
from irodori.lint.evidence import counted, not_known
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.rules.pop.phrase import is_phrase
from irodori.tags.tag import MatchKind, Tag

_MOST_SUGGESTED: Final = 5  # searches for a misspelling in one prompt: each takes milliseconds
_SHORTEST: Final = 5
_MISSING_LETTERS: Final = 2
_LETTER: Final = re.compile(r"[^\W\d_]")
_WHOLE_WORD: Final = (MatchKind.EXACT, MatchKind.PREFIX, MatchKind.WORD)


class UnknownTag(Rule):
    """A tag that the list does not know, most of all a misspelt one.

    ## Why is this bad?
    A misspelt tag is other tokens: nothing of it is drawn, and nobody notices.

    ## Example
        1girl, hererochromia, smile

    ## Use instead
        1girl, heterochromia, smile

    ## Fix
    Unsafe: where one known tag is spelt nearly the same, it is written instead.

    ## Evidence
    Practice P5, and the typo of its fourth picture. The list holds tags with 600 pictures and more;
    what it lacks is not known to it, which does not mean that it does not exist. So this is a
    warning only where a known tag differs in a letter or two; names of your own go into
    `known-tags` of `irodori.toml`.
    """

    meta = RuleMeta(
        code="POP002",
        name="unknown-tag",
        summary="tag is not known to the list",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P5",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        left = _MOST_SUGGESTED
        seen: set[str] = set()
        for view in context.views:
            for use in view.tags:
                if use.name in seen or not _is_unknown(use, context):
                    continue
                seen.add(use.name)
                meant = _meant(use.name, context) if left > 0 else None
                left -= 1
                finding = self._report(context, view, use, meant)
                if finding is not None:
                    yield finding

    def _report(
        self, context: Context, view: PromptView, use: TagUse, meant: Tag | None
    ) -> Diagnostic | None:
        if meant is not None:
            return self.at(
                use.span,
                f"'{use.name}' is not known; did you mean '{meant.name}'?",
                field=view.field,
                evidence=counted(meant),
                help=f"write {meant.name}",
                fixes=fix(
                    f"write {meant.name}",
                    [
                        edit
                        for same in view.tags
                        if same.name == use.name
                        for edit in replaced(view, same, meant.name)
                    ],
                    Applicability.UNSAFE,
                ),
            )
        if view is context.negative:
            return None
        return self.at(
            use.span,
            f"'{use.name}' is not known to this list",
            evidence=not_known(context.vocabulary),
            help="look for a known one: irodori tags search",
            severity=Severity.HINT,
        )


def _is_unknown(use: TagUse, context: Context) -> bool:
    if use.entry is not None or not use.editable or not _LETTER.search(use.name):
        return False
    if use.name in context.settings.known_tags or context.profile.is_quality(use.name):
        return False
    if use.name in _triggers(context) or ":" in use.name:
        return False
    if context.profile.tags is not None and context.profile.may_know(use.name):
        return False
    return not is_phrase(use.name)


def _triggers(context: Context) -> frozenset[str]:
    networks = context.model.networks.values() if context.model else ()
    return frozenset(word.lower() for each in networks for word in each.triggers)


def _meant(name: str, context: Context) -> Tag | None:
    """Return the known tag that a name misspells; None if every word of it is known."""
    if len(name) < _SHORTEST:
        return None
    found = context.vocabulary.search(name, 1)
    if not found:
        return None
    missing = len(found[0].spelling) - len(name)
    if found[0].kind is MatchKind.PREFIX and missing <= _MISSING_LETTERS:
        return found[0].tag
    if found[0].kind is not MatchKind.TYPO:
        return None
    wrong = set(name.split()) - set(found[0].spelling.split())
    if any(_is_word(word, context) for word in wrong):
        return None
    return found[0].tag


def _is_word(word: str, context: Context) -> bool:
    return any(match.kind in _WHOLE_WORD for match in context.vocabulary.search(word, 1))
