"""VIS008: a colour in a picture that has none."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix, removed
from irodori.lint.rule import Rule, RuleMeta

_PALETTES: Final = ("greyscale", "monochrome")
_COLOURED_AGAIN: Final = frozenset({"spot color", "partially colored", "limited palette"})
_SHADES: Final = frozenset({"", "black", "white", "grey", "gray", "dark", "light"})


class ColourInGreyscale(Rule):
    """A colour in a picture that has none.

    ## Why is this bad?
    The model tints the picture, or colours the one thing: `monochrome` then gives a red eye.

    ## Example
        1girl, solo, greyscale, blue eyes, long hair

    ## Use instead
        1girl, solo, greyscale, long hair

        1girl, solo, greyscale, spot color, blue eyes, long hair

    ## Fix
    Unsafe: the tag is taken out. If one thing should be coloured, `spot color` says so.

    ## Evidence
    Practice P6, P10.
    """

    meta = RuleMeta(
        code="VIS008",
        name="colour-in-greyscale",
        summary="colour in a picture without colours",
        severity=Severity.HINT,
        since="0.2.0",
        source="P6",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        palette = next((use for name in _PALETTES if (use := view.named(name))), None)
        if palette is None or any(
            use.name in _COLOURED_AGAIN or use.name.endswith(" theme") for use in view.tags
        ):
            return
        for use in view.tags:
            coloured = use.entry is not None and use.entry.colour not in _SHADES
            if coloured and use.group == "appearance" and use.is_drawn and use.meets(palette):
                yield self.at(
                    use.span,
                    f"'{use.text}' cannot be seen: '{palette.text}' leaves no colour",
                    help="take it out, or add 'spot color' if only this is to be coloured",
                    fixes=fix(f"remove '{use.text}'", removed(view, [use]), Applicability.UNSAFE),
                )
