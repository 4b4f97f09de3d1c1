"""A ComfyUI graph as nodes with named inputs, whichever of its two forms the picture holds.

`prompt` is what was run: `{id: {class_type, inputs}}`. `workflow` is what the page shows: nodes
with unnamed widget values; for the nodes that matter the names are known. Cycles, missing nodes
and odd types end a walk; nothing raises.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from irodori.recipe.foreign.sheet import listing, mapping, plain

MAX_STEPS: Final = 2_000
"""Nodes visited in one walk; real graphs have under 500."""

WIDGETS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "KSampler": (
            "seed",
            "control_after_generate",
            "steps",
            "cfg",
            "sampler_name",
            "scheduler",
            "denoise",
        ),
        "KSamplerAdvanced": (
            "add_noise",
            "noise_seed",
            "control_after_generate",
            "steps",
            "cfg",
            "sampler_name",
            "scheduler",
            "start_at_step",
            "end_at_step",
            "return_with_leftover_noise",
        ),
        "CLIPTextEncode": ("text",),
        "CheckpointLoaderSimple": ("ckpt_name",),
        "UNETLoader": ("unet_name", "weight_dtype"),
        "VAELoader": ("vae_name",),
        "LoraLoader": ("lora_name", "strength_model", "strength_clip"),
        "LoraLoaderModelOnly": ("lora_name", "strength_model"),
        "EmptyLatentImage": ("width", "height", "batch_size"),
        "EmptySD3LatentImage": ("width", "height", "batch_size"),
        "CLIPSetLastLayer": ("stop_at_clip_layer",),
        "LatentUpscale": ("upscale_method", "width", "height", "crop"),
        "LatentUpscaleBy": ("upscale_method", "scale_by"),
        "ImageScaleBy": ("upscale_method", "scale_by"),
        "ImageScale": ("upscale_method", "width", "height", "crop"),
        "UpscaleModelLoader": ("model_name",),
        "ModelSamplingDiscrete": ("sampling", "zsnr"),
        "RescaleCFG": ("multiplier",),
        "KSamplerSelect": ("sampler_name",),
        "BasicScheduler": ("scheduler", "steps", "denoise"),
        "RandomNoise": ("noise_seed", "control_after_generate"),
        "CFGGuider": ("cfg",),
        "LoadImage": ("image", "upload"),
        "PrimitiveNode": ("value",),
        "PrimitiveString": ("value",),
        "PrimitiveStringMultiline": ("value",),
        "PrimitiveInt": ("value",),
        "PrimitiveFloat": ("value",),
    }
)
"""Names of the widgets of the nodes that are followed, in their order on the page."""

_VALUE_NAMES: Final = (
    "value",
    "text",
    "string",
    "String",
    "prompt",
    "populated_text",
    "wildcard_text",
    "seed",
    "noise_seed",
    "int",
    "float",
    "number",
    "Number",
    "Text",
    "text_positive",
    "text1",
    "string_a",
    "text_a",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node of a graph.

    Args:
        id: its key.
        kind: its class.
        inputs: by name; a link is a list of node id and output index.
    """

    id: str
    kind: str
    inputs: Mapping[str, Any]


Graph = Mapping[str, Node]


def graph_of_prompt(data: object) -> Graph:
    """Return the nodes of `prompt`."""
    nodes = {}
    for key, value in mapping(data).items():
        row = mapping(value)
        if "class_type" in row:
            nodes[str(key)] = Node(
                id=str(key), kind=plain(row["class_type"]), inputs=mapping(row.get("inputs"))
            )
    return nodes


def graph_of_workflow(data: object) -> Graph:
    """Return the nodes of `workflow`, with links and known widgets under their names."""
    whole = mapping(data)
    links: dict[str, list[Any]] = {}
    for link in whole.get("links") or ():
        if isinstance(link, list) and len(link) >= 5:
            links[plain(link[0])] = [plain(link[1]), link[2]]
        elif isinstance(link, Mapping):
            links[plain(link.get("id"))] = [plain(link.get("origin_id")), link.get("origin_slot")]
    nodes = {}
    for row in map(mapping, listing(whole.get("nodes"))):
        if row.get("mode") in (2, 4):  # muted, bypassed
            continue
        key, kind = plain(row.get("id")), plain(row.get("type"))
        nodes[key] = Node(id=key, kind=kind, inputs=_workflow_inputs(row, kind, links))
    return nodes


def _workflow_inputs(
    row: Mapping[str, Any], kind: str, links: Mapping[str, list[Any]]
) -> Mapping[str, Any]:
    values = row.get("widgets_values")
    inputs: dict[str, Any] = {}
    if isinstance(values, Mapping):
        inputs.update(values)
    elif isinstance(values, list):
        inputs.update(zip(WIDGETS.get(kind, ("value",)), values, strict=False))
    for slot in map(mapping, listing(row.get("inputs"))):
        link = plain(slot.get("link"))
        if link in links:
            inputs[plain(slot.get("name"))] = links[link]
    return inputs


def source(graph: Graph, value: object) -> Node | None:
    """Return the node that a link comes from, or None where the value is no link."""
    if isinstance(value, list) and len(value) == 2:
        return graph.get(plain(value[0]))
    return None


def single(graph: Graph, value: object) -> object:
    """Return a number or text, following links to the node that holds it."""
    for _ in range(MAX_STEPS):
        node = source(graph, value)
        if node is None:
            return value
        names = [name for name in _VALUE_NAMES if name in node.inputs]
        if not names:
            return None
        value = node.inputs[names[0]]
    return None


def upstream(graph: Graph, start: Node, names: tuple[str, ...]) -> Iterator[Node]:
    """Yield a node and what feeds it through inputs of these names, nearest first."""
    node: Node | None = start
    seen: set[str] = set()
    while node is not None and node.id not in seen and len(seen) < MAX_STEPS:
        seen.add(node.id)
        yield node
        node = next(
            (found for name in names if (found := source(graph, node.inputs.get(name)))), None
        )
