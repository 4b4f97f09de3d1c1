"""Fetching from a booru: a local server that answers as Danbooru's API does."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from irodori.errors import FetchError
from irodori.tags import Category, open_vocabulary
from irodori.tags.danbooru import USER_AGENT, Fetching, Progress, fetch
from irodori.tags.importing import import_dump

DAY, LATER = date(2026, 7, 1), date(2026, 7, 9)
TAGS = [
    {"id": 1, "name": "1girl", "category": 0, "post_count": 6100000, "is_deprecated": False},
    {"id": 2, "name": "rare_tag", "category": 0, "post_count": 3, "is_deprecated": False},
    {"id": 5, "name": "new_artist", "category": 1, "post_count": 120, "is_deprecated": False},
    {"id": 9, "name": "old_word", "category": 0, "post_count": 50, "is_deprecated": True},
    {"id": 12, "name": "fox_ears_hat", "category": 0, "post_count": 60, "is_deprecated": False},
    {"id": 13, "name": "kind_of_its_own", "category": 2, "post_count": 60, "is_deprecated": False},
]
ALIASES = [{"id": 3, "antecedent_name": "sole_female", "consequent_name": "1girl"}]
IMPLICATIONS = [
    {"id": 4, "antecedent_name": "fox_ears_hat", "consequent_name": "hat"},
    {"id": 6, "antecedent_name": "fox_ears_hat", "consequent_name": "fox_ears"},
]


class Booru(ThreadingHTTPServer):
    """Answers pages of records after a number, highest first, and keeps what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.busy: list[tuple[int, dict[str, str]]] = []
        self.body: bytes | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answering(BaseHTTPRequestHandler):
    server: Booru

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.asked.append(f"{parts.path} {asked['page']}")
        self.server.agents.add(self.headers["User-Agent"])
        if self.server.busy:
            status, headers = self.server.busy.pop(0)
            return self.answer(status, b"{}", headers)
        if self.server.body is not None:
            return self.answer(200, self.server.body, {})
        return self.answer(200, json.dumps(records(parts.path, asked)).encode(), {})

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def records(path: str, asked: dict[str, str]) -> list[dict[str, Any]]:
    after = int(asked["page"].removeprefix("a"))
    found: list[dict[str, Any]] = {
        "/tags.json": TAGS,
        "/tag_aliases.json": ALIASES,
        "/tag_implications.json": IMPLICATIONS,
    }[path]
    least = int(asked.get("search[post_count]", ">=0").removeprefix(">="))
    left = [r for r in found if r["id"] > after and r.get("post_count", least) >= least]
    return sorted(left, key=lambda r: r["id"])[: int(asked["limit"])][::-1]


