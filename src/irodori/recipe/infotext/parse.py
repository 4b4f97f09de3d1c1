"""Reading infotext: total, lossless about what it took, honest about what it did not.

Any text gives an `Infotext`; nothing raises. The rules are A1111's (compat 9.3) with what people
and other programs really write: parameters after the prompt on one line, `Negative prompt:`
inside the prompt's line, double commas, JSON without quotes (Civitai), lines after the
parameters (Dynamic Prompts).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from irodori.recipe.infotext.scan import Scan, scan

NEGATIVE: Final = "Negative prompt:"
EXACT_PROMPT: Final = "Exact prompt"
EXACT_NEGATIVE: Final = "Exact negative prompt"
"""Irodori's own keys, written where A1111's layout would change a prompt; they stand above it."""

KNOWN_KEYS: Final = frozenset(
    {
        "Steps",
        "Sampler",
        "Schedule type",
        "CFG scale",
        "Seed",
        "Size",
        "Model",
        "Model hash",
        "Clip skip",
        "ENSD",
        "RNG",
        "Version",
        "Denoising strength",
        "VAE",
        "VAE hash",
        "Tiling",
        "Hires upscale",
        "Hires upscaler",
        "Hires steps",
        "Hires prompt",
        "Hires resize",
        "Lora hashes",
        "TI hashes",
        "TI",
        "Hashes",
        "Civitai resources",
        "Variation seed",
        "Mask blur",
        "Face restoration",
        "Emphasis",
        "Eta",
        "Refiner",
        "Template",
        "App",
        "ADetailer model",
        "ADetailer prompt",
        "Distilled CFG Scale",
        "Masked area padding",
        "Hires sampler",
        "Hires CFG Scale",
        "Pad conds",
        "Schedule rho",
        "Image CFG scale",
        "Noise Schedule",
        "Init image hash",
        "Parser",
        "Backend",
        "Module 1",
        "User",
        "Created Date",
        "Script",
        "Wildcard prompt",
        "Batch size",
        "Batch pos",
        "First pass size",
    }
)
"""Keys that tell a line of parameters from a prompt that happens to contain colons."""

_LEAST_PAIRS: Final = 3
_NEGATIVE_LINE: Final = re.compile(r"Negative prompt\s*:", re.IGNORECASE)
_NEGATIVE_INSIDE: Final = re.compile(r"(?<![\s,.;])[\s,.;]++Negative prompt\s*:\s*", re.IGNORECASE)
_STEPS: Final = re.compile(r"(?<![\s,.;])[\s,.;]*+(?=Steps:\s*\d+\s*,\s*[A-Z])")
_TRAILING_KEY: Final = re.compile(r"(Template|Negative Template)\s*:\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Infotext:
    """What a text says, as written.

    Args:
        prompt: the prompt, lines stripped as A1111 strips them.
        negative_prompt: the negative prompt.
        parameters: key and value in the order found; values are texts, unquoted, else untouched.
        warnings: what was not read or was read against the letter of the format.
    """

    prompt: str = ""
    negative_prompt: str = ""
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[str, ...] = ()


def parse(text: str) -> Infotext:
    """Return what an infotext says; any text gives one.

    Args:
        text: as found in a picture or pasted by a person.
    """
    warnings: list[str] = []
    lines = text.lstrip("\ufeff").strip().split("\n")
    prompt_lines, found = _find_parameters(lines, warnings)
    prompt, negative = _split_prompts(prompt_lines, warnings)
    warnings.extend(found.unread)
    parameters = dict(found.pairs)
    return Infotext(
        prompt=parameters.get(EXACT_PROMPT, prompt),
        negative_prompt=parameters.get(EXACT_NEGATIVE, negative),
        parameters=MappingProxyType(parameters),
        warnings=tuple(warnings),
    )


def is_parameters(line: str) -> bool:
    """Tell whether a last line is parameters and not prompt: three pairs or more.

    Pairs are counted as A1111 counts them, and as they are meant (brackets kept whole, keys of
    one letter and keys without a value counted); a line none of whose keys is known must
    consist of capitalised pairs alone, so that `(smile:1.2), (hat:1.1), (tree:0.9)` stays prompt.
    """
    found = scan(line)
    keys = [key for key, _ in found.pairs]
    if any(key in KNOWN_KEYS for key in keys):
        meant = len(keys) + (len(found.unread) if _opens_with_key(line) else 0)
        return max(found.loose_pairs, meant) >= _LEAST_PAIRS
    return len(keys) >= _LEAST_PAIRS and not found.unread and all(key[0].isupper() for key in keys)


def _find_parameters(lines: list[str], warnings: list[str]) -> tuple[list[str], Scan]:
    """Return the lines of the prompts, and the parameters."""
    last = lines[-1].strip()
    if is_parameters(last):
        start = _STEPS.search(last)
        if start is None or start.start() == 0 or _opens_with_key(last):
            return lines[:-1], scan(last)
        warnings.append("the parameters stand on the prompt's line; they were cut off at 'Steps:'")
        return [*lines[:-1], last[: start.start()]], scan(last[start.end() :])
    for index in range(len(lines) - 2, -1, -1):
        line = lines[index].strip()
        if line.startswith("Steps:") and is_parameters(line):
            found = scan(line)
            return lines[:index], _with_trailing(found, lines[index + 1 :])
    return lines, Scan()


def _opens_with_key(line: str) -> bool:
    """Tell whether a line begins with a known key, so that nothing before it is prompt."""
    return line.split(":", 1)[0].strip() in KNOWN_KEYS


def _with_trailing(found: Scan, lines: list[str]) -> Scan:
    """Add the lines that stand after the parameters (Dynamic Prompts' templates)."""
    pairs, unread = list(found.pairs), list(found.unread)
    text = "\n".join(lines)
    for piece in re.split(r"\n(?=(?:Negative )?Template\s*:)", text):
        match = _TRAILING_KEY.fullmatch(piece.strip())
        if match:
            pairs.append((match[1], match[2].strip()))
        elif piece.strip():
            unread.append(f"text after the parameters was not read: {piece.strip()[:80]!r}")
    return Scan(pairs=tuple(pairs), unread=tuple(unread))


def _split_prompts(lines: list[str], warnings: list[str]) -> tuple[str, str]:
    positive: list[str] = []
    negative: list[str] = []
    target = positive
    for raw in lines:
        line = raw.strip()
        match = _NEGATIVE_LINE.match(line)
        if match:
            target = negative
            line = line[match.end() :].strip()
        target.append(line)
    prompt = "\n".join(positive).strip()
    if target is positive:
        inside = _NEGATIVE_INSIDE.search(prompt)
        if inside:
            warnings.append("'Negative prompt:' stands on the prompt's line; it was split there")
            return prompt[: inside.start()], prompt[inside.end() :]
    return prompt, "\n".join(negative).strip()
