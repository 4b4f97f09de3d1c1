"""Words that negative prompts are made of, as the rules of NEG and QLT tell them apart."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CREDITS: Final = frozenset(
    {
        "signature",
        "watermark",
        "web address",
        "artist name",
        "username",
        "twitter username",
        "patreon username",
        "logo",
        "artist logo",
        "dated",
        "text",
        "english text",
        "copyright name",
        "sample watermark",
    }
)
"""What is written on a picture: a large part of all pictures has some of it (P3)."""

SIMPLE: Final = "simple background"
SIDE_EFFECTS: Final = frozenset({SIMPLE, "sketch", "censored", "censor"})
"""Words of the practice's own presets, whose side effects have rules of their own (P3)."""

CURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "open mouth": "closed mouth",
        "closed mouth": "open mouth",
        "indoors": "outdoors",
        "outdoors": "indoors",
        "short hair": "long hair",
        "long hair": "short hair",
        "looking away": "looking at viewer",
        "looking to the side": "looking at viewer",
        "standing": "sitting",
        "sitting": "standing",
        "from behind": "straight-on",
        "from side": "straight-on",
        "night": "day",
        "day": "night",
        "multiple views": "solo",
    }
)
"""What to ask for instead of negating a tag; only where the other side is one well-known tag."""
