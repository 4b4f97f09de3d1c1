"""What the parser reports: one function for each mistake, with the words a person reads."""

from irodori.prompt.ast import Code, Diagnostic, Severity, When
from irodori.prompt.span import Span


def unbalanced(span: Span, char: str, *, a1111: bool) -> Diagnostic:
    """A bracket without a partner."""
    effect = "is text"
    if a1111 and char in "([":
        effect = "changes the weight of everything after it"
    return Diagnostic(
        code=Code.UNBALANCED_BRACKET,
        severity=Severity.ERROR,
        span=span,
        message=f"'{char}' has no partner and {effect}",
        suggestion=f"close or remove it, or write \\{char} for the character itself",
        replacement="\\" + char,
    )


def stray_pipe(span: Span, *, spoils: bool) -> Diagnostic:
    """A `|` outside of an alternation."""
    effect = "makes every schedule of this prompt text" if spoils else "is text"
    return Diagnostic(
        code=Code.STRAY_PIPE,
        severity=Severity.ERROR if spoils else Severity.WARNING,
        span=span,
        message=f"'|' outside of [a|b] {effect}",
        suggestion="put the alternatives in square brackets, or write \\| for the character itself",
        replacement="\\|",
    )


def prompt_is_text(span: Span) -> Diagnostic:
    """A lone backslash, which A1111's grammar has no place for."""
    return Diagnostic(
        code=Code.PROMPT_IS_TEXT,
        severity=Severity.ERROR,
        span=span,
        message="a backslash at the end of a line makes every schedule of this prompt text",
        suggestion="remove the backslash",
        replacement="",
    )


def lone_backslash(span: Span) -> Diagnostic:
    """A backslash with nothing to make literal."""
    return Diagnostic(
        code=Code.LONE_BACKSLASH,
        severity=Severity.INFO,
        span=span,
        message="a backslash at the end of a line draws nothing",
        suggestion="remove it, or write \\\\ for the character itself",
        replacement="",
    )


def schedule_is_text(span: Span, source: str, cause: str) -> Diagnostic:
    """Square brackets with `:` or `|` inside that are neither schedule nor alternation."""
    return Diagnostic(
        code=Code.SCHEDULE_IS_TEXT,
        severity=Severity.WARNING,
        span=span,
        message=f"'{shorten(source)}' is text with less emphasis, not a schedule: {cause}",
        suggestion="write [before:after:0.5] or [a|b], and \\: for a colon that is text",
    )


def schedule_without_effect(when: When, *, has_before: bool) -> Diagnostic:
    """A schedule that never switches in any pass, or has switched before the first step."""
    number = when.source.strip()
    if when.value <= 0:
        message = f"{number} is before the first step: what stands before it is never drawn"
    else:
        message = f"{number} has a dot, so it is a share of the steps: it never switches"
    step = f"{when.value:.0f}"
    is_step = when.value > 1 and when.value.is_integer()
    return Diagnostic(
        code=Code.SCHEDULE_WITHOUT_EFFECT,
        severity=Severity.WARNING,
        span=when.span,
        message=message,
        suggestion="write a share such as 0.5, or a step without a dot"
        if has_before
        else "write a share such as 0.5, a step without a dot, or (x:0.8) if a weight is meant",
        replacement=step if is_step else None,
    )


def and_in_brackets(span: Span) -> Diagnostic:
    """The word AND where it cannot split."""
    return Diagnostic(
        code=Code.AND_IN_BRACKETS,
        severity=Severity.WARNING,
        span=span,
        message="AND inside brackets is text",
        suggestion="put AND outside of all brackets, or write 'and'",
        replacement="and",
    )


def accidental_and_weight(span: Span, source: str, value: float) -> Diagnostic:
    """A text that ends in `:number` without meaning a weight."""
    return Diagnostic(
        code=Code.ACCIDENTAL_AND_WEIGHT,
        severity=Severity.WARNING,
        span=span,
        message=f"'{source.strip()}' at the end is read as the weight {value:g} of the whole part",
        suggestion="put a comma after it if it is text",
        replacement=source.rstrip() + ",",
    )


def break_is_text(span: Span) -> Diagnostic:
    """BREAK inside a group, in dialect a1111."""
    return Diagnostic(
        code=Code.BREAK_IS_TEXT,
        severity=Severity.WARNING,
        span=span,
        message="BREAK inside brackets is drawn as a word",
        suggestion="close the bracket before BREAK and open it again after",
    )


