"""One model file to what the catalog knows of it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from irodori.catalog.header import Header, TensorInfo, read_header
from irodori.catalog.identify import Family, identify
from irodori.catalog.json_file import read_json
from irodori.catalog.lineage import line_of
from irodori.catalog.network_traits import NetworkFamily, network_traits
from irodori.catalog.prediction import has_zero_terminal_snr, predicts_v, traits_of_model
from irodori.catalog.record import ModelKind, ModelRecord
from irodori.catalog.sidecars import Sidecars
from irodori.errors import ModelFileError

SAFETENSORS: Final = ".safetensors"
MODEL_INDEX: Final = "model_index.json"
"""What makes a folder one of diffusers."""

_CHECKPOINT: Final = ".ckpt"
PICKLED: Final = (_CHECKPOINT, ".pt", ".pth", ".bin")

_CHECKPOINTS: Final = (
    Family.SDXL, Family.SDXL_INPAINT, Family.SDXL_REFINER, Family.SD1, Family.SD2, Family.SD3,
    Family.FLUX,
)  # fmt: skip
_TAGS: Final = "modelspec.tags"
_AROUND: Final = 3  # folders farther out are not about a network
_CATEGORIES: Final = {
    # a tag of Civitai's, or the name people give a folder: the category
    **{each: each for each in ("style", "character", "celebrity", "concept", "clothing", "poses")},
    **{
        each: each for each in ("background", "buildings", "vehicle", "objects", "animal", "action")
    },
    "styles": "style",
    "artist": "style",
    "artists": "style",
    "artstyle": "style",
    "characters": "character",
    "concepts": "concept",
    "clothes": "clothing",
    "pose": "poses",
}
_STATED: Final = ("modelspec.title", "ss_sd_model_name", "ss_base_model_version")


def describe(path: Path, hint: ModelKind | None, beside: Sidecars) -> ModelRecord:
    """Return what a file is; never raises: what cannot be read has a `problem`.

    Args:
        path: of the file.
        hint: what its folder is for; decides about pickled files, which are not opened here. One
            without a hint is a checkpoint where its ending says so.
        beside: what its sidecars say.
    """
    if path.is_dir():
        return _with_sidecars(_folder(path), beside)
    if path.suffix.lower() != SAFETENSORS:
        kind = hint or (ModelKind.CHECKPOINT if path.suffix == _CHECKPOINT else ModelKind.OTHER)
        record = ModelRecord(path=path, kind=kind, what="a pickled file, read when it is used")
        return _with_sidecars(record, beside)
    try:
        header = read_header(path)
        record = _described(header, identify(header))
    except ModelFileError as error:
        record = ModelRecord(
            path=path,
            kind=ModelKind.UNREADABLE,
            what="a file that cannot be read",
            usable=False,
            problem=str(error),
        )
        return _with_sidecars(record, beside)
    return _with_sidecars(record, beside, header.metadata)


def _folder(path: Path) -> ModelRecord:
    """Return what a folder of diffusers is, by its configurations."""
    index = read_json(path / MODEL_INDEX)
    traits = traits_of_model(path)
    pipeline = str(index.get("_class_name", ""))
    drawn = pipeline.startswith("StableDiffusionXL")
    return ModelRecord(
        path=path,
        kind=ModelKind.CHECKPOINT,
        what="an SDXL checkpoint, a folder of diffusers" if drawn else f"a folder for {pipeline}",
        usable=drawn,
        prediction=(traits.prediction or "eps") if drawn else "",
        zero_terminal_snr=traits.zero_terminal_snr,
    )


def _with_sidecars(
    record: ModelRecord, beside: Sidecars, metadata: Mapping[str, str] = MappingProxyType({})
) -> ModelRecord:
    """Return a record with what stands beside the file, its line of models and its category."""
    said = [metadata.get(key, "") for key in _STATED]
    tags = (*beside.tags, *metadata.get(_TAGS, "").split(","))
    return replace(
        record,
        title=beside.title or record.title,
        triggers=beside.triggers or record.triggers,
        preview=beside.preview,
        base=line_of((*said, beside.base, beside.title, record.name)),
        category=_category(tags, record) if record.kind is ModelKind.NETWORK else "",
        weight=beside.weight,
        negative=beside.negative,
        notes=beside.notes,
    )


def _category(tags: Iterable[str], record: ModelRecord) -> str:
    """Return what a network is about: as its tags say, else one of the folders around it."""
    said = [tag.strip().casefold() for tag in tags]
    folders = [part.casefold() for part in record.path.parent.parts[: -_AROUND - 1 : -1]]
    found = [_CATEGORIES[word] for word in (*said, *folders) if word in _CATEGORIES]
    return found[0] if found else ""


def _described(header: Header, family: Family) -> ModelRecord:
    match family:
        case Family.NETWORK:
            return _network(header)
        case Family.EMBEDDING:
            return ModelRecord(
                path=header.path,
                kind=ModelKind.EMBEDDING,
                what=f"a textual inversion {embedding_family(header.tensors)}",
                usable=embedding_family(header.tensors) == NetworkFamily.SDXL,
                vectors=embedding_vectors(header.tensors),
            )
        case Family.AUTOENCODER:
            return ModelRecord(path=header.path, kind=ModelKind.VAE, what=str(family))
        case _ if family in _CHECKPOINTS:
            return _checkpoint(header, family)
        case _:
            return ModelRecord(
                path=header.path, kind=ModelKind.OTHER, what=str(family), usable=False
            )


def _checkpoint(header: Header, family: Family) -> ModelRecord:
    drawn = family in (Family.SDXL, Family.SDXL_INPAINT)
    return ModelRecord(
        path=header.path,
        kind=ModelKind.CHECKPOINT,
        what=str(family),
        usable=drawn,
        title=header.metadata.get("modelspec.title", ""),
        prediction=("v" if predicts_v(header) else "eps") if drawn else "",
        zero_terminal_snr=has_zero_terminal_snr(header),
    )


def _network(header: Header) -> ModelRecord:
    traits = network_traits(header)
    rank = f" of rank {traits.rank}" if traits.rank else ""
    return ModelRecord(
        path=header.path,
        kind=ModelKind.NETWORK,
        what=f"{traits.kind}{rank} {traits.family}",
        usable=traits.family in (NetworkFamily.SDXL, NetworkFamily.OTHER),
        title=traits.title,
        rank=traits.rank or 0,
        triggers=traits.triggers,
    )


def embedding_family(tensors: Mapping[str, TensorInfo]) -> NetworkFamily:
    """Return which models a textual inversion is for, by its tensors."""
    if {"clip_l", "clip_g"} <= tensors.keys():
        return NetworkFamily.SDXL
    widths = {info.shape[-1] for info in tensors.values() if info.shape}
    known = {768: NetworkFamily.SD1, 1024: NetworkFamily.SD2}
    return next((known[width] for width in widths if width in known), NetworkFamily.OTHER)


def embedding_vectors(tensors: Mapping[str, TensorInfo]) -> int:
    """Return how many vectors a textual inversion has."""
    counts = [info.shape[0] if len(info.shape) > 1 else 1 for info in tensors.values()]
    return max(counts, default=0)
