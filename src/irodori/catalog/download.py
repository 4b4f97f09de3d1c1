"""Getting a large file from the web: goes on where it stopped, and checks what came."""

import hashlib
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast
from urllib.parse import urlsplit

from irodori.errors import InputError, ModelFileError, OutputError

_CHUNK: Final = 1 << 20
_PARTIAL: Final = ".part"
_TAG: Final = ".part.etag"
_AGENT: Final = "irodori"
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file on the web.

    Attributes:
        url: http or https.
        sha256: what the file must have, 64 hex digits; empty where nobody says.
        headers: to be sent along, such as an authorization.
    """

    url: str
    sha256: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Told = Callable[[int, int | None], None]
"""Hears how many bytes are there, and how many there will be (None where nobody knows)."""


def download(source: Source, path: Path, tell: Told = lambda _done, _total: None) -> str:
    """Get a file and return its sha256; what was interrupted goes on where it stopped.

    Until all is there and its hash is right, the file is called `NAME.part`.

    Args:
        source: where it is.
        path: what it becomes; replaced if it is there.
        tell: hears of the progress.

    Raises:
        InputError: the address is none, or the server refuses.
        ModelFileError: the server or the connection failed, or the file has another hash.
        OutputError: the disk is full, or the folder not ours.
    """
    part = path.with_name(path.name + _PARTIAL)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened(source, _resuming(part, path)) as answer:
            _receive(answer, part, path, tell)
        digest = _sha256(part)
        if source.sha256 and digest != source.sha256.lower():
            _forget(part, path)
            raise ModelFileError(
                f"'{path.name}' from {source.url} has the sha256 {digest}, not "
                f"{source.sha256.lower()}: it is damaged or another file, and was deleted"
            )
        part.replace(path)
        _tag_file(path).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"'{path}' cannot be written: {error.strerror or error}") from error
    return digest


@contextmanager
def opened(source: Source, headers: Mapping[str, str] = _NO_HEADERS) -> Iterator[HTTPResponse]:
    """Yield a server's answer.

    Args:
        source: what is asked for.
        headers: beside the source's own.

    Raises:
        InputError: the address is none, or the server refuses.
        ModelFileError: the server or the connection failed.
    """
    if urlsplit(source.url).scheme not in ("http", "https"):
        raise InputError(f"'{source.url}' is no web address")
    request = urllib.request.Request(  # noqa: S310  # the scheme was checked
        source.url, headers={"User-Agent": _AGENT, **source.headers, **headers}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # the same
            yield cast("HTTPResponse", answer)  # urllib types it for all schemes at once
    except urllib.error.HTTPError as error:
        error.close()
        raise _refused(source.url, error.code) from error
    except urllib.error.URLError as error:
        raise ModelFileError(f"{source.url} cannot be reached: {error.reason}") from error
    except (HTTPException, ConnectionError, TimeoutError) as error:
        raise ModelFileError(
            f"the connection to {urlsplit(source.url).hostname} broke ({error}); "
            "the same command goes on where it stopped"
        ) from error


def _refused(url: str, code: int) -> Exception:
    match code:
        case 401 | 403:
            return InputError(f"{url} needs a login: give a token of your account (--token)")
        case 404 | 410:
            return InputError(f"{url} is not there (any more)")
        case _:
            return ModelFileError(f"{url} failed with status {code}; try again later")


def _resuming(part: Path, path: Path) -> dict[str, str]:
    """Return the headers that ask for the rest of a file, if it is still the same file."""
    tag = _tag_file(path)
    if not part.exists() or not tag.exists():
        return {}
    # The last byte is asked for again: of a file that is all there nothing else would be left, and
    # a server refuses to send nothing.
    last = part.stat().st_size - 1
    return {"Range": f"bytes={last}-", "If-Range": tag.read_text("utf-8")} if last >= 0 else {}


def _receive(answer: HTTPResponse, part: Path, path: Path, tell: Told) -> None:
    """Write what a server sends behind what is there, or anew where it sends the whole."""
    if answer.headers.get_content_type() == "text/html":
        raise InputError(
            f"{answer.url} is a web page: the file needs a login (--token), or the address is "
            "that of its page"
        )
    goes_on = answer.status == 206
    done = part.stat().st_size - 1 if goes_on else 0
    length = answer.headers.get("Content-Length")
    total = done + int(length) if length is not None else None
    _check_space(path, total, done)
    tag = answer.headers.get("ETag")
    if tag is not None and not tag.startswith("W/"):
        _tag_file(path).write_text(tag, "utf-8")
    with part.open("r+b" if goes_on else "wb") as file:
        file.seek(done)
        while chunk := answer.read(_CHUNK):
            file.write(chunk)
            done += len(chunk)
            tell(done, total)
    if total is not None and done < total:
        raise ModelFileError(
            f"the connection broke after {done} of {total} bytes; the same command goes on there"
        )


def _check_space(path: Path, total: int | None, done: int) -> None:
    free = shutil.disk_usage(path.parent).free
    if total is not None and total - done > free:
        raise OutputError(f"'{path}' needs {total - done} bytes; the disk has {free} left")


def _forget(part: Path, path: Path) -> None:
    part.unlink(missing_ok=True)
    _tag_file(path).unlink(missing_ok=True)


def _tag_file(path: Path) -> Path:
    return path.with_name(path.name + _TAG)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
