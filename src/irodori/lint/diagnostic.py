"""What the linter says: a finding, where it is, and how it could be mended."""

from dataclasses import dataclass
from enum import StrEnum

from irodori.prompt.span import Span


class Severity(StrEnum):
    """How sure a finding is, and how much it matters.

    ERROR: a part of the prompt is lost, or the model cannot draw with these settings. WARNING: the
    picture will almost certainly not be what was asked for. HINT: worth knowing, may be meant.
    """

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return _RANKS[self]


_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.HINT: 2}


class Field(StrEnum):
    """What a span counts in."""

    PROMPT = "prompt"
    NEGATIVE_PROMPT = "negative_prompt"
    RECIPE = "recipe"  # settings have no place in a text: spans in it are empty


class Applicability(StrEnum):
    """Who may apply a fix.

    SAFE: it keeps what was meant; `irodori format` and `lint --fix` apply it. UNSAFE: it changes
    what is drawn, as the finding advises; `lint --unsafe-fixes` applies it. DISPLAY: one of
    several ways; only a person chooses.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change to one of the two prompts.

    Args:
        field: which prompt; never RECIPE.
        span: code points of that prompt that are replaced; empty to insert.
        text: what stands there afterwards.
    """

    field: Field
    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Edits that belong together: all are applied, or none.

    Args:
        title: what it does, as a person chooses it: "lower to (arm up:0.4)".
        edits: one or more, not overlapping.
        applicability: who may apply it.
    """

    title: str
    edits: tuple[Edit, ...]
    applicability: Applicability


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding.

    Args:
        code: of the rule, `POP001`; never reused.
        name: of the rule, `underpopulated-tag`.
        severity: see `Severity`.
        field: what `span` counts in.
        span: code points; empty in RECIPE and where something is missing.
        message: what is wrong, naming the tag.
        evidence: the figure behind it with its date and source, or "".
        help: what to do, or "".
        fixes: the best first.
    """

    code: str
    name: str
    severity: Severity
    field: Field
    span: Span
    message: str
    evidence: str = ""
    help: str = ""
    fixes: tuple[Fix, ...] = ()
