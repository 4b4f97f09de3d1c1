"""How single values are spelt in infotext, both ways.

Reading gives values as JSON holds them (enum names as text, pairs as lists), because the reader
assembles a recipe from them the way the JSON reader does.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from irodori.errors import UnknownNameError
from irodori.recipe.names import NoiseKind
from irodori.recipe.samplers import find_sampler
from irodori.recipe.schedules import find_schedule

_PAIR: Final = re.compile(r"\s*(\d+)\s*[xX×]\s*(\d+)\s*")
_TITLE: Final = re.compile(r"(.*) \[([0-9a-fA-F]*)\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Form:
    """The spelling of one key's value.

    Args:
        write: the text for the values of the key's fields, or None to leave the key out.
        read: the values that a text means, one per field; raises ValueError where it means none.
    """

    write: Callable[..., str | None]
    read: Callable[[str], Sequence[Any]]


def number_text(value: float) -> str:
    """Return a number as infotext shows it: exact, without a trailing `.0`."""
    return repr(value).removesuffix(".0")


def choice(kind: type[StrEnum]) -> Form:
    """Return the form of a closed set of names; reading ignores case."""
    names = {member.value.casefold(): member.value for member in kind}

    def read(text: str) -> Sequence[Any]:
        try:
            return (names[text.strip().casefold()],)
        except KeyError:
            raise ValueError(f"not one of {', '.join(names.values())}") from None

    return Form(write=str, read=read)


def flag(true: str, false: str) -> Form:
    """Return the form of a switch with a word for each side."""
    words = {true.casefold(): True, false.casefold(): False}

    def read(text: str) -> Sequence[Any]:
        try:
            return (words[text.strip().casefold()],)
        except KeyError:
            raise ValueError(f"neither {true} nor {false}") from None

    return Form(write=lambda value: true if value else false, read=read)


def _read_integer(text: str) -> Sequence[Any]:
    try:
        return (int(text),)
    except ValueError:
        value = float(text)
    if not value.is_integer():
        raise ValueError("not a whole number")
    return (int(value),)


def _read_pair(text: str) -> Sequence[Any]:
    match = _PAIR.fullmatch(text)
    if match is None:
        raise ValueError("not of the form 832x1216")
    return (int(match[1]), int(match[2]))


def _read_title(text: str) -> Sequence[Any]:
    match = _TITLE.fullmatch(text)
    if match is None:
        return (text, "")
    return (match[1], match[2].lower())


def _write_title(name: str, short_hash: str) -> str | None:
    if not name:
        return None
    if short_hash or _TITLE.fullmatch(name):
        return f"{name} [{short_hash}]"
    return name


def _read_schedule(text: str) -> Sequence[Any]:
    try:
        return (find_schedule(text).value,)
    except UnknownNameError as error:
        raise ValueError(str(error)) from error


def _read_sampler(text: str) -> Sequence[Any]:
    try:
        return (find_sampler(text).name,)
    except UnknownNameError as error:
        raise ValueError(str(error)) from error


def _read_noise(text: str) -> Sequence[Any]:
    kinds = {"gpu": NoiseKind.DEVICE, "cpu": NoiseKind.CPU, "nv": NoiseKind.NV}
    try:
        return (kinds[text.strip().casefold()].value,)
    except KeyError:
        raise ValueError("not one of GPU, CPU, NV") from None


def _write_noise(kind: NoiseKind) -> str:
    return "GPU" if kind is NoiseKind.DEVICE else kind.value.upper()


TEXT: Final = Form(write=str, read=lambda text: (text,))
HEX: Final = Form(write=lambda text: text or None, read=lambda text: (text.strip().lower(),))
INTEGER: Final = Form(write=str, read=_read_integer)
NUMBER: Final = Form(write=number_text, read=lambda text: (float(text),))
FLAG: Final = flag("True", "False")
PAIR: Final = Form(write=lambda first, second: f"{first}x{second}", read=_read_pair)
TITLE: Final = Form(write=_write_title, read=_read_title)
SAMPLER: Final = Form(write=str, read=_read_sampler)
SCHEDULE: Final = Form(write=str, read=_read_schedule)
NOISE: Final = Form(write=_write_noise, read=_read_noise)
NUMBERS: Final = Form(
    write=lambda values: " ".join(map(number_text, values)),
    read=lambda text: ([float(part) for part in re.split(r"[\s,;]+", text.strip()) if part],),
)
INTEGERS: Final = Form(
    write=lambda values: " ".join(map(str, values)),
    read=lambda text: ([int(part) for part in text.split()],),
)
LINES: Final = Form(
    write="\n".join, read=lambda text: ([line for line in text.split("\n") if line],)
)
