"""How many CPU threads PyTorch takes: a setting of the whole process, so set once, at start."""

import torch


def use_threads(count: int) -> None:
    """Let PyTorch compute with so many CPU threads; at least 1."""
    torch.set_num_threads(count)
