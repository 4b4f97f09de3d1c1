"""Names of pictures, and writes that leave a whole file or none.

Folders and names are the ones people know: `txt2img-images/2026-11-23/00001-1234567890.png`.
"""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile

from irodori.errors import OutputError

NUMBER_DIGITS = 5
TRIES = 20


def save_next(
    folder: Path, day: date, seed: int, write: Callable[[Path], None], *, suffix: str = ".png"
) -> Path:
    """Save under the first free `folder/YYYY-MM-DD/NNNNN-SEED.png`; numbers go on from the highest.

    Two processes that save at once get two numbers.

    Args:
        folder: outputs of one kind, such as `outputs/txt2img-images`.
        day: the date in the folder's name.
        seed: the picture's own seed, written into the name.
        write: fills the file at the path it is given.
        suffix: the file's ending with its dot.

    Raises:
        OutputError: the folder cannot be written or the disk is full.
    """
    directory = folder / day.isoformat()
    for _ in range(TRIES):
        path = directory / f"{_next_number(directory):0{NUMBER_DIGITS}d}-{seed}{suffix}"
        try:
            write_whole(path, write)
        except OutputError as error:
            if not isinstance(error.__cause__, FileExistsError):
                raise
        else:
            return path
    raise OutputError(f"cannot save into '{directory}': other programs keep taking the next number")


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it there in one step.

    The file is flushed to the disk before it is renamed, and the folder after it; a picture that is
    already there is not replaced.

    Raises:
        OutputError: the folder cannot be written, the disk is full, or `path` exists.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            dir=path.parent, prefix=".", suffix=path.suffix, delete=False
        ) as handle:
            temporary = Path(handle.name)
        write(temporary)
        _flush(temporary)
        os.link(temporary, path)
        _flush(path.parent)
    except FileExistsError as error:
        raise OutputError(f"'{path}' exists; name another file with --out") from error
    except OSError as error:
        raise OutputError(f"cannot save '{path}': {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _next_number(directory: Path) -> int:
    if not directory.is_dir():
        return 0
    return 1 + max((_number(entry.name) for entry in directory.iterdir()), default=-1)


def _number(name: str) -> int:
    head = name.partition("-")[0]
    return int(head) if head.isdecimal() else -1


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
