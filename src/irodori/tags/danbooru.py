"""Fetches tags, aliases and implications from Danbooru's JSON API, politely and resumably.

Pages are asked for in the order of the records' numbers (`page=a123`: those after number 123),
which has no limit and does not shift while the booru grows. Every page is written down as it
comes, so that an interrupted run goes on where it stopped. One request a second at most.

Source: the wiki pages `api:tags`, `api:tag aliases`, `api:tag implications` and
`help:common url parameters` of danbooru.donmai.us.
"""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from irodori import __version__
from irodori.errors import FetchError
from irodori.tags.dump import Dump, Figure
from irodori.tags.dump_files import CATEGORIES
from irodori.tags.naming import canonical
from irodori.tags.shipped import Source

ADDRESS: Final = "https://danbooru.donmai.us"
USER_AGENT: Final = f"irodori/{__version__} (tag counts; one request a second)"
PAGE: Final = 1000
"""Records a page, the most that the API gives."""
PAUSE: Final = 1.0
"""Seconds from one request to the next."""
TRIES: Final = 5
TIMEOUT: Final = 60.0
LONGEST_PAUSE: Final = 120.0
_BUSY: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_ENDPOINTS: Final[Mapping[str, Mapping[str, str]]] = {
    "tags": {"only": "id,name,category,post_count,is_deprecated"},
    "tag_aliases": {"search[status]": "active", "only": "id,antecedent_name,consequent_name"},
    "tag_implications": {"search[status]": "active", "only": "id,antecedent_name,consequent_name"},
}


class Answer(Protocol):
    """What an opener returns: a context with the body of an answer."""

    def __enter__(self) -> "Answer": ...
    def __exit__(self, *args: object) -> object: ...
    def read(self) -> bytes:
        """Return the body."""
        ...


Opener = Callable[[urllib.request.Request, float], Answer]
"""Opens a request within a number of seconds; raises as `urllib.request.urlopen` does."""


