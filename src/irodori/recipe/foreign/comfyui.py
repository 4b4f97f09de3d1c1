"""ComfyUI: the graph that was run, followed from the saved picture back to what made it.

From the last sampler its inputs lead to the texts, the model with its LoRAs, the size; a sampler
before it makes the last one a second pass. What cannot be followed is told.
Source: graphs of ComfyUI 2023-2025, its own nodes and the most used extensions.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from irodori.errors import PictureFileError
from irodori.recipe.foreign.graph import (
    MAX_STEPS,
    Graph,
    Node,
    graph_of_prompt,
    graph_of_workflow,
    single,
    source,
    upstream,
)
from irodori.recipe.foreign.sheet import Sheet, mapping, plain
from irodori.recipe.infotext.origin import Source
from irodori.recipe.picture.limits import load_json

_MODEL_INPUTS: Final = ("model", "unet", "basic_pipe", "guider")
_LATENT_INPUTS: Final = ("latent_image", "samples", "latent", "pixels", "image", "images")
_TEXT_INPUTS: Final = (
    "text",
    "text_g",
    "prompt",
    "populated_text",
    "wildcard_text",
    "text_positive",
)
_OUTPUT_WORDS: Final = ("SaveImage", "PreviewImage", "Image Save", "Save Image", "SaveAnimated")
_CHECKPOINT_INPUTS: Final = ("ckpt_name", "unet_name", "model_name", "base_ckpt_name")


def read_comfyui(texts: Mapping[str, str]) -> Sheet | None:
    """Return what a ComfyUI graph says, or None where the texts hold none.

    Args:
        texts: `prompt` and `workflow`, as in its PNGs.
    """
    warnings: list[str] = []
    for keyword, build in (("prompt", graph_of_prompt), ("workflow", graph_of_workflow)):
        if keyword not in texts:
            continue
        graph = build(_json(texts[keyword], keyword, warnings))
        if graph:
            sheet = Sheet(source=Source.COMFYUI, warnings=warnings)
            _read_graph(graph, sheet)
            return sheet
    if warnings:
        return Sheet(source=Source.COMFYUI, warnings=warnings)
    return None


def _json(text: str, keyword: str, warnings: list[str]) -> object:
    try:
        # ComfyUI writes Python's NaN for a changed-check that never matches.
        return load_json(text, f"ComfyUI's {keyword}")
    except PictureFileError:
        raise
    except ValueError as error:
        warnings.append(f"ComfyUI's {keyword} is no JSON: {error}")
        return None


def _read_graph(graph: Graph, sheet: Sheet) -> None:
    chain = _samplers(graph)
    if not chain:
        sheet.warnings.append("the graph has no sampler that could be followed")
        return
    first, last = chain[-1], chain[0]
    _read_sampling(graph, first, sheet)
    _read_texts(graph, first, sheet)
    _read_model(graph, first, sheet)
    _read_start(graph, first, sheet)
    if last is not first:
        _read_second_pass(graph, last, sheet)
    if len(chain) > 2:
        sheet.warnings.append(f"{len(chain)} samplers in a row; only the first and last were read")
    if "(" in sheet.prompt or "(" in sheet.negative_prompt:
        sheet.warnings.append(
            "ComfyUI weighs tags by another rule than A1111; weights look stronger"
        )


def _samplers(graph: Graph) -> list[Node]:
    """Return the samplers that feed the saved picture, the last one first."""
    starts = [node for node in graph.values() if any(w in node.kind for w in _OUTPUT_WORDS)]
    chain: list[Node] = []
    for start in starts or _ends(graph):
        found = [node for node in _before(graph, start) if _is_sampler(node)]
        if len(found) > len(chain):
            chain = found
    return chain or [node for node in graph.values() if _is_sampler(node)][:1]


def _ends(graph: Graph) -> list[Node]:
    """Return the nodes that feed no other."""
    fed = {
        plain(value[0])
        for node in graph.values()
        for value in node.inputs.values()
        if _is_link(value)
    }
    return [node for node in graph.values() if node.id not in fed]


def _is_link(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2


def _before(graph: Graph, start: Node) -> Iterator[Node]:
    """Yield what feeds a node, breadth first, along pictures and latents before all else."""
    queue, seen = [start], {start.id}
    while queue and len(seen) < MAX_STEPS:
        node = queue.pop(0)
        yield node
        names = [name for name in _LATENT_INPUTS if name in node.inputs]
        for name in names or list(node.inputs):
            found = source(graph, node.inputs[name])
            if found is not None and found.id not in seen:
                seen.add(found.id)
                queue.append(found)


def _is_sampler(node: Node) -> bool:
    names = node.inputs.keys()
    plain_sampler = {"steps", "cfg"} <= names and ("seed" in names or "noise_seed" in names)
    return plain_sampler or node.kind.startswith("SamplerCustom")


def _read_sampling(graph: Graph, node: Node, sheet: Sheet) -> None:
    values = _sampling_values(graph, node)
    sheet.put("Steps", values.get("steps"))
    sheet.put("Sampler", values.get("sampler_name"))
    sheet.put("Schedule type", values.get("scheduler"))
    sheet.put("CFG scale", values.get("cfg"))
    sheet.put("Seed", values.get("seed", values.get("noise_seed")))
    denoise = values.get("denoise")
    if isinstance(denoise, int | float) and denoise < 1:
        sheet.put("Denoising strength", denoise)


def _sampling_values(graph: Graph, node: Node) -> dict[str, Any]:
    """Return a sampler's settings, taken from the helper nodes of `SamplerCustom` too."""
    values: dict[str, Any] = {}
    for name in ("noise", "guider", "sampler", "sigmas"):
        helper = source(graph, node.inputs.get(name))
        if helper is not None:
            values |= {key: single(graph, value) for key, value in helper.inputs.items()}
            if name == "sigmas" and "scheduler" not in helper.inputs:
                values["scheduler"] = helper.kind.removesuffix("Scheduler")
    values |= {key: single(graph, value) for key, value in node.inputs.items()}
    return values


