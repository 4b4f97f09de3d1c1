"""What a recipe keeps of the notes that were told while its picture was drawn."""

import re
from collections.abc import Iterable
from typing import Final

NOTE: Final = r"[^\x00-\x1f]+"
"""One line of text."""

_LONGEST: Final = 500
_UNSTORABLE: Final = re.compile("[\x00-\x1f\ud800-\udfff]+")
_QUOTED_FOLDER: Final = re.compile(r"(?<=')(?:~|[A-Za-z]:)?[\\/][^']*[\\/](?=[^'\\/]+')")
_FOLDER: Final = re.compile(r"(?<![\w'/\\])(?:~|[A-Za-z]:)?[\\/](?:[^\\/'\s]+[\\/])+(?=[^\\/'\s])")


def kept_notes(notes: Iterable[str]) -> tuple[str, ...]:
    """Return notes as pictures hold them: one line each, each once, files without their folders.

    A picture is shown to others; where its maker keeps files is nobody's business.
    """
    lines = (_UNSTORABLE.sub(" ", note).strip() for note in notes)
    bare = (_FOLDER.sub("", _QUOTED_FOLDER.sub("", line))[:_LONGEST] for line in lines)
    return tuple(dict.fromkeys(line for line in bare if line))
