"""What a rule is: its description, and one function from a context to findings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from irodori.lint.diagnostic import Applicability, Diagnostic, Field, Fix, Severity
from irodori.prompt.span import Span

if TYPE_CHECKING:
    from irodori.lint.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A threshold of a rule that can be set.

    Args:
        name: its key in `irodori.toml`, family first: `pop.general-min`.
        doc: what it is, with its unit.
    """

    name: str
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMeta:
    """A rule's description.

    Args:
        code: family and number, `POP001`.
        name: what it finds, so that "allow <name>" reads well: `underpopulated-tag`.
        summary: one line for people, without a full stop.
        severity: of its findings, unless it says otherwise for one.
        since: the version that brought it.
        source: section of the practice: `P5`.
        applicability: of the best fix it offers; None if it offers none.
        options: what can be set.
    """

    code: str
    name: str
    summary: str
    severity: Severity
    since: str
    source: str
    applicability: Applicability | None = None
    options: tuple[Option, ...] = ()

    @property
    def family(self) -> str:
        """The letters of its code."""
        return self.code.rstrip("0123456789")


_QUOTED: Final = re.compile(r"'([^'\n]{81,})'")
_SHOWN: Final = 60
"""Characters that a message gives of a name longer than 80; its span gives the rest."""


def _shortened(quoted: re.Match[str]) -> str:
    return f"'{quoted[1][:_SHOWN]}...'"


class Rule:
    """Base of all rules; a subclass has `meta`, a docstring that is its page, and `check`.

    Rules hold no state: one object checks many prompts. What a page looks like, and that its
    example must fire and its cure be silent, is told in `irodori.lint.page`.
    """

    meta: ClassVar[RuleMeta]

    def check(self, context: "Context") -> Iterator[Diagnostic]:
        """Yield the findings of this rule, in any order."""
        raise NotImplementedError

    def at(  # noqa: PLR0913  # keyword fields of the finding, each with its default
        self,
        span: Span,
        message: str,
        *,
        field: Field = Field.PROMPT,
        evidence: str = "",
        help: str = "",  # noqa: A002  # the finding's own word
        fixes: tuple[Fix, ...] = (),
        severity: Severity | None = None,
    ) -> Diagnostic:
        """Return a finding of this rule at a place; fields as of `Diagnostic`."""
        return Diagnostic(
            code=self.meta.code,
            name=self.meta.name,
            severity=severity or self.meta.severity,
            field=field,
            span=span,
            message=_QUOTED.sub(_shortened, message),
            evidence=evidence,
            help=help,
            fixes=fixes,
        )
