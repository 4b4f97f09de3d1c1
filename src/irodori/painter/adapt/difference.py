"""A checkpoint as its difference to another, a quarter as large: whole numbers of 8 bits.

A fine-tuned checkpoint shares most tensors with its base, and where it does not, it lies near.
The file holds, for each tensor that differs, `difference` int8 and one `step` float32 for each
output channel; the tensor is float16(base + difference * step), each operation rounded once, so
that every machine makes the same numbers. Tensors of one axis, and those that the base lacks, are
held whole. What is lost is half a step: the difference's largest number over 254.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from irodori.catalog.hashes import file_sha256
from irodori.errors import InputError, ModelFileError, OutputError

BASE: Final = "irodori.difference.base"
DIGEST: Final = "irodori.difference.digest"
SUFFIX: Final = ".difference"
_METADATA: Final = "irodori.difference.metadata"
_DIFFERENCE: Final = ".difference"
_STEP: Final = ".step"
_WHOLE: Final = ".whole"
_LARGEST: Final = 127


def write_difference(base: Path, checkpoint: Path, out: Path) -> int:
    """Write what makes a checkpoint of its base, and return the file's size in bytes.

    Args:
        base: a file whose tensors the checkpoint begins from.
        checkpoint: float16 tensors.
        out: replaced whole, or not at all.

    Raises:
        ModelFileError: a file cannot be read.
        OutputError: the file cannot be written.
    """
    before, _ = _read(base)
    after, metadata = _read(checkpoint)
    held: dict[str, Tensor] = {}
    for name, value in after.items():
        start = before.get(name)
        if start is not None and torch.equal(start, value):
            continue
        if start is None or start.shape != value.shape or value.dim() < 2:
            held[name + _WHOLE] = value
        else:
            held[name + _DIFFERENCE], held[name + _STEP] = _quantised(value.float() - start.float())
    said = {
        BASE: file_sha256(base),
        DIGEST: digest_of(_assembled(before, held)),
        _METADATA: json.dumps(metadata, sort_keys=True),
    }
    _write(out, held, said)
    return out.stat().st_size


def assemble(difference: Path, base: Path, out: Path) -> None:
    """Make the checkpoint of a difference, tensor for tensor the one it was measured on.

    Args:
        difference: from `write_difference`.
        base: the very file that it is a difference to.
        out: the checkpoint; replaced whole, or not at all.

    Raises:
        ModelFileError: a file cannot be read.
        InputError: it is no difference, belongs to another base, or makes other numbers.
        OutputError: the file cannot be written.
    """
    held, said = _read(difference)
    if BASE not in said:
        raise InputError(f"{difference}: is not the difference of a checkpoint")
    found = file_sha256(base)
    if said[BASE] != found:
        raise InputError(
            f"{difference}: belongs to a model of SHA-256 {said[BASE][:12]}, "
            f"{base.name} has {found[:12]}"
        )
    tensors = _assembled(_read(base)[0], held)
    if digest_of(tensors) != said[DIGEST]:
        raise InputError(f"{difference}: makes other numbers than it says; the file is damaged")
    _write(out, tensors, json.loads(said[_METADATA]))


def digest_of(tensors: Mapping[str, Tensor]) -> str:
    """Return SHA-256 over names, types, shapes and bytes of all tensors, in the names' order."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        value = tensors[name].contiguous()
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        digest.update(value.view(torch.uint8).numpy().tobytes() if value.numel() else b"")
    return digest.hexdigest()


def _quantised(difference: Tensor) -> tuple[Tensor, Tensor]:
    """Return int8 of the same shape and the step of each output channel, float32 [out, 1 ...]."""
    axes = tuple(range(1, difference.dim()))
    step = difference.abs().amax(axes, keepdim=True) / _LARGEST
    whole = (difference / step.clamp(min=torch.finfo(torch.float32).tiny)).round()
    return whole.to(torch.int8), step


def _assembled(base: Mapping[str, Tensor], held: Mapping[str, Tensor]) -> dict[str, Tensor]:
    tensors = dict(base)
    for key, value in held.items():
        name, _, kind = key.rpartition(".")
        if f".{kind}" == _WHOLE:
            tensors[name] = value
        elif f".{kind}" == _DIFFERENCE:
            change = value.float() * held[name + _STEP]
            tensors[name] = (base[name].float() + change).half()
    return tensors


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    try:
        with safe_open(path, framework="pt") as file:
            names = file.keys()
            return {name: file.get_tensor(name) for name in names}, file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise ModelFileError(f"'{path}' cannot be read: {error}") from error


def _write(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    partial = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(tensors, partial, metadata)
        partial.replace(path)
    except (OSError, SafetensorError) as error:
        partial.unlink(missing_ok=True)
        raise OutputError(f"'{path}' cannot be written: {error}") from error
