"""Writes that leave a whole picture or none, under a name that was free, inside a folder."""

import os
from collections.abc import Callable
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
