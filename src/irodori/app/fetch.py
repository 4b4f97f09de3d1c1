"""Getting a model from the web into the folder where its kind belongs."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from irodori.app.config import Config
from irodori.catalog.download import Told, download
from irodori.catalog.folders import places_of
from irodori.catalog.record import ModelKind, ModelRecord
from irodori.catalog.scan import look_at
from irodori.catalog.sites import RemoteFile, Sites, find_remote
from irodori.errors import InputError, OutputError

_INFO: Final = ".civitai.info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A model that was got.

    Attributes:
        record: of the file.
        sha256: of the file.
        is_checked: the site said what it must be.
    """

    record: ModelRecord
    sha256: str
    is_checked: bool


def fetch(
    reference: str,
    config: Config,
    *,
    into: Path | None = None,
    sha256: str = "",
    sites: Sites | None = None,
    tell: Told = lambda _done, _total: None,
) -> Fetched:
    """Get a file, or the rest of it; check it, and say what it is.

    Args:
        reference: an address; see `irodori.catalog.sites`.
        config: has the folders.
        into: a folder; None is the first configured one for the file's kind.
        sha256: what the file must have, where the site does not say.
        sites: where the sites are; None is the real ones.
        tell: hears of bytes done and in all.

    Raises:
        InputError: the reference means no file, or no folder is configured.
        ModelFileError: the connection failed, or the file is not what it must be.
        OutputError: it cannot be written.
    """
    remote = find_remote(reference, sites or Sites())
    if sha256:
        remote = replace(remote, source=replace(remote.source, sha256=sha256))
    path = (into or _folder(remote, config)) / remote.name
    digest = download(remote.source, path, tell)
    if remote.info:
        _write_info(path.with_name(path.stem + _INFO), remote)
    return Fetched(record=look_at(path), sha256=digest, is_checked=bool(remote.source.sha256))


def _folder(remote: RemoteFile, config: Config) -> Path:
    """Return where a file belongs: a folder of its kind, else the first one."""
    places = places_of(config.models)
    fitting = [place for place in places if remote.kind is not None and place.kind is remote.kind]
    plain = [place for place in places if place.kind in (None, ModelKind.CHECKPOINT)]
    for place in (*fitting, *plain, *places):
        return place.path
    raise InputError(
        "no folder for models is configured: name one with --into, or add one with "
        "irodori models add-folder"
    )


def _write_info(path: Path, remote: RemoteFile) -> None:
    try:
        path.write_text(json.dumps(remote.info, ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"'{path}' cannot be written: {error.strerror or error}") from error
