"""What a job tells while it runs, for those above who may not see the engine."""

from irodori.engine.events import (
    Decoding,
    Event,
    ModelReady,
    ModelSwitched,
    PassBegun,
    PassFailed,
    PlanChanged,
    Previewed,
    Progressed,
    StepTaken,
)
from irodori.engine.listener import Listener

__all__ = [
    "Decoding",
    "Event",
    "Listener",
    "ModelReady",
    "ModelSwitched",
    "PassBegun",
    "PassFailed",
    "PlanChanged",
    "Previewed",
    "Progressed",
    "StepTaken",
]
