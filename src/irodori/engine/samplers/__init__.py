"""Samplers: one family a file, one generator a sampler; `get` finds them by name."""

from irodori.engine.samplers.base import (
    Denoiser,
    Guided,
    GuidedDenoiser,
    NoiseSource,
    Step,
)
from irodori.engine.samplers.registry import Sampler, get

__all__ = ["Denoiser", "Guided", "GuidedDenoiser", "NoiseSource", "Sampler", "Step", "get"]
