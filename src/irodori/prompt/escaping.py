r"""Names as prompt text and back: `saber (fate)` is written `saber \(fate\)`.

Escaping is done once, when a name enters a prompt, and undone once, when text leaves it; everything
between handles nodes of the tree, so no layer adds or strips a backslash on the way.
"""

import re
from typing import Final

_STRUCTURE: Final = re.compile(
    r"[\\()\[\]{}|#]"
    r"|<(?=\w+:[^>]+>)"  # would be a network
    r"|(?<=_)_"  # would open or close a wildcard
    r"|(?<=\bA)ND\b|(?<=\bB)REAK\b"  # would be the words
)
_ESCAPED: Final = re.compile(r"\\(.?)", re.DOTALL)

# Faces whose underscore is a mouth, beyond those the pattern knows (two like eyes around it).
_FACES: Final = frozenset(
    {"6_9", "9_6", ">_o", "o_<", "+_-", "-_+", "<|>_<|>", "<o>_<o>", "(o)_(o)", "||_||", "d_b"}
)
_FACE: Final = re.compile(r"([^\W_]|[^\w\s]{1,2})_\1")
_WRITTEN_WITH_UNDERSCORES: Final = re.compile(r"score_\d+(_up)?|source_\w+|rating_\w+")


def escape(name: str, *, colons: bool = False) -> str:
    r"""Return a name as prompt text that means exactly that name.

    Args:
        name: any text, such as a tag from a booru.
        colons: escape `:` too, as needed inside `[a:b:0.5]`. Default: leave `re:zero` readable.
    """
    escaped = _STRUCTURE.sub(lambda found: "\\" + found[0], name)
    return escaped.replace(":", "\\:") if colons else escaped


def unescape(text: str) -> str:
    """Return what the text encoder reads: each escaped character without its backslash.

    The inverse of `escape`: `unescape(escape(x)) == x` for every text. A backslash at the end of
    the text disappears, as in the parser.
    """
    return _ESCAPED.sub(r"\1", text)


def is_face(name: str) -> bool:
    """Tell whether a tag is an emoticon, such as `^_^`, `o_o` or `>_<`."""
    return name in _FACES or name.casefold() in _FACES or _is_pair(name)


def spaced(name: str) -> str:
    """Return a tag with spaces for underscores, as models of the Illustrious family read it.

    Emoticons keep theirs, and so do the `score_9` tags of other model families.
    """
    if is_face(name) or _WRITTEN_WITH_UNDERSCORES.fullmatch(name):
        return name
    return name.replace("_", " ")


def _is_pair(name: str) -> bool:
    left, _, right = name.partition("_")
    mirrored = left.translate(str.maketrans("<>()[]{}", "><)(][}{"))
    return _FACE.fullmatch(name.casefold()) is not None or (
        0 < len(left) <= 2 and not left.isalnum() and right in (left, mirrored)
    )
