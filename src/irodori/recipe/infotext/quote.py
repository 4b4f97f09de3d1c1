"""Values in infotext: A1111's quoting, and the form of it that loses nothing.

A1111 writes a value as it is unless it holds a comma, a colon or a newline; then as a JSON
string. That leaves values which do not read back: empty ones, ones that begin and end with a
quotation mark, ones that begin with a bracket, ones with spaces at their ends. `exact` quotes
those too; every reader of quoted values takes it (compat 9.1; users 23).
"""

import json
import re
from typing import Final

_NEEDS_QUOTES: Final = re.compile("[,\n:]")
_AMBIGUOUS: Final = re.compile(r'["{\[]|\s|$')


def quote(value: str | float) -> str:
    """Return a value as A1111 and Forge write it."""
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if _NEEDS_QUOTES.search(text) else text


def exact(value: str) -> str:
    """Return a value so that it reads back as itself; as `quote` wherever that suffices."""
    if _AMBIGUOUS.match(value) or value != value.strip() or "\r" in value:
        return json.dumps(value, ensure_ascii=False)
    return quote(value)


def unquote(text: str) -> str:
    """Return the value that a quoted text stands for, or the text itself if it is not JSON."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    try:
        value = json.loads(text, strict=False)
    except ValueError:
        return text
    return value if isinstance(value, str) else text
