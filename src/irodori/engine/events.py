"""What a job tells while it runs; torch is not loaded here, so that anyone may read them."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReady:
    """The model is loaded.

    Attributes:
        name: of the model.
        seconds: it took.
        notes: what a person should know: unknown keys, what was converted.
    """

    name: str
    seconds: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanged:
    """A memory plan that is not the ordinary one is in force.

    Attributes:
        note: which, and why, as a sentence for people.
    """

    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassBegun:
    """A pass begins.

    Attributes:
        name: `base`, `hires` ...
        steps: sampler steps it will take, or pictures where it takes none.
        calls: how often the model is expected to be called; 0 where none is.
        width: of what is drawn, pixels; the cost of a call grows with the area. 0: not told.
        height: the same.
    """

    name: str
    steps: int
    calls: int = 0
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """One sampler step was taken.

    Attributes:
        step: from 1.
        steps: in all.
        sigma: the noise level the step started from.
    """

    step: int
    steps: int
    sigma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """What the pictures of a batch are expected to become, an eighth of their size.

    Attributes:
        step: from 1.
        width: of each preview, pixels.
        height: the same.
        rgb: one a picture, row by row, three bytes a pixel.
    """

    step: int
    width: int
    height: int
    rgb: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSwitched:
    """The refiner took over.

    Attributes:
        name: of the model that draws from here on.
    """

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """A pass that has no sampler steps (an upscaler's tiles, say) went on.

    Attributes:
        done: parts done.
        total: parts in all.
    """

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PassFailed:
    """A pass failed; the pictures of the passes before it are kept.

    Attributes:
        name: of the pass.
        reason: why, as a sentence for people.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """Latents become pictures."""


Event: TypeAlias = (
    ModelReady
    | PlanChanged
    | PassBegun
    | StepTaken
    | Previewed
    | ModelSwitched
    | Progressed
    | PassFailed
    | Decoding
)
