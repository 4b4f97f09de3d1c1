"""The prompt language: one lossless tree, and everything read from it."""

from irodori.prompt.ast import Code, Diagnostic, Part, Prompt, Severity
from irodori.prompt.composition import composition
from irodori.prompt.dialect import Dialect
from irodori.prompt.emphasis import EmphasisMode, emphasis
from irodori.prompt.networks import (
    NetworkTimeline,
    network_timelines,
    networks,
    without_networks,
)
from irodori.prompt.parser import parse
from irodori.prompt.render import render
from irodori.prompt.schedule import prompt_schedule, text_at_step
from irodori.prompt.span import Span, from_utf16, to_utf16

__all__ = [
    "Code",
    "Diagnostic",
    "Dialect",
    "EmphasisMode",
    "NetworkTimeline",
    "Part",
    "Prompt",
    "Severity",
    "Span",
    "composition",
    "emphasis",
    "from_utf16",
    "network_timelines",
    "networks",
    "parse",
    "prompt_schedule",
    "render",
    "text_at_step",
    "to_utf16",
    "without_networks",
]
