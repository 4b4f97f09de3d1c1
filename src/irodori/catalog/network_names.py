"""The names of tensors in network files (LoRA and its kin), taken apart.

A name is the way to a weight, its stem, and what the tensor does there, its role:
`lora_unet_down_blocks_1_attentions_0_proj_in.lora_down.weight` is `down` of the stem before it.
The trainers spell roles in several ways; here each has one name.

Source: compat 3.7; LyCORIS' and PEFT's file formats.
"""

from collections.abc import Iterable, Mapping
from typing import Final

UP: Final = "up"
DOWN: Final = "down"
MID: Final = "mid"
ALPHA: Final = "alpha"
DORA_SCALE: Final = "dora_scale"
IA3_WEIGHT: Final = "weight"
ON_INPUT: Final = "on_input"

_LORA_PAIRS: Final = (
    # spellings of (up, down); PEFT's may name an adapter, of which `default` is in files
    (".lora_up.weight", ".lora_down.weight"),
    (".lora_B.weight", ".lora_A.weight"),
    (".lora_B.default.weight", ".lora_A.default.weight"),
    (".lora.up.weight", ".lora.down.weight"),
    ("_lora.up.weight", "_lora.down.weight"),
    (".lora_linear_layer.up.weight", ".lora_linear_layer.down.weight"),
)
_AS_WRITTEN: Final = (
    *("alpha", "dora_scale", "on_input", "oft_blocks", "oft_diag", "rescale"),
    *("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2"),
    *("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2"),
    *("diff", "diff_b", "w_norm", "b_norm", "set_weight"),
)

ROLES: Final[Mapping[str, str]] = {
    **{up: UP for up, _ in _LORA_PAIRS},
    **{down: DOWN for _, down in _LORA_PAIRS},
    ".lora_mid.weight": MID,
    ".lora_magnitude_vector": DORA_SCALE,
    ".lora_magnitude_vector.weight": DORA_SCALE,
    ".lora_magnitude_vector.default.weight": DORA_SCALE,
    **{f".{factor}.weight": factor for factor in ("a1", "a2", "b1", "b2")},
    **{f".{role}": role for role in _AS_WRITTEN},
}
"""What follows the stem, and the role it means."""

_LONGEST_FIRST: Final = tuple(sorted(ROLES, key=len, reverse=True))
_WEIGHT: Final = ".weight"


def take_apart(names: Iterable[str]) -> tuple[dict[str, dict[str, str]], tuple[str, ...]]:
    """Return the names by stem and role, and those that no network has.

    A bare `.weight` is (IA)3's, if its stem has `on_input` too.

    Args:
        names: of all tensors of a file.
    """
    stems: dict[str, dict[str, str]] = {}
    others = []
    for name in names:
        suffix = next((suffix for suffix in _LONGEST_FIRST if name.endswith(suffix)), None)
        if suffix is None:
            others.append(name)
        else:
            stems.setdefault(name.removesuffix(suffix), {})[ROLES[suffix]] = name
    unread = []
    for name in others:
        stem = name.removesuffix(_WEIGHT)
        if name.endswith(_WEIGHT) and ON_INPUT in stems.get(stem, {}):
            stems[stem][IA3_WEIGHT] = name
        else:
            unread.append(name)
    return stems, tuple(unread)


_TELLING: Final = (
    *({role} for role in (UP, DOWN, MID, "hada_w1_a", "lokr_w1", "lokr_w1_a")),
    *({role} for role in (ON_INPUT, "oft_blocks", "oft_diag", "diff", "w_norm", "set_weight")),
    {"a1", "a2", "b1", "b2"},  # each alone may be the name of a layer
)
"""Roles that only networks have."""


def is_network(names: Iterable[str]) -> bool:
    """Tell whether a file with tensors of these names is a network."""
    stems, _ = take_apart(names)
    return any(roles.keys() >= telling for roles in stems.values() for telling in _TELLING)
