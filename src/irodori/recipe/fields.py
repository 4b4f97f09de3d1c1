"""How a recipe's parts state what each field means and what it may be.

A part is a frozen dataclass whose fields are made by `setting` or `required`. The words and
bounds given there are used three times: `check` enforces them when the part is built, the JSON
schema publishes them, and the reader of foreign metadata asks `complaint` before it believes a
value.
"""

import math
import re
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Final, TypeVar

from irodori.errors import RecipeError

T = TypeVar("T")

_KEY: Final = "irodori"
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a field means and what it may hold.

    Args:
        doc: one line for people, shown in the schema and the docs.
        low: smallest number allowed, or shortest text.
        high: largest number allowed, or longest text.
        multiple: numbers must be a multiple of this.
        pattern: texts must match this in full.
    """

    doc: str
    low: float | None = None
    high: float | None = None
    multiple: int | None = None
    pattern: str | None = None


def setting(default: T, doc: str, **terms: Any) -> T:
    """Return a dataclass field with a default; `terms` are those of `Terms`."""
    return field(default=default, metadata={_KEY: Terms(doc=doc, **terms)})


def required(doc: str, **terms: Any) -> Any:
    """Return a dataclass field that must be given; `terms` are those of `Terms`."""
    return field(metadata={_KEY: Terms(doc=doc, **terms)})


def terms_of(entry: "Field[Any]") -> Terms:
    """Return the terms that `setting` or `required` attached to a field, else none."""
    terms: Terms = entry.metadata.get(_KEY, Terms(doc=""))
    return terms


def is_required(entry: "Field[Any]") -> bool:
    """Tell whether a field has no default."""
    return entry.default is MISSING and entry.default_factory is MISSING


def complaint(value: object, terms: Terms) -> str | None:
    """Say what is wrong with a value, as the end of a sentence, or return None.

    Args:
        value: a number or a text; other kinds are never complained about.
        terms: the field's terms.
    """
    if isinstance(value, str):
        return _text_complaint(value, terms)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return _number_complaint(value, terms)


def check(part: object) -> None:
    """Raise RecipeError for the first field of a part that breaks its terms.

    Raises:
        RecipeError: names the part, the field, the value and what is allowed.
    """
    for entry in fields(part):  # type: ignore[arg-type]  # every part is a dataclass
        value = getattr(part, entry.name)
        for item in value if isinstance(value, tuple) else (value,):
            problem = complaint(item, terms_of(entry))
            if problem is not None:
                raise RecipeError(f"{type(part).__name__}.{entry.name}: {problem}")


def _text_complaint(value: str, terms: Terms) -> str | None:
    if found := _UNSTORABLE.search(value):
        return (
            f"character {found.start() + 1} ({found[0]!r}) cannot be stored in a picture; remove it"
        )
    if terms.pattern is not None and not re.fullmatch(terms.pattern, value):
        return f"{value!r} does not have the form {terms.pattern}"
    if terms.low is not None and len(value.strip()) < terms.low:
        return "is empty; give a text"
    return None


def _number_complaint(value: float, terms: Terms) -> str | None:
    if not math.isfinite(value):
        return f"{value} is not a finite number"
    if terms.low is not None and value < terms.low:
        return f"{value} is below {_span(terms)}"
    if terms.high is not None and value > terms.high:
        return f"{value} is above {_span(terms)}"
    if terms.multiple is not None and value % terms.multiple:
        near = int(value // terms.multiple) * terms.multiple
        return (
            f"{value} is not a multiple of {terms.multiple}; "
            f"nearest are {near} and {near + terms.multiple}"
        )
    return None


def _span(terms: Terms) -> str:
    low = "" if terms.low is None else f"{terms.low:g}"
    high = "" if terms.high is None else f"{terms.high:g}"
    return f"the allowed range {low} to {high}" if low and high else f"the bound {low or high}"