@pytest.fixture
def booru() -> Iterator[Booru]:
    with Booru() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Naps(list[float]):
    """Sleeps that take no time, and their lengths."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def how(booru: Booru, naps: Naps | None = None, *, page: int = 2) -> Fetching:
    return Fetching(
        address=booru.address, least=20, sleep=Naps() if naps is None else naps, page=page
    )


def test_everything_is_fetched_page_by_page(booru: Booru, tmp_path: Path) -> None:
    naps, reports = Naps(), list[Progress]()
    dump = fetch(tmp_path / "notes", DAY, how(booru, naps), reports.append)
    assert [(f.name, f.category, f.count, f.deprecated) for f in dump.figures] == [
        ("new artist", Category.ARTIST, 120, False),
        ("1girl", Category.GENERAL, 6100000, False),
        ("fox ears hat", Category.GENERAL, 60, False),
        ("old word", Category.GENERAL, 50, True),
    ]
    assert dump.aliases == (("sole female", "1girl"),)
    assert set(dump.implications) == {("fox ears hat", "hat"), ("fox ears hat", "fox ears")}
    assert dump.source.taken == DAY
    assert booru.asked == [
        "/tags.json a0", "/tags.json a5", "/tags.json a12", "/tag_aliases.json a0",
        "/tag_implications.json a0", "/tag_implications.json a6",
    ]  # fmt: skip
    assert booru.agents == {USER_AGENT}
    assert naps == [1.0] * 6
    assert reports[-1] == Progress(endpoint="tag_implications", pages=2, records=2)


def test_the_vocabulary_takes_it_in(booru: Booru, tmp_path: Path) -> None:
    path = tmp_path / "tags.sqlite"
    import_dump(fetch(tmp_path / "notes", DAY, how(booru)), path)
    with open_vocabulary(path) as vocabulary:
        girl = vocabulary.get("sole female")
        assert girl is not None
        assert (girl.name, girl.count, girl.count_date) == ("1girl", 6100000, DAY)
        hat = vocabulary.get("fox ears hat")
        assert hat is not None
        assert {"hat", "fox ears"} <= set(hat.implies)
        assert "animal ears" in vocabulary.implied("fox ears hat")


def test_an_interrupted_run_goes_on_where_it_stopped(booru: Booru, tmp_path: Path) -> None:
    notes = tmp_path / "notes"

    def stop(progress: Progress) -> None:
        if progress.pages == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(notes, DAY, how(booru), stop)
    with notes.open("a", encoding="utf-8") as handle:
        handle.write('{"endpoint": "tags", "records": [{"id": 99')  # cut short in writing
    asked = list(booru.asked)
    dump = fetch(notes, LATER, how(booru))
    assert asked == ["/tags.json a0", "/tags.json a5"]
    assert booru.asked[2:4] == ["/tags.json a12", "/tag_aliases.json a0"]
    assert len(dump.figures) == 4
    assert dump.source.taken == DAY, "the figures are of the day the run began"


def test_notes_of_another_booru_are_not_gone_on_with(booru: Booru, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.write_text('{"address": "http://other", "least": 20, "taken": "2020-01-01"}\n')
    assert fetch(notes, DAY, how(booru)).source.taken == DAY


@pytest.mark.parametrize("content", ["", "no json", "[1]\n", "{}\n"])
def test_damaged_notes_are_begun_anew(booru: Booru, tmp_path: Path, content: str) -> None:
    notes = tmp_path / "notes"
    notes.write_text(content)
    assert len(fetch(notes, DAY, how(booru)).figures) == 4


def test_a_busy_booru_is_given_time(booru: Booru, tmp_path: Path) -> None:
    naps = Naps()
    booru.busy = [(429, {"Retry-After": "7"}), (503, {}), (502, {"Retry-After": "soon"})]
    dump = fetch(tmp_path / "notes", DAY, how(booru, naps))
    assert len(dump.figures) == 4
    assert naps[:3] == [7.0, 14.0, 28.0]


def test_a_booru_that_stays_busy_is_given_up(booru: Booru, tmp_path: Path) -> None:
    naps = Naps()
    booru.busy = [(429, {"Retry-After": "100000"})] * 9
    with pytest.raises(FetchError, match="429 Too Many Requests"):
        fetch(tmp_path / "notes", DAY, how(booru, naps))
    assert len(booru.asked) == 5
    assert max(naps) == 120.0


def test_a_refusal_is_not_asked_again(booru: Booru, tmp_path: Path) -> None:
    booru.busy = [(403, {})]
    with pytest.raises(FetchError, match="403"):
        fetch(tmp_path / "notes", DAY, how(booru))
    assert len(booru.asked) == 1


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'[{"id": 1}]', b"[1]", b"null", b"\xff"])
def test_an_answer_of_another_form_is_refused(booru: Booru, tmp_path: Path, body: bytes) -> None:
    booru.body = body
    with pytest.raises(FetchError, match="no list of tags"):
        fetch(tmp_path / "notes", DAY, how(booru))


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    naps = Naps()
    nowhere = Fetching(address="http://127.0.0.1:9", sleep=naps)
    with pytest.raises(FetchError, match="cannot fetch"):
        fetch(tmp_path / "notes", DAY, nowhere)
    assert len(naps) == 4


def test_the_opener_can_be_another(tmp_path: Path) -> None:
    class Empty:
        def __enter__(self) -> "Empty":
            return self

        def __exit__(self, *args: object) -> None: ...

        def read(self) -> bytes:
            return b"[]"

    urls = []

    def opener(request: urllib.request.Request, timeout: float) -> Empty:
        urls.append(request.full_url)
        return Empty()

    dump = fetch(tmp_path / "notes", DAY, Fetching(opener=opener, sleep=Naps()))
    assert dump.figures == ()
    assert all(url.startswith("https://danbooru.donmai.us/") for url in urls)
    assert "search%5Bpost_count%5D=%3E%3D20" in urls[0]
