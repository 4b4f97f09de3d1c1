"""STY005: a LoRA without the word it was trained with."""

from collections.abc import Iterator

from irodori.lint.context import Context, NetworkUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix
from irodori.lint.rule import Rule, RuleMeta
from irodori.lint.styling import facts_of
from irodori.prompt.escaping import escape
from irodori.prompt.span import Span


class MissingTrigger(Rule):
    """A LoRA without any of the words it was trained with.

    The words are those that the file states. A LoRA that states none is spared.

    ## Why is this bad?
    The LoRA learned its subject under that word: without it little of the subject shows, while all
    its side effects do.

    ## Example
        LoRA: mychar, trigger ohwx girl
        1girl, solo, smile <lora:mychar:0.8>

    ## Use instead
        LoRA: mychar, trigger ohwx girl
        1girl, solo, ohwx girl, smile <lora:mychar:0.8>

    ## Fix
    Unsafe: the first of the words is written before the LoRA.

    ## Evidence
    Practice P14; the words are read from the file's own metadata.
    """

    meta = RuleMeta(
        code="STY005",
        name="missing-trigger",
        summary="LoRA without the word it was trained with",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P14",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        written = _plain(context.positive.text)
        for use in context.positive.networks:
            triggers = facts_of(context, use).triggers
            if not triggers or not use.weight or any(_plain(one) in written for one in triggers):
                continue
            yield self.at(
                use.span,
                f"'{use.name}' was trained with '{triggers[0]}', and no such word is here",
                evidence=f"its file states: {', '.join(triggers)}",
                help=f"add '{triggers[0]}'",
                fixes=fix(
                    f"add '{triggers[0]}'", _before(context, use, triggers[0]), Applicability.UNSAFE
                ),
            )


def _plain(text: str) -> str:
    """Return a text as triggers are compared: lower case, blanks for underscores, no escapes."""
    return " ".join(text.lower().replace("_", " ").replace("\\", "").split())


def _before(context: Context, use: NetworkUse, trigger: str) -> tuple[Edit, ...]:
    view = context.positive
    at = use.span.start
    before = view.text[:at].rstrip()
    joiner = "" if not before or before[-1] in ",([{|:" else ", "
    end = len(before) if joiner else at
    return (Edit(field=view.field, span=Span(end, end), text=f"{joiner}{escape(trigger)}, "),)