def malformed_weight(span: Span, source: str) -> Diagnostic:
    """`(a:1,2)`: something where a weight should be."""
    fixed = source.strip().replace(",", ".")
    number = fixed[1:].strip()
    readable = number.count(".") == 1 and number.replace(".", "").isdigit()
    return Diagnostic(
        code=Code.MALFORMED_WEIGHT,
        severity=Severity.WARNING,
        span=span,
        message=f"'{source.strip()}' is no weight, so it is text",
        suggestion="write a number such as 1.2",
        replacement=fixed if readable else None,
    )


def weight_swallows_text(span: Span, source: str, value: float) -> Diagnostic:
    """`(12:30)`: a weight that is likely text."""
    return Diagnostic(
        code=Code.WEIGHT_SWALLOWS_TEXT,
        severity=Severity.WARNING,
        span=span,
        message=f"'{source.strip()}' is read as the weight {value:g}",
        suggestion="if it is text, give the weight after it, as in (:3:1.1)",
        replacement=source.rstrip() + ":1.1",
    )


def malformed_network(span: Span, source: str) -> Diagnostic:
    """`<lora:x` without its end."""
    return Diagnostic(
        code=Code.MALFORMED_NETWORK,
        severity=Severity.ERROR,
        span=span,
        message=f"'{shorten(source)}' is text: a network is written <lora:name:1>",
        suggestion="give it a name and close it with >",
    )


def unreadable_network(span: Span, source: str, problem: str) -> Diagnostic:
    """`<lora:x:>`: a tag that cannot be obeyed."""
    return Diagnostic(
        code=Code.MALFORMED_NETWORK,
        severity=Severity.ERROR,
        span=span,
        message=f"'{shorten(source)}' does nothing: {problem}",
        suggestion="write <lora:name:1>, or <lora:name:0@0,1@0.4> for a curve",
    )


def unknown_network_kind(span: Span, kind: str) -> Diagnostic:
    """`<foo:x>`: taken out of the text, and nothing done with it."""
    return Diagnostic(
        code=Code.UNKNOWN_NETWORK_KIND,
        severity=Severity.WARNING,
        span=span,
        message=f"networks of the kind '{kind}' do not exist; the tag does nothing",
        suggestion="use lora, lyco or hypernet, in lower case",
    )


def network_in_negative(span: Span) -> Diagnostic:
    """A network in the negative prompt."""
    return Diagnostic(
        code=Code.NETWORK_IN_NEGATIVE,
        severity=Severity.WARNING,
        span=span,
        message="a network in the negative prompt does nothing",
        suggestion="move it to the prompt, with a negative weight if that is meant",
        replacement="",
    )


def unschedulable_network(span: Span) -> Diagnostic:
    """A network inside a schedule, in dialect a1111."""
    return Diagnostic(
        code=Code.UNSCHEDULABLE_NETWORK,
        severity=Severity.WARNING,
        span=span,
        message="A1111 takes networks out first, so this one is on at every step",
        suggestion="use the dialect irodori, which schedules networks",
    )


def comment_swallows_text(span: Span, source: str, *, a1111: bool) -> Diagnostic:
    """A comment behind text on the same line; A1111 takes comments out before it sees escapes."""
    return Diagnostic(
        code=Code.COMMENT_SWALLOWS_TEXT,
        severity=Severity.INFO,
        span=span,
        message=f"'{shorten(source)}' is a comment and not drawn",
        suggestion="put it on a line of its own; A1111 cannot draw #"
        if a1111
        else "write \\# for the character itself",
        replacement=None if a1111 else "\\" + source,
    )


def braces_are_text(span: Span) -> Diagnostic:
    """`{x}`: neither a choice nor emphasis."""
    return Diagnostic(
        code=Code.BRACES_ARE_TEXT,
        severity=Severity.INFO,
        span=span,
        message="braces without | are text: they neither choose nor emphasise",
        suggestion="write (x) for emphasis, {a|b} for a choice, \\{ for the character itself",
    )


def shorten(source: str, length: int = 40) -> str:
    """The text, cut in the middle if it is too long for a message."""
    if len(source) <= length:
        return source
    half = (length - 3) // 2
    return source[:half] + "..." + source[-half:]
