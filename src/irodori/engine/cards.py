"""Devices that weights come to and leave again: a graphics card beside the machine's own memory."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import torch
from torch import Tensor

from irodori.engine.memory import free_bytes

_CPU: Final = torch.device("cpu")
_TOLD_AS_TEXT: Final = ("out of memory", "DefaultCPUAllocator")

Arrived = Callable[[], Sequence[Tensor]]
"""Gives what was fetched, ready to be computed with."""


class Card(Protocol):
    """Memory to compute in that is not the machine's own."""

    def free(self) -> int | None:
        """Return the bytes that may still be taken; None where nobody can say."""
        ...

    def holds(self, tensor: Tensor) -> bool:
        """Tell whether a tensor is there."""
        ...

    def put(self, tensor: Tensor) -> Tensor:
        """Return a copy that is there.

        Raises:
            torch.OutOfMemoryError: there is no room.
        """
        ...

    def fetch(self, tensors: Sequence[Tensor]) -> Arrived:
        """Begin to copy tensors there, while it goes on computing.

        Raises:
            torch.OutOfMemoryError: there is no room.
        """
        ...

    def home(self, tensor: Tensor) -> Tensor:
        """Return a copy in the machine's own memory."""
        ...

    def forget(self) -> None:
        """Give back what is kept for later use and not in use."""
        ...


class DeviceCard:
    """A device of PyTorch's.

    Args:
        device: any but the CPU.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._is_cuda = device.type == "cuda"
        # torch leaves the stream's constructor untyped.
        self._side = torch.cuda.Stream(device) if self._is_cuda else None  # type: ignore[no-untyped-call]

    def free(self) -> int | None:
        """Return the bytes that may still be taken, with those that PyTorch keeps for later."""
        free = free_bytes(self._device)
        if free is None or not self._is_cuda:
            return free
        kept = torch.cuda.memory_reserved(self._device) - torch.cuda.memory_allocated(self._device)
        return free + kept

    def holds(self, tensor: Tensor) -> bool:
        """Tell whether a tensor is on the device."""
        return tensor.device.type == self._device.type

    def put(self, tensor: Tensor) -> Tensor:
        """Return a tensor on the device."""
        return tensor.to(self._device)

    def fetch(self, tensors: Sequence[Tensor]) -> Arrived:
        """Begin to copy tensors: on CUDA beside what it computes, elsewhere at once."""
        if self._side is None:
            copies = [self.put(tensor) for tensor in tensors]
            return lambda: copies
        with torch.cuda.stream(self._side):
            # From pinned memory only, a copy runs while the card computes.
            copies = [tensor.pin_memory().to(self._device, non_blocking=True) for tensor in tensors]
            done = self._side.record_event()

        def arrived() -> Sequence[Tensor]:
            computing = torch.cuda.current_stream(self._device)
            computing.wait_event(done)
            for copy in copies:
                copy.record_stream(computing)
            return copies

        return arrived

    def home(self, tensor: Tensor) -> Tensor:
        """Return a tensor in the machine's memory."""
        return tensor.to(_CPU)

    def forget(self) -> None:
        """Give the allocator's unused blocks back."""
        if self._is_cuda:
            torch.cuda.empty_cache()
        elif self._device.type == "mps":
            torch.mps.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that memory is short; a CPU and MPS say it in words only."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(said in str(error) for said in _TOLD_AS_TEXT)
