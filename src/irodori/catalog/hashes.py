"""Hashes by which the world names model files."""

import hashlib
from pathlib import Path

from irodori.errors import ModelFileError


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a whole file, 64 hex digits; its first ten are A1111's `Model hash`.

    Raises:
        ModelFileError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelFileError(f"'{path}' cannot be read: {error.strerror or error}") from error
