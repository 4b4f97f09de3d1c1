"""Downloads from a server of this test: resumed, checked, refused."""

import hashlib
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from irodori.app.config import Config
from irodori.app.fetch import fetch
from irodori.catalog.download import Source, download
from irodori.catalog.sites import Sites
from irodori.errors import InputError, ModelFileError

CONTENT = bytes(range(256)) * 20_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `server.content`, with ranges; may break off after `server.breaks_after` bytes, or
    say nothing more after `server.stalls_after` until `server.goes_on` is set.
    """

    def log_message(self, *_):
        pass

    def do_GET(self):
        server = self.server
        server.asked.append((self.path, dict(self.headers)))
        if self.path.startswith("/login") and "Authorization" not in self.headers:
            self.send_error(401)
            return
        if self.path.startswith("/page"):
            self.answer(b"<html></html>", "text/html")
            return
        if self.path in server.json:
            self.answer(json.dumps(server.json[self.path]).encode(), "application/json")
            return
        if self.path.startswith("/gone"):
            self.send_error(404)
            return
        begin = 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and self.headers.get("If-Range") == server.etag:
            begin = int(asked[1])
            if begin >= len(server.content):
                self.send_error(416)
                return
        content = server.content[begin:]
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", server.etag)
        self.end_headers()
        if server.breaks_after is not None:
            content = content[: server.breaks_after]
            server.breaks_after = None
        if server.stalls_after is not None:
            self.wfile.write(content[: server.stalls_after])
            self.wfile.flush()
            server.stalled.set()
            server.goes_on.wait()
            return
        self.wfile.write(content)
        server.sent += len(content)

    def answer(self, content, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        made.content, made.etag, made.breaks_after = CONTENT, '"one"', None
        made.sent, made.asked, made.json = 0, [], {}
        made.stalls_after, made.stalled, made.goes_on = None, threading.Event(), threading.Event()
        made.url = f"http://127.0.0.1:{made.server_port}"
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_a_file_is_got_and_checked(server, tmp_path):
    path, told = tmp_path / "new" / "a.safetensors", []
    source = Source(url=f"{server.url}/file", sha256=SHA256.upper())
    assert download(source, path, lambda *each: told.append(each)) == SHA256
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [each.name for each in path.parent.iterdir()] == ["a.safetensors"]


def test_what_was_interrupted_goes_on_where_it_stopped(server, tmp_path):
    path, source = tmp_path / "a.safetensors", Source(url=f"{server.url}/file", sha256=SHA256)
    server.breaks_after = 1_500_000
    with pytest.raises(ModelFileError, match="goes on"):
        download(source, path)
    assert not path.exists()
    left = (tmp_path / "a.safetensors.part").stat().st_size
    assert 0 < left <= 1_500_000
    server.sent = 0
    assert download(source, path) == SHA256
    assert server.sent == len(CONTENT) - left + 1, "only the rest was sent, and the last byte"
    assert path.read_bytes() == CONTENT


def test_a_process_killed_in_the_middle_is_gone_on_after(server, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text(f'outputs = "{tmp_path}"\ncache = "{tmp_path / "cache"}"\n')
    part = tmp_path / "m" / "a.safetensors.part"
    command = [
        *(sys.executable, "-m", "irodori", "models", "fetch", f"{server.url}/a.safetensors"),
        *("--into", str(part.parent), "--sha256", SHA256),
    ]
    environment = {**os.environ, "IRODORI_CONFIG": str(config)}
    server.stalls_after = 3 << 20
    child = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        assert server.stalled.wait(60)
        while not part.exists() or part.stat().st_size < 1 << 20:
            assert child.poll() is None
            time.sleep(0.01)
    finally:
        child.kill()
        child.wait()
    left = part.stat().st_size
    server.stalls_after = None
    server.goes_on.set()
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f"sha256 {SHA256}, as stated" in again.stdout
    assert server.sent == len(CONTENT) - left + 1
    assert [each.name for each in part.parent.iterdir()] == ["a.safetensors"]


def test_a_whole_file_that_was_not_yet_named_is_only_checked(server, tmp_path):
    """Killed between the last byte and the check: a server refuses to send nothing (416)."""
    path, source = tmp_path / "a.safetensors", Source(url=f"{server.url}/file", sha256=SHA256)
    server.breaks_after = 1_500_000
    with pytest.raises(ModelFileError):
        download(source, path)
    (tmp_path / "a.safetensors.part").write_bytes(CONTENT)
    server.sent = 0
    assert download(source, path) == SHA256
    assert server.sent == 1


def test_a_file_that_changed_on_the_server_begins_anew(server, tmp_path):
    path, source = tmp_path / "a.safetensors", Source(url=f"{server.url}/file")
    server.breaks_after = 1_500_000
    with pytest.raises(ModelFileError):
        download(source, path)
    server.content, server.etag = CONTENT[::-1], '"two"'
    download(source, path)
    assert path.read_bytes() == CONTENT[::-1]


def test_a_wrong_hash_leaves_nothing_behind(server, tmp_path):
    with pytest.raises(ModelFileError, match="not " + "0" * 64):
        download(Source(url=f"{server.url}/file", sha256="0" * 64), tmp_path / "a.safetensors")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "said"),
    [("/login", "needs a login"), ("/gone", "not there"), ("/page", "web page")],
)
def test_refusals_are_told_in_words(server, tmp_path, path, said):
    with pytest.raises(InputError, match=said):
        download(Source(url=server.url + path), tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_only_web_addresses_are_opened(tmp_path):
    (tmp_path / "secret").write_text("x")
    with pytest.raises(InputError, match="no web address"):
        download(Source(url=f"file://{tmp_path}/secret"), tmp_path / "a")


def test_a_server_that_is_not_there(tmp_path):
    with pytest.raises(ModelFileError, match="cannot be reached"):
        download(Source(url="http://127.0.0.1:9/x"), tmp_path / "a")


def sites(server, token=""):
    return Sites(civitai=server.url, hugging_face=server.url, token=token)


def civitai(server):
    info = {
        "id": 7,
        "name": "v1",
        "baseModel": "Illustrious",
        "trainedWords": ["umi"],
        "model": {"name": "Umi", "type": "LORA"},
        "files": [
            {"name": "training.zip", "downloadUrl": f"{server.url}/gone"},
            {
                "name": "../umi.safetensors",
                "primary": True,
                "downloadUrl": f"{server.url}/login/umi",
                "hashes": {"SHA256": SHA256.upper()},
            },
        ],
    }
    server.json = {
        "/api/v1/models/5": {"modelVersions": [{"id": 7}, {"id": 6}]},
        "/api/v1/model-versions/7": info,
    }
    return info


@pytest.mark.parametrize("how", ["civitai:7", "{}/models/5/umi", "{}/models/5?modelVersionId=7"])
def test_a_version_of_civitai_lands_where_its_kind_belongs(server, tmp_path, how):
    info = civitai(server)
    forge = tmp_path / "forge"
    for name in ("models/Stable-diffusion", "models/Lora"):
        (forge / name).mkdir(parents=True)
    config = Config(outputs=tmp_path, models=(forge,))
    found = fetch(how.format(server.url), config, sites=sites(server, "secret"))
    assert found.record.path == forge / "models/Lora/umi.safetensors"
    assert found.is_checked
    assert found.record.title == "Umi v1"
    assert json.loads((forge / "models/Lora/umi.civitai.info").read_text()) == info
    assert server.asked[-1][1]["Authorization"] == "Bearer secret"


def test_a_file_of_hugging_face_is_checked_by_its_lfs_hash(server, tmp_path):
    entry = {"path": "sub/m.safetensors", "lfs": {"oid": SHA256, "size": len(CONTENT)}}
    server.json = {"/api/models/owner/repo/tree/main/sub": [entry]}
    config = Config(outputs=tmp_path)
    for reference in (
        "hf:owner/repo/sub/m.safetensors",
        f"{server.url}/owner/repo/blob/main/sub/m.safetensors",
    ):
        found = fetch(reference, config, into=tmp_path / "m", sites=sites(server))
        assert (found.sha256, found.is_checked) == (SHA256, True)
        assert server.asked[-1][0] == "/owner/repo/resolve/main/sub/m.safetensors"
    with pytest.raises(InputError, match="no file 'sub/x'"):
        fetch("hf:owner/repo/sub/x", config, into=tmp_path, sites=sites(server))


def test_any_address_is_taken_as_the_files_own(server, tmp_path):
    config = Config(outputs=tmp_path)
    found = fetch(f"{server.url}/x/My%20File.safetensors", config, into=tmp_path)
    assert found.record.path == tmp_path / "My File.safetensors"
    assert not found.is_checked
    assert "cannot be read" in found.record.what  # it is no model
    with pytest.raises(ModelFileError, match="sha256"):
        fetch(f"{server.url}/x/b.safetensors", config, into=tmp_path, sha256="0" * 64)
    with pytest.raises(InputError, match="no folder"):
        fetch(f"{server.url}/x/b.safetensors", config)
    with pytest.raises(InputError, match="no web address"):
        fetch("umi", config)
    assert not Path("My File.safetensors").exists()
