"""Styles: named pieces of prompt in A1111's `styles.csv`, read and written.

The file has the columns `name, prompt, negative_prompt`, is UTF-8 with or without a byte order
mark, and is saved as a whole with the last one kept as `.bak` (compat 9.6; users 42).
"""

import csv
import io
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from irodori.errors import InputError, OutputError

PLACEHOLDER: Final = "{prompt}"

_COLUMNS: Final = ("name", "prompt", "negative_prompt")
_OLD_PROMPT: Final = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A named piece of prompt.

    Args:
        name: unique in its file.
        prompt: put after the prompt, or around it where it holds `{prompt}`.
        negative_prompt: the same for the negative prompt.
    """

    name: str
    prompt: str = ""
    negative_prompt: str = ""


def apply_styles(prompt: str, negative_prompt: str, styles: Sequence[Style]) -> tuple[str, str]:
    """Return both prompts with styles applied in order."""
    for style in styles:
        prompt = _applied(prompt, style.prompt)
        negative_prompt = _applied(negative_prompt, style.negative_prompt)
    return prompt, negative_prompt


def remove_styles(
    prompt: str, negative_prompt: str, styles: Sequence[Style]
) -> tuple[str, str, tuple[Style, ...]]:
    """Return both prompts without the styles found in them, and those styles in applied order.

    A style counts as found where both its texts stand at the end of (or around) the prompts.
    """
    found: list[Style] = []
    searching = True
    while searching:
        searching = False
        for style in styles:
            if not (style.prompt or style.negative_prompt) or style in found:
                continue
            bare = _removed(prompt, style.prompt)
            bare_negative = _removed(negative_prompt, style.negative_prompt)
            if bare is not None and bare_negative is not None:
                prompt, negative_prompt = bare, bare_negative
                found.insert(0, style)
                searching = True
    return prompt, negative_prompt, tuple(found)


def parse_styles(text: str) -> tuple[Style, ...]:
    """Return the styles of a CSV text; of several with one name the last counts.

    Raises:
        InputError: there is no column `name`, or a row is no CSV.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        rows = list(reader)
    except csv.Error as error:
        raise InputError(f"styles, line {reader.line_num}: {error}") from error
    if text.strip() and "name" not in (reader.fieldnames or ()):
        raise InputError(
            f"styles: no column 'name' in the first line; expected {', '.join(_COLUMNS)}"
        )
    styles = {
        row["name"]: Style(
            name=row["name"],
            prompt=row.get("prompt") or row.get(_OLD_PROMPT) or "",
            negative_prompt=row.get("negative_prompt") or "",
        )
        for row in rows
        if row.get("name")
    }
    return tuple(styles.values())


def styles_text(styles: Sequence[Style]) -> str:
    """Return styles as CSV text, without a byte order mark."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    writer.writerows((style.name, style.prompt, style.negative_prompt) for style in styles)
    return buffer.getvalue()


def read_styles(path: Path) -> tuple[Style, ...]:
    """Return the styles of a file; a file that does not exist has none.

    Raises:
        InputError: the file cannot be read or is no table of styles.
    """
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8: {error}") from error
    return parse_styles(text)


def write_styles(path: Path, styles: Sequence[Style]) -> None:
    """Replace a styles file whole; the file as it was stays beside it as `.bak`.

    Raises:
        OutputError: the file cannot be written; the old one is then untouched.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with fresh.open("w", encoding="utf-8-sig", newline="") as file:
            file.write(styles_text(styles))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copyfile(path, path.with_name(f"{path.name}.bak"))
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def _applied(text: str, style: str) -> str:
    if PLACEHOLDER in style:
        return style.replace(PLACEHOLDER, text)
    return ", ".join(part for part in (text.strip(), style.strip()) if part)


def _removed(text: str, style: str) -> str | None:
    """Return a text without a style, or None where the style is not in it."""
    if not style:
        return text
    if PLACEHOLDER in style:
        before, _, after = style.partition(PLACEHOLDER)
        if len(text) < len(before) + len(after):
            return None
        if text.startswith(before) and text.endswith(after):
            return text[len(before) : len(text) - len(after)]
        return None
    if text == style.strip():
        return ""
    ending = ", " + style.strip()
    return text[: -len(ending)] if text.endswith(ending) else None
