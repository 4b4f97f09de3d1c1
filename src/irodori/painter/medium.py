"""With what a picture is made, and how well: what holds for all of it, whatever it shows."""

from enum import StrEnum


class Style(StrEnum):
    """With what the picture is drawn; `PLAIN` has no tag."""

    PLAIN = "plain"
    FLAT_COLOR = "flat color"
    SKETCH = "sketch"
    MONOCHROME = "monochrome"
    WATERCOLOR = "watercolor (medium)"
    PIXEL_ART = "pixel art"
    CHIBI = "chibi"


class Pen(StrEnum):
    """With what the lines of a `PLAIN` picture are drawn; has no tag, as a painter's own hand has.

    `INK` is broad and black, its pictures unshaded; the base's pictures are all `FINE`.
    """

    FINE = "fine"
    INK = "ink"


class Quality(StrEnum):
    """`PLAIN` has no tag: a good picture is what is drawn when nothing is said."""

    PLAIN = "plain"
    BAD = "bad quality"
    WORST = "worst quality"
    WORST_DETAIL = "worst detail"
