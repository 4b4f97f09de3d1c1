"""The numbers of a prompt: weights, moments and what only looks like one."""

import re
from typing import Final

from irodori.prompt.ast import When
from irodori.prompt.span import Span

_WEIGHT: Final = re.compile(r"\s*([+-]?[.\d]+)\s*")
_WHEN: Final = re.compile(
    r"\s*([+-]?(?:[0-9]+[eE][+-]?[0-9]+|(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+))\s*"
)
_PART_WEIGHT: Final = re.compile(r":\s*([-+]?(?:\d+\.?|\d*\.\d+))\s*\Z")
_NEARLY_A_WEIGHT: Final = re.compile(r"\s*[+-]*[.\d][-+.,\deE]*\s*")
_SCHEDULED_WEIGHT: Final = re.compile(r"\s*\[(?:[\s\d.:|+\-]|\[|\])+\]\s*")
_FACE_BROWS: Final = frozenset({"", ">"})


def read_weight(text: str) -> float | None:
    """The weight a text between `:` and `)` stands for, or None.

    As upstream: an optional sign, then digits and dots; `1e3` and `1,2` are no numbers. A text of
    that form that still is no number (`1..2`) makes upstream fail; here it is None.
    """
    match = _WEIGHT.fullmatch(text)
    if match is None:
        return None
    try:
        return float(match[1])
    except ValueError:
        return None


def is_scheduled_weight(text: str) -> bool:
    """True if a text between `:` and `)` is one schedule or alternation of numbers."""
    return _SCHEDULED_WEIGHT.fullmatch(text) is not None and any(map(str.isdigit, text))


def is_nearly_a_weight(text: str) -> bool:
    """True if whoever wrote the text surely meant a number: `1,2`, `1..2`, `1e3`, `--1`."""
    return _NEARLY_A_WEIGHT.fullmatch(text) is not None


def is_face(before: str, weight: str) -> bool:
    """True if `before:weight` is a face such as `:3` or `>:3`, and not a weight."""
    return before.strip() in _FACE_BROWS and len(weight) == 1 and weight.isdigit()


def swallows_text(before: str, weight: str) -> bool:
    """True if the weight is likely half of a text, as in `(12:30)` and `(>:3)`.

    A number without a dot, after a digit or after a text of punctuation only.
    """
    if "." in weight:
        return False
    text = before.rstrip()
    return text[-1:].isdigit() or not any(map(str.isalnum, text))


def read_when(text: str, source: str, start: int) -> When | None:
    """The moment a schedule's last field names, or None.

    Args:
        text: the field, with everything that is no text blanked out.
        source: the same field as written.
        start: where it starts, in code points.
    """
    match = _WHEN.fullmatch(text)
    if match is None:
        return None
    return When(
        span=Span(start, start + len(source)),
        source=source,
        value=float(match[1]),
        is_fraction="." in match[1],
    )


def is_when(text: str) -> bool:
    """True if the text can be a schedule's last field."""
    return _WHEN.fullmatch(text) is not None


def find_part_weight(text: str) -> re.Match[str] | None:
    """The `:0.8` at the end of an AND part, blanks after it included; group 1 is the number."""
    return _PART_WEIGHT.search(text)
