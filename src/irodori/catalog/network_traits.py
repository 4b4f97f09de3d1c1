"""What a network file is, told by the names and shapes of its tensors and by its metadata.

Source: compat 3.7 for names; kohya's `ss_*` and the `modelspec.*` metadata.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from irodori.catalog.header import Header, TensorInfo
from irodori.catalog.network_names import DORA_SCALE, DOWN, MID, UP, take_apart

_TRIGGERS_KEPT: Final = 12


class NetworkFamily(StrEnum):
    """Which models a network is for, as a person names it."""

    SDXL = "for SDXL"
    SDXL_REFINER = "for the SDXL refiner"
    SD1 = "for Stable Diffusion 1"
    SD2 = "for Stable Diffusion 2"
    SD3 = "for Stable Diffusion 3"
    FLUX = "for Flux"
    QWEN_IMAGE = "for Qwen-Image"
    LUMINA = "for Lumina 2 or Z-Image"
    WAN = "for Wan"
    OTHER = "for a model that is not known here"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkTraits:
    """What a network file says of itself.

    Attributes:
        kind: LoRA, LoCon, LoHa, LoKr, GLoRA, (IA)3, OFT, BOFT, full difference; with `DoRA` before
            it where it has magnitudes; several joined by ` + `.
        family: the models it is for.
        rank: the most frequent one; None where the kind has none.
        parts: what it changes: UNet, text encoders.
        title: the name it was trained under (`ss_output_name`); empty if not stated.
        base: the checkpoint it was trained on, as stated; empty if not.
        triggers: words that call it, as stated, or the tags it was trained on most.
        tensors: how many it has.
    """

    kind: str
    family: NetworkFamily
    rank: int | None
    parts: tuple[str, ...]
    title: str
    base: str
    triggers: tuple[str, ...]
    tensors: int


def network_traits(header: Header) -> NetworkTraits:
    """Return what a network file is."""
    stems, _ = take_apart(header.tensors)
    metadata = header.metadata
    return NetworkTraits(
        kind=_kind(stems, header.tensors),
        family=network_family(header.tensors, metadata),
        rank=_rank(stems, header.tensors),
        parts=_parts(stems),
        title=_said(metadata, "ss_output_name", "modelspec.title"),
        base=_said(metadata, "ss_sd_model_name", "ss_base_model_version", "modelspec.architecture"),
        triggers=_triggers(metadata),
        tensors=len(header.tensors),
    )


def network_family(tensors: Mapping[str, TensorInfo], metadata: Mapping[str, str]) -> NetworkFamily:
    """Return which models a network is for: by its names, by the width of texts, as it states."""
    names = tensors.keys()
    for family, belongs in _BY_NAME:
        if belongs(names):
            return family
    for name, info in tensors.items():
        if "attn2" in name and _reads_text(name) and len(info.shape) > 1:
            family_or_none = _BY_TEXT_WIDTH.get(info.shape[1])
            if family_or_none is not None:
                return family_or_none
    stated = " ".join(
        metadata.get(key, "") for key in ("ss_base_model_version", "modelspec.architecture")
    )
    found = (family for mark, family in _BY_STATEMENT if mark in stated.casefold())
    return next(found, NetworkFamily.OTHER)


def _reads_text(name: str) -> bool:
    reads = any(part in name for part in ("to_k", "to_v"))
    return reads and any(part in name for part in ("lora_down", "lora_A", ".down.", ".diff"))


def _containing(*parts: str) -> Callable[[Set[str]], bool]:
    return lambda names: any(part in name for name in names for part in parts)


_BY_NAME: Final[tuple[tuple[NetworkFamily, Callable[[Set[str]], bool]], ...]] = (
    (NetworkFamily.FLUX, _containing("double_blocks", "single_transformer_blocks")),
    (
        NetworkFamily.QWEN_IMAGE,
        _containing(*(f"transformer_blocks{dot}0{dot}img_m" for dot in "._")),
    ),
    (NetworkFamily.SD3, _containing("joint_blocks", "transformer.transformer_blocks.")),
    (
        NetworkFamily.LUMINA,
        _containing(
            "noise_refiner", "context_refiner", "layers.0.attention.", "_layers_0_attention_"
        ),
    ),
    (NetworkFamily.WAN, _containing("blocks.0.cross_attn.", "_blocks_0_cross_attn_")),
    (
        NetworkFamily.SDXL,
        _containing(
            *("lora_te2_", "text_encoder_2.", "label_emb_", "label_emb.", "add_embedding"),
            *("down_blocks_2_attentions_0_transformer_blocks_1_", "input_blocks_4_1_"),
            *("down_blocks.2.attentions.0.transformer_blocks.1.", "input_blocks.4.1."),
        ),
    ),
)
_BY_TEXT_WIDTH: Final = {
    2048: NetworkFamily.SDXL,
    1280: NetworkFamily.SDXL_REFINER,
    1024: NetworkFamily.SD2,
    768: NetworkFamily.SD1,
}
_BY_STATEMENT: Final = (
    ("sdxl", NetworkFamily.SDXL),
    ("xl-v1", NetworkFamily.SDXL),
    ("stable-diffusion-xl", NetworkFamily.SDXL),
    ("sd3", NetworkFamily.SD3),
    ("flux", NetworkFamily.FLUX),
    ("sd_v2", NetworkFamily.SD2),
    ("v2-", NetworkFamily.SD2),
    ("sd_v1", NetworkFamily.SD1),
    ("v1", NetworkFamily.SD1),
)
_MARKS: Final = (
    # a role that only this kind has, and the kind
    ("hada_w1_a", "LoHa"),
    ("lokr_w1", "LoKr"),
    ("lokr_w1_a", "LoKr"),
    ("b1", "GLoRA"),
    ("on_input", "(IA)3"),
    ("diff", "full difference"),
    ("set_weight", "replaced weights"),
)


def _kind(stems: Mapping[str, Mapping[str, str]], tensors: Mapping[str, TensorInfo]) -> str:
    """Return the kinds of all stems, the most frequent first."""
    kinds: Counter[str] = Counter()
    for roles in stems.values():
        if {UP, DOWN} <= roles.keys():
            on_kernel = any(size > 1 for size in tensors[roles[DOWN]].shape[2:])
            kinds["LoCon" if on_kernel or MID in roles else "LoRA"] += 1
        elif "oft_blocks" in roles or "oft_diag" in roles:
            shape = tensors[roles.get("oft_blocks", roles.get("oft_diag", ""))].shape
            kinds["BOFT" if len(shape) == 4 else "OFT"] += 1
        else:
            kinds.update([kind for mark, kind in _MARKS if mark in roles][:1])
    if "LoCon" in kinds:  # LoCon is LoRA on convolutions too
        kinds["LoCon"] += kinds.pop("LoRA", 0)
    decomposed = "DoRA " if any(DORA_SCALE in roles for roles in stems.values()) else ""
    return decomposed + (" + ".join(kind for kind, _ in kinds.most_common()) or "unknown")


def _rank(stems: Mapping[str, Mapping[str, str]], tensors: Mapping[str, TensorInfo]) -> int | None:
    ranked = (DOWN, "hada_w1_b", "lokr_w2_b", "lokr_w1_b")
    ranks = Counter(
        shape[0]
        for roles in stems.values()
        for role in ranked
        if role in roles and (shape := tensors[roles[role]].shape)
    )
    return ranks.most_common(1)[0][0] if ranks else None


def _parts(stems: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    first = (
        *("lora_te1_", "lora_te_", "text_encoder.", "lycoris_text_encoder_"),
        *("clip_l.", "text_encoders.clip_l."),
    )
    second = (
        *("lora_te2_", "text_encoder_2.", "lycoris_text_encoder_2_"),
        *("clip_g.", "text_encoders.clip_g."),
    )
    found = {
        "text encoder G" if stem.startswith(second)
        else "text encoder L" if stem.startswith(first)
        else "UNet"
        for stem in stems
    }  # fmt: skip
    return tuple(sorted(found, reverse=True))


def _said(metadata: Mapping[str, str], *keys: str) -> str:
    said = (metadata.get(key, "").strip() for key in keys)
    return next((each for each in said if each and each != "None"), "")


def _triggers(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the stated trigger words, or the tags of most training pictures."""
    stated = _said(metadata, "modelspec.trigger_phrase")
    if stated:
        return tuple(word.strip() for word in stated.split(",") if word.strip())
    try:
        folders = json.loads(metadata.get("ss_tag_frequency", "{}"))
        counts: Counter[str] = Counter()
        for tags in folders.values():
            counts.update({str(tag).strip(): int(count) for tag, count in tags.items()})
    except (ValueError, AttributeError, TypeError):
        return ()
    return tuple(tag for tag, _ in counts.most_common(_TRIGGERS_KEPT))