def open_request(request: urllib.request.Request, timeout: float) -> Answer:
    """Open a request by the standard library."""
    answer: Answer = urllib.request.urlopen(request, timeout=timeout)  # noqa: S310  # the owner's address
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One page came.

    Attributes:
        endpoint: `tags`, `tag_aliases` or `tag_implications`.
        pages: of this endpoint so far, those of earlier runs included.
        records: of this endpoint so far.
    """

    endpoint: str
    pages: int
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetching:
    """How to fetch.

    Attributes:
        address: the booru's, without a slash at the end.
        least: tags with fewer pictures are not asked for.
        opener: opens a request.
        sleep: waits a number of seconds.
        pause: seconds between requests; 0 in tests only.
        page: records to ask for at once.
    """

    address: str = ADDRESS
    least: int = 20
    opener: Opener = open_request
    sleep: Callable[[float], None] = time.sleep
    pause: float = PAUSE
    page: int = PAGE


def fetch(
    notes: Path,
    today: date,
    how: Fetching | None = None,
    report: Callable[[Progress], None] = lambda _: None,
) -> Dump:
    """Return all tags, aliases and implications of the booru.

    Args:
        notes: a file for what came; one that an interrupted run left is gone on with, unless it
            is of another booru or another least count.
        today: the day the figures are of, if this run is the first.
        how: default: Danbooru itself, tags with 20 pictures and more.
        report: told of every page.

    Raises:
        FetchError: the booru cannot be reached or answers what is no such list; the notes stay.
    """
    how = how or Fetching()
    begun = _Notes.open(notes, {"address": how.address, "least": how.least}, today)
    for endpoint in _ENDPOINTS:
        while not begun.is_done(endpoint):
            records = _page(how, endpoint, begun.last(endpoint))
            begun.add(endpoint, records, done=len(records) < how.page)
            report(begun.progress(endpoint))
            how.sleep(how.pause)
    return _dump(begun)


class _Notes:
    """A file of lines of JSON: a heading, then one line a page; whole lines count only."""

    def __init__(self, path: Path, taken: date, pages: list[dict[str, Any]]) -> None:
        self._path = path
        self._pages = pages
        self.taken = taken

    @classmethod
    def open(cls, path: Path, heading: dict[str, Any], today: date) -> "_Notes":
        """Go on with a file of the same heading, or begin one."""
        lines = list(_whole_lines(path))
        if lines and "taken" in lines[0] and heading.items() <= lines[0].items():
            whole = "".join(json.dumps(line) + "\n" for line in lines)
            path.write_text(whole, encoding="utf-8")  # a line cut short is dropped
            return cls(path, date.fromisoformat(lines[0]["taken"]), lines[1:])
        path.parent.mkdir(parents=True, exist_ok=True)
        first = json.dumps({**heading, "taken": today.isoformat()})
        path.write_text(f"{first}\n", encoding="utf-8")
        return cls(path, today, [])

    def records(self, endpoint: str) -> Iterator[dict[str, Any]]:
        """Yield what came of an endpoint."""
        for page in self._pages:
            if page["endpoint"] == endpoint:
                yield from page["records"]

    def last(self, endpoint: str) -> int:
        """Return the highest number that came of an endpoint, 0 at the beginning."""
        pages = [page["records"] for page in self._pages if page["endpoint"] == endpoint]
        # Inside a page the booru puts the highest first; the last page has the highest of all.
        return max((record["id"] for record in pages[-1]), default=0) if pages else 0

    def is_done(self, endpoint: str) -> bool:
        """Tell whether the last page of an endpoint came."""
        return any(page["done"] for page in self._pages if page["endpoint"] == endpoint)

    def add(self, endpoint: str, records: list[dict[str, Any]], *, done: bool) -> None:
        """Write a page down."""
        page = {"endpoint": endpoint, "records": records, "done": done}
        with self._path.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(page) + "\n")
        self._pages.append(page)

    def progress(self, endpoint: str) -> Progress:
        """Return how far an endpoint is."""
        pages = [page for page in self._pages if page["endpoint"] == endpoint]
        records = sum(len(page["records"]) for page in pages)
        return Progress(endpoint=endpoint, pages=len(pages), records=records)


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            noted = json.loads(line)
        except json.JSONDecodeError:
            return
        if not isinstance(noted, dict):
            return
        yield noted


def _page(how: Fetching, endpoint: str, after: int) -> list[dict[str, Any]]:
    asked = {**_ENDPOINTS[endpoint], "limit": how.page, "page": f"a{after}"}
    if endpoint == "tags":
        asked["search[post_count]"] = f">={how.least}"
    url = f"{how.address}/{endpoint}.json?{urlencode(asked)}"
    body = _ask(how, url)
    try:
        return [_checked(endpoint, record) for record in _listed(json.loads(body))]
    except (ValueError, KeyError, TypeError) as error:
        raise FetchError(
            f"{url} answered what is no list of {endpoint}: {body[:80]!r}; what came before is "
            "kept, run the command again later"
        ) from error


def _listed(answer: Any) -> list[Any]:
    if not isinstance(answer, list):
        raise TypeError(f"a list is wanted, not {type(answer).__name__}")
    return answer


def _checked(endpoint: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record that are needed; raises on any that lacks them."""
    if endpoint == "tags":
        return {
            "id": int(record["id"]),
            "name": str(record["name"]),
            "category": int(record["category"]),
            "post_count": int(record["post_count"]),
            "is_deprecated": bool(record["is_deprecated"]),
        }
    return {
        "id": int(record["id"]),
        "antecedent_name": str(record["antecedent_name"]),
        "consequent_name": str(record["consequent_name"]),
    }


def _ask(how: Fetching, url: str) -> bytes:
    """Return the body of an answer; waits and asks again while the booru is busy."""
    request = urllib.request.Request(url, headers={"User-Agent": USER_AGENT})  # noqa: S310  # the address is the owner's
    wait = max(how.pause, 1.0)
    for left in range(TRIES - 1, -1, -1):
        try:
            with how.opener(request, TIMEOUT) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            with error:
                reason, asked = f"{error.code} {error.reason}", error.headers.get("Retry-After", "")
                if error.code not in _BUSY or left == 0:
                    raise FetchError(_failed(url, reason)) from error
            wait = max(wait, float(asked)) if asked.isdigit() else wait
        except (OSError, urllib.error.URLError) as error:
            if left == 0:
                raise FetchError(_failed(url, str(error))) from error
        how.sleep(min(wait, LONGEST_PAUSE))
        wait *= 2
    raise AssertionError("the loop ends by itself")


def _failed(url: str, reason: str) -> str:
    return f"cannot fetch {url}: {reason}; what came before is kept, run the command again later"


def _dump(notes: _Notes) -> Dump:
    return Dump(
        source=Source(key="danbooru", title="fetched from Danbooru", taken=notes.taken),
        figures=tuple(
            Figure(
                canonical(record["name"]),
                CATEGORIES[str(record["category"])],
                record["post_count"],
                record["is_deprecated"],
            )
            for record in notes.records("tags")
            if str(record["category"]) in CATEGORIES
        ),
        aliases=_pairs(notes, "tag_aliases"),
        implications=_pairs(notes, "tag_implications"),
    )


def _pairs(notes: _Notes, endpoint: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (canonical(record["antecedent_name"]), canonical(record["consequent_name"]))
        for record in notes.records(endpoint)
    )
