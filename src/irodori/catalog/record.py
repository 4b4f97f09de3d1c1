"""What the catalog knows of a model file: one value, that a cache can keep as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

FILE_ENDINGS: Final = (".safetensors", ".ckpt", ".pt", ".pth", ".bin")
"""What model files end in."""


def model_name(path: Path) -> str:
    """Return what prompts and commands call a model: a file's stem, a folder's whole name."""
    return path.stem if path.suffix.lower() in FILE_ENDINGS else path.name


class ModelKind(StrEnum):
    """What a file is used as."""

    CHECKPOINT = "checkpoint"
    NETWORK = "network"
    EMBEDDING = "embedding"
    VAE = "vae"
    OTHER = "other"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """A model file, told without torch.

    Attributes:
        path: of the file, as the folders name it (symbolic links are not resolved).
        kind: what it is used as.
        what: one line for people: `an SDXL checkpoint`, `LoRA of rank 16 for SDXL`.
        usable: this program can draw with it.
        base: the line of models it comes from: Illustrious, NoobAI, Pony ...; empty where unknown.
        title: its name for people, as stated in its metadata or beside it.
        prediction: `eps` or `v` for checkpoints, else empty.
        zero_terminal_snr: the checkpoint's noise levels end in pure noise.
        rank: of a network; 0 where it has none.
        vectors: of an embedding; 0 for others.
        triggers: words that call it.
        category: what a network is about: `style`, `character` ...; empty where nothing says so.
        weight: the strength a person noted for it; 0 for none.
        negative: what a person noted for the negative prompt.
        notes: what else a person noted.
        preview: a picture beside it, or None.
        problem: why it cannot be read; empty where it can.
    """

    path: Path
    kind: ModelKind
    what: str
    usable: bool = True
    base: str = ""
    title: str = ""
    prediction: str = ""
    zero_terminal_snr: bool = False
    rank: int = 0
    vectors: int = 0
    triggers: tuple[str, ...] = ()
    category: str = ""
    weight: float = 0.0
    negative: str = ""
    notes: str = ""
    preview: Path | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        """What prompts and commands call it; see `model_name`."""
        return model_name(self.path)


def as_json(record: ModelRecord) -> dict[str, Any]:
    """Return a record as values that JSON has; `path` is left to the cache's key."""
    found = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if field.name != "path" and value != field.default:
            found[field.name] = str(value) if isinstance(value, Path) else value
    return found


def from_json(path: Path, values: Mapping[str, Any]) -> ModelRecord:
    """Return the record of a file from what `as_json` gave.

    Raises:
        ValueError, TypeError, KeyError: the values are not of a record.
    """
    record = ModelRecord(path=path, kind=ModelKind(values["kind"]), what=str(values["what"]))
    rest = {name: value for name, value in values.items() if name not in ("kind", "what")}
    if "triggers" in rest:
        rest["triggers"] = tuple(map(str, rest["triggers"]))
    if rest.get("preview") is not None:
        rest["preview"] = Path(rest["preview"])
    return replace(record, **rest)
