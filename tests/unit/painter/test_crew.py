"""Two processes that work together: they meet, average, and end together when asked to."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import signal, sys, time
from functools import partial
from pathlib import Path
from irodori.painter.crew import work_together

def work(folder, crew):
    asked = []
    signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
    crew.wait()
    (folder / f"ready-{crew.rank}").touch()
    while not asked:
        time.sleep(0.02)
    (folder / f"ended-{crew.rank}").touch()

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in the background of a shell
    work_together(2, partial(work, Path(sys.argv[1])))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM ends a process at once on Windows")
def test_asking_the_first_process_to_end_ends_the_whole_crew(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    first = subprocess.Popen([sys.executable, str(program), str(tmp_path)])
    try:
        until = time.monotonic() + 60
        while len(list(tmp_path.glob("ready-*"))) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == 0
    finally:
        first.kill()
    assert sorted(path.name for path in tmp_path.glob("ended-*")) == ["ended-0", "ended-1"]
