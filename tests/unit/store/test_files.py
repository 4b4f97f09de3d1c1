import os
from collections.abc import Callable
from errno import EPERM
from pathlib import Path
from threading import Thread

import pytest

from irodori.errors import OutputError
from irodori.store.files import inside, is_taken, write_whole

Link = Callable[[Path, Path], None]


def write(text: str) -> Callable[[Path], None]:
    return lambda path: path.write_text(text) and None


def without_links(source: Path, target: Path) -> None:
    raise OSError(EPERM, "Operation not permitted")


@pytest.fixture(params=[os.link, without_links], ids=["links", "no links"])
def link(request: pytest.FixtureRequest) -> Link:
    """Both kinds of file system: with hard links, and without (exFAT)."""
    kind: Link = request.param
    return kind


def test_a_failed_write_leaves_nothing(tmp_path: Path, link: Link) -> None:
    def fail(path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left on device"):
        write_whole(tmp_path / "picture.png", fail, link=link)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path, link: Link) -> None:
    path = tmp_path / "picture.png"
    write_whole(path, write("first"), link=link)
    with pytest.raises(OutputError, match="exists") as caught:
        write_whole(path, write("second"), link=link)
    assert is_taken(caught.value)
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_of_two_at_once_one_gets_the_name(tmp_path: Path, link: Link) -> None:
    path = tmp_path / "picture.png"
    refused: list[str] = []

    def save(text: str) -> None:
        try:
            write_whole(path, write(text), link=link)
        except OutputError:
            refused.append(text)

    threads = [Thread(target=save, args=(str(i),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted([*refused, path.read_text()]) == [str(i) for i in range(8)]
    assert list(tmp_path.iterdir()) == [path]


def test_another_failure_of_links_is_told(tmp_path: Path) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left"):
        write_whole(tmp_path / "a.png", write("x"), link=full)
    assert list(tmp_path.iterdir()) == []


def test_links_do_not_lead_outside(tmp_path: Path) -> None:
    outputs, elsewhere = tmp_path / "outputs", tmp_path / "elsewhere"
    outputs.mkdir()
    elsewhere.mkdir()
    (outputs / "link").symlink_to(elsewhere)
    assert inside(outputs, outputs / "a" / "b.png")
    for path in (outputs / ".." / "x.png", outputs / "link" / "x.png", elsewhere / "x.png"):
        with pytest.raises(OutputError, match="outside the outputs folder"):
            inside(outputs, path)
