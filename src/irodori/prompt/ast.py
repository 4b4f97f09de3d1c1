r"""The tree of a prompt: what every reader of a prompt reads.

    Prompt ── Part ("AND" between them, each with a weight)
                └─ nodes, in the order of the text
                     Text Space Escape Separator Stray Comment      characters
                     Network Wildcard Break                         words with a meaning
                     Group Schedule Alternation Variants            these hold nodes

The tree is lossless (`render` gives the text back, character for character) and total (every
`str` has one). Every node knows its `span` in code points of the parsed text. What a person got
wrong is in `Prompt.diagnostics`; the characters concerned are still in the tree, as text.

A *tag* is what stands between two separators; it is often one `Text`, but `saber \(fate\)` is
five leaves and `(very) red hair` crosses a group: see `irodori.prompt.entries`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from irodori.prompt.dialect import Dialect
from irodori.prompt.span import Span


class Bracket(StrEnum):
    """The kind of a group, by its opening character."""

    ROUND = "("
    SQUARE = "["

    @property
    def closer(self) -> str:
        """The character that closes it."""
        return ")" if self is Bracket.ROUND else "]"

    @property
    def factor(self) -> float:
        """What it multiplies the weight by when no number is given: 1.1 or 1/1.1."""
        return 1.1 if self is Bracket.ROUND else 1 / 1.1


# --- leaves -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Plain characters of a tag: no blanks at its ends, no separator, bracket or escape in it.

    `red hair`, `re:zero`, `k-on!`, `:3` and `1.5` are one Text each. Colons that structure
    nothing are part of it.
    """

    span: Span
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Blanks (tab and carriage return too, but not the newline) at the edge of a tag."""

    span: Span
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    r"""A backslash and the character it makes literal: `\(` means `(`.

    `value` is what reaches the text encoder. A backslash before an ordinary character, or at the
    end of the text, disappears as in A1111: `\a` has the value `a`, a lone `\` the value ``.
    """

    span: Span
    source: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Separator:
    """One character between tags: `,` or newline; `.` `;` `!` where they end a tag.

    The last three separate only after a tag's text and before a blank or the end, so `d.va`,
    `;d`, `k-on!,` and `...` stay whole (practice P12); so does `dr. ratio`, by its abbreviation.
    `love live! sunshine!!` does not: only a vocabulary could tell.
    """

    span: Span
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """One structural character that structures nothing, so it is text: `( ) [ ] { } |`."""

    span: Span
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """From `#` up to the newline (not included); never reaches the text encoder."""

    span: Span
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The word `BREAK`: the next tag starts a new chunk. Blanks around it do not count."""

    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """`<kind:item:item...>`, such as `<lora:name:0.7>`; adds weights, not text.

    `items` are what stands between the colons, untouched; `irodori.prompt.networks` reads
    strengths and curves from them. Kinds other than lora, lyco and hypernet are kept and ignored.
    """

    span: Span
    kind: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wildcard:
    """`__name__`: one line of the file of that name. `name` has no underscores around it."""

    span: Span
    name: str


# --- nodes that hold nodes ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """The `:1.2` of `(x:1.2)`.

    Args:
        span: from the colon to before the closing bracket.
        source: those characters, colon and blanks included.
        value: the number, any sign; None while `nodes` decide it.
        nodes: the number is itself scheduled, `(x:[1.1:1.4:0.5])`: what stands after the colon.
    """

    span: Span
    source: str
    value: float | None
    nodes: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`(x)`, `[x]` or `(x:1.2)`: emphasis on the nodes inside."""

    span: Span
    bracket: Bracket
    nodes: tuple["Node", ...]
    weight: Weight | None = None

    @property
    def factor(self) -> float:
        """What the group multiplies the weight of its nodes by (a scheduled weight counts 1.1)."""
        if self.weight is not None and self.weight.value is not None:
            return self.weight.value
        return self.bracket.factor


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The last field of a schedule: when it switches.

    Args:
        span: of `source`.
        source: the field as written, blanks included: `0.5`, ` 12`, `+3`.
        value: the number.
        is_fraction: it has a dot, so it is a share of the steps (`1.0` is all, `1` is step 1).
    """

    span: Span
    source: str
    value: float
    is_fraction: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`[before:after:when]`, or `[after:when]` with `before` None: one text, then another."""

    span: Span
    before: tuple["Node", ...] | None
    after: tuple["Node", ...]
    when: When


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternation:
    """`[a|b|c]`: the next option at each step, from the first again after the last.

    `(a|b:1.2)`, dialect irodori only, has a round bracket and emphasises what it draws. An
    option may be empty.
    """

    span: Span
    bracket: Bracket
    options: tuple[tuple["Node", ...], ...]
    weight: Weight | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantOption:
    """One choice of a variant; `weight_source` is the `0.3::` before it, or empty (then 1.0)."""

    span: Span
    nodes: tuple["Node", ...]
    weight_source: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """`{a|b}`, `{2$$a|b}`, `{1-2$$ and $$a|b}`: a choice made before anything is drawn.

    Args:
        span: from `{` to `}`.
        options: two or more, or one when a count is given.
        count_source: the prefix up to the last `$$`, included; empty if there is none.
        least: how many are chosen at least, 0 or more; 1 without a prefix.
        most: how many at most; equal to `least` unless a range is given.
        joiner: what stands between those chosen; `, ` unless the prefix names it.
    """

    span: Span
    options: tuple[VariantOption, ...]
    count_source: str = ""
    least: int = 1
    most: int = 1
    joiner: str = ", "


