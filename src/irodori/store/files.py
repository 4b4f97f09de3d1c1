"""Writes that leave a whole picture or none, under a name that was free, inside a folder."""

import os
from collections.abc import Callable
from datetime import date
from errno import EMLINK, ENOSYS, ENOTSUP, EOPNOTSUPP, EPERM, EXDEV
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from irodori.errors import OutputError

HIDDEN: Final = ".irodori"
"""The folder of the index, inside the outputs folder."""

TEMPORARY: Final = ".irodori-"
"""How the names of unfinished files begin."""

_NO_HARD_LINKS: Final = frozenset({EMLINK, ENOSYS, ENOTSUP, EOPNOTSUPP, EPERM, EXDEV})
Write = Callable[[Path], None]
"""Fills the file at the path it is given."""


def write_whole(path: Path, write: Write, *, link: Callable[[Path, Path], None] = os.link) -> None:
    """Let `write` fill a temporary file beside `path`, then put it there in one step.

    The file is flushed to the disk before it gets its name, and the folder after it; a picture that
    is already there is not replaced.

    Args:
        path: the file's name.
        write: fills the temporary file.
        link: gives a file a second name.

    Raises:
        OutputError: the folder cannot be written, the disk is full, or `path` exists.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            dir=path.parent, prefix=TEMPORARY, suffix=path.suffix, delete=False
        ) as handle:
            temporary = Path(handle.name)
        write(temporary)
        _flush(temporary)
        _name(temporary, path, link)
        _flush(path.parent)
    except FileExistsError as error:
        raise OutputError(f"'{path}' exists; name another file with --out") from error
    except OSError as error:
        raise OutputError(f"cannot save '{path}': {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def is_taken(error: OutputError) -> bool:
    """Tell whether `write_whole` failed because the name is taken."""
    return isinstance(error.__cause__, FileExistsError)


def inside(folder: Path, path: Path) -> Path:
    """Return a path that lies in a folder, links followed.

    Raises:
        OutputError: it lies outside.
    """
    if not path.resolve().is_relative_to(folder.resolve()):
        raise OutputError(
            f"'{path}' lies outside the outputs folder '{folder}'; nothing is written there"
        )
    return path


def _name(temporary: Path, path: Path, link: Callable[[Path, Path], None]) -> None:
    """Give a whole file its name unless that is taken; OSError says why it cannot."""
    try:
        link(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        _name_without_links(temporary, path)


def _name_without_links(temporary: Path, path: Path) -> None:
    """Do the same where the file system has no hard links (exFAT, some network drives).

    Renaming would replace what is there, so the name is claimed first, by a file beside it.
    """
    claim = path.with_name(f"{TEMPORARY}{path.name}.claim")
    os.close(os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    try:
        if path.exists():
            raise FileExistsError(path)
        temporary.rename(path)
    finally:
        claim.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # Windows opens no folders
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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


def _next_number(directory: Path) -> int:
    if not directory.is_dir():
        return 0
    return 1 + max((_number(entry.name) for entry in directory.iterdir()), default=-1)


def _number(name: str) -> int:
    head = name.partition("-")[0]
    return int(head) if head.isdecimal() else -1
