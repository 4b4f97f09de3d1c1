from datetime import date
from pathlib import Path
from threading import Thread

import pytest

from irodori.errors import OutputError
from irodori.store.files import save_next, write_whole

DAY = date(2026, 11, 23)


def write(text: str):  # type: ignore[no-untyped-def]
    return lambda path: path.write_text(text)


def test_numbers_go_on_from_the_highest(tmp_path: Path) -> None:
    first = save_next(tmp_path, DAY, 42, write("a"))
    (tmp_path / "2026-11-23" / "00041-7.png").write_text("foreign")
    second = save_next(tmp_path, DAY, 43, write("b"))
    assert first == tmp_path / "2026-11-23" / "00000-42.png"
    assert second.name == "00042-43.png"


def test_two_at_once_get_two_names(tmp_path: Path) -> None:
    saved: list[Path] = []
    threads = [
        Thread(target=lambda: saved.append(save_next(tmp_path, DAY, 1, write("x"))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(saved)) == 8


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left on device"):
        write_whole(tmp_path / "picture.png", fail)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    write_whole(path, write("first"))
    with pytest.raises(OutputError, match="exists"):
        write_whole(path, write("second"))
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]
