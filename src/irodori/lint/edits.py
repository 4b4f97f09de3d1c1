"""The edits that fixes are made of: take tags out, replace one, weigh one, add one.

Each returns an empty tuple where no edit would do what it says; a rule then offers no fix.
"""

from collections.abc import Callable, Iterable, Sequence

from irodori.lint.context import PromptView, TagUse
from irodori.lint.diagnostic import Applicability, Edit, Fix
from irodori.prompt.ast import Comment
from irodori.prompt.escaping import escape
from irodori.prompt.span import Span
from irodori.prompt.weights import weight_text

_BLANKS = " \t\r\n"
_OPENERS = "([{|:"
_CLOSERS = ")]}|:"


def fix(title: str, edits: Sequence[Edit], applicability: Applicability) -> tuple[Fix, ...]:
    """Return one fix, or none where there is no edit."""
    if not edits:
        return ()
    return (Fix(title=title, edits=tuple(edits), applicability=applicability),)


def removed(view: PromptView, uses: Iterable[TagUse]) -> tuple[Edit, ...]:
    """Return the edits that take tags out, with the commas they leave behind.

    Nothing is offered where brackets would be left empty, or a tag cannot be edited.
    """
    chosen = sorted({use.outer: use for use in uses}.values(), key=lambda use: use.outer)
    if not chosen or not all(use.editable for use in chosen):
        return ()
    spans = [_without_comma(view.text, run) for run in _runs(view.text, chosen)]
    if any(span is None for span in spans):
        return ()
    return tuple([Edit(field=view.field, span=span, text="") for span in spans if span is not None])


def _runs(text: str, uses: Sequence[TagUse]) -> list[Span]:
    """Return the places of some tags, neighbours joined."""
    runs: list[Span] = []
    for use in uses:
        if runs and not text[runs[-1].end : use.outer.start].strip(_BLANKS + ","):
            runs[-1] = Span(runs[-1].start, use.outer.end)
        else:
            runs.append(use.outer)
    return runs


def _without_comma(text: str, run: Span) -> Span | None:
    """Return a place with the comma after it, or before it where none follows."""
    after = len(text) - len(text[run.end :].lstrip(_BLANKS))
    before = len(text[: run.start].rstrip(_BLANKS))
    opened = before > 0 and text[before - 1] in _OPENERS
    if opened and after < len(text) and text[after] in _CLOSERS:
        return None
    if after < len(text) and text[after] == ",":
        end = after + 1
        while end < len(text) and text[end] in " \t":
            end += 1
        return Span(run.start, end)
    return Span(len(text[: run.start].rstrip(_BLANKS + ",")), run.end) if before else run


def replaced(view: PromptView, use: TagUse, name: str) -> tuple[Edit, ...]:
    """Return the edit that writes another tag in a tag's place, its brackets kept."""
    if not use.editable:
        return ()
    return (Edit(field=view.field, span=use.span, text=escape(name)),)


def weighed(view: PromptView, use: TagUse, weight: float) -> tuple[Edit, ...]:
    """Return the edit that gives a tag a weight; only of one without emphasis around it yet."""
    if not use.editable or use.in_schedule or use.outer != use.span or use.weight != 1.0:
        return ()
    return (Edit(field=view.field, span=use.span, text=f"({use.text}:{weight_text(weight)})"),)


def placed_after(view: PromptView, use: TagUse, name: str) -> tuple[Edit, ...]:
    """Return the edit that adds a tag behind another."""
    end = use.outer.end
    if use.in_schedule or not use.editable:
        return ()
    gap = " " if view.text[end : end + 1].isalpha() else ""  # `(a)AND b`: AND stays a word
    return (Edit(field=view.field, span=Span(end, end), text=f", {escape(name)}{gap}"),)


def appended(view: PromptView, name: str) -> tuple[Edit, ...]:
    """Return the edit that adds a tag at the end of a prompt; none behind AND or a comment."""
    parts = view.tree.parts
    if len(parts) > 1 or any(isinstance(node, Comment) for node in parts[-1].nodes[-2:]):
        return ()
    text = view.text.rstrip()
    end = len(text)
    joiner = "" if not text else " " if text.endswith(",") else ", "
    return (Edit(field=view.field, span=Span(end, end), text=joiner + escape(name)),)


def offered(
    view: PromptView,
    use: TagUse,
    names: Iterable[str],
    edit: Callable[[PromptView, TagUse, str], tuple[Edit, ...]] = placed_after,
) -> tuple[Fix, ...]:
    """Return one fix a name, for a person to choose from.

    Args:
        view: the prompt.
        use: where.
        names: tags to add, or to write in its place.
        edit: `placed_after` or `replaced`.
    """
    verb = "write" if edit is replaced else "add"
    return tuple(
        [
            one
            for name in names
            for one in fix(f"{verb} '{name}'", edit(view, use, name), Applicability.DISPLAY)
        ]
    )


def either_removed(view: PromptView, *uses: TagUse) -> tuple[Fix, ...]:
    """Return one fix a tag that takes it out, for a person to choose from."""
    return tuple(
        [
            one
            for use in uses
            for one in fix(f"remove '{use.text}'", removed(view, [use]), Applicability.DISPLAY)
        ]
    )
