"""Adding a folder of models to the configuration file, everything else in it left as it is."""

import json
import re
import tomllib
from pathlib import Path
from typing import Final

from irodori.app.config import read_config
from irodori.errors import InputError, OutputError

_BEGINNING: Final = re.compile(r"^models\s*=\s*\[", re.MULTILINE)
_TABLE: Final = re.compile(r"^\s*\[", re.MULTILINE)
_STRING_OR_END: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|\]')


def add_folder(config: Path, folder: Path) -> tuple[Path, ...]:
    """Append a folder to `models` in a configuration file; return all folders it now has.

    Args:
        config: the file; made where it is missing.
        folder: a folder of models, an installation of A1111, Forge or ComfyUI, or ComfyUI's
            `extra_model_paths.yaml`.

    Raises:
        InputError: there is no such folder, or the file's `models` cannot be found in its text.
        OutputError: the file cannot be written.
    """
    added = folder.expanduser().resolve()
    if not added.exists():
        raise InputError(f"there is no folder '{folder}'")
    folders = read_config(config).models
    if added in (each.resolve() for each in folders):
        return folders
    wanted = (*folders, added)
    text = config.read_text(encoding="utf-8") if config.exists() else ""
    new = _with_models(text, [str(each) for each in wanted])
    if new is None:
        raise InputError(f"'{config}' could not be changed; add {json.dumps(str(added))} to models")
    try:
        config.parent.mkdir(parents=True, exist_ok=True)
        partial = config.with_name(config.name + ".part")
        partial.write_text(new, encoding="utf-8")
        partial.replace(config)
    except OSError as error:
        raise OutputError(f"'{config}' cannot be written: {error.strerror or error}") from error
    return wanted


def _with_models(text: str, folders: list[str]) -> str | None:
    """Return a file's text with another list of models; None where that goes wrong."""
    line = f"models = {json.dumps(folders, ensure_ascii=False)}"
    found = _BEGINNING.search(text)
    if found is None:
        table = _TABLE.search(text)
        at = len(text) if table is None else table.start()
        before = text[:at]
        gap = "" if not before or before.endswith("\n") else "\n"
        new = f"{before}{gap}{line}\n{text[at:]}"
    else:
        marks = _STRING_OR_END.finditer(text, found.end())
        end = next((mark.end() for mark in marks if mark.group() == "]"), None)
        if end is None:
            return None
        new = text[: found.start()] + line + text[end:]
    try:
        before_table, after_table = tomllib.loads(text), tomllib.loads(new)
    except tomllib.TOMLDecodeError:
        return None
    return new if after_table == {**before_table, "models": folders} else None
