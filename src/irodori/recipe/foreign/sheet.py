"""What a foreign reader fills in: A1111's keys with that program's values as written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from irodori.recipe.infotext.forms import number_text
from irodori.recipe.infotext.origin import Source
from irodori.recipe.infotext.parse import Infotext

UNLIKE_A1111: Mapping[str, str] = MappingProxyType(
    {"Compat flags": "none", "RNG": "CPU", "Clip skip": "2", "Empty negative": "encoded"}
)
"""What programs around diffusers and ComfyUI do where A1111's keys would mean otherwise."""


_FILES: Final = frozenset({"Model", "VAE", "Refiner", "Hires checkpoint", "Hires upscaler"})


@dataclass(slots=True, kw_only=True)
class Sheet:
    """One foreign picture's data while it is read.

    Args:
        source: the program.
        prompt: as written.
        negative_prompt: as written.
        parameters: A1111's keys, or the program's own where A1111 has none.
        networks: tags such as `<lora:name:0.7>` for what the program loads outside the prompt.
        implied: values of keys that the program does not write, see `recipe_of`.
        translated: what some parameters mean in A1111's words, where they are not those.
        warnings: what could not be read or is drawn otherwise here.
    """

    source: Source
    prompt: str = ""
    negative_prompt: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    networks: list[str] = field(default_factory=list)
    implied: Mapping[str, str] = field(default_factory=lambda: UNLIKE_A1111)
    translated: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def put(self, key: str, value: object) -> None:
        """Note a value under a key; nothing for what is empty or no single value."""
        text = plain(value)
        if text:
            self.parameters[key] = text

    def put_size(self, width: object, height: object) -> None:
        """Note the size, where both sides are whole numbers."""
        sides = [plain(width), plain(height)]
        if all(side.isdigit() for side in sides):
            self.parameters["Size"] = "x".join(sides)

    def add_lora(self, name: object, weight: object, *, clip_weight: object = None) -> None:
        """Note a LoRA that the program loads outside the prompt."""
        stem = file_stem(plain(name))
        if not stem or stem == "None":
            return
        weights = (
            [plain(clip_weight), plain(weight)] if clip_weight is not None else [plain(weight)]
        )
        if len(weights) == 2 and weights[0] == weights[1]:
            weights.pop()
        self.networks.append(":".join(["<lora", stem, *(text or "1" for text in weights)]) + ">")

    def infotext(self) -> Infotext:
        """Return what was read, the prompt as that program had it."""
        return Infotext(
            prompt=self.prompt,
            negative_prompt=self.negative_prompt,
            parameters=MappingProxyType(dict(self.parameters)),
            warnings=tuple(self.warnings),
        )

    def meaning(self) -> Infotext:
        """Return what was read as A1111 would have written it: the recipe is made of this."""
        parameters = {**self.parameters, **self.translated}
        for key in _FILES & parameters.keys():
            parameters[key] = file_stem(parameters[key])
        return Infotext(
            prompt=" ".join([self.prompt, *self.networks]).strip()
            if self.networks
            else self.prompt,
            negative_prompt=self.negative_prompt,
            parameters=MappingProxyType(parameters),
        )


def plain(value: object) -> str:
    """Return a single value as text; "" for nothing, lists and objects."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, int | str):
        return str(value)
    return ""


def mapping(value: object) -> Mapping[str, Any]:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def listing(value: object) -> list[Any]:
    """Return a JSON list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def file_stem(name: str) -> str:
    """Return a model's name without folders and without the ending of a weight file."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1]
    for ending in (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf"):
        stem = stem.removesuffix(ending)
    return stem
