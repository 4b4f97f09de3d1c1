"""`irodori tags`: what it prints, as text and as JSON; its own file in a folder of the test's."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from irodori.cli.main import root
from irodori.errors import FetchError

DUMP = """1girl,0,6008644,"1girls"
yyq_artist,1,321,
yyq_porn_tag,0,5000,
"""
KEYS = {
    "name", "category", "count", "count_date", "source", "group", "facet", "regions", "colour",
    "people", "flags", "implies", "excludes", "hides", "aliases", "curated",
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("IRODORI_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("COLUMNS", "160")

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(root, ["tags", *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    return invoke


def parsed(result: Result) -> Any:
    return json.loads(result.stdout)


def test_show_prints_a_list_of_objects(run) -> None:
    known, unknown = parsed(run("show", "Long_Hair", "no such tag", "--json"))
    assert set(known) == set(unknown) == KEYS
    assert known["name"] == "long hair"
    assert (known["group"], known["facet"], known["category"]) == (
        "appearance", "hair-length", "general",
    )  # fmt: skip
    assert known["count"] == 3645082
    assert known["count_date"] == "2024-02-28"
    assert "short hair" in known["excludes"]
    assert unknown["name"] == "no such tag"
    assert unknown["group"] is None
    assert unknown["count"] is None


def test_show_for_people(run) -> None:
    told = run("show", "red jacket", "hererochromia", "masterpiece").output
    assert "group: appearance, facet outer" in told
    assert "implies: jacket" in told
    assert "near: heterochromia" in told
    assert "not counted" in told


def test_show_guesses_by_the_name(run) -> None:
    told = run("show", "maroon plaid skort").output
    assert "by its name: group appearance, facet lower" in told


def test_search(run) -> None:
    found = parsed(run("search", "cowboy", "--json", "--limit", "3"))
    assert 1 <= len(found) <= 3
    assert all({*KEYS, "match", "spelling", "distance"} == set(each) for each in found)
    typo = parsed(run("search", "cowboi", "shot", "--json"))[0]
    assert (typo["name"], typo["match"], typo["distance"]) == ("cowboy shot", "typo", 1)
    assert "cowboy shot" in run("search", "cowboy shot").output
    assert "nothing found" in run("search", "qqqqqqqqqqqqq").output
    assert parsed(run("search", "qqqqqqqqqqqqq", "--json")) == []


def test_import_and_stats(run, tmp_path: Path) -> None:
    dump = tmp_path / "danbooru.csv"
    dump.write_text(DUMP, encoding="utf-8")
    done = parsed(run("import", str(dump), "--date", "2026-07-01", "--json"))
    assert done == {
        "source": "tagcomplete", "tags": 3, "new": 2, "renewed": 1, "aliases": 1,
        "implications": 0,
    }  # fmt: skip
    (girl,) = parsed(run("show", "1girls", "--json"))
    assert (girl["name"], girl["count"], girl["count_date"]) == ("1girl", 6008644, "2026-07-01")
    counted = parsed(run("stats", "--json"))
    assert counted["categories"]["artist"] >= 1
    assert counted["groups"]["people"] > 10
    taken = {source["name"]: source for source in counted["sources"]}
    assert taken["tagcomplete"]["tags"] == 3
    assert taken["tagcomplete"]["date"] == "2026-07-01"
    text = run("stats").output
    assert "danbooru.csv" in text
    assert "hair-length" in text


def test_what_is_above_the_ceiling_is_unknown(run, tmp_path: Path) -> None:
    dump = tmp_path / "danbooru.csv"
    dump.write_text(DUMP, encoding="utf-8")
    run("import", str(dump))
    assert parsed(run("show", "yyq porn tag", "--json"))[0]["group"] is None
    assert [each["name"] for each in parsed(run("search", "yyq", "--json"))] == ["yyq artist"]
    assert parsed(run("show", "cleavage", "--json"))[0]["group"] == "appearance"
    (tmp_path / "config.toml").write_text('rating-ceiling = "general"\n')
    assert parsed(run("show", "cleavage", "--json"))[0]["group"] is None
    (tmp_path / "config.toml").write_text('rating-ceiling = "explicit"\n')
    assert parsed(run("show", "yyq porn tag", "--json"))[0]["count"] == 5000


@pytest.mark.parametrize("arguments", [("show", "1girl", "--json"), ("search", "cowb", "--json")])
def test_nothing_heavy_is_loaded(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code = (
        "import sys; from irodori.cli.main import root\n"
        "root(['tags', *sys.argv[1:]], standalone_mode=False)\n"
        "print([name for name in ('torch', 'numpy', 'PIL', 'rich') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path)},
    )
    assert done.stdout.splitlines()[-1] == "[]"


class Refusing(BaseHTTPRequestHandler):
    """Answers no request."""

    def do_GET(self) -> None:
        self.send_error(403)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def test_update_keeps_what_came_and_says_what_to_do(run, tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), Refusing) as booru:
        threading.Thread(target=booru.handle_request).start()
        address = f"http://127.0.0.1:{booru.server_address[1]}"
        result = CliRunner().invoke(root, ["tags", "update", "--address", f"{address}/"])
    assert isinstance(result.exception, FetchError)
    assert "run the command again" in str(result.exception)
    notes = tmp_path / "data" / "irodori" / "tags-update.jsonl"
    assert json.loads(notes.read_text().splitlines()[0])["address"] == address


def test_two_processes_may_build_the_file_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from irodori.tags import open_vocabulary\n"
        "with open_vocabulary(Path(sys.argv[1])) as v: print(v.get('1girl').count, v.stats().tags)"
    )
    path = tmp_path / "tags.sqlite"
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    answers = {process.communicate(timeout=60)[0] for process in running}
    assert len(answers) == 1
    assert answers.pop().startswith("5113288 ")
    assert {file.name for file in tmp_path.iterdir()} == {"tags.sqlite", "tags.sqlite.lock"}