def _read_texts(graph: Graph, node: Node, sheet: Sheet) -> None:
    guider = source(graph, node.inputs.get("guider")) or node
    sheet.prompt = _text_at(
        graph, guider.inputs.get("positive", guider.inputs.get("conditioning")), sheet
    )
    sheet.negative_prompt = _text_at(graph, guider.inputs.get("negative"), sheet)
    if not sheet.prompt:
        sheet.warnings.append(
            "no prompt could be followed to the sampler; what it was is not known"
        )


def _text_at(graph: Graph, value: object, sheet: Sheet) -> str:
    """Return the text that a conditioning comes from; several are joined with BREAK."""
    texts: list[str] = []
    queue, seen = [source(graph, value)], set[str]()
    while queue and len(seen) < MAX_STEPS:
        node = queue.pop(0)
        if node is None or node.id in seen:
            continue
        seen.add(node.id)
        if "ZeroOut" in node.kind:
            sheet.implied = {**sheet.implied, "Empty negative": "zeros"}
            continue
        name = next((name for name in _TEXT_INPUTS if name in node.inputs), None)
        if name is not None:
            text = plain(single(graph, node.inputs[name]))
            texts += [text] if text and text not in texts else []
            continue
        side = [name for name in ("positive", "conditioning") if name in node.inputs]
        names = side or [name for name in node.inputs if name.startswith("conditioning")]
        queue += [source(graph, node.inputs[name]) for name in names]
    if len(texts) > 1:
        sheet.warnings.append(
            "several texts were combined in the graph; they were joined with BREAK"
        )
    return " BREAK ".join(texts)


def _read_model(graph: Graph, node: Node, sheet: Sheet) -> None:
    for step in upstream(graph, node, _MODEL_INPUTS):
        _read_loras(graph, step, sheet)
        if step.kind == "ModelSamplingDiscrete":
            sampling = plain(single(graph, step.inputs.get("sampling")))
            sheet.put("Prediction type", {"v_prediction": "v", "eps": "eps"}.get(sampling, ""))
            if single(graph, step.inputs.get("zsnr")) is True:
                sheet.put("Noise Schedule", "Zero Terminal SNR")
        elif step.kind == "RescaleCFG":
            sheet.put("CFG Rescale phi", single(graph, step.inputs.get("multiplier")))
        for name in _CHECKPOINT_INPUTS:
            if name in step.inputs:
                sheet.put("Model", plain(single(graph, step.inputs[name])))
    sheet.networks.reverse()
    for other in graph.values():
        if other.kind == "VAELoader":
            sheet.put("VAE", plain(single(graph, other.inputs.get("vae_name"))))
        elif other.kind == "CLIPSetLastLayer":
            layer = plain(single(graph, other.inputs.get("stop_at_clip_layer")))
            sheet.put("Clip skip", layer.removeprefix("-"))


