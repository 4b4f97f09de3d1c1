"""Which line of models a file comes from: Illustrious, NoobAI, Pony ... are all SDXL by shape.

Told by the hash where the file is a known release, else by what its metadata, its sidecars and at
last its name say. A merge that says nothing of itself stays plain SDXL.
"""

import re
from collections.abc import Iterable
from typing import Final

RELEASES: Final = {
    # first ten digits of the file's sha256: what it is
    "3e15ba0038": "Illustrious 0.1",
    "6681e8e4b1": "NoobAI 1.1",
    "ea349eeae8": "NoobAI v-pred 1.0",
    "67ab2fd8ec": "Pony V6",
    "e3c47aedb0": "Animagine 3.1",
    "31e35c80fc": "SDXL 1.0",
}

_LINES: Final = (
    # the first that is named; merges name their parent after themselves, so children come first
    (re.compile(r"noob[ _-]?ai|\bnoob\b", re.IGNORECASE), "NoobAI"),
    (re.compile(r"illustrious|\bilxl\b|[-_ ]il[-_ .]", re.IGNORECASE), "Illustrious"),
    (re.compile(r"pony", re.IGNORECASE), "Pony"),
    (re.compile(r"animagine", re.IGNORECASE), "Animagine"),
)
_VERSION: Final = re.compile(
    r"(?:illustrious|noob[ _-]?ai)[ _-]?(?:xl)?[ _-]?(?:v[ _-]?pred[ _-]?)?v?([0-3]\.\d)\b",
    re.IGNORECASE,
)


def release_of(sha256: str) -> str:
    """Return the release that a file with this hash is; empty where it is not a known one."""
    return RELEASES.get(sha256[:10], "")


def line_of(said: Iterable[str]) -> str:
    """Return the line that texts about a file name, with its version; empty where none does.

    Args:
        said: the most trustworthy first: metadata, sidecars, the file's name.
    """
    for text in said:
        for pattern, line in _LINES:
            if pattern.search(text):
                version = _VERSION.search(text)
                return f"{line} {version[1]}" if version else line
    return ""
