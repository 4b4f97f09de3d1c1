"""The content policy at the door: what is refused before anything is drawn.

Two rules. A prompt above the owner's rating ceiling is refused; the ceiling is raised in the local
configuration file only. Sexual content that involves minors is refused always: no setting turns
that off. Words are compared after unicode look-alikes, digits for letters, underscores and
punctuation are undone. The lists hold what is needed to refuse, as stems, no more.
"""

import re
import unicodedata
from typing import Final

from irodori.app.config import Rating
from irodori.errors import PolicyError

_LOOK_ALIKES: Final = str.maketrans("013457@$!аеорсухіѕ", "oieastasiaeopcyxis")
_ABOVE_SENSITIVE: Final = re.compile(
    r"\b(nsfw|nud(e|es|ity|ism)|naked|sex(ual|ually)?|porn\w*|hentai|explicit|questionable"
    r"|nipples?|areolae?|puss(y|ies)|vagina\w*|penis(es)?|cum(shot)?|fellatio|cunnilingus|anus"
    r"|anal|masturbat\w*|orgasm\w*|topless|bottomless|erotic\w*|genitals?)\b"
)
_MINORS: Final = re.compile(
    r"\b(loli(s|ta|con)?|shota(s|con)?|child(ren|like)?|kids?|minors?|underaged?|toddler\w*"
    r"|infant\w*|bab(y|ies)|preteen\w*|teen(ager)?s?|pre ?pubescent"
    r"|(elementary|middle|primary) ?school\w*|kindergarten\w*"
    r"|(aged|age) ?(\d|1[0-7])\b|(\d|1[0-7]) ?(years?|yrs?|yo|y o)( old)?)\b"
)


def check_prompt(text: str, ceiling: Rating) -> None:
    """Refuse a prompt that the policy does not allow; return for every other.

    Args:
        text: the prompt, all its parts and schedules included. Negative prompts are not checked:
            what is kept away is not asked for.
        ceiling: the owner's, from the local configuration.

    Raises:
        PolicyError: says which rule, and what to do.
    """
    plain, undone = _words(text), _words(text.casefold().translate(_LOOK_ALIKES))
    found = _ABOVE_SENSITIVE.search(plain) or _ABOVE_SENSITIVE.search(undone)
    if found is None:
        return
    if _MINORS.search(plain) or _MINORS.search(undone):
        raise PolicyError("refused: sexual content that involves minors; no setting allows it")
    if ceiling in (Rating.GENERAL, Rating.SENSITIVE):
        raise PolicyError(
            f"refused: '{found[0]}' is above this machine's rating ceiling '{ceiling.value}'; its "
            "owner can raise rating-ceiling in the local configuration file"
        )


def _words(text: str) -> str:
    """Return the text as plain lower-case words, one blank between them."""
    spelt = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(c for c in spelt if not unicodedata.combining(c) and c.isprintable())
    return re.sub(r"[^\w]+|_+", " ", letters)
