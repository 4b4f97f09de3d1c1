"""All demonstrators of a release, trained one after another.

    irodori paint demonstrators --run runs/demonstrators --out demonstrators

Goes on where it was stopped. What is there already for this very model stays; a new release of the
model has another hash, so that all are made anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from irodori.catalog.hashes import file_sha256
from irodori.catalog.header import read_header
from irodori.errors import InputError
from irodori.painter.adapt.config import (
    CHECKPOINTS,
    AdapterConfig,
    Kind,
    read_adapter_config,
)
from irodori.painter.adapt.difference import BASE, SUFFIX, write_difference
from irodori.painter.adapt.file import BASE_HASH
from irodori.painter.adapt.former import Former
from irodori.painter.adapt.train import adapt

CONFIGS: Final = Path(__file__).parents[1] / "configs" / "demonstrators"
_FOLDERS: Final = {Kind.INVERSION: "embeddings"} | dict.fromkeys(CHECKPOINTS, "checkpoints")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstrator:
    """One of them.

    Attributes:
        name: of its configuration and of its file.
        pool: the run's subdirectory; those of the same pictures share one.
    """

    name: str
    pool: str

    @property
    def config_file(self) -> Path:
        """Its recipe."""
        return CONFIGS / f"{self.name}.toml"


DEMONSTRATORS: Final[Sequence[Demonstrator]] = (
    Demonstrator(name="sumire-pixel-art", pool="pixel-art"),
    Demonstrator(name="sumire-pixel-art-lokr", pool="pixel-art"),
    Demonstrator(name="sumire-hotaru", pool="hotaru"),
    Demonstrator(name="sumire-hotaru-dora", pool="hotaru"),
    Demonstrator(name="hotaru-look", pool="hotaru"),
    Demonstrator(name="sumire-lcm", pool="base"),
    Demonstrator(name="sumire-v", pool="base"),
    Demonstrator(name="sumire-ink", pool="ink"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerRelease:
    """The demonstrators of another release, to go on from.

    Attributes:
        folder: where its `loras`, `embeddings` and `checkpoints` are.
        model: the release itself.
        share: of a configuration's steps that are taken from there, 0 to 1.
    """

    folder: Path
    model: Path
    share: float = 0.35


def train_demonstrators(
    model: Path,
    directory: Path,
    out: Path,
    *,
    names: Sequence[str] = (),
    workers: int = 1,
    former: FormerRelease | None = None,
) -> Iterator[Path]:
    """Yield each demonstrator's file, trained where it is not there for this model.

    Args:
        model: what they are for.
        directory: of the runs' files.
        out: where `loras`, `embeddings` and `checkpoints` are.
        names: which; none are all.
        workers: processes of one thread each.
        former: what to go on from; None begins with nothing.

    Raises:
        InputError: there is no demonstrator of a name.
    """
    unknown = set(names) - {each.name for each in DEMONSTRATORS}
    if unknown:
        known = ", ".join(each.name for each in DEMONSTRATORS)
        raise InputError(f"no demonstrator '{min(unknown)}'; there are {known}")
    sha256 = file_sha256(model)
    for each in DEMONSTRATORS:
        if names and each.name not in names:
            continue
        config = read_adapter_config(each.config_file)
        is_checkpoint = config.adapter.kind in CHECKPOINTS
        place = _place(each, config)
        file = out / place
        begin = None
        if former is not None:
            begin = Former(file=former.folder / place, model=former.model)
            config = _shortened(config, former.share)
        if not _is_made_for(file, sha256):
            run = directory / each.pool
            made = run / f"{each.name}.safetensors" if is_checkpoint else file
            adapt(config, model, run, made, workers=workers, former=begin)
            if is_checkpoint:
                write_difference(model, made, file)
        yield file


def _place(demonstrator: Demonstrator, config: AdapterConfig) -> Path:
    """Return where a demonstrator's file is, within the folder of all."""
    kind = config.adapter.kind
    suffix = SUFFIX if kind in CHECKPOINTS else ".safetensors"
    return Path(_FOLDERS.get(kind, "loras")) / f"{demonstrator.name}{suffix}"


def _shortened(config: AdapterConfig, share: float) -> AdapterConfig:
    steps = max(1, round(config.training.steps * share))
    return replace(config, training=replace(config.training, steps=steps))


def _is_made_for(file: Path, sha256: str) -> bool:
    if not file.exists():
        return False
    said = read_header(file).metadata
    return sha256 in {said.get(BASE), said.get(BASE_HASH)}
