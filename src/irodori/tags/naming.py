r"""One spelling for every way a tag is written: `Long_Hair`, `makima \(chainsaw man\)`, `^ ^`.

The prompt language is loaded only where it is needed: a look-up is done before it would be.
"""

_LONGEST_FACE = 11
"""Letters of the longest name that keeps its underscores: `<|>_<|>`, `score_9_up`."""


def canonical(name: str) -> str:
    """Return a booru's name as the vocabulary spells it: lower case, spaces but in emoticons."""
    name = _storable(name).strip()
    if "_" in name and len(name) <= _LONGEST_FACE:
        from irodori.prompt.escaping import spaced

        name = spaced(name)
    else:
        name = name.replace("_", " ")
    return " ".join(name.lower().split())


def key(name: str) -> str:
    """Return what two spellings of one tag have in common: `^_^` and `^ ^` have one key."""
    return " ".join(_storable(name).replace("_", " ").lower().split())


def keys(text: str) -> tuple[str, ...]:
    r"""Return the keys to look a prompt's text up with, the likeliest first.

    A backslash may be an escape, as in `ganyu \(genshin impact\)`, or part of the name, as in
    `\o/`: both readings are tried.
    """
    as_written = key(text)
    if "\\" not in text:
        return (as_written,)
    from irodori.prompt.escaping import unescape

    return (key(unescape(text)), as_written)


def _storable(text: str) -> str:
    """Return a text without what a database cannot hold: zeros and halves of characters."""
    if "\0" in text:
        text = text.replace("\0", " ")
    return text if text.isascii() else text.encode(errors="ignore").decode()
