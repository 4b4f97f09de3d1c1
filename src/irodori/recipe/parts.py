"""The parts that every recipe has: sampling, noise, model, networks, numerics, compatibility."""

from dataclasses import dataclass
from typing import Final

from irodori.errors import RecipeError
from irodori.recipe.compat import CompatFlags
from irodori.recipe.fields import check, required, setting
from irodori.recipe.names import NetworkKind, NoiseKind, NoiseSchedule, PadConds, Prediction
from irodori.recipe.samplers import find_sampler
from irodori.recipe.schedules import Schedule

SEED_MAX: Final = 2**64 - 1
SHORT_HASH_DIGITS: Final = 10
"""Infotext shows this many hex digits of a checkpoint's sha256 (AutoV2)."""

_HEX: Final = "[0-9a-f]*"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigmaOverrides:
    """Changes to the sigma schedule; 0 keeps the schedule's own value."""

    minimum: float = setting(0.0, "smallest sigma", low=0.0, high=1e6)
    maximum: float = setting(0.0, "largest sigma", low=0.0, high=1e6)
    rho: float = setting(0.0, "exponent of Karras (7) or Polyexponential (1)", low=0.0, high=100.0)
    discard_penultimate: bool = setting(default=False, doc="drop the sigma before the last")
    listed: tuple[float, ...] = setting((), "own sigmas, for the schedule Custom", low=0.0)

    def __post_init__(self) -> None:
        check(self)
        if 0.0 < self.maximum <= self.minimum:
            raise RecipeError(
                f"SigmaOverrides: maximum {self.maximum} is not above minimum {self.minimum}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerOption:
    """One option of a sampler that is set otherwise than the sampler's default."""

    name: str = required("name of the option, see `irodori samplers`", low=1)
    value: bool | int | float | str = required("its value")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """When and how guidance acts, beside its scale."""

    start: float = setting(0.0, "first fraction of the steps with guidance", low=0.0, high=1.0)
    end: float = setting(1.0, "last fraction of the steps with guidance", low=0.0, high=1.0)
    minimum_sigma: float = setting(
        0.0, "NGMS: no negative prompt on odd steps below this sigma", low=0.0, high=1e6
    )
    rescale_phi: float = setting(0.0, "CFG rescale, for v-prediction", low=0.0, high=1.0)

    def __post_init__(self) -> None:
        check(self)
        if self.start > self.end:
            raise RecipeError(f"Guidance: start {self.start} lies after end {self.end}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The first pass; the defaults are practice P1.

    `sampler` takes any name or alias of `recipe.samplers` and holds the A1111 name; `options`
    are held in the order of their names.
    """

    sampler: str = setting("DPM++ 2M", "sampler (integrator), by its A1111 name")
    schedule: Schedule = setting(Schedule.KARRAS, "sigma schedule, by its A1111 label")
    steps: int = setting(28, "sampler steps", low=1, high=1000)
    cfg_scale: float = setting(
        5.0, "guidance; 1 ignores the negative prompt", low=-100.0, high=100.0
    )
    width: int = setting(832, "width in pixels", low=16, high=16384, multiple=8)
    height: int = setting(1216, "height in pixels", low=16, high=16384, multiple=8)
    clip_skip: int = setting(2, "text encoder layer, counted from the end", low=1, high=12)
    options: tuple[SamplerOption, ...] = setting((), "options of the sampler that were set")
    sigmas: SigmaOverrides = setting(SigmaOverrides(), "changes to the sigma schedule")
    guidance: Guidance = setting(Guidance(), "when and how guidance acts")

    def __post_init__(self) -> None:
        check(self)
        info = find_sampler(self.sampler)
        object.__setattr__(self, "sampler", info.name)
        chosen = {option.name: option for option in self.options}
        if len(chosen) < len(self.options):
            raise RecipeError("Base.options: an option is given twice")
        info.chosen({name: option.value for name, option in chosen.items()})
        object.__setattr__(self, "options", tuple(chosen[name] for name in sorted(chosen)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Where this picture's random numbers come from (compat 5)."""

    seed: int = required("this picture's own seed", low=0, high=SEED_MAX)
    kind: NoiseKind = setting(NoiseKind.CPU, "generator of the noise")
    variation_seed: int = setting(0, "seed of the noise mixed in", low=0, high=SEED_MAX)
    variation_strength: float = setting(0.0, "how much of it is mixed in", low=0.0, high=1.0)
    resize_from_width: int = setting(
        0, "draw the noise at this width; 0 = off", low=0, high=16384, multiple=8
    )
    resize_from_height: int = setting(
        0, "draw the noise at this height; 0 = off", low=0, high=16384, multiple=8
    )
    ensd: int = setting(0, "eta noise seed delta", low=-SEED_MAX, high=SEED_MAX)
    batch_size: int = setting(1, "pictures drawn in the same batch", low=1, high=4096)
    batch_index: int = setting(0, "place of this picture in its batch", low=0, high=4095)

    def __post_init__(self) -> None:
        check(self)
        if (self.resize_from_width == 0) != (self.resize_from_height == 0):
            raise RecipeError(
                "Noise: resize_from_width and resize_from_height are given together or not at all; "
                f"have {self.resize_from_width}x{self.resize_from_height}"
            )
        if self.batch_index >= self.batch_size:
            raise RecipeError(
                f"Noise: batch_index {self.batch_index} is outside a batch of {self.batch_size}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIdentity:
    """Which file: its name for people, its hash for certainty.

    Give `sha256` where it is known; `short_hash` follows from it. Metadata by other programs
    holds the short hash only (or the 8 digits of A1111's first, partial hash).
    """

    name: str = setting("", "file stem")
    sha256: str = setting("", "64 hex digits, or nothing", pattern="([0-9a-f]{64})?")
    short_hash: str = setting("", "the hash as infotext shows it, lower-case hex", pattern=_HEX)

    def __post_init__(self) -> None:
        check(self)
        if self.sha256 and not self.short_hash:
            object.__setattr__(self, "short_hash", self.sha256[:SHORT_HASH_DIGITS])
        if self.sha256 and self.short_hash != self.sha256[:SHORT_HASH_DIGITS]:
            raise RecipeError(
                f"FileIdentity: short_hash {self.short_hash} is not the beginning of sha256 "
                f"{self.sha256}; leave it out"
            )

    @property
    def title(self) -> str:
        """The name as A1111 shows it: `stem [hash10]`, or the stem alone."""
        return f"{self.name} [{self.short_hash}]" if self.short_hash else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The checkpoint that draws, and what it is believed to be."""

    file: FileIdentity = setting(FileIdentity(), "the checkpoint file")
    prediction: Prediction = setting(Prediction.FILE, "what the network predicts")
    noise_schedule: NoiseSchedule = setting(NoiseSchedule.DEFAULT, "the model's noise levels")
    vae: FileIdentity = setting(FileIdentity(), "autoencoder; no name = the checkpoint's own")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Identity of a LoRA, embedding ... that the prompts name; its weights stand in the prompt."""

    kind: NetworkKind = required("kind of the file")
    name: str = required("name as the prompt writes it", low=1)
    digest: str = setting("", "hash as infotext shows it (12 hex digits)", pattern=_HEX)
    sha256: str = setting("", "sha256 of the whole file, 64 hex digits", pattern="([0-9a-f]{64})?")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approximation:
    """A speed-up that changes the picture, by name, with its strength."""

    name: str = required("name of the option", low=1)
    value: float = required("its strength")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numerics:
    """With which arithmetic the picture was drawn; it changes low bits, tiles change more."""

    device: str = setting("cpu", "kind of device", low=1)
    dtype: str = setting("float32", "arithmetic of the network", low=1)
    vae_dtype: str = setting("float32", "arithmetic of the autoencoder", low=1)
    vae_tile: int = setting(
        0, "side of the decoder's tiles in pixels; 0 = whole", low=0, high=16384
    )
    approximations: tuple[Approximation, ...] = setting((), "speed-ups that change the picture")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compat:
    """Old or foreign behaviour that a picture was drawn with (compat 1, 2, 4, 9.4)."""

    flags: CompatFlags = setting(CompatFlags(), "other tools' faults in sampling and noise")
    old_timelines: bool = setting(
        default=False, doc="prompt timelines of before 1.6: fractions restart in hires"
    )
    old_karras: bool = setting(default=False, doc="Karras with sigmas 0.1 to 10")
    pad_conds: PadConds = setting(PadConds.OFF, "how unequal prompt lengths meet")
    comma_backtrack: int = setting(
        20, "tokens back to the comma where a chunk may break", low=0, high=74
    )
    sgm_noise_multiplier: bool = setting(default=False, doc="initial noise times sqrt(1 + sigma^2)")
    downcast_alphas_cumprod: bool = setting(
        default=False, doc="noise levels rounded to half precision, as before 1.7"
    )

    def __post_init__(self) -> None:
        check(self)
