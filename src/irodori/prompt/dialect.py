"""The two ways of reading a prompt.

Which one drew a picture stands in its metadata, so that the picture can be drawn again.
"""

from enum import StrEnum
from typing import Self

from irodori.errors import UnknownNameError


class Dialect(StrEnum):
    """How text is read where tools disagree, and what is done with malformed text.

    `IRODORI` reads everything well-formed as A1111 does; malformed text stays text, spoils
    nothing around it and is reported. `A1111` repeats AUTOMATIC1111's and Forge's behaviour to
    the letter, its off-by-one and its whole-prompt failures included.
    """

    IRODORI = "irodori"
    A1111 = "a1111"

    @classmethod
    def named(cls, name: str) -> Self:
        """The dialect of that name.

        Raises:
            UnknownNameError: there is none.
        """
        try:
            return cls(name)
        except ValueError:
            raise UnknownNameError("dialect", name, [dialect.value for dialect in cls]) from None