Leaf: TypeAlias = Text | Space | Escape | Separator | Stray | Comment | Break | Network | Wildcard
Node: TypeAlias = Leaf | Group | Schedule | Alternation | Variants


# --- the whole ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """The word `AND` before a part."""

    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class PartWeight:
    """The `:0.8` at the end of an AND part; `source` has the colon and the blanks after it."""

    span: Span
    source: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What stands between two `AND`: a prompt of its own, combined with the others by weight.

    Args:
        span: of everything below together.
        nodes: the part's text.
        joiner: the `AND` before it; None for the first part only.
        weight: None if not written, which means 1.0.
        tail: what follows the weight: blanks, comments and networks only; empty without one.
    """

    span: Span
    nodes: tuple[Node, ...]
    joiner: And | None = None
    weight: PartWeight | None = None
    tail: tuple[Node, ...] = ()


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Code(StrEnum):
    """What can be wrong with the text itself; each is a finding's stable name."""

    UNBALANCED_BRACKET = "unbalanced-bracket"
    STRAY_PIPE = "stray-pipe"
    SCHEDULE_IS_TEXT = "schedule-is-text"
    SCHEDULE_WITHOUT_EFFECT = "schedule-without-effect"
    PROMPT_IS_TEXT = "prompt-is-text"
    ACCIDENTAL_AND_WEIGHT = "accidental-and-weight"
    AND_IN_BRACKETS = "and-in-brackets"
    BREAK_IS_TEXT = "break-is-text"
    MALFORMED_WEIGHT = "malformed-weight"
    WEIGHT_SWALLOWS_TEXT = "weight-swallows-text"
    MALFORMED_NETWORK = "malformed-network"
    UNKNOWN_NETWORK_KIND = "unknown-network-kind"
    NETWORK_IN_NEGATIVE = "network-in-negative"
    UNSCHEDULABLE_NETWORK = "unschedulable-network"
    COMMENT_SWALLOWS_TEXT = "comment-swallows-text"
    BRACES_ARE_TEXT = "braces-are-text"
    LONE_BACKSLASH = "lone-backslash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """Something in the text that does not mean what it seems to.

    Args:
        code: its name.
        severity: ERROR if part of the prompt is lost or becomes text, WARNING if it likely means
            something else than wanted, INFO if it is worth knowing.
        span: the characters at fault.
        message: what it is, with the text itself.
        suggestion: what to do about it.
        replacement: what to put in place of the span to do so; None if only the author knows.
    """

    code: Code
    severity: Severity
    span: Span
    message: str
    suggestion: str
    replacement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A whole prompt.

    Args:
        parts: one or more; more than one only with `AND`.
        dialect: how it was read.
        diagnostics: what is wrong in the text, in order of place.
    """

    parts: tuple[Part, ...]
    dialect: Dialect
    diagnostics: tuple[Diagnostic, ...] = ()
