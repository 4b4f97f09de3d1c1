"""From one tool's prompts to another's, with a report of what is lost.

A text is read into a document (`document`), what the target cannot express is left out and reported
(`lower`), and the rest is written. The result is read back: if it does not say the same, because a
character cannot be escaped there, that is reported too. So no report means nothing was lost.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from irodori.prompt.convert import comfyui, invokeai, native, novelai, swarmui
from irodori.prompt.convert.document import Document, Loss, PromptFormat, meaning
from irodori.prompt.convert.lower import Abilities, lower
from irodori.prompt.span import Span

__all__ = ["Conversion", "Loss", "PromptFormat", "convert"]

_BLANKS: Final = re.compile(r" {2,}")
_BLANKS_BEFORE_COMMA: Final = re.compile(r" +,")

_Reader: TypeAlias = Callable[[str], tuple[Document, tuple[Loss, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A prompt in another tool's language.

    Args:
        text: the prompt.
        losses: what could not be kept, in the order of the source text; empty if nothing.
    """

    text: str
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    read: _Reader
    write: Callable[[Document], str]
    abilities: Abilities


_LANGUAGES: Final[Mapping[PromptFormat, _Language]] = {
    PromptFormat.IRODORI: _Language(
        read=native.read, write=native.write, abilities=native.ABILITIES
    ),
    PromptFormat.A1111: _Language(
        read=native.read_a1111, write=native.write_a1111, abilities=native.ABILITIES
    ),
    PromptFormat.COMFYUI: _Language(
        read=comfyui.read, write=comfyui.write, abilities=comfyui.ABILITIES
    ),
    PromptFormat.INVOKEAI: _Language(
        read=invokeai.read, write=invokeai.write, abilities=invokeai.ABILITIES
    ),
    PromptFormat.NOVELAI: _Language(
        read=novelai.read, write=novelai.write, abilities=novelai.ABILITIES
    ),
    PromptFormat.SWARMUI: _Language(
        read=swarmui.read, write=swarmui.write, abilities=swarmui.ABILITIES
    ),
}


def convert(text: str, *, source: PromptFormat, target: PromptFormat) -> Conversion:
    """Return a prompt rewritten for another tool, and what of it was lost.

    Any text can be converted; a prompt converted to its own format is returned as it is.

    Args:
        text: one prompt, positive or negative.
        source: the tool it was written for.
        target: the tool to write it for.
    """
    if source == target:
        return Conversion(text=text, losses=())
    document, unread = _LANGUAGES[source].read(text)
    kept, lost = lower(document, _LANGUAGES[target].abilities)
    result = _LANGUAGES[target].write(kept)
    if lost:  # what was left out leaves blanks behind
        result = _BLANKS.sub(" ", _BLANKS_BEFORE_COMMA.sub(",", result)).strip()
    losses = [*unread, *lost]
    again, _ = _LANGUAGES[target].read(result)
    if meaning(again) != meaning(kept):
        losses.append(
            Loss(
                span=Span(0, len(text)),
                message=f"{_LANGUAGES[target].abilities.name} reads the result otherwise:"
                " some character in it has a meaning there and cannot be escaped",
            )
        )
    losses.sort(key=lambda loss: loss.span)
    return Conversion(text=result, losses=tuple(losses))
