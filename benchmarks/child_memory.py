"""The most memory that a process of its own took: measured from outside, so that nothing is missed.

Used by `bench_upscale.py` and `bench_hires_memory.py`.
"""

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

KIB_IN_GIB = 1 << 20
EVERY = 0.05  # seconds between two looks


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A process that ended well.

    Attributes:
        output: what it printed.
        resident: GiB at most, pages of mapped files included (the kernel's own count).
        own: GiB at most without pages of files, seen every 50 ms; 0 off Linux.
    """

    output: str
    resident: float
    own: float


def measured(command: Sequence[str], environment: Mapping[str, str]) -> Finished:
    """Run a command to its end and return what it took.

    Args:
        command: the program with its arguments.
        environment: laid over this process's own.

    Raises:
        RuntimeError: it ended badly, which a lack of memory may be.
    """
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **environment})
    own: list[float] = [0.0]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(EVERY):
            own.append(own_memory(process.pid))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    assert process.stdout is not None
    output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    ended.set()
    watcher.join()
    code = process.returncode = os.waitstatus_to_exitcode(status)
    if code:
        raise RuntimeError(f"'{' '.join(command)}' ended with {code}")
    return Finished(output=output, resident=usage.ru_maxrss / KIB_IN_GIB, own=max(own))


def own_memory(pid: int) -> float:
    """Return GiB of a process that are not pages of a file; 0 where it is gone, or off Linux."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    found = [line for line in lines if line.startswith("RssAnon")]
    return int(found[0].split()[1]) / KIB_IN_GIB if found else 0.0
