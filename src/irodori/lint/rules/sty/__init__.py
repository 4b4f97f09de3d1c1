"""STY: styles, artists, LoRAs and blends (P14, P15)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.sty.alternating_blend import AlternatingBlend
from irodori.lint.rules.sty.heavy_style_loras import HeavyStyleLoras
from irodori.lint.rules.sty.many_style_loras import ManyStyleLoras
from irodori.lint.rules.sty.many_styles import ManyStyles
from irodori.lint.rules.sty.missing_trigger import MissingTrigger
from irodori.lint.rules.sty.rare_artist import RareArtist
from irodori.lint.rules.sty.style_from_start import StyleFromStart
from irodori.lint.rules.sty.style_too_late import StyleTooLate
from irodori.lint.rules.sty.unblended_colours import UnblendedColours

RULES: Final[tuple[type[Rule], ...]] = (
    ManyStyleLoras,
    HeavyStyleLoras,
    StyleFromStart,
    RareArtist,
    MissingTrigger,
    ManyStyles,
    AlternatingBlend,
    UnblendedColours,
    StyleTooLate,
)
