"""Addresses of model files on Civitai and Hugging Face, by what people have at hand.

    https://civitai.com/models/795765/illustrious-xl            a page
    https://civitai.com/models/795765?modelVersionId=889818     a version's page
    civitai:889818                                              a version
    hf:owner/repo/folder/file.safetensors                       a file of a repository
    https://huggingface.co/owner/repo/blob/main/file.safetensors    its page

Any other web address is taken as the file's own.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote, urlsplit

from irodori.catalog.download import Source, opened
from irodori.catalog.record import ModelKind
from irodori.errors import InputError, ModelFileError

CIVITAI: Final = "https://civitai.com"
HUGGING_FACE: Final = "https://huggingface.co"

_CIVITAI_ID: Final = re.compile(r"civitai:(\d+)")
_CIVITAI_PAGE: Final = re.compile(r"/models/(\d+)")
_HF_FILE: Final = re.compile(r"/([^/]+/[^/]+)/(?:blob|resolve)/([^/]+)/(.+)")
_KINDS: Final = {
    "checkpoint": ModelKind.CHECKPOINT,
    "lora": ModelKind.NETWORK,
    "locon": ModelKind.NETWORK,
    "dora": ModelKind.NETWORK,
    "textualinversion": ModelKind.EMBEDDING,
    "vae": ModelKind.VAE,
}
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_ANSWER_LIMIT: Final = 8_000_000  # bytes of JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """Where the sites are, and who asks.

    Attributes:
        civitai: address of its API's host.
        hugging_face: the same.
        token: of the person's account; empty for public files.
    """

    civitai: str = CIVITAI
    hugging_face: str = HUGGING_FACE
    token: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        """What shows who asks."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file that can be got.

    Attributes:
        name: to be saved under.
        source: where it is, with its hash where the site tells.
        kind: what it is used as, where the site tells.
        info: what the site says of it, as JSON, to be kept beside the file; empty for nothing.
    """

    name: str
    source: Source
    kind: ModelKind | None = None
    info: Mapping[str, Any]


def find_remote(reference: str, sites: Sites) -> RemoteFile:
    """Return the file that a reference means; asks the site for its address and hash.

    Raises:
        InputError: the reference means no file.
        ModelFileError: the site does not answer as it should.
    """
    reference = reference.strip()
    identity = _CIVITAI_ID.fullmatch(reference)
    if identity is not None:
        return _civitai_version(identity[1], sites)
    if reference.startswith("hf:"):
        owner, _, rest = reference.removeprefix("hf:").partition("/")
        repository, _, name = rest.partition("/")
        return _hugging_face(f"{owner}/{repository}", "main", name, sites)
    address = urlsplit(reference)
    if address.scheme not in ("http", "https"):
        raise InputError(
            f"'{reference}' is no web address, and neither civitai:NUMBER nor hf:OWNER/REPO/FILE"
        )
    host = f"{address.scheme}://{address.netloc}"
    page = _CIVITAI_PAGE.match(address.path)
    if host == sites.civitai and page is not None:
        version = parse_qs(address.query).get("modelVersionId", [""])[0]
        return _civitai_version(version or _newest(page[1], sites), sites)
    file = _HF_FILE.match(address.path)
    if host == sites.hugging_face and file is not None:
        return _hugging_face(file[1], file[2], unquote(file[3]), sites)
    name = unquote(PurePosixPath(address.path).name)
    if not name:
        raise InputError(f"'{reference}' names no file")
    return RemoteFile(name=name, source=Source(url=reference, headers=sites.headers), info={})


def _newest(model: str, sites: Sites) -> str:
    """Return the newest version of a model on Civitai."""
    answer = _json(f"{sites.civitai}/api/v1/models/{model}", sites)
    match answer.get("modelVersions") if isinstance(answer, dict) else None:
        case [{"id": int(identity)}, *_]:
            return str(identity)
        case _:
            raise ModelFileError(f"Civitai names no version of model {model}")


def _civitai_version(version: str, sites: Sites) -> RemoteFile:
    answer = _json(f"{sites.civitai}/api/v1/model-versions/{version}", sites)
    if not isinstance(answer, dict):
        raise ModelFileError(f"Civitai says nothing of version {version}")
    files = answer.get("files")
    found = [file for file in files if isinstance(file, dict)] if isinstance(files, list) else []
    if not found:
        raise ModelFileError(f"Civitai names no file of version {version}")
    file = next((each for each in found if each.get("primary")), found[0])
    hashes, model = file.get("hashes"), answer.get("model")
    sha256 = str(hashes.get("SHA256", "")).lower() if isinstance(hashes, dict) else ""
    kind = str(model.get("type", "")).casefold() if isinstance(model, dict) else ""
    url, name = file.get("downloadUrl"), PurePosixPath(str(file.get("name", ""))).name
    if not isinstance(url, str) or not name:
        raise ModelFileError(f"Civitai gives no address for version {version}")
    return RemoteFile(
        name=name,
        source=Source(
            url=url, sha256=sha256 if _HEX.fullmatch(sha256) else "", headers=sites.headers
        ),
        kind=_KINDS.get(kind),
        info=answer,
    )


def _hugging_face(repository: str, revision: str, name: str, sites: Sites) -> RemoteFile:
    if not name or name.endswith("/"):
        raise InputError(f"name a file of '{repository}': hf:{repository}/FILE")
    folder = PurePosixPath(name).parent.as_posix().removeprefix(".")
    listing = f"{sites.hugging_face}/api/models/{repository}/tree/{revision}"
    answer = _json(f"{listing}/{quote(folder)}" if folder else listing, sites)
    entries = answer if isinstance(answer, list) else []
    entry = next((each for each in entries if each.get("path") == name), None)
    if entry is None:
        raise InputError(f"'{repository}' on Hugging Face has no file '{name}'")
    lfs = entry.get("lfs")
    sha256 = str(lfs.get("oid", "")).removeprefix("sha256:") if isinstance(lfs, dict) else ""
    return RemoteFile(
        name=PurePosixPath(name).name,
        source=Source(
            url=f"{sites.hugging_face}/{repository}/resolve/{revision}/{quote(name)}",
            sha256=sha256 if _HEX.fullmatch(sha256) else "",
            headers=sites.headers,
        ),
        info={},
    )


def _json(url: str, sites: Sites) -> Any:
    """Return what a site's API answers.

    Raises:
        InputError: the site refuses.
        ModelFileError: it does not answer with JSON.
    """
    with opened(Source(url=url, headers=sites.headers)) as answer:
        text = answer.read(_ANSWER_LIMIT)
    try:
        return json.loads(text)
    except ValueError as error:
        raise ModelFileError(f"{url} does not answer with JSON") from error
