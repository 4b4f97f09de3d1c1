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

__all__ = [
    "Decoding",
    "Event",
    "ModelReady",
    "ModelSwitched",
    "PassBegun",
    "PassFailed",
    "PlanChanged",
    "Previewed",
    "Progressed",
    "StepTaken",
]
