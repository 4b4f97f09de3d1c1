"""Ages under eighteen, however they are written."""

import re
from typing import Final

from irodori.policy.rating import Rating
from irodori.policy.words import Form, Kind, Word

_NUMBER: Final = (
    r"(?:\d|1[0-7]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen"
    r"|fourteen|fifteen|sixteen|seventeen)"
)
_AGE: Final = re.compile(
    rf"(?<!\S)(?:"
    rf"{_NUMBER} ?(?:years?|yrs?|y|months?) ?(?:o|olds?|of age)"
    rf"|{_NUMBER} ?yo"
    rf"|(?:age|aged|ages) (?:of )?{_NUMBER}"
    rf"|{_NUMBER} ?(?:歳|才|岁|歲|살)"
    rf"|(?:under|below|younger than) (?:the age of )?(?:18|eighteen)"
    rf")(?!\S)"
)

MINORS_AGE: Final = Word(core="age", form=Form.WHOLE, kind=Kind.MINOR, rating=Rating.GENERAL)
"""Stands in a finding for every age under eighteen."""


def is_minors_age(plain: str) -> bool:
    """Whether a text names an age under eighteen.

    Args:
        plain: words, folded, with single blanks between them: `17 years old`, `12yo`, `age 9`.
    """
    return _AGE.search(plain) is not None
