"""How much memory is left to compute in."""

from pathlib import Path
from typing import Final

import torch

_MEMINFO: Final = Path("/proc/meminfo")
_AVAILABLE: Final = "MemAvailable:"


def free_bytes(device: torch.device) -> int | None:
    """Return the bytes that may still be taken on a device; None where nobody can say."""
    match device.type:
        case "cuda":
            return int(torch.cuda.mem_get_info(device)[0])
        case "mps":
            return int(torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
        case _:
            return _of_machine()


def _of_machine() -> int | None:
    try:
        lines = _MEMINFO.read_text().splitlines()
    except OSError:
        return None
    found = [line for line in lines if line.startswith(_AVAILABLE)]
    return int(found[0].split()[1]) * 1024 if found else None
