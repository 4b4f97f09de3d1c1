"""Every exception Irodori raises, in one tree.

    IrodoriError
    ├── InputError              something a person gave is wrong; the message says what to do
    │   ├── UnknownNameError    a sampler, schedule, model ... that does not exist; has the nearest
    │   ├── RecipeError         a recipe's parts do not fit together or are out of range
    │   ├── PictureFileError    a picture cannot be read, or is refused (too large, damaged)
    │   └── PolicyError         the content policy refuses the prompt
    ├── ModelFileError          a model file is damaged, of another family, or lacks keys
    ├── OutOfMemoryError        the plan does not fit the device
    ├── OutputError             a picture could not be saved
    ├── StoreError              the index of pictures cannot be read or written
    └── FetchError              a thing on the network cannot be reached or understood

Text that a user typed never raises: it yields diagnostics. Cancelled is not an error.
Subclasses carry their facts as fields, so that the server and the page can show them.
"""

from collections.abc import Sequence
from difflib import get_close_matches


class IrodoriError(Exception):
    """The root: whoever catches this catches all that Irodori raises on purpose."""


class InputError(IrodoriError):
    """Something a person gave is wrong; nothing was drawn."""


class UnknownNameError(InputError):
    """A name that does not exist, with the nearest ones that do.

    Args:
        kind: what was asked for, as a person says it: `sampler`, `schedule`, `model`.
        name: what was given.
        known: the names there are.
        see: the command that lists them.
    """

    def __init__(self, kind: str, name: str, known: Sequence[str], *, see: str = "") -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(known)
        self.nearest = _nearest(name, self.known)
        hint = f"; nearest is '{self.nearest}'" if self.nearest else ""
        where = f" (see: {see})" if see else f" (known: {', '.join(self.known)})"
        super().__init__(f"unknown {kind} '{name}'{hint}{where}")


class RecipeError(InputError):
    """A recipe's value is out of range or its parts do not fit together."""


class PictureFileError(InputError):
    """A picture file cannot be read, or is refused."""


class PolicyError(InputError):
    """The content policy refuses the prompt.

    Args:
        message: which rule, and what to do.
        rule: `rating-ceiling` or `minors`.
        words: what was above the ceiling, folded; empty for `minors`, which names nothing.
        ceiling: the ceiling that was in force; empty for `minors`, which no ceiling lifts.
    """

    def __init__(
        self, message: str, *, rule: str, words: Sequence[str] = (), ceiling: str = ""
    ) -> None:
        self.rule = rule
        self.words = tuple(words)
        self.ceiling = ceiling
        super().__init__(message)


class ModelFileError(IrodoriError):
    """A model file is damaged, of another family, or lacks keys."""


class OutOfMemoryError(IrodoriError):
    """The work does not fit the device's memory, and no smaller plan is left."""


class FetchError(IrodoriError):
    """A server cannot be reached or answers what cannot be read."""


class OutputError(IrodoriError):
    """A picture could not be saved."""


class StoreError(IrodoriError):
    """The index of pictures cannot be read or written; no picture is lost by it."""


def _nearest(name: str, known: Sequence[str]) -> str | None:
    folded = {candidate.casefold(): candidate for candidate in known}
    # What was begun and not finished is nearer than what differs in a letter.
    begun = [candidate for candidate in folded if name and candidate.startswith(name.casefold())]
    found = begun or get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.4)
    return folded[min(found, key=len)] if found else None