def _read_loras(graph: Graph, node: Node, sheet: Sheet) -> None:
    name = single(graph, node.inputs.get("lora_name"))
    if name is not None:
        unet = single(graph, node.inputs.get("strength_model", 1.0))
        sheet.add_lora(name, unet, clip_weight=single(graph, node.inputs.get("strength_clip", 0.0)))
    for value in node.inputs.values():
        row = mapping(value)
        if "lora" in row and row.get("on", True):
            sheet.add_lora(row["lora"], row.get("strength", 1.0))


def _read_start(graph: Graph, node: Node, sheet: Sheet) -> None:
    """Take size and starting picture from what the latents come from."""
    start = source(graph, node.inputs.get("latent_image") or node.inputs.get("latent"))
    if start is None:
        return
    for step in upstream(graph, start, _LATENT_INPUTS):
        if "width" in step.inputs and "height" in step.inputs:
            sides = [single(graph, step.inputs[side]) for side in ("width", "height")]
            sheet.put_size(*sides)
            return
        if step.kind.startswith("LoadImage"):
            sheet.put("Init image", step.inputs.get("image"))
            sheet.put("Resize mode", "Just resize")
    if "Init image" not in sheet.parameters:
        sheet.warnings.append("the size of the first pass could not be followed in the graph")


def _read_second_pass(graph: Graph, node: Node, sheet: Sheet) -> None:
    values = _sampling_values(graph, node)
    sheet.put("Denoising strength", values.get("denoise"))
    sheet.put("Hires steps", values.get("steps"))
    sheet.put("Hires CFG Scale", values.get("cfg"))
    sheet.put("Hires sampler", values.get("sampler_name"))
    sheet.put("Hires schedule type", values.get("scheduler"))
    _read_second_choices(graph, node, sheet)
    sheet.parameters.setdefault("Hires upscaler", "Latent")
    start = source(graph, node.inputs.get("latent_image"))
    for step in upstream(graph, start, _LATENT_INPUTS) if start else ():
        if _is_sampler(step):
            return
        _read_upscale(graph, step, sheet)


def _read_second_choices(graph: Graph, node: Node, sheet: Sheet) -> None:
    """Take the second pass's texts and model where they are not the first pass's."""
    own = Sheet(source=Source.COMFYUI)
    _read_texts(graph, node, own)
    _read_model(graph, node, own)
    if own.prompt != sheet.prompt:
        sheet.put("Hires prompt", " ".join([own.prompt, *own.networks]))
    elif own.networks != sheet.networks:
        sheet.warnings.append(f"the second pass has its own LoRAs: {' '.join(own.networks)}")
    if own.negative_prompt != sheet.negative_prompt:
        sheet.put("Hires negative prompt", own.negative_prompt)
    if own.parameters.get("Model") != sheet.parameters.get("Model"):
        sheet.put("Hires checkpoint", own.parameters.get("Model"))


def _read_upscale(graph: Graph, step: Node, sheet: Sheet) -> None:
    if "scale_by" in step.inputs:
        sheet.put("Hires upscale", single(graph, step.inputs["scale_by"]))
    elif step.kind.startswith(("LatentUpscale", "ImageScale")):
        sides = [plain(single(graph, step.inputs.get(side))) for side in ("width", "height")]
        if all(sides):
            sheet.put("Hires resize", "x".join(sides))
    loader = source(graph, step.inputs.get("upscale_model"))
    if loader is not None:
        sheet.put("Hires upscaler", plain(single(graph, loader.inputs.get("model_name"))))
    elif step.kind.startswith("LatentUpscale"):
        method = plain(single(graph, step.inputs.get("upscale_method")))
        spelt = {"nearest-exact": "Latent (nearest-exact)", "bicubic": "Latent (bicubic)"}
        sheet.put("Hires upscaler", spelt.get(method, "Latent"))
