"""The configuration of one adapter: what it shows, what it is made of, how it is trained.

The files of the adapters in `demonstrators/` are in `configs/demonstrators/`.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from irodori.errors import InputError
from irodori.painter.config import (
    ModelTraining,
    PoolSettings,
    pool_of,
    read_tables,
    settings_of,
)


class Kind(StrEnum):
    """What a run makes."""

    LORA = "lora"
    LOKR = "lokr"
    DORA = "dora"
    LCM = "lcm"
    INVERSION = "inversion"
    CHECKPOINT = "checkpoint"
    V_CHECKPOINT = "v-checkpoint"


NETWORKS: Final = frozenset({Kind.LORA, Kind.LOKR, Kind.DORA, Kind.LCM})
"""The kinds that change weights by factors beside them."""

CHECKPOINTS: Final = frozenset({Kind.CHECKPOINT, Kind.V_CHECKPOINT})
"""The kinds that train the weights themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectSettings:
    """What the pictures show; where nothing is said, all that the base was shown.

    Attributes:
        style: a style's tag; all pictures have it.
        pen: of a style without a tag (`medium.Pen`); all pictures are drawn with it, and captions
            are silent about it, so that it becomes the model's own hand.
        character: a newcomer's name (`newcomers.NEWCOMERS`).
        share: of the pictures of one person who could be the newcomer, how many are; the others
            keep the model as it is where the newcomer is not asked for.
        trigger: the word that calls it; empty is the style's tag or the newcomer's name.
    """

    style: str = ""
    pen: str = ""
    character: str = ""
    share: float = 0.85
    trigger: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterSettings:
    """What is trained, and how large.

    Attributes:
        kind: of a network, its algebra; `lcm` is a LoRA distilled from the model itself
            (`distil`); `checkpoint` and `v-checkpoint` train whole weights and have no ranks.
        rank: of linear layers; with LoKr, of the fine factor.
        alpha: what is added is multiplied by alpha / rank; 0 is as large as the rank.
        convolution_rank: of convolutions and time projections in residual blocks; 0 leaves them
            alone, as kohya's trainer does without `conv_dim`.
        factor: LoKr's coarse factor has at most so many rows and columns.
        unet: train the UNet's layers.
        text: train the text encoders' layers.
        vectors: of a textual inversion: token positions that the word takes.
        begin_with: of a textual inversion: the words whose vectors it begins as.
    """

    kind: Kind
    rank: int = 8
    alpha: float = 0.0
    convolution_rank: int = 0
    factor: int = 8
    unet: bool = True
    text: bool = False
    vectors: int = 4
    begin_with: str = "1girl"

    def __post_init__(self) -> None:
        """Take the kind's name for the kind, as TOML has it."""
        object.__setattr__(self, "kind", Kind(self.kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterTraining:
    """How it is trained. What is not explained here is so in `config.ModelTraining`.

    Attributes:
        learning_rate: AdamW's, at its peak, for the UNet's factors or the vectors.
        text_learning_rate: the same for the text encoders' factors.
        large_share: share of the steps that see another size than the smallest.
        warm_up: steps over which the rate rises.
        seed: of starting values, batches and noise.
        guidance: of `lcm`: the least and the most that the teacher is guided by, drawn anew for
            each picture.
        skip: of `lcm`: how many of the thousand times the teacher's solver steps over.
    """

    steps: int
    batch: int = 16
    learning_rate: float = 2e-3
    text_learning_rate: float = 5e-4
    decay_from: float = 0.4
    large_share: float = 0.5
    unconditional: float = 0.1
    emphasised: float = 0.0
    time_centre: float = 0.4
    warm_up: int = 20
    ema: float = 0.98
    seed: int = 0
    guidance: tuple[float, float] = (2.0, 5.0)
    skip: int = 20

    def as_model_training(self) -> ModelTraining:
        """Return the settings that batches and losses of stage two read."""
        return ModelTraining(
            steps=self.steps,
            batch=self.batch,
            large_from=0.0,
            large_share=self.large_share,
            unconditional=self.unconditional,
            emphasised=self.emphasised,
            made_up=0.0,
            time_centre=self.time_centre,
            seed=self.seed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterConfig:
    """One TOML file: `name`, tables `subject`, `adapter`, `pool`, `training`.

    Attributes:
        name: what the adapter is called; names the run's files too.
        text: the file itself, kept in the adapter's metadata.
    """

    name: str
    subject: SubjectSettings
    adapter: AdapterSettings
    pool: PoolSettings
    training: AdapterTraining
    text: str


_KEYS: Final = ("name", "subject", "adapter", "pool", "training")


def read_adapter_config(path: Path) -> AdapterConfig:
    """Read an adapter's configuration.

    Raises:
        InputError: the file is no TOML, a key is missing or unknown, or a kind is not known.
    """
    data = read_tables(path)
    if set(data) != set(_KEYS):
        raise InputError(f"{path}: needs exactly {', '.join(_KEYS)}")
    subject = settings_of(SubjectSettings, data["subject"], path)
    if sum(map(bool, (subject.style, subject.pen, subject.character))) > 1:
        raise InputError(f"{path}: [subject] needs a style, a pen or a character, not several")
    kind = data["adapter"].get("kind", "")
    if kind not in set(Kind):
        raise InputError(f"{path}: unknown kind '{kind}'; there are {', '.join(Kind)}")
    return AdapterConfig(
        name=str(data["name"]),
        subject=subject,
        adapter=settings_of(AdapterSettings, data["adapter"], path),
        pool=pool_of(data["pool"], path),
        training=settings_of(AdapterTraining, data["training"], path),
        text=path.read_text(encoding="utf-8"),
    )
