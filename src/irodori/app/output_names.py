"""Names and folders of pictures, from patterns as A1111's users know them.

    folder    "[kind]/[date]"          -> txt2img-images/2026-11-23
    name      "[number]-[seed]"        -> 00041-1234567890.png

What a prompt or a model's name puts into a pattern is made harmless: no separators, no device
names, no dots at the ends, at most 200 bytes a part. Whatever the pattern, the path lies in the
outputs folder or nothing is written.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from irodori.errors import InputError, UnknownNameError
from irodori.prompt import without_networks
from irodori.store.files import inside

if TYPE_CHECKING:
    from irodori.recipe.recipe import Recipe

FOLDER: Final = "[kind]/[date]"
NAME: Final = "[number]-[seed]"
PNG: Final = ".png"
NUMBER_DIGITS: Final = 5
TRIES: Final = 50
LONGEST_PART: Final = 200
"""Bytes; file systems take 255, and endings are added."""

_FIELD: Final = re.compile(r"\[([a-z_]+)(?:<([^<>\[\]]*)>)?\]")
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_WORDS: Final = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the fields of a pattern are filled from.

    Args:
        recipe: what drew the picture.
        id: the picture's id.
        moment: when it was drawn, in the person's time zone.
        number: the next free one of the folder; None while the folder's own name is made.
    """

    recipe: "Recipe"
    id: str
    moment: datetime
    number: int | None = None


Field = Callable[[Named, str], str]


def _date(named: Named, form: str) -> str:
    return named.moment.strftime(form) if form else named.moment.date().isoformat()


def _prompt_words(named: Named, form: str) -> str:
    count = int(form) if form.isdecimal() else 8
    return " ".join(_WORDS.findall(without_networks(named.recipe.prompt))[:count])


FIELDS: Final[Mapping[str, Field]] = {
    "number": lambda named, _: f"{named.number or 0:0{NUMBER_DIGITS}d}",
    "generation_number": lambda named, _: str(named.number or 0),
    "id": lambda named, _: named.id,
    "kind": lambda named, _: "txt2img-images" if named.recipe.img2img is None else "img2img-images",
    "seed": lambda named, _: str(named.recipe.noise.seed),
    "steps": lambda named, _: str(named.recipe.base.steps),
    "cfg": lambda named, _: f"{named.recipe.base.cfg_scale:g}",
    "sampler": lambda named, _: named.recipe.base.sampler,
    "scheduler": lambda named, _: named.recipe.base.schedule.value,
    "sampler_scheduler": lambda named, _: (
        f"{named.recipe.base.sampler} {named.recipe.base.schedule.value}"
    ),
    "width": lambda named, _: str(named.recipe.base.width),
    "height": lambda named, _: str(named.recipe.base.height),
    "clip_skip": lambda named, _: str(named.recipe.base.clip_skip),
    "denoising": lambda named, _: (
        "" if named.recipe.img2img is None else f"{named.recipe.img2img.denoise:g}"
    ),
    "model_name": lambda named, _: named.recipe.model.file.name,
    "model_hash": lambda named, _: named.recipe.model.file.short_hash,
    "prompt": lambda named, _: without_networks(named.recipe.prompt).strip(),
    "prompt_spaces": lambda named, _: without_networks(named.recipe.prompt).strip(),
    "prompt_words": _prompt_words,
    "batch_number": lambda named, _: str(named.recipe.noise.batch_index + 1),
    "batch_size": lambda named, _: str(named.recipe.noise.batch_size),
    "date": _date,
    "datetime": lambda named, form: named.moment.strftime(form or "%Y%m%d%H%M%S"),
    "time": lambda named, form: named.moment.strftime(form or "%H%M%S"),
    "job_timestamp": lambda named, _: named.moment.strftime("%Y%m%d%H%M%S"),
}
"""What may stand in brackets; dates take a format: `[date<%Y-%m>]`, `[prompt_words<4>]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """Patterns of folder and name.

    Args:
        folder: parts are separated by `/`.
        name: without the file's ending.
        suffix: the file's ending, with its dot.

    Raises:
        InputError: a field is not known, or the pattern leads out of the outputs folder.
    """

    folder: str = FOLDER
    name: str = NAME
    suffix: str = PNG

    def __post_init__(self) -> None:
        for pattern in (self.folder, self.name):
            for match in _FIELD.finditer(pattern):
                if match[1] not in FIELDS:
                    raise UnknownNameError("field of a name pattern", match[1], tuple(FIELDS))
        if Path(self.folder).is_absolute() or ".." in Path(self.folder).parts:
            raise InputError(f"folder pattern '{self.folder}' leads out of the outputs folder")
        if "/" in self.name or "\\" in self.name or not self.name.strip():
            raise InputError(f"name pattern '{self.name}' names no file; folders go into 'folder'")
        if self.suffix != PNG:
            self._check_suffix()

    def _check_suffix(self) -> None:
        from irodori.recipe.embed import FORMATS  # loads much; the common ending needs no check

        if self.suffix not in FORMATS:
            raise UnknownNameError("ending of pictures", self.suffix, tuple(FORMATS))


DEFAULT: Final = Patterns()


def paths(outputs: Path, patterns: Patterns, named: Named) -> Iterator[Path]:
    """Yield paths for a picture, best first; none exists, and each lies in the outputs folder.

    Numbers go on from the highest in the folder; a name without a number gets `-1`, `-2` ... at
    its end while it is taken.

    Raises:
        OutputError: a link in the outputs folder leads out of it.
    """
    parts = [_filled(part, named) for part in patterns.folder.split("/") if part.strip()]
    folder = inside(outputs, outputs.joinpath(*parts))
    numbered = bool({match[1] for match in _FIELD.finditer(patterns.name)} & _NUMBERS)
    number = _next_number(folder, patterns.name) if numbered else 0
    for extra in range(TRIES):
        one = Named(recipe=named.recipe, id=named.id, moment=named.moment, number=number + extra)
        stem = _filled(patterns.name, one)
        if extra and not numbered:
            stem = f"{stem}-{extra}"
        path = folder / f"{stem}{patterns.suffix}"
        if not path.exists():
            yield inside(outputs, path)


def harmless(text: str) -> str:
    """Return a text as one part of a path, on any system; "_" where nothing is left."""
    text = _FORBIDDEN.sub("_", text)
    text = text.encode()[:LONGEST_PART].decode(errors="ignore").strip(" .")
    return f"_{text}" if _DEVICE.fullmatch(text) or not text else text


_NUMBERS: Final = frozenset({"number", "generation_number"})


def _filled(pattern: str, named: Named) -> str:
    return harmless(_FIELD.sub(lambda match: FIELDS[match[1]](named, match[2] or ""), pattern))


def _next_number(folder: Path, pattern: str) -> int:
    if not folder.is_dir():
        return 0
    form = re.compile(_number_form(pattern), re.DOTALL)
    found = (form.match(path.stem) for path in folder.iterdir())
    return 1 + max((int(match["number"]) for match in found if match), default=-1)


def _number_form(pattern: str) -> str:
    """Return the regular expression that finds the number in a name made by a pattern."""
    form, end = "", 0
    for match in _FIELD.finditer(pattern):
        form += re.escape(pattern[end : match.start()])
        first = match[1] in _NUMBERS and "(?P<number>" not in form
        form += r"(?P<number>\d{1,9})" if first else ".*?"
        end = match.end()
        if first:
            return form + re.escape(pattern[end : end + 1])
    return form
