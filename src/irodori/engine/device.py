"""Where and in which number formats a model runs.

`probe` finds out what the machine has; `choose_policy` decides from that alone, so that every kind
of machine can be tested on any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import torch

from irodori.engine import model_sizes
from irodori.engine.modules.attention import Attend, chunked, fused
from irodori.errors import InputError, UnknownNameError
from irodori.recipe.names import Dtype

DEVICES: Final = ("auto", "cpu", "cuda", "rocm", "mps")
_DTYPES: Final[Mapping[Dtype, torch.dtype | None]] = MappingProxyType(
    {
        Dtype.AUTO: None,
        Dtype.FLOAT32: torch.float32,
        Dtype.BFLOAT16: torch.bfloat16,
        Dtype.FLOAT16: torch.float16,
    }
)

LARGE: Final = model_sizes.LARGE
"""From this many parameters on a model is bound by arithmetic and memory, not by overhead."""


def dtype_of(name: Dtype) -> torch.dtype | None:
    """Return torch's type for an arithmetic; None for `AUTO`."""
    return _DTYPES[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a machine can compute on.

    Attributes:
        cpu_bf16: the CPU multiplies bfloat16 natively (AVX512-BF16, AMX).
        gpu: CUDA's interface answers, of NVIDIA or of AMD.
        gpu_rocm: it is AMD's.
        gpu_bf16: the GPU computes bfloat16 natively.
        mps: Apple's GPU answers.
    """

    cpu_bf16: bool = False
    gpu: bool = False
    gpu_rocm: bool = False
    gpu_bf16: bool = False
    mps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePolicy:
    """How a model is held and run.

    Attributes:
        device: where tensors live.
        compute: dtype of activations in UNet and text encoders.
        storage: dtype of their weights.
        autoencoder: dtype of the autoencoder, weights and activations; SDXL's overflows float16.
        channels_last: convolution weights are laid out NHWC.
        attend: how attention is computed.
    """

    device: torch.device
    compute: torch.dtype
    storage: torch.dtype
    autoencoder: torch.dtype
    channels_last: bool
    attend: Attend

    @property
    def at_home(self) -> "DevicePolicy":
        """The same formats in the machine's own memory, where a card's weights wait."""
        return replace(self, device=torch.device("cpu"))


def probe() -> Machine:
    """Return what this machine has. Asks torch only; takes no memory on a GPU."""
    # Before torch 2.10 there is nothing public to ask: the CPU then counts as a plain one.
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    gpu = torch.cuda.is_available()
    return Machine(
        cpu_bf16=bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")),
        gpu=gpu,
        gpu_rocm=gpu and torch.version.hip is not None,
        gpu_bf16=gpu and torch.cuda.is_bf16_supported(including_emulation=False),
        mps=torch.backends.mps.is_available(),
    )


def choose_policy(
    machine: Machine, *, parameters: int, device: str = "auto", dtype: Dtype = Dtype.AUTO
) -> DevicePolicy:
    """Return how a model runs best on a machine.

    Args:
        machine: what there is.
        parameters: how many numbers the model has; under `LARGE` it runs in float32 on any device.
        device: one of `DEVICES`, or `cuda:1` and the like; `auto` takes the fastest there is.
        dtype: the arithmetic; `AUTO` takes what is fastest without a visible loss.

    Raises:
        UnknownNameError: there is no such kind of device.
        InputError: the device is not there, or should not compute so.
    """
    kind, _, index = device.partition(":")
    if kind not in DEVICES or (index and not index.isdigit()):
        raise UnknownNameError("device", device, DEVICES)
    if kind == "auto":
        kind = _fastest(machine)
    if not _has(machine, kind):
        raise InputError(f"device '{device}' is not there; this machine has {_list(machine)}")
    small = parameters < LARGE
    asked = _DTYPES[dtype]
    if kind == "cpu":
        return _cpu(machine, asked, small=small)
    # AMD's GPUs answer under CUDA's name.
    where = torch.device("mps" if kind == "mps" else f"cuda:{index or 0}")
    compute = asked or (torch.float32 if small else torch.float16)
    bf16 = machine.gpu_bf16 and kind != "mps"
    return DevicePolicy(
        device=where,
        compute=compute,
        storage=compute,
        autoencoder=torch.bfloat16 if bf16 and compute.itemsize == 2 else torch.float32,
        channels_last=kind != "mps",
        attend=fused,
    )


def _cpu(machine: Machine, asked: torch.dtype | None, *, small: bool) -> DevicePolicy:
    """Return the policy of a CPU: never float16, which it computes ten times slower than bf16."""
    if asked is torch.float16:
        raise InputError(
            "a CPU computes float16 ten times slower than bfloat16; "
            "take dtype 'bfloat16', 'float32' or 'auto'"
        )
    own = torch.bfloat16 if machine.cpu_bf16 and not small else torch.float32
    dtype = asked or own
    return DevicePolicy(
        device=torch.device("cpu"),
        compute=dtype,
        storage=dtype,
        autoencoder=dtype,
        channels_last=True,
        attend=chunked if dtype is torch.bfloat16 else fused,
    )


def _has(machine: Machine, kind: str) -> bool:
    present = {
        "cpu": True,
        "cuda": machine.gpu,  # also on AMD's, whose users are told to say "cuda"
        "rocm": machine.gpu_rocm,
        "mps": machine.mps,
    }
    return present[kind]


def _fastest(machine: Machine) -> str:
    return next(kind for kind in ("rocm", "cuda", "mps", "cpu") if _has(machine, kind))


def _list(machine: Machine) -> str:
    return ", ".join(kind for kind in ("cpu", "cuda", "rocm", "mps") if _has(machine, kind))
